"""The window for everybody: axe in every view, both themes, narrow and right to left; the keyboard alone; pictures."""

from typing import Any, Final

import pytest
from playwright.sync_api import expect
from tests.browser.reader import Reader
from tests.browser.test_people import LOOKS, axe, violations
from tests.browser.window.conftest import Opener

pytestmark = pytest.mark.slow

__all__ = ["axe"]  # a fixture

ARABIC: Final = "ar"
PAGES: Final = (
    "new", "shares", "backups", "settings", "memory", "ledger", "processing", "devices", "audit", "statistics",
)  # fmt: skip
STATES: Final = ("history", "edit", "palette")
# The states in which axe looks at each look, beside Find and a Piece.
LOOKED_AT: Final[dict[str, tuple[str, ...]]] = {
    "light": ("markdown", *PAGES, *STATES),
    "dark": ("backups", "settings", "edit"),
    "narrow": ("settings", "new", "history", "statistics"),
    "right-to-left": ("settings", "edit"),
    "wide": (),
}
SIZES: Final[dict[str, dict[str, Any]]] = {**LOOKS, "wide": {"viewport": {"width": 3840, "height": 2160}}}
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def path_of(state: str, pieces: dict[str, str]) -> str:
    if state in PAGES:
        return f"/{state}"
    piece = pieces["markdown" if state == "markdown" else "code"]
    return "/" if state == "find" else f"/pieces/{piece}"


def show(reader: Reader, state: str, origin: str, pieces: dict[str, str]) -> None:
    """Show a view, or a state of one."""
    page = reader.page
    page.goto(origin + path_of(state, pieces))
    ready = {"find": ".piece-row", "markdown": ".prose", "new": ".editor"}
    default = "h1" if state in PAGES else ".code"
    page.locator(f"main {ready.get(state, default)}").first.wait_for(timeout=30_000)
    if state == "palette":
        page.keyboard.press("Control+k")
    elif state in STATES:
        page.locator("h1").focus()
        page.keyboard.press("h" if state == "history" else "e")
        page.locator(".history .detail p, .edit-form .editor").first.wait_for(timeout=30_000)
    reader.wait_until_settled()


@pytest.mark.parametrize("look", SIZES)
def test_axe_finds_nothing_in_any_view_and_a_picture_is_drawn(
    open_window: Opener, pieces: dict[str, str], axe: str, look: str
) -> None:
    found: dict[str, list[str]] = {}
    with open_window(**SIZES[look]) as reader:
        origin = reader.page.url.rstrip("/")
        for state in ("find", "piece", *LOOKED_AT[look]):
            show(reader, state, origin, pieces)
            found[state] = violations(reader, axe) if look != "wide" else []
            reader.screenshot(f"window-{state}-{look}", full=False)
            assert reader.page.evaluate(OVERFLOW) <= 0, f"{state} scrolls sideways"
    assert {state: each for state, each in found.items() if each} == {}


def test_right_to_left_and_the_language_are_those_of_the_browser(open_window: Opener) -> None:
    with open_window(locale=ARABIC) as reader:
        page = reader.page
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
            ARABIC,
            "rtl",
        ]
        page.locator("#language").select_option("ja")
        expect(page.locator("html")).to_have_attribute("dir", "ltr")
        expect(page.locator("#search")).to_have_attribute("placeholder", "Pieces を検索")
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "ja")


def test_everything_is_reached_by_tab_and_help_lists_the_keys(open_window: Opener) -> None:
    with open_window() as reader:
        page = reader.page
        page.locator(".skip").focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="satchel: to the Pieces")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys and help")
        expect(dialog.get_by_text("Search", exact=True)).to_be_visible()
        dialog.get_by_role("switch", name="Single keys").press("Space")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(dialog).to_have_count(0)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox", name="Commands")).to_be_focused()


def test_the_theme_can_be_chosen_and_is_kept(open_window: Opener) -> None:
    with open_window() as reader:
        page = reader.page
        light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.get_by_role("button", name="Colours: as on your system").click()
        page.get_by_role("button", name="Colours: light").click()
        page.reload()
        page.locator(".piece-row").first.wait_for()
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light


def test_the_window_can_be_installed(open_window: Opener) -> None:
    with open_window() as reader:
        browser = reader.context.new_cdp_session(reader.page)
        manifest = browser.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert manifest["url"].endswith("/app.webmanifest")
        errors = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
