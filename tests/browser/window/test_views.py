"""Put in, share, back up, settings: what each view does, as the owner of the home sees it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.samples import png
from tests.browser.window.conftest import Opener, add
from tests.support.device import Device

pytestmark = pytest.mark.slow

DROP = """(files) => {
    const dropped = new DataTransfer();
    for (const [name, text] of files) dropped.items.add(new File([text], name));
    for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: dropped, bubbles: true, cancelable: true }));
    }
}"""


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
        page.evaluate(DROP, [["notes.toml", 'name = "dropped"\n']])
        expect(page.locator(".cm-content")).to_contain_text('name = "dropped"', timeout=30_000)
        expect(page.get_by_label("Title")).to_have_value("notes.toml")
        (shot := tmp_path / "shot.png").write_bytes(png(40, 20))
        page.locator('input[type="file"]').first.set_input_files(shot)
        expect(page.locator(".attached li")).to_contain_text("shot.png")
        page.keyboard.press("Control+s")
        expect(page.get_by_role("tab")).to_have_count(2, timeout=30_000)


def test_an_import_shows_what_will_come(open_window: Opener, device: Device, tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(f"print('{tmp_path.name} {name}')\n")
    with open_window("/new") as reader:
        page = reader.page
        page.get_by_text("Import many").click()
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
        expect(page.get_by_text("Pieces backed up").first).to_be_visible(timeout=60_000)
        device.run("rm", piece, "--yes")
        page.get_by_role("button", name="Restore", exact=True).click()
        page.get_by_label("Search in the backup").fill("precious")
        page.get_by_label("Precious").check(timeout=30_000)
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("dialog .panel")).to_contain_text(
            "1 deleted Piece would come back", timeout=60_000
        )
        page.get_by_role("button", name="Restore now").click()
        expect(page.get_by_text("1 Piece restored.")).to_be_visible(timeout=60_000)
    assert device.run("cat", piece).stdout == b"precious\n"


def test_a_setting_is_changed_and_names_its_command(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        field = page.get_by_role("textbox", name="share.expires")
        field.fill("1d")
        field.blur()
        expect(page.get_by_role("button", name="Restore the default")).to_have_count(1, timeout=15_000)
        assert "1d" in device.run("settings").text
        page.get_by_role("button", name="Restore the default").click()
        expect(page.get_by_role("button", name="Restore the default")).to_have_count(0, timeout=15_000)


def test_sharing_without_a_cloud_says_how_to_get_one(open_window: Opener, pieces: dict[str, str]) -> None:
    with open_window(f"/pieces/{pieces['code']}") as reader:
        reader.page.locator("h1").focus()
        reader.page.keyboard.press("s")
        expect(reader.page.get_by_role("dialog")).to_contain_text(
            "Sharing needs your own cloud", timeout=30_000
        )
        reader.page.get_by_role("button", name="Connect a cloud").click()
        expect(reader.page.locator("h1")).to_have_text("Settings")
