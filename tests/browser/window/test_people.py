"""The window for everybody: axe in every view, both themes, narrow and right to left; the keyboard alone; pictures."""

from typing import Any, Final

import pytest
from playwright.sync_api import expect
from tests.browser.reader import Reader
from tests.browser.test_people import LOOKS, axe, violations
from tests.browser.window.conftest import Opener, stored
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

__all__ = ["axe"]  # a fixture

ARABIC: Final = "ar"
PAGES: Final = (
    "new", "shares", "requests", "backups", "settings", "memory", "ledger", "processing", "devices", "audit",
    "statistics",
)  # fmt: skip
STATES: Final = ("history", "edit", "palette")
EVERY: Final = ("find", "piece", "markdown", *PAGES, *STATES)
CONTRAST: Final = ("color-contrast",)
# Rules about what a narrow screen or the direction of writing changes.
LAYOUT: Final = (
    "target-size",
    "scrollable-region-focusable",
    "html-has-lang",
    "valid-lang",
    "aria-hidden-focus",
)
# What each look shows, and axe's rules for it: all of them once for each view, then those that the look affects.
LOOKED_AT: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "light": (EVERY, ()),
    "dark": (EVERY, CONTRAST),
    "narrow": (EVERY, LAYOUT),
    "right-to-left": (("find", "piece", "settings", "edit"), LAYOUT),
    "wide": (("find", "piece"), LAYOUT),
}
SIZES: Final[dict[str, dict[str, Any]]] = {**LOOKS, "wide": {"viewport": {"width": 3840, "height": 2160}}}
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOLLOW: Final = (
    "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
)


def path_of(state: str, pieces: dict[str, str]) -> str:
    if state in PAGES:
        return f"/{state}"
    piece = pieces["markdown" if state == "markdown" else "code"]
    return "/" if state == "find" else f"/pieces/{piece}"


def show(reader: Reader, state: str, pieces: dict[str, str]) -> None:
    """Show a view, or a state of one, in the same document, as a link within the window does."""
    page = reader.page
    page.evaluate("document.querySelector('main').replaceChildren()")
    page.evaluate(FOLLOW, path_of(state, pieces))
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


def leave(reader: Reader, state: str) -> None:
    """Close what a state has opened."""
    if state in STATES:
        reader.page.keyboard.press("Escape")
        expect(reader.page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("look", SIZES)
def test_axe_finds_nothing_in_any_view_and_a_picture_is_drawn(
    open_window: Opener, pieces: dict[str, str], axe: str, look: str
) -> None:
    states, rules = LOOKED_AT[look]
    found: dict[str, list[str]] = {}
    with open_window(**SIZES[look]) as reader:
        for state in states:
            show(reader, state, pieces)
            found[state] = violations(reader, axe, rules)
            reader.screenshot(f"window-{state}-{look}", full=False)
            assert reader.page.evaluate(OVERFLOW) <= 0, f"{state} scrolls sideways"
            leave(reader, state)
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


GERMAN: Final = {
    "settings": "was satchel save mit Bildschirmfotos von Code tut",
    "processing": "Titel aus der ersten Zeile",
    "backups": "Ihre Pieces sind noch nicht gesichert",
}


def test_the_language_that_was_chosen_last_stays(open_window: Opener) -> None:
    with open_window() as reader:
        reader.change_language_twice("fr", "en")
        expect(reader.page.get_by_role("link", name="New Piece")).to_be_visible()
        expect(reader.page.locator("html")).to_have_attribute("lang", "en")
        wait_until(lambda: stored(reader.page) == [])
        reader.assert_no_violations()


def test_what_the_server_says_is_in_the_language_of_the_page(open_window: Opener) -> None:
    with open_window(locale="de") as reader:
        reader.expected |= {"status of 400"}
        page = reader.page
        for view, words in GERMAN.items():
            page.evaluate(FOLLOW, f"/{view}")
            expect(page.get_by_text(words, exact=False).first).to_be_visible(timeout=15_000)
        page.get_by_role("button", name="In eine Datei sichern").click()
        page.get_by_role("dialog").get_by_role("textbox").fill("nowhere")
        page.keyboard.press("Enter")
        failure = page.locator(".message.is-failure")
        expect(failure).to_contain_text("'nowhere' ist kein ganzer Pfad")
        expect(failure).to_contain_text("Beginnen Sie ihn mit / oder ~")
        page.evaluate(FOLLOW, "/settings")
        setting = page.get_by_role("textbox", name="share.expires")
        setting.fill("yesterday")
        setting.press("Enter")
        expect(failure.last).to_contain_text("'yesterday' ist für share.expires ungültig")
        expect(failure.last).to_contain_text("keine Dauer wie 30m, 12h, 7d oder never")
        expect(failure.locator('[lang="en"]')).to_have_count(0)
        expect(setting).to_have_value("yesterday")


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
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(dialog.get_by_text("Search", exact=True)).to_be_visible()
        dialog.get_by_role("switch", name="Single-key shortcuts").press("Space")
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
