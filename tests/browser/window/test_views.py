"""Put in, read, share, back up: what each view does, as the owner of the home sees it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.samples import png
from tests.browser.window.conftest import Opener, add, drop, hold_operations
from tests.support.device import Device

pytestmark = pytest.mark.slow

SCREENSHOT = Path(__file__).parents[2] / "unit" / "models" / "ocr" / "images" / "plain.jpg"


def test_what_is_typed_is_saved_and_found(open_window: Opener, device: Device) -> None:
    with open_window() as reader:
        page = reader.page
        page.locator("main").focus()
        page.keyboard.press("n")
        expect(page.locator(".cm-content")).to_be_focused(timeout=30_000)
        page.keyboard.insert_text("SELECT name FROM planets WHERE moons > 2;\n")
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_contain_text("SELECT name", timeout=30_000)
        page.keyboard.press("Escape")
        page.locator("#search").fill("planets")
        expect(page.locator(".piece-row:visible")).to_have_count(1)
    assert "planets" in device.run("search", "planets").text


def test_a_dropped_file_becomes_the_text_and_an_image_is_attached(
    open_window: Opener, tmp_path: Path
) -> None:
    with open_window() as reader:
        page = reader.page
        drop(page, ("notes.toml", "", b'name = "dropped"\n'))
        expect(page.locator(".cm-content")).to_contain_text('name = "dropped"', timeout=30_000)
        expect(page.get_by_label("Title")).to_have_value("notes.toml")
        (shot := tmp_path / "shot.png").write_bytes(png(40, 20))
        page.locator('input[type="file"]').first.set_input_files(shot)
        expect(page.locator(".attached li")).to_contain_text("shot.png")
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab")).to_have_count(2, timeout=30_000)


def test_a_dropped_screenshot_becomes_code(open_window: Opener, device: Device) -> None:
    with open_window() as reader:
        page = reader.page
        drop(page, (SCREENSHOT.name, "image/jpeg", SCREENSHOT.read_bytes()))
        expect(page.locator(".attached li")).to_contain_text("plain.jpg", timeout=30_000)
        expect(page.locator(".message")).to_contain_text("Read 6 lines in the image")
        expect(page.locator(".cm-content")).to_contain_text("depth")
        reader.screenshot("window-screenshot", full=False)
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab")).to_have_count(2, timeout=30_000)
        piece = page.url.rpartition("/")[2]
    assert device.run("cat", piece).text == SCREENSHOT.with_suffix(".txt").read_text().strip()
    assert device.run("show", piece, "--only", "plain.jpg").stdout == SCREENSHOT.read_bytes()


def test_a_picture_without_text_stays_a_picture(open_window: Opener) -> None:
    with open_window("/new") as reader:
        page = reader.page
        page.locator('input[type="file"]').first.set_input_files(SCREENSHOT.with_name("diagram.png"))
        expect(page.locator(".attached li")).to_have_count(1)
        expect(page.get_by_role("status").filter(has_text="Reading the text")).to_have_count(0)
        expect(page.locator(".cm-placeholder")).to_be_visible()
        page.keyboard.press("Control+s")
        expect(page.locator(".content img")).to_be_visible()


def test_a_suggestion_for_a_piece_that_has_changed_is_decided_again(
    open_window: Opener, device: Device
) -> None:
    piece = add(device.home, "import json\n\nprint(json.dumps({}))\n", language="python")
    with open_window(f"/pieces/{piece}") as reader:
        reader.expected |= {"status of 409"}
        page = reader.page
        suggested = page.locator(".suggested li").filter(has_text="Title")
        suggested.first.wait_for(timeout=30_000)
        page.locator("h1").focus()
        held = hold_operations(page, "accept_suggestion")
        page.keyboard.press("a")
        page.keyboard.press("a")
        device.run("edit", piece, "--description", "changed meanwhile")
        expect(page.get_by_text("changed meanwhile", exact=True)).to_be_visible()
        assert len(held) == 1
        with page.expect_response("**/api/suggestions"):
            held[0].continue_()
        page.unroute("**/api/accept_suggestion")
        expect(page.get_by_text("The Piece has changed in the meantime.")).to_be_visible()
        suggested.first.wait_for(timeout=30_000)
        reader.wait_until_settled()
        page.keyboard.press("a")
        expect(suggested).to_have_count(0, timeout=30_000)
    assert device.json("show", piece)["description"] == "changed meanwhile"


def test_suggestions_are_accepted_and_refused_with_one_key(open_window: Opener, device: Device) -> None:
    text = 'import json\n\n\ndef load(path):\n    """Load a JSON file."""\n    return json.load(open(path))\n'
    piece = add(device.home, text, language="python")
    with open_window(f"/pieces/{piece}") as reader:
        page = reader.page
        suggested = page.locator(".suggested li")
        suggested.first.wait_for(timeout=30_000)
        title = suggested.filter(has_text="Title").first.locator(".words span").last.inner_text()
        reader.screenshot("window-suggestions", full=False)
        page.locator("h1").focus()
        page.keyboard.press("a")
        expect(page.locator("h1")).to_have_text(title, timeout=30_000)
        expect(suggested.filter(has_text="Title")).to_have_count(0)
        tag = suggested.filter(has_text="Tags").first
        refused = tag.locator(".words span").last.inner_text()
        tag.get_by_role("button", name="Refuse").focus()
        page.keyboard.press("x")
        expect(suggested.get_by_text(refused, exact=True)).to_have_count(0, timeout=30_000)
        page.reload()
        suggested.first.wait_for(timeout=30_000)
        expect(suggested.get_by_text(refused, exact=True)).to_have_count(0)
        expect(suggested.filter(has_text="Title")).to_have_count(0)
    shown = device.json("show", piece)
    assert (shown["title"], refused in shown["tags"]) == (title, False)


def test_an_import_shows_what_will_come(open_window: Opener, device: Device, tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(f"print('{tmp_path.name} {name}')\n")
    with open_window("/new") as reader:
        page = reader.page
        page.get_by_text("Import files, folders").click()
        page.get_by_label("Path on this device").fill(str(tmp_path))
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("2 new Pieces.")).to_be_visible(timeout=30_000)
        expect(page.locator(".preview-result tbody tr")).to_have_count(2)
        page.get_by_role("button", name="Import 2 Pieces").click()
        expect(page.get_by_text("2 Pieces imported.")).to_be_visible(timeout=30_000)
    assert "one.py" in device.run("list").text


def test_a_removed_piece_is_restored_from_a_backup(
    open_window: Opener, device: Device, tmp_path: Path
) -> None:
    piece = add(device.home, "precious\n", title="Precious")
    file = str(tmp_path / "backup.satchel")
    with open_window("/backups") as reader:
        page = reader.page
        expect(page.locator(".verdict")).to_contain_text("not backed up yet")
        page.get_by_role("button", name="Back up to a file").click()
        page.get_by_label("Path on this device").fill(file)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Pieces backed up").first).to_be_visible()
        device.run("rm", piece, "--yes")
        page.get_by_role("button", name="Restore", exact=True).click()
        page.get_by_label("Search in the backup").fill("precious")
        page.get_by_label("Precious").check(timeout=30_000)
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("dialog .panel")).to_contain_text("1 deleted Piece would come back")
        page.get_by_role("button", name="Restore now").click()
        expect(page.get_by_text("1 Piece restored.")).to_be_visible()
    assert device.run("cat", piece).stdout == b"precious\n"


def test_sharing_without_a_cloud_says_how_to_get_one(open_window: Opener, pieces: dict[str, str]) -> None:
    with open_window(f"/pieces/{pieces['code']}") as reader:
        reader.page.locator("h1").focus()
        reader.page.keyboard.press("s")
        expect(reader.page.get_by_role("dialog")).to_contain_text(
            "Sharing needs your own cloud", timeout=30_000
        )
        reader.page.get_by_role("button", name="Connect a cloud").click()
        expect(reader.page.locator("h1")).to_have_text("Settings")
