"""Pages that want what the owner selects, or want the extension to act; and texts that want to break it."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.extension.conftest import Started
from tests.browser.extension.extended import ExtendedChromium
from tests.browser.extension.sites import CODE
from tests.browser.extension.test_saving import SELECT, is_shown, pieces, save
from tests.support.waiting import wait_until

from satchel.window.window_key import WindowKey

pytestmark = pytest.mark.tool("chromium", "node", "npm")

# A page that calls itself the window. It records what it hears, and answers with what `answer` returns.
IMPOSTOR = """<!doctype html><meta name="satchel-window" content="1"><title>satchel</title><main>satchel</main><script>
window.heard = [];
addEventListener("message", async ({ data }) => {
  window.heard.push(JSON.stringify(data));
  if (data.satchel !== "window") return;
  const say = (message) => postMessage({ satchel: "extension", id: data.id, ...message }, "*");
  if (data.ask === "take") say({ taken: "shown" });
  else if (window.answer) say({ proof: await window.answer(data.challenge) });
});
const free = () => postMessage({ satchel: "extension", tell: "free" }, "*");
free(); setInterval(free, 100);
</script>"""


def test_a_page_that_poses_as_the_window_gets_no_selection(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium, process = chromium_with_extension, start_window()
    chromium.pair(window := chromium.open_window(process))
    genuine = WindowKey.of(tmp_path / "home")
    own = WindowKey.of(tmp_path / "impostor")
    real_origin, impostor_origin = window.url.rstrip("/"), chromium.sites.url("", host="127.0.0.1")

    # a signature of which key, for which page: the owner's public key is no secret
    answers = {
        "no signature": (genuine, None, impostor_origin),
        "an answer that the window gave": (genuine, genuine, real_origin),
        "a key of its own": (own, own, impostor_origin),
        "the owner's key with its own signature": (genuine, own, impostor_origin),
    }
    used: list[str] = []

    def answer(name: str, challenge: str) -> dict[str, str]:
        used.append(name)
        shown, signing, origin = answers[name]
        signature = bytes(64) if signing is None else signing.sign(origin, bytes.fromhex(challenge))
        return {
            "public_key": shown.public.hex(),
            "signature": signature.hex(),
            "home": str(tmp_path / "home"),
        }

    chromium.context.expose_function("answerAs", answer)
    chromium.sites.pages["/"] = IMPOSTOR
    impostors = []
    for name in answers:
        impostor = chromium.open("/", host="127.0.0.1")
        impostor.evaluate("(name) => { window.answer = (challenge) => answerAs(name, challenge); }", name)
        impostors.append(impostor)
    window.close()
    process.stop()
    page = chromium.open()
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    said = chromium.popup(page).wait_for("not paired")
    assert "The selection waits, because no open window is paired yet." in said
    assert impostor_origin in said
    wait_until(lambda: page.evaluate("1") == 1 and set(used) == set(answers))
    page.wait_for_timeout(500)  # the impostors ask for it again and again
    assert [waits["text"] for waits in chromium.waiting()] == [CODE]
    heard = [impostor.evaluate("window.heard") for impostor in impostors]
    assert all("challenge" in str(each) for each in heard)
    assert not any("def add" in str(each) or '"take"' in str(each) for each in heard)
    process.start()
    window = chromium.open_window(process)
    is_shown(window, "How to add — Example")
    assert not any("def add" in str(impostor.evaluate("window.heard")) for impostor in impostors)


def test_a_page_cannot_make_the_extension_act(chromium_with_extension: ExtendedChromium) -> None:
    chromium = chromium_with_extension
    page = chromium.open()
    page.evaluate(SELECT, "code")
    chromium.press_button(page)  # from here on, the extension could read the page
    page.evaluate(
        """async (extension) => {
          const key = { key: "S", code: "KeyS", altKey: true, shiftKey: true, bubbles: true };
          for (const type of ["keydown", "keypress", "keyup"]) document.dispatchEvent(new KeyboardEvent(type, key));
          document.body.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true }));
          for (const message of [{ tell: "free" }, { do: "save" }, { satchel: "extension", tell: "free" }, { satchel: "window", id: "1", ask: "take" }]) postMessage(message, "*");
          const files = ["popup.html", "background.js", "window-script.js", "manifest.json", "icons/16.png"];
          window.reached = [];
          for (const file of files) await fetch(`chrome-extension://${extension}/${file}`).then(() => window.reached.push(file), () => undefined);
          try { chrome.runtime.sendMessage(extension, { do: "save" }); window.reached.push("a message"); } catch { /* as it should */ }
        }""",
        chromium.extension,
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.reached") == []
    assert chromium.waiting() == []
    assert page.evaluate("Object.keys(window).filter((name) => /satchel/i.test(name))") == []


def test_texts_of_any_content_and_10_mib_arrive_whole(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium = chromium_with_extension
    window = chromium.open_window(start_window())
    chromium.pair(window)
    page = chromium.open()
    page.evaluate(
        """() => {
          document.title = "\\u202eexe.\\u0007txt\\n\\u2066" + "x".repeat(5000);
          document.getElementById("code").textContent = "a\\0b \\u202e} \\ud800 <script>pwned()</" + "script>\\n\\u2028end";
        }"""
    )
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    expect(window.get_by_label("Title", exact=True)).to_have_value("exe. txt " + "x" * 290 + "…")
    save(window, tmp_path / "home")
    [(_, text)] = pieces(tmp_path / "home")
    assert text == "a\ufffdb \u202e} \ufffd <script>pwned()</script>\n\u2028end"
    long = ("0123456789abcde\n" * (10 * 2**20 // 16)).rstrip()
    page.evaluate(
        "(line) => { document.title = 'long'; document.getElementById('code').textContent = line.repeat(10 * 2 ** 16); }",
        "0123456789abcde\n",
    )
    page.bring_to_front()
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    expect(window.get_by_label("Title", exact=True)).to_have_value("long")
    window.bring_to_front()
    save(window, tmp_path / "home")
    saved = {hashlib.sha256(text.encode()).digest() for _, text in pieces(tmp_path / "home")}
    assert hashlib.sha256(long.encode()).digest() in saved
    assert chromium.errors == []


def test_a_selection_that_is_too_long_to_wait_is_not_lost_silently(
    chromium_with_extension: ExtendedChromium,
) -> None:
    chromium = chromium_with_extension
    page = chromium.open()
    page.evaluate("() => { document.getElementById('code').textContent = 'x'.repeat(10 * 2 ** 20); }")
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    chromium.popup(page).wait_for("too long to wait")
    page.evaluate("() => { document.getElementById('code').textContent = 'x'.repeat(17 * 2 ** 20); }")
    page.evaluate(SELECT, "code")
    popup = chromium.press_button(page)
    popup.press("Save selection to satchel")
    popup.wait_for("longer than 16 million characters")
    assert chromium.waiting() == []


def test_private_windows_are_off_limits_until_the_owner_allows_them(
    chromium_with_extension: ExtendedChromium,
) -> None:
    assert chromium_with_extension.background.evaluate("chrome.extension.isAllowedIncognitoAccess()") is False
