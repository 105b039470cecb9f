"""A Piece: read, edited, compared, restored; drafts and conflicts lose nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import Route, expect
from tests.browser.reader import Reader, hold, wait_for_requests
from tests.browser.window.conftest import HOSTILE_TITLE, Opener, add, conflict_in, save_mine_in_conflict
from tests.support.device import Device
from tests.support.window import WindowProcess

from satchel.store import Store, WholeFile

pytestmark = pytest.mark.slow

MARKDOWN_CHUNK = re.compile(r"/assets/markdown-\w+\.js$")
LOREM = "first line\nsecond line\nthird line\n"


@pytest.fixture
def note(device: Device) -> str:
    """A Piece that a test may change."""
    return add(device.home, LOREM, title="A note")


def edit(page: BrowserPage) -> None:
    page.locator("h1").focus()
    page.keyboard.press("e")
    expect(page.locator(".cm-content").first).to_be_focused(timeout=30_000)


def text_of(device: Device, piece: str) -> str:
    return device.run("cat", piece).stdout.decode()


def test_code_is_highlighted_and_copied(open_window: Opener, pieces: dict[str, str]) -> None:
    with open_window(f"/pieces/{pieces['code']}") as reader:
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
        expect(reader.page.locator(".code .t-keyword").first).to_be_visible(timeout=20_000)
        reader.page.keyboard.press("c")
        expect(reader.page.get_by_role("button", name="Copied")).to_be_visible()
        assert "class SequenceMatcher" in reader.page.evaluate("navigator.clipboard.readText()")


def test_nothing_is_asked_about_a_piece_that_is_being_deleted(open_window: Opener, note: str) -> None:
    """The server tells of the change before it has answered."""
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        held: list[Route] = []

        def hold(route: Route) -> None:
            answer = route.fetch()
            page.wait_for_timeout(1_500)
            held.append(route)
            route.fulfill(response=answer)

        page.route("**/api/remove_pieces", hold)
        page.keyboard.press("Delete")
        page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        page.wait_for_url("**/")
        assert held
        reader.assert_no_violations()


def test_markdown_and_images_are_shown(open_window: Opener, pieces: dict[str, str]) -> None:
    with open_window(f"/pieces/{pieces['markdown']}") as reader:
        expect(reader.page.locator(".prose h2").first).to_be_visible(timeout=20_000)
        reader.page.get_by_role("button", name="Source", exact=True).click()
        expect(reader.page.locator(".code")).to_contain_text("# Deploying")
        reader.page.goto(reader.page.url.replace(pieces["markdown"], pieces["picture"]))
        expect(reader.page.locator(".image img")).to_have_js_property("naturalWidth", 300)


def test_hostile_content_is_text(open_window: Opener, pieces: dict[str, str]) -> None:
    with open_window(f"/pieces/{pieces['hostile']}") as reader:
        expect(reader.page.locator("h1")).to_have_text(HOSTILE_TITLE)
        expect(reader.page.locator(".description")).to_have_text("[U+202E]gnp.exe")
        expect(reader.page.locator("button.tag")).to_have_text("<b>bold</b>")
        assert reader.page.locator("main img, main script").count() == 0
        reader.page.goto(reader.page.url.replace(pieces["hostile"], pieces["hidden"]))
        expect(reader.page.locator(".note").first).to_contain_text("change its reading direction")


def test_a_long_text_begins_at_once_and_is_shown_whole_when_asked(
    open_window: Opener, device: Device
) -> None:
    long = "".join(f"line {n} of many that fill a long text\n" for n in range(120_000))
    with open_window(f"/pieces/{add(device.home, long, title='long')}") as reader:
        expect(reader.page.locator(".row").first).to_have_text("line 0 of many that fill a long text")
        reader.page.get_by_role("button", name="Show all of it").click()
        expect(reader.page.locator(".code")).to_contain_text("line 119999 of many", timeout=30_000)


def test_an_edit_by_keyboard_is_saved_and_can_be_undone(
    open_window: Opener, device: Device, note: str
) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        page.keyboard.type("zeroth line\n")
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_have_text("zeroth line", timeout=15_000)
        assert text_of(device, note) == "zeroth line\n" + LOREM
        page.keyboard.press("h")
        expect(page.locator("tr.added .text")).to_have_text(["zeroth line"])
        page.keyboard.press("ArrowDown")
        page.get_by_role("button", name="Restore revision 1").click()
        expect(page.locator(".row").first).to_have_text("first line", timeout=15_000)
        assert text_of(device, note) == LOREM


def test_tags_are_suggested_and_saved(open_window: Opener, device: Device, note: str) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        page.get_by_role("combobox", name="Tags").fill("op")
        page.get_by_role("option", name="ops").wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
        expect(page.locator("button.tag")).to_have_text(["ops"], timeout=15_000)
        assert device.json("show", note)["tags"] == ["ops"]


def test_a_draft_survives_a_reload(open_window: Opener, device: Device, note: str) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        page.keyboard.type("typed, not saved. ")
        expect(page.get_by_text("Draft kept")).to_be_visible()
        page.reload()
        page.get_by_role("button", name="Continue editing").click()
        expect(page.locator(".cm-content")).to_contain_text("typed, not saved. first line", timeout=20_000)
        assert text_of(device, note) == LOREM
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_have_text("typed, not saved. first line", timeout=15_000)


def by_the_command_line(device: Device, note: str, _: Opener) -> None:
    device.run("edit", note, "-", stdin=b"theirs\n")


def by_another_window(device: Device, note: str, open_window: Opener) -> None:
    with open_window(f"/pieces/{note}") as other:
        edit(other.page)
        other.page.keyboard.press("Control+a")
        other.page.keyboard.type("theirs\n")
        other.page.keyboard.press("Control+s")
        expect(other.page.locator(".row").first).to_have_text("theirs", timeout=15_000)


@pytest.mark.parametrize("change", [by_the_command_line, by_another_window])
def test_two_edits_at_once_show_a_conflict_and_lose_nothing(
    open_window: Opener, device: Device, note: str, change: Callable[[Device, str, Opener], None]
) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        page.keyboard.type("mine, ")
        change(device, note, open_window)
        save_mine_in_conflict(reader)
        revisions = [each["revision"] for each in device.json("history", note)["revisions"]]
        assert sorted(revisions) == [1, 2, 3]


@pytest.fixture
def two_files(device: Device) -> str:
    """A Piece of two files that a test may change."""
    return add(device.home, "the main\n", title="Two files", files=(WholeFile("test_it.py", b"the test\n"),))


def edit_file(reader: Reader, number: int, text: str) -> None:
    """Type at the start of a file of the form."""
    reader.page.locator(".cm-content").nth(number).click()
    reader.page.keyboard.press("Control+Home")
    reader.page.keyboard.type(text)


def further_texts(device: Device, piece: str) -> dict[str, str]:
    """The texts of its further files, by their names."""
    with Store.open(device.home, read_only=True) as store:
        return {file.name: file.content.decode() for file in store.files(piece)}


def test_another_file_in_conflict_is_shown_and_what_was_not_touched_stays(
    open_window: Opener, device: Device, two_files: str, tmp_path: Path
) -> None:
    with open_window(f"/pieces/{two_files}") as reader:
        page = reader.page
        edit(page)
        edit_file(reader, 1, "mine, ")
        (tmp_path / "test_it.py").write_text("theirs\n")
        device.run("edit", two_files, "--add-file", tmp_path / "test_it.py")
        device.run("edit", two_files, "-", stdin=b"their main\n")
        dialog = conflict_in(reader)
        expect(dialog.get_by_role("heading", name="test_it.py")).to_be_visible()
        expect(dialog.get_by_label("In the store now")).to_have_text("theirs")
        expect(dialog.get_by_label("Yours", exact=True)).to_contain_text("mine, the test")
        dialog.get_by_role("button", name="Save mine", exact=True).click()
        expect(page.get_by_text("Saved.").last).to_be_visible(timeout=15_000)
        assert further_texts(device, two_files) == {"test_it.py": "mine, the test\n"}
        assert text_of(device, two_files) == "their main\n"


def test_a_conflict_saved_as_a_new_piece_has_all_files(
    open_window: Opener, device: Device, two_files: str
) -> None:
    with open_window(f"/pieces/{two_files}") as reader:
        page = reader.page
        edit(page)
        edit_file(reader, 1, "mine, ")
        device.run("edit", two_files, "-", stdin=b"their main\n")
        conflict_in(reader).get_by_role("button", name="Save mine as a new Piece").click()
        expect(page.get_by_text("Saved as a new Piece").last).to_be_visible(timeout=15_000)
        page.wait_for_url(lambda url: two_files not in url)
        new = page.url.rpartition("/")[2]
        assert text_of(device, new).startswith("the main\n")
        assert further_texts(device, new) == {"test_it.py": "mine, the test\n"}
        assert further_texts(device, two_files) == {"test_it.py": "the test\n"}


def test_a_second_conflict_is_shown_like_the_first(open_window: Opener, device: Device, note: str) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        page.keyboard.type("mine, ")
        device.run("edit", note, "-", stdin=b"theirs\n")
        dialog = conflict_in(reader)
        expect(dialog.get_by_label("In the store now")).to_have_text("theirs")
        device.run("edit", note, "-", stdin=b"theirs, again\n")
        dialog.get_by_role("button", name="Save mine", exact=True).click()
        expect(dialog.get_by_label("In the store now")).to_have_text("theirs, again")
        dialog.get_by_role("button", name="Save mine", exact=True).click()
        expect(page.locator(".row").first).to_have_text("mine, first line", timeout=15_000)
        assert text_of(device, note) == f"mine, {LOREM}"


def test_a_change_during_an_edit_shows_when_the_edit_is_cancelled(
    open_window: Opener, device: Device, note: str
) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        device.run("edit", note, "-", stdin=b"theirs\n")
        page.wait_for_timeout(1_000)  # the window has heard of it
        page.keyboard.press("Escape")
        expect(page.locator(".row").first).to_have_text("theirs", timeout=15_000)


def test_source_that_is_chosen_while_the_formatted_text_loads_stays(
    open_window: Opener, pieces: dict[str, str]
) -> None:
    with open_window() as reader:
        page = reader.page
        held = hold(page, MARKDOWN_CHUNK)
        page.locator(".piece-row:visible", has_text="Deploying").click()
        wait_for_requests(page, held, 1)
        page.get_by_role("button", name="Source").click()
        expect(page.locator(".row").first).to_be_visible()
        with page.expect_response(MARKDOWN_CHUNK):
            held[0].continue_()
        reader.wait_until_settled()
        expect(page.locator(".prose")).to_have_count(0)
        expect(page.locator(".row").first).to_be_visible()


def test_an_edit_of_the_title_leaves_the_text_that_was_changed_meanwhile(
    open_window: Opener, device: Device, note: str
) -> None:
    with open_window(f"/pieces/{note}") as reader:
        page = reader.page
        edit(page)
        page.get_by_label("Title").fill("A better title")
        device.run("edit", note, "-", stdin=b"theirs\n")
        dialog = conflict_in(reader)
        expect(dialog.get_by_role("rowheader")).to_have_text(["Title"])
        expect(dialog.get_by_label("In the store now")).to_have_count(0)
        dialog.get_by_role("button", name="Save mine", exact=True).click()
        expect(page.locator("h1")).to_have_text("A better title", timeout=15_000)
        assert text_of(device, note) == "theirs\n"


def test_the_window_survives_its_server(
    device: Device, note: str, chromium: object, open_window: Opener
) -> None:
    with WindowProcess(device) as window, Reader.create(chromium) as reader:  # type: ignore[arg-type]
        reader.expected |= {"ERR_", "status of 401"}
        page = reader.page
        page.goto(window.url)
        page.locator(".piece-row:visible").first.wait_for()
        page.goto(f"http://127.0.0.1:{window.port}/pieces/{note}")
        page.locator(".row").first.wait_for()
        edit(page)
        page.keyboard.type("typed while it was there. ")
        window.stop()
        expect(page.locator(".banner")).to_contain_text("lost its server", timeout=15_000)
        page.keyboard.type("And after. ")
        page.keyboard.press("Control+s")
        expect(page.locator(".cm-content")).to_contain_text("And after. first line")
        window.start()
        with reader.context.expect_page():
            page.evaluate("window.open('about:blank', '_blank')")
        again = reader.context.pages[-1]
        again.goto(window.url)
        again.locator(".piece-row:visible").first.wait_for()
        expect(page.locator(".banner")).to_be_empty(timeout=15_000)
        page.bring_to_front()
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_contain_text("And after. first line", timeout=15_000)
        reader.assert_no_violations()
