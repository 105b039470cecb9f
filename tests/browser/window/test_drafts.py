"""What was typed and is not saved outlives the server, its port and the browser; so do the preferences."""

import json

import pytest
from playwright.sync_api import Browser, Route, expect
from playwright.sync_api import Page as BrowserPage
from tests.browser.reader import Reader, wait_for_requests
from tests.browser.window.conftest import (
    GONE,
    KEPT,
    add,
    hold_operations,
    kept,
    kill,
    opened,
    save_mine_in_conflict,
    stored,
)
from tests.support.device import Device
from tests.support.waiting import wait_until
from tests.support.window import HOST, WindowProcess

from satchel.store import Store
from satchel.window.drafts import DraftFolder
from satchel.window.preferences import read_preferences, set_preference

pytestmark = pytest.mark.slow


def test_a_new_piece_survives_a_killed_server_on_another_port_in_another_browser(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new") as (window, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.type("typed, not saved")
        page.get_by_label("Title").fill("Half a thought")
        wait_until(lambda: [each.title for each in DraftFolder(own.home).all().drafts] == ["Half a thought"])
        expect(page.get_by_text(KEPT)).to_be_visible()
        assert stored(page) == []
        first = window.port
        kill(window)
        reader.expected |= GONE
    with opened(chromium, own) as (window, reader):
        assert window.port != first
        page = reader.page
        expect(page.get_by_text("1 unsaved draft")).to_be_visible()
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator(".cm-content")).to_contain_text("typed, not saved", timeout=20_000)
        expect(page.get_by_label("Title")).to_have_value("Half a thought")
        expect(page.get_by_text("Your draft is back")).to_be_visible()
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_have_text("typed, not saved", timeout=15_000)
        wait_until(lambda: kept(own) == [])
        reader.assert_no_violations()


@pytest.mark.parametrize("form", ["new", "edit"])
def test_the_page_says_that_a_draft_is_kept_only_when_all_of_it_is(
    chromium: Browser, own: Device, form: str
) -> None:
    """On a busy computer, an earlier version is answered when a later one is on its way."""
    path = "/new" if form == "new" else f"/pieces/{add(own.home, '')}"
    with opened(chromium, own, path) as (_, reader):
        page = reader.page
        held = hold_operations(page, "keep_draft")
        if form == "edit":
            edit(page)
        page.locator(".cm-content").click()
        page.keyboard.insert_text("first")
        wait_for_requests(page, held, 1)
        page.keyboard.insert_text(", then more")
        wait_for_requests(page, held, 2)
        with page.expect_response("**/api/keep_draft"):
            held[0].continue_()
        reader.wait_until_settled()
        assert page.get_by_text(KEPT).count() == 0
        held[1].continue_()
        expect(page.get_by_text(KEPT)).to_be_visible()
        assert kept(own) == ["first, then more"]
        reader.assert_no_violations()


def test_an_edit_survives_and_still_shows_a_conflict(chromium: Browser, own: Device) -> None:
    note = add(own.home, "first line\n", title="A note")
    with opened(chromium, own, f"/pieces/{note}") as (window, reader):
        edit(reader.page)
        reader.page.keyboard.type("mine, ")
        wait_until(lambda: kept(own) == ["mine, first line\n"])
        kill(window)
        reader.expected |= GONE
    own.run("edit", note, "-", stdin=b"theirs\n")
    with opened(chromium, own, f"/pieces/{note}") as (_, reader):
        page = reader.page
        page.get_by_role("button", name="Continue editing").click()
        expect(page.locator(".cm-content")).to_contain_text("mine, first line", timeout=20_000)
        save_mine_in_conflict(reader)
        wait_until(lambda: kept(own) == [])
        reader.assert_no_violations()


