"""Files that were put into a form outlive the server, its port and the browser, as the text does; if not, the page says so."""

import json

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage
from tests.browser.samples import png
from tests.browser.window import conftest
from tests.browser.window.conftest import GONE, KEPT, kept, kill, opened, refuse_dialogs
from tests.support.device import Device
from tests.support.waiting import wait_until

from satchel.local_files import write_private
from satchel.window import draft_files
from satchel.window.uploads import DRAFTS

pytestmark = pytest.mark.slow

PICTURE, OTHER = png(40, 20), png(12, 12)
COPY_PICTURE = """(bytes) =>
    navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([new Uint8Array(bytes)], { type: "image/png" }) })])
"""


def drop(page: BrowserPage, **files: bytes) -> None:
    """Drop files with these names, whose underscore stands for the dot."""
    named = ((name.replace("_", "."), "image/png" if name.endswith("png") else "", data) for name, data in files.items())  # fmt: skip
    conftest.drop(page, *named)


def in_home(device: Device) -> list[bytes]:
    """Return the files that are kept with drafts."""
    folder = device.home / DRAFTS / draft_files.FOLDER
    return sorted(path.read_bytes() for path in folder.iterdir()) if folder.is_dir() else []


def names(page: BrowserPage) -> list[str]:
    return page.locator(".attached li > span:first-of-type").all_inner_texts()


def saved_files(device: Device, page: BrowserPage) -> dict[str, bytes]:
    """Return the main content and the further files of the Piece that the page shows."""
    piece = page.url.rpartition("/")[2]
    further = [each["name"] for each in device.json("show", piece)["files"]]
    return {
        "": device.run("cat", piece).stdout,
        **{name: device.run("show", piece, "--only", name).stdout for name in further},
    }


def test_dropped_and_pasted_files_survive_a_killed_server_on_another_port(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new") as (window, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.type("what these show")
        drop(page, one_png=PICTURE, notes_txt=b"some notes\n")
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate(COPY_PICTURE, list(png(10, 10)))
        page.locator(".cm-content").click()
        page.keyboard.press("Control+v")
        expect(page.locator(".attached li")).to_have_count(3)
        wait_until(lambda: len(in_home(own)) == 3)
        expect(page.get_by_text(KEPT)).to_be_visible()
        assert not [each.url for each in reader.requests if "png" in each.url or "notes" in each.url]
        first = window.port
        kill(window)
        reader.expected |= GONE
    with opened(chromium, own) as (window, reader):
        assert window.port != first
        page = reader.page
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator(".attached li")).to_have_count(3, timeout=20_000)
        assert names(page) == ["one.png", "notes.txt", "image.png"]
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab")).to_have_count(4, timeout=30_000)
        files = saved_files(own, page)
        assert (files[""], files["one.png"], files["notes.txt"]) == (
            b"what these show",
            PICTURE,
            b"some notes\n",
        )
        assert files["image.png"].startswith(b"\x89PNG")
        wait_until(lambda: (kept(own), in_home(own)) == ([], []))
        reader.assert_no_violations()


