"""Saving selections with the extension, in Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.extension.conftest import Started, StartedChromium
from tests.browser.extension.extended import ExtendedChromium
from tests.browser.extension.sites import CODE
from tests.support.waiting import wait_until

from satchel.pieces.model import Piece
from satchel.store import Store

pytestmark = pytest.mark.tool("chromium", "node", "npm")

SELECT = "(id) => getSelection().selectAllChildren(document.getElementById(id))"
FOCUS = "(id) => { const it = document.getElementById(id); it.focus(); it.select(); }"
ADDRESS = "Address of the page"


def pieces(home: Path) -> list[tuple[Piece, str]]:
    """Return all Pieces of a home with their texts."""
    with Store.open(home) as store:
        return [(piece, store.content(piece.id).decode()) for piece in store.pieces()]


def is_shown(window: Page, title: str) -> None:
    """Wait until the form of the window has a title."""
    expect(window.get_by_label("Title", exact=True)).to_have_value(title)


def save(window: Page, home: Path) -> None:
    """Save what the form of the window holds, and wait for the Piece."""
    before = len(pieces(home))
    window.keyboard.press("Control+s")
    wait_until(lambda: len(pieces(home)) > before, timeout_s=60)


def test_a_selection_is_saved_with_its_address_and_title(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium, process = chromium_with_extension, start_window()
    window = chromium.open_window(process)
    chromium.pair(window)
    page = chromium.open("/article?q=add&token=abc#top")
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    is_shown(window, "How to add — Example")
    address = chromium.sites.url("/article?q=add#top")
    expect(window.get_by_label(ADDRESS)).to_have_value(address)
    expect(window.get_by_text("Parts that looked like secrets were left out")).to_be_visible()
    assert window.evaluate("document.visibilityState") == "visible"
    assert pieces(tmp_path / "home") == []
    save(window, tmp_path / "home")
    [(piece, text)] = pieces(tmp_path / "home")
    assert (piece.title, text) == ("How to add — Example", CODE)
    assert piece.source is not None
    assert piece.source.location == address
    wait_until(lambda: chromium.waiting() == [])
    assert chromium.errors == []


def test_a_selection_is_read_as_the_page_shows_it(chromium_with_extension: ExtendedChromium) -> None:
    chromium = chromium_with_extension
    page = chromium.open()

    def read(script: str, argument: str) -> str:
        page.evaluate(script, argument)
        before = len(chromium.waiting())
        chromium.press_key(page)
        wait_until(lambda: len(chromium.waiting()) > before)
        chromium.dismiss_popup(page)
        return str(chromium.waiting()[-1]["text"])

    assert read(SELECT, "code") == CODE
    whole = "() => getSelection().setBaseAndExtent(document.querySelector('#first'), 0, document.querySelector('td').nextSibling ?? document.querySelector('tr'), 1)"
    lines = read(whole, "").splitlines()
    assert [line for line in lines if line][:5] == ["First paragraph.", "Second", "line.", "one", "two"]
    assert read(FOCUS, "area") == "in a textarea\n  with two lines"
    assert read(FOCUS, "line") == "in an input"
    assert (
        read("() => { const it = host.shadowRoot.getElementById('inner'); it.focus(); it.select(); }", "")
        == "in a shadow tree"
    )
    # what cannot be read is said in one line, and nothing waits
    count = len(chromium.waiting())
    page.evaluate(FOCUS, "secret")
    popup = chromium.press_button(page)
    popup.press("Save selection to satchel")
    popup.wait_for("Passwords are not read from their fields.")
    page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); }")
    popup = chromium.press_button(page)
    popup.press("Save selection to satchel")
    popup.wait_for("Nothing is selected on this page.")
    assert len(chromium.waiting()) == count
    assert "hunter2" not in str(chromium.waiting())


def test_without_a_window_a_selection_waits_in_memory_and_follows_when_one_opens(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium, process = chromium_with_extension, start_window()
    page = chromium.open()
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    popup = chromium.popup(page)
    said = popup.wait_for("satchel open")
    assert "No window is open." in said
    assert "How to add — Example" in said
    assert "def add(a, b):" in said
    assert chromium.background.evaluate("chrome.action.getBadgeText({})") == "1"
    assert chromium.background.evaluate("chrome.storage.local.get(null)") == {}
    window = chromium.open_window(process)
    popup = chromium.press_button(window)
    assert str(tmp_path / "home") in popup.wait_for("Did you open this window with")
    assert [waits["text"] for waits in chromium.waiting()] == [CODE]
    assert window.url.endswith("/")
    popup.press("Pair")
    is_shown(window, "How to add — Example")
    wait_until(lambda: chromium.waiting() == [])
    wait_until(lambda: chromium.background.evaluate("chrome.action.getBadgeText({})") == "")
    save(window, tmp_path / "home")
    # a window that opens later takes what waits by itself, and the next ones wait for the form
    window.locator(".meta").wait_for()
    window.close()
    process.stop()
    page.bring_to_front()
    for element in ("first", "top"):
        page.evaluate(SELECT, element)
        page.evaluate("(title) => { document.title = title; }", f"The {element} one")
        before = len(chromium.waiting())
        chromium.press_key(page)
        wait_until(lambda before=before: len(chromium.waiting()) > before)  # type: ignore[misc]
        assert "No window is open." in chromium.dismiss_popup(page)
    process.start()
    window = chromium.open_window(process)
    for element in ("first", "top"):
        is_shown(window, f"The {element} one")
        save(window, tmp_path / "home")
    wait_until(lambda: chromium.waiting() == [])
    assert [text for _, text in pieces(tmp_path / "home")] == ["How to add", "First paragraph.", CODE]


def test_a_form_with_another_text_is_left_as_it_is(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium, process = chromium_with_extension, start_window()
    window = chromium.open_window(process)
    chromium.pair(window)
    window.get_by_role("link", name="New Piece").click()
    window.locator(".cm-content").click()
    window.keyboard.type("typed by hand")
    page = chromium.open()
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    expect(window.get_by_text("waits until you save or clear this text")).to_be_visible()
    chromium.popup(page).wait_for("holds another text")
    assert [waits["text"] for waits in chromium.waiting()] == [CODE]
    window.bring_to_front()
    window.locator(".cm-content").click()
    save(window, tmp_path / "home")
    is_shown(window, "How to add — Example")
    assert [text for _, text in pieces(tmp_path / "home")] == ["typed by hand"]
    # what is cleared is gone, also after the page is loaded again
    window.get_by_role("button", name="Clear").click()
    window.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(window.get_by_label("Title", exact=True)).to_have_value("")
    window.reload()
    window.get_by_role("heading", name="New Piece").wait_for()
    expect(window.get_by_label("Title", exact=True)).to_have_value("")
    expect(window.get_by_label(ADDRESS)).to_be_hidden()


def test_of_two_windows_the_last_used_takes_the_selection_and_says_so(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium = chromium_with_extension
    windows = [chromium.open_window(start_window(name)) for name in ("work", "home")]
    for window in windows:
        chromium.pair(window)
    windows[0].bring_to_front()
    page = chromium.open()
    page.evaluate(SELECT, "code")
    chromium.press_key(page)
    is_shown(windows[0], "How to add — Example")
    expect(windows[0].get_by_text(f"The selection is in the window of {tmp_path / 'work'}")).to_be_visible()
    assert windows[1].url.endswith("/")


def test_frames_are_read_where_the_browser_allows_it(
    chromium_with_extension: ExtendedChromium, start_window: Started, tmp_path: Path
) -> None:
    chromium = chromium_with_extension
    chromium.sites.pages["/framing"] = (
        f"<title>Framing</title><iframe id=own src='/article'></iframe>"
        f"<iframe id=other src='{chromium.sites.url(host='other.test')}'></iframe>"
    )
    page = chromium.open("/framing")
    own, other = (page.frame_locator(f"#{name}").locator("#code") for name in ("own", "other"))
    select = "(element) => { getSelection().selectAllChildren(element); window.focus(); }"
    own.evaluate(select)
    chromium.press_key(page)
    wait_until(lambda: len(chromium.waiting()) == 1)
    chromium.dismiss_popup(page)
    assert chromium.waiting()[0]["text"] == CODE
    assert chromium.waiting()[0]["address"] == page.url
    own.evaluate("() => getSelection().removeAllRanges()")
    other.evaluate(select)
    frames = (
        "chrome.tabs.query({active: true, lastFocusedWindow: true}).then(([tab]) => chrome.webNavigation)"
    )
    assert chromium.background.evaluate(frames) is None  # no permission to follow what the owner visits
    chromium.choose_entry(
        page,
        frameId=12345,
        frameUrl=chromium.sites.url(host="other.test"),
        selectionText="def add(a, b): return a + b",
    )
    wait_until(lambda: len(chromium.waiting()) == 2)
    kept = chromium.waiting()[1]
    assert (kept["text"], kept["address"]) == (
        "def add(a, b): return a + b",
        chromium.sites.url(host="other.test"),
    )


def test_a_window_that_was_open_before_the_extension_is_found(
    start_chromium: StartedChromium, start_window: Started, built: Path
) -> None:
    with start_chromium("en-GB") as chromium:
        window = chromium.open_window(start_window())
        page = chromium.open()
        chromium.install(built / "chromium")
        chromium.pair(window)
        page.evaluate(SELECT, "code")
        chromium.press_key(page)
        is_shown(window, "How to add — Example")
        wait_until(lambda: chromium.waiting() == [])
        assert chromium.errors == []