def test_what_is_typed_just_before_the_tab_closes_is_kept(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        reader.page.locator(".cm-content").click()
        reader.page.keyboard.type("closed at once")
        reader.page.close(run_before_unload=True)
        wait_until(lambda: kept(own) == ["closed at once"])


def test_what_is_typed_while_the_server_is_gone_is_handed_back(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (window, reader):
        page = reader.page
        reader.expected |= GONE
        page.locator(".cm-content").click()
        page.keyboard.type("before, ")
        wait_until(lambda: kept(own) == ["before, "])
        expect(page.get_by_text(KEPT)).to_be_visible()
        kill(window)
        expect(page.locator(".banner")).to_contain_text("lost its server", timeout=15_000)
        page.keyboard.type("and after")
        expect(page.get_by_text("Draft kept in this browser")).to_be_visible()
        wait_until(lambda: len(stored(page)) == 1)
        assert kept(own) == ["before, "]
        window.start()
        again = reader.context.new_page()
        again.goto(window.url)
        again.locator(".piece-row:visible").first.wait_for()
        wait_until(lambda: kept(own) == ["before, and after"])
        expect(page.locator(".banner")).to_be_empty(timeout=15_000)
        wait_until(lambda: stored(again) == [])


def test_two_tabs_do_not_overwrite_each_other(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        one = reader.page
        one.locator(".cm-content").click()
        two = reader.context.new_page()
        two.goto(one.url)
        two.locator(".cm-content").click()
        two.keyboard.type("in the second tab")
        expect(two.get_by_text(KEPT)).to_be_visible()
        one.keyboard.type("in the first tab")
        wait_until(lambda: sorted(kept(own)) == ["in the first tab", "in the second tab"])
        two.reload()
        expect(two.locator(".cm-content")).to_contain_text("in the second tab", timeout=20_000)
        other = two.get_by_role("listitem").filter(has_text="in the first tab")
        other.get_by_role("button", name="Continue editing").click()
        expect(two.locator(".cm-content")).to_contain_text("in the first tab", timeout=20_000)
        assert sorted(kept(own)) == ["in the first tab", "in the second tab"]
        reader.assert_no_violations()


def test_the_draft_of_a_removed_piece_becomes_a_new_one(chromium: Browser, own: Device) -> None:
    note = add(own.home, "first line\n", title="A note")
    with opened(chromium, own, f"/pieces/{note}") as (_, reader):
        page = reader.page
        edit(page)
        page.keyboard.type("mine, ")
        wait_until(lambda: kept(own) == ["mine, first line\n"])
        with Store.open(own.home) as store:
            store.remove(note)
        page.goto(page.url.replace(f"/pieces/{note}", "/new"))
        item = page.get_by_role("listitem").filter(has_text="A note")
        expect(item).to_contain_text("its Piece was deleted")
        item.get_by_role("button", name="Continue editing").click()
        expect(page.locator(".cm-content")).to_contain_text("mine, first line", timeout=20_000)
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_have_text("mine, first line", timeout=15_000)
        wait_until(lambda: kept(own) == [])
        reader.assert_no_violations()


def test_drafts_of_an_earlier_version_move_into_the_home(chromium: Browser, own: Device) -> None:
    note = add(own.home, "first line\n", title="A note")
    common = {"description": "", "language": "", "tags": [], "links": [], "typed": "2026-01-31T09:00:00.000Z"}
    old = {
        "satchel.draft.new": {
            **common,
            "base": 0,
            "title": "Old",
            "texts": {"0": "an old draft"},
            "source": "",
        },
        f"satchel.draft.{note}": {**common, "base": 1, "title": "A note", "texts": {"0": "an old edit"}},
    }
    with opened(chromium, own) as (_, reader):
        page = reader.page
        for name, value in old.items():
            page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, json.dumps(value)])
        page.evaluate("localStorage.setItem('satchel.theme', 'dark')")
        page.reload()
        expect(page.get_by_text("2 unsaved drafts")).to_be_visible(timeout=20_000)
        wait_until(lambda: stored(page) == [])
        assert sorted(kept(own)) == ["an old draft", "an old edit"]
    with opened(chromium, own, f"/pieces/{note}") as (_, reader):
        expect(reader.page.locator("html")).to_have_attribute("data-theme", "dark")
        reader.page.get_by_role("button", name="Continue editing").click()
        expect(reader.page.locator(".cm-content")).to_contain_text("an old edit", timeout=20_000)


def test_preferences_are_those_of_the_home_from_the_first_frame(chromium: Browser, own: Device) -> None:
    with opened(chromium, own) as (window, reader):
        page = reader.page
        page.get_by_role("button", name="Colours").click()
        theme = page.locator("html").get_attribute("data-theme")
        assert theme
        page.locator("#language").select_option("fr")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        wait_until(lambda: read_preferences(own.home).get("language") == "fr")
        wait_until(lambda: stored(page) == [])
        kill(window)
        reader.expected |= GONE
    with WindowProcess(own) as window, Reader.create(chromium, java_script_enabled=False) as reader:
        reader.page.goto(f"http://{HOST}:{window.port}/")
        assert reader.page.locator("html").get_attribute("data-theme") == theme
    with opened(chromium, own) as (_, reader):
        expect(reader.page.locator("html")).to_have_attribute("lang", "fr")
        expect(reader.page.locator("html")).to_have_attribute("data-theme", theme)
        assert stored(reader.page) == []
        reader.assert_no_violations()


def choose_dark(page: BrowserPage) -> list[Route]:
    """Choose the light theme and then the dark one; the requests that keep them are held back."""
    held = hold_operations(page, "set_preference")
    page.get_by_role("button", name="Colours: as on your system").click()
    page.get_by_role("button", name="Colours: light").click()
    return held


def test_a_preference_counts_before_the_home_has_kept_it(chromium: Browser, own: Device) -> None:
    with opened(chromium, own) as (_, reader):
        page = reader.page
        held = choose_dark(page)
        wait_for_requests(page, held, 1)
        page.reload()
        page.locator(".piece-row:visible").first.wait_for()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        wait_for_requests(page, held, 2)
        held[1].continue_()
        wait_until(lambda: read_preferences(own.home).get("theme") == "dark")
        wait_until(lambda: stored(page) == [])


def test_what_is_set_twice_ends_as_it_was_set_last(chromium: Browser, own: Device) -> None:
    with opened(chromium, own) as (_, reader):
        page = reader.page
        held = choose_dark(page)
        page.locator("#search").fill("nothing of the kind")  # a later request, which is answered
        expect(page.get_by_text("Nothing found")).to_be_visible()
        assert [route.request.post_data_json for route in held] == [{"name": "theme", "value": "light"}]
        held[0].continue_()
        wait_for_requests(page, held, 2)
        held[1].continue_()
        wait_until(lambda: read_preferences(own.home).get("theme") == "dark")
        wait_until(lambda: stored(page) == [])
        reader.assert_no_violations()


def test_a_preference_that_the_home_cannot_keep_stays_in_the_browser(chromium: Browser, own: Device) -> None:
    set_preference(own.home, "theme", "light")
    with opened(chromium, own) as (_, reader):
        page = reader.page
        reader.expected |= {"Failed to load resource"}
        page.route("**/api/set_preference", lambda route: route.fulfill(status=507, json={}))
        page.get_by_role("button", name="Colours: light").click()
        wait_until(lambda: stored(page) == ["satchel.theme"])
        for _again in range(2):
            page.reload()
            page.locator(".piece-row:visible").first.wait_for()
            expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.unroute("**/api/set_preference")
        page.reload()
        wait_until(lambda: read_preferences(own.home).get("theme") == "dark")
        wait_until(lambda: stored(page) == [])


def edit(page: BrowserPage) -> None:
    page.locator("h1").focus()
    page.keyboard.press("e")
    expect(page.locator(".cm-content")).to_be_focused(timeout=30_000)
