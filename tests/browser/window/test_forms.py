"""What a person types stays in every form of the window, until it is saved, sent or discarded on purpose."""

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage
from tests.browser.reader import wait_for_requests
from tests.browser.window.conftest import KEPT, add, conflict_in, drop, hold_operations, kept, opened
from tests.support.device import Device
from tests.support.waiting import wait_until

from satchel.window.drafts import DraftFolder

pytestmark = pytest.mark.slow


def switch_language(page: BrowserPage, code: str) -> None:
    """Choose another language, for which every view is drawn anew."""
    page.locator("#language").select_option(code)
    expect(page.locator("html")).to_have_attribute("lang", code)


def test_a_tag_that_is_not_confirmed_yet_is_in_the_draft(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        page.get_by_role("combobox", name="Tags").click()
        page.keyboard.type("half-ty")
        expect(page.get_by_text(KEPT)).to_be_visible()
        page.keyboard.type("ped")
        page.close(run_before_unload=True)
        wait_until(lambda: [each.tags for each in DraftFolder(own.home).all().drafts] == [("half-typed",)])
        again = reader.context.new_page()
        again.goto(page.url)
        expect(again.get_by_role("button", name="Remove the tag half-typed")).to_be_visible(timeout=20_000)


def test_what_is_typed_into_a_conflict_stays_when_it_is_put_off(chromium: Browser, own: Device) -> None:
    note = add(own.home, "first line\n", title="A note")
    with opened(chromium, own, f"/pieces/{note}") as (_, reader):
        page = reader.page
        page.get_by_role("button", name="Edit", exact=True).click()
        expect(page.locator(".cm-content")).to_be_focused(timeout=30_000)
        page.keyboard.type("mine, ")
        own.run("edit", note, "-", stdin=b"theirs\n")
        dialog = conflict_in(reader)
        expect(dialog.get_by_label("Yours", exact=True)).to_be_focused()
        page.keyboard.press("Control+Home")
        page.keyboard.type("both, ")
        wait_until(lambda: kept(own) == ["both, mine, first line\n"])
        dialog.get_by_role("button", name="Continue editing").click()
        expect(page.locator("dialog")).to_have_count(0)  # closed, and gone with its editors
        expect(page.locator(".cm-content")).to_contain_text("both, mine, first line")
        page.keyboard.press("Control+s")
        dialog.get_by_role("button", name="Save mine as a new Piece").click()
        expect(page.locator(".row").first).to_have_text("both, mine, first line", timeout=15_000)
        assert own.run("cat", note).text == "theirs"
        reader.assert_no_violations()


def test_nothing_is_discarded_without_a_question(chromium: Browser, own: Device) -> None:
    note = add(own.home, "first line\n", title="A note")
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.type("a new one")
        expect(page.get_by_text(KEPT)).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        expect(page.locator(".cm-content")).to_have_text("a new one")
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        wait_until(lambda: kept(own) == [])
        page.goto(page.url.replace("/new", f"/pieces/{note}"))
        page.get_by_role("button", name="Edit", exact=True).click()
        expect(page.locator(".cm-content")).to_be_focused(timeout=30_000)
        page.keyboard.type("mine, ")
        expect(page.get_by_text(KEPT)).to_be_visible()
        page.reload()
        page.get_by_role("button", name="Discard").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        wait_until(lambda: kept(own) == ["mine, first line\n"])
        page.get_by_role("button", name="Discard").click()
        page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        wait_until(lambda: kept(own) == [])
        reader.assert_no_violations()


def test_a_question_and_the_choices_of_an_import_stay_when_the_view_is_drawn_anew(
    chromium: Browser, own: Device
) -> None:
    own.run("memory", "on", "agents")
    with opened(chromium, own, "/memory") as (_, reader):
        page = reader.page
        page.locator("#search").fill("when did I fix the parser")
        switch_language(page, "fr")
        expect(page.locator("#search")).to_have_value("when did I fix the parser", timeout=20_000)
        switch_language(page, "en")
        page.get_by_role("link", name="New Piece").click()
        page.get_by_text("Import files, folders").click()
        page.get_by_label("Path on this device").fill("~/snippets")
        page.get_by_label("Format", exact=True).select_option("folder")
        switch_language(page, "fr")
        path = page.locator(".import input[type=text]")
        expect(path).to_have_value("~/snippets", timeout=20_000)
        expect(path).to_be_visible()
        expect(page.locator(".import select")).to_have_value("folder", timeout=20_000)
        reader.assert_no_violations()


def test_a_setting_that_is_being_typed_stays_when_the_server_is_back(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/settings") as (window, reader):
        page = reader.page
        reader.expected |= {"ERR_", "Failed to load resource", "status of 401"}
        field = page.get_by_label("share.views", exact=True)
        field.fill("12")
        window.process.kill()
        window.process.communicate()
        expect(page.locator(".banner")).to_contain_text("lost its server", timeout=15_000)
        window.start()
        again = reader.context.new_page()
        again.goto(window.url)
        again.locator(".piece-row:visible").first.wait_for()
        expect(page.locator(".banner")).to_be_empty(timeout=15_000)
        reader.wait_until_settled()
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        wait_until(lambda: b'"123"' in own.run("settings", "--json").stdout)


def test_what_is_typed_while_the_form_is_saved_stays(chromium: Browser, own: Device) -> None:
    """A computer may take seconds to save: its models describe the Piece first."""
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        held = hold_operations(page, "add_piece", "edit_piece")
        page.locator(".cm-content").click()
        page.keyboard.type("saved")
        page.keyboard.press("Control+s")
        page.keyboard.press("Control+s")
        wait_for_requests(page, held, 1)
        reader.wait_until_settled()
        page.keyboard.type(", and more")
        [adding] = held
        adding.continue_()
        expect(page.locator(".row").first).to_have_text("saved", timeout=30_000)
        page.get_by_role("button", name="Continue editing").click()
        expect(page.locator(".cm-content")).to_have_text("saved, and more", timeout=20_000)
        page.keyboard.press("Control+s")
        wait_for_requests(page, held, 2)
        reader.wait_until_settled()
        page.keyboard.press("Control+End")
        page.keyboard.type(" later")
        [editing] = held[1:]
        with page.expect_response("**/api/edit_piece"):
            editing.continue_()
        reader.wait_until_settled()
        expect(page.locator(".cm-content")).to_have_text("saved, and more later")
        wait_until(lambda: kept(own) == ["saved, and more later"])
        page.keyboard.press("Control+s")
        wait_for_requests(page, held, 3)
        held[2].continue_()
        expect(page.locator(".row").first).to_have_text("saved, and more later", timeout=30_000)
        wait_until(lambda: kept(own) == [])
        reader.assert_no_violations()


def test_a_file_that_is_put_in_while_the_form_is_saved_stays(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        held = hold_operations(page, "add_piece")
        page.locator(".cm-content").click()
        page.keyboard.type("saved")
        page.keyboard.press("Control+s")
        wait_for_requests(page, held, 1)
        reader.wait_until_settled()
        with page.expect_response("**/api/upload"):
            drop(page, ("late.txt", "text/plain", b"late"))
        held[0].continue_()
        expect(page.locator(".row").first).to_have_text("saved", timeout=30_000)
        page.get_by_role("link", name="New Piece").click()
        expect(page.locator(".attached li")).to_contain_text("late.txt", timeout=20_000)
        expect(page.get_by_text("was not kept with the draft")).to_have_count(0)


def test_a_file_that_is_being_sent_while_the_form_is_saved_stays(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        held = hold_operations(page, "add_piece", "upload")
        page.locator(".cm-content").click()
        page.keyboard.type("saved")
        page.keyboard.press("Control+s")
        wait_for_requests(page, held, 1)
        drop(page, ("late.txt", "text/plain", b"late"))
        wait_for_requests(page, held, 2)
        held[0].continue_()
        expect(page.locator(".row").first).to_have_text("saved", timeout=30_000)
        held[1].continue_()
        page.unroute("**/api/upload")
        page.unroute("**/api/add_piece")
        page.get_by_role("link", name="New Piece").click()
        expect(page.locator(".attached li")).to_contain_text("late.txt", timeout=20_000)
        expect(page.get_by_text("was not kept with the draft")).to_have_count(0)
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab", name="late.txt")).to_be_visible(timeout=30_000)