def test_files_without_a_text_are_kept_when_the_tab_closes(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        with page.expect_response("**/api/upload"):
            drop(page, one_png=PICTURE, two_png=PICTURE)
        expect(page.get_by_text("Reading the files")).to_have_count(0)
        page.close(run_before_unload=True)
        wait_until(lambda: in_home(own) == [PICTURE, PICTURE])
        again = reader.context.new_page()
        again.goto(page.url)
        expect(again.locator(".attached li")).to_have_count(2, timeout=20_000)
        again.get_by_role("button", name="Remove one.png").click()
        wait_until(lambda: in_home(own) == [PICTURE])
        again.reload()
        expect(again.locator(".attached li")).to_have_count(1, timeout=20_000)
        again.get_by_role("button", name="Clear").click()
        again.get_by_role("dialog").get_by_role("button", name="Discard").click()
        wait_until(lambda: (kept(own), in_home(own)) == ([], []))
        expect(again.locator(".attached li")).to_have_count(0)


def test_two_tabs_keep_their_own_files(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        one = reader.page
        two = reader.context.new_page()
        two.goto(one.url)
        two.locator(".cm-content").click()
        drop(one, one_png=PICTURE)
        drop(two, two_png=OTHER)
        wait_until(lambda: in_home(own) == sorted([PICTURE, OTHER]))
        wait_until(lambda: len(kept(own)) == 2)
        two.reload()
        expect(two.locator(".attached li")).to_have_count(1, timeout=20_000)
        assert names(two) == ["two.png"]
        other = two.get_by_role("listitem").filter(has_text="one.png")
        other.get_by_role("button", name="Continue editing").click()
        expect(two.locator(".attached li")).to_contain_text("one.png", timeout=20_000)
        two.locator(".cm-content").click()
        two.keyboard.type("both tabs show it")
        expect(two.get_by_text(KEPT)).to_be_visible()
        one.keyboard.type("x")
        two.keyboard.press("Control+s")
        expect(two.get_by_role("tab")).to_have_count(2, timeout=30_000)
        assert saved_files(own, two)["one.png"] == PICTURE
        assert OTHER in in_home(own)
        reader.assert_no_violations()


def test_a_file_that_is_dropped_while_the_server_is_gone_is_sent_when_it_is_back(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new") as (window, reader):
        page = reader.page
        reader.expected |= GONE | {"status of 404"}
        drop(page, before_png=PICTURE)
        wait_until(lambda: in_home(own) == [PICTURE])
        expect(page.get_by_text(KEPT)).to_be_visible()
        kill(window)
        expect(page.locator(".banner")).to_contain_text("lost its server", timeout=15_000)
        drop(page, after_png=b"dropped while it was gone")
        expect(page.get_by_text("Not kept with the draft: after.png. Save before you leave.")).to_be_visible()
        asked = refuse_dialogs(page)
        page.locator(".cm-content").click()
        page.close(run_before_unload=True)
        wait_until(lambda: page.evaluate("1") == 1 and asked == ["beforeunload"])
        window.start()
        again = reader.context.new_page()
        again.goto(window.url)
        again.locator(".piece-row:visible").first.wait_for()
        wait_until(lambda: in_home(own) == sorted([PICTURE, b"dropped while it was gone"]))
        expect(page.get_by_text(KEPT)).to_be_visible()
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab")).to_have_count(2, timeout=30_000)
        wait_until(lambda: in_home(own) == [])


def test_a_file_that_waits_for_the_server_outlives_its_form(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (window, reader):
        page = reader.page
        reader.expected |= GONE
        kill(window)
        expect(page.locator(".banner")).to_contain_text("lost its server", timeout=15_000)
        drop(page, one_png=PICTURE)
        expect(page.get_by_text("Not kept with the draft: one.png.")).to_be_visible(timeout=30_000)
        page.get_by_role("link", name="Pieces", exact=True).click()
        expect(page.locator(".attached")).to_have_count(0, timeout=30_000)
        window.start()
        again = reader.context.new_page()
        again.goto(window.url)
        again.locator(".piece-row:visible").first.wait_for()
        expect(page.locator(".banner")).to_be_empty(timeout=15_000)
        page.get_by_role("link", name="New Piece").click()
        expect(page.locator(".attached li")).to_contain_text("one.png", timeout=20_000)
        wait_until(lambda: in_home(own) == [PICTURE])


def test_a_file_for_which_drafts_have_no_room_is_named_and_can_be_saved(
    chromium: Browser, own: Device
) -> None:
    other = "b" * 32
    write_private(own.home / DRAFTS / f"{other}.json.damaged", json.dumps({"upload": other}).encode())
    full = own.home / DRAFTS / draft_files.FOLDER / other
    write_private(full, b"")
    with full.open("r+b") as file:
        file.truncate(draft_files.MAX_BYTES)
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.type("a text")
        drop(page, one_png=PICTURE)
        expect(page.get_by_text("Not kept with the draft: one.png. Save before you leave.")).to_be_visible()
        wait_until(lambda: kept(own) == ["a text"])
        page.locator("#language").select_option("fr")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        expect(page.locator(".attached li")).to_contain_text("one.png", timeout=20_000)
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab")).to_have_count(2, timeout=30_000)
        assert saved_files(own, page) == {"": b"a text", "one.png": PICTURE}


def test_a_file_that_was_not_kept_is_named_and_never_left_out_silently(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new") as (window, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.type("with a picture")
        drop(page, one_png=PICTURE)
        wait_until(lambda: in_home(own) == [PICTURE])
        expect(page.get_by_text(KEPT)).to_be_visible()
        (lost,) = (own.home / DRAFTS / draft_files.FOLDER).iterdir()
        kill(window)
        reader.expected |= GONE
    lost.unlink()
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        expect(page.locator(".attached li")).to_contain_text(
            "one.png was not kept with the draft: add it again, or remove it", timeout=20_000
        )
        page.locator(".cm-content").click()
        page.keyboard.press("Control+s")
        expect(page.locator(".message")).to_contain_text("one.png was not kept")
        page.get_by_role("button", name="Remove one.png").click()
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_have_text("with a picture", timeout=15_000)
        reader.assert_no_violations()


def test_a_picture_that_cannot_be_read_is_attached_without_a_complaint(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        drop(page, drawing_png=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        expect(page.get_by_text(KEPT)).to_be_visible()
        expect(page.locator(".message")).to_have_count(0)
        reader.assert_no_violations()


def test_the_name_of_a_file_whose_text_is_in_the_editor_is_kept(chromium: Browser, own: Device) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        drop(page, deploy_toml=b'name = "dropped"\n')
        expect(page.get_by_text(KEPT)).to_be_visible()
        page.reload()
        expect(page.locator(".cm-content")).to_contain_text("dropped", timeout=20_000)
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_contain_text("dropped", timeout=15_000)
        piece = page.url.rpartition("/")[2]
    assert own.json("show", piece)["source"]["file_name"] == "deploy.toml"


def test_what_is_typed_just_before_the_language_changes_stays_in_the_form(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new") as (_, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.insert_text("the last words")
        page.locator("#language").select_option("de")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(".cm-content")).to_contain_text("the last words", timeout=20_000)
        wait_until(lambda: kept(own) == ["the last words"])
