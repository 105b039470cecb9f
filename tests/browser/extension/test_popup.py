"""The popup for everybody: axe in each state, the keyboard, dark, and right to left; pictures."""

from pathlib import Path

import pytest
from tests.browser.extension.conftest import Started, StartedChromium
from tests.browser.extension.extended import ExtendedChromium, Popup
from tests.browser.extension.test_saving import SELECT
from tests.browser.test_people import RULES, axe
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.tool("chromium", "node", "npm"), pytest.mark.slow]

__all__ = ["axe"]  # a fixture

AXE = """axe.run({ runOnly: %s }).then(({ violations, passes }) => ({
  looked: passes.length, found: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`),
}))"""


def faults(popup: Popup, axe: str) -> list[str]:
    """Return what axe finds, and how far the popup is wider than its window."""
    if not popup.evaluate("typeof axe === 'object'"):
        popup.evaluate(f"(() => {{ {axe} }})()")
    result = popup.evaluate(AXE % RULES)
    assert result["looked"] > 10
    overflow = popup.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found: list[str] = result["found"]
    return found + ([f"{overflow} px too wide"] if overflow > 0 else [])


@pytest.mark.parametrize("locale", ["en-GB", "ar"])
def test_axe_finds_nothing_in_any_state_of_the_popup(
    start_chromium: StartedChromium, start_window: Started, built: Path, axe: str, locale: str
) -> None:
    process = start_window()
    with start_chromium(locale) as chromium:
        chromium.install(built / "chromium")
        page = chromium.open()
        page.evaluate(SELECT, "code")
        popup = chromium.press_button(page)
        assert popup.evaluate("document.documentElement.dir") == ("rtl" if locale == "ar" else "ltr")
        assert popup.evaluate("document.documentElement.lang") == locale.partition("-")[0]
        assert popup.evaluate("document.activeElement.id") == "save"
        assert faults(popup, axe) == []
        popup.evaluate("document.activeElement.click()")
        popup.wait_for("satchel open")
        popup.wait_for("def add")
        popup.screenshot(f"extension-waiting-{locale[:2]}")
        page.evaluate("() => { document.title = 'x'.repeat(300); }")
        popup.evaluate("document.activeElement.click()")
        popup.wait_for("xxx")
        assert faults(popup, axe) == []
        window = chromium.open_window(process)
        popup = chromium.press_button(window)
        popup.wait_for("/home")
        assert faults(popup, axe) == []
        popup.screenshot(f"extension-pairing-{locale[:2]}")
        chromium.background.evaluate("chrome.storage.session.clear()")
        popup.evaluate("document.getElementById('pair').click()")
        popup.wait_for("Forget" if locale != "ar" else "نسيان")
        assert faults(popup, axe) == []


def test_what_waits_can_be_copied_discarded_and_a_home_forgotten(
    chromium_with_extension: ExtendedChromium, start_window: Started
) -> None:
    chromium = chromium_with_extension
    chromium.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window = chromium.open_window(start_window())
    chromium.pair(window)
    popup = chromium.press_button(window)
    popup.press("Forget")
    popup.wait_for("Did you open this window with")
    page = chromium.open()
    page.evaluate(SELECT, "first")
    chromium.press_key(page)
    popup = chromium.popup(page)
    assert "The selection waits, because no open window is paired yet." in popup.wait_for("Waiting")
    popup.press("Copy")
    popup.wait_for("Copied.")
    assert page.evaluate("navigator.clipboard?.readText() ?? null") in {None, "First paragraph."}
    popup.press("Discard")
    wait_until(lambda: "Waiting" not in popup.text)
    assert "A window that is not paired is open" in popup.text
    assert chromium.waiting() == []
