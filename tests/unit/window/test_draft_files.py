"""Files that were put into a form are kept with its draft: moved, bounded, and removed with the last draft that names them."""

import os
import stat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.waiting import wait_until
from tests.support.window import Page, served
from tests.unit.window.test_drafts import ONE, THREE, TWO, draft, keep

from satchel.errors import NotFoundError, RefusedError
from satchel.local_files import write_private
from satchel.store import Store
from satchel.window import draft_files
from satchel.window.drafts import DraftFolder
from satchel.window.messages.unsaved import DraftFile, DraftVersion
from satchel.window.uploads import DRAFTS, FOLDER, Uploads

DATA = b"\x89PNG\r\n\x1a\n and more"
ABSENT = "a" * 32


def file(upload: str, name: str = "shot.png", size: int = len(DATA)) -> DraftFile:
    return DraftFile(upload=upload, name=name, size_bytes=size, is_image=True)


def put_in(page: Page, draft_id: str = ONE, *data: bytes, **fields: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Send files, keep a draft that names them, and return their ids."""
    uploads = tuple(page.upload(each) for each in data or (DATA,))
    files = tuple(file(each) for each in uploads)
    assert keep(page, draft(draft_id, files=files, **fields)) == {"missing": [], "too_large": []}
    return uploads


def kept(home: Path) -> dict[str, bytes]:
    """Return the files that are kept with drafts."""
    folder = home / DRAFTS / draft_files.FOLDER
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def sent(home: Path) -> list[Path]:
    """Return the uploads of windows that no draft has."""
    return [path for path in (home / FOLDER).rglob("*") if path.is_file()]


def test_files_outlive_their_window_and_are_saved_by_another(page: Page, home: Path) -> None:
    picture, text = put_in(page, ONE, DATA, b"some notes\n", text="typed")
    with served(home) as again:
        found = again.ask("read_draft", id=ONE)
        assert [each["upload"] for each in found["draft"]["files"]] == [picture, text]
        assert found["missing"] == []
        files = [{"upload": picture, "name": "shot.png"}, {"upload": text, "name": "notes.txt"}]
        added = again.ask("add_piece", text="typed", files=files, read_images=False)
        again.ask("drop_draft", id=ONE, version=1)
    with Store.open(home) as store:
        saved = {each.name: each.content for each in store.files(added["piece"]["id"])}
    assert saved == {"shot.png": DATA, "notes.txt": b"some notes\n"}
    assert kept(home) == {}


def test_a_file_is_moved_not_copied_and_private(page: Page, home: Path) -> None:
    upload = page.upload(DATA)
    (before,) = sent(home)
    inode = before.stat().st_ino
    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    keep(page, draft(files=(file(upload),)))
    assert sent(home) == []
    path = home / DRAFTS / draft_files.FOLDER / upload
    assert (path.stat().st_ino, stat.S_IMODE(path.stat().st_mode)) == (inode, 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    page.ask("preview_import", 200, files=[{"upload": page.upload(b"text\n"), "name": "a.txt"}])


def test_a_draft_with_a_file_has_a_newer_format_and_one_without_has_not(page: Page, home: Path) -> None:
    put_in(page)
    keep(page, draft(TWO))
    formats = {
        path.stem[0]: msgspec.json.decode(path.read_bytes())["format"]
        for path in (home / DRAFTS).glob("*.json")
    }
    assert formats == {"1": "satchel-draft/2", "2": "satchel-draft/1"}
    assert b"files" not in (home / DRAFTS / f"{TWO}.json").read_bytes()


def test_a_file_stays_until_the_last_draft_that_names_it_is_gone(page: Page, home: Path) -> None:
    (upload,) = put_in(page)
    keep(page, draft(TWO, files=(file(upload),)))
    page.ask("drop_draft", id=ONE, version=1)
    assert kept(home) == {upload: DATA}
    keep(page, draft(THREE, files=(file(upload),)), replaces={"id": TWO, "version": 1})
    assert kept(home) == {upload: DATA}
    assert [each.id for each in DraftFolder(home).all().drafts] == [THREE]
    page.ask("drop_draft", id=THREE, version=1)
    assert kept(home) == {}


def test_a_file_that_is_taken_out_of_the_form_is_removed(page: Page, home: Path) -> None:
    first, second = put_in(page, ONE, DATA, b"other")
    keep(page, draft(version=2, files=(file(second),)))
    assert kept(home) == {second: b"other"}
    keep(page, draft(version=1, files=(file(first), file(second))))
    assert kept(home) == {second: b"other"}
    assert DraftFolder(home).read(ONE).version == 2


def test_a_file_for_which_there_is_no_room_leaves_the_text_kept(
    page: Page, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_files, "MAX_BYTES", 2 * len(DATA))
    first, second = put_in(page, ONE, DATA, DATA)
    large = page.upload(b"more")
    answer = keep(page, draft(TWO, text="typed", files=(file(large), file(first))))
    assert answer == {"missing": [], "too_large": [large]}
    assert DraftFolder(home).read(TWO).texts[0].text == "typed"
    assert page.ask("read_draft", id=TWO)["missing"] == []
    page.ask("add_piece", text="typed", files=[{"upload": large, "name": "large"}])
    with served(home) as again:
        assert again.ask("read_draft", id=TWO)["missing"] == [large]
    page.ask("drop_draft", id=ONE, version=1)
    assert keep(page, draft(TWO, 2, files=(file(large), file(first))))["too_large"] == []
    assert set(kept(home)) == {large, first}
    assert second not in kept(home)


def test_a_file_that_is_nowhere_is_named_and_the_text_is_kept(page: Page, home: Path) -> None:
    assert keep(page, draft(files=(file(ABSENT),))) == {"missing": [ABSENT], "too_large": []}
    assert page.ask("read_draft", id=ONE)["missing"] == [ABSENT]
    assert page.ask("drafts")["drafts"][0]["excerpt"] == "typed"
    gone = page.ask("add_piece", 404, files=[{"upload": ABSENT, "name": "a"}])
    assert gone["message"] == "an uploaded file is gone"


def test_a_draft_of_files_alone_is_listed_by_their_names(page: Page) -> None:
    keep(page, draft(text=" ", title="", files=(file(ABSENT, "a.png"), file(ABSENT, "b.png"))))
    assert page.ask("drafts")["drafts"][0]["excerpt"] == "a.png, b.png"


def test_a_window_removes_what_killed_ones_left_and_nothing_that_a_draft_names(
    page: Page, home: Path
) -> None:
    (upload,) = put_in(page)
    folder = home / DRAFTS / draft_files.FOLDER
    damaged, newer, orphan = "b" * 32, "c" * 32, "d" * 32
    for name in (damaged, newer, orphan):
        write_private(folder / name, b"data")
    write_private(home / DRAFTS / f"{TWO}.json.damaged", f'{{"files":[{{"upload":"{damaged}"'.encode())
    write_private(home / DRAFTS / f"{THREE}.json", f'{{"format":"satchel-draft/9","f":"{newer}"}}'.encode())
    half = home / DRAFTS / f".{ONE}.json.0123456789abcdef"
    write_private(half, f'{{"files":[{{"upload":"{orphan}"'.encode())
    DraftFolder(home).sweep()
    assert set(kept(home)) == {upload, damaged, newer}
    assert not half.exists()


def test_opening_a_window_sweeps(home: Path) -> None:
    orphan, upload = home / DRAFTS / draft_files.FOLDER / ABSENT, home / FOLDER / "killed" / ABSENT
    for path in (orphan, upload):
        write_private(path, b"data")
    with served(home) as page:
        page.ask("hello")
        wait_until(lambda: not orphan.exists() and not upload.exists())


def _keep_and_drop(home: str, draft_id: str, upload: str) -> None:
    folder = DraftFolder(Path(home))
    for version in range(1, 60):
        folder.keep(draft(draft_id, version, files=(file(upload),)))
        if version % 3 == 0:
            folder.drop(draft_id, version)


def test_windows_that_keep_and_drop_at_once_lose_no_file(page: Page, home: Path) -> None:
    (upload,) = put_in(page, "f" * 32)
    context = get_context("spawn")
    processes = [
        context.Process(target=_keep_and_drop, args=(str(home), each, upload)) for each in (ONE, TWO, THREE)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
        assert process.exitcode == 0
    assert kept(home) == {upload: DATA}


def test_a_link_in_the_place_of_a_file_is_not_followed(page: Page, home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (upload,) = put_in(page)
    path = home / DRAFTS / draft_files.FOLDER / upload
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    assert page.ask("add_piece", 403, files=[{"upload": upload, "name": "a"}])["code"] == "refused"


def test_a_folder_of_files_that_is_a_link_is_refused_and_the_text_is_kept(
    page: Page, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    keep(page, draft(TWO))
    (home / DRAFTS / draft_files.FOLDER).symlink_to(tmp_path / "elsewhere")
    upload = page.upload(DATA)
    assert keep(page, draft(files=(file(upload),)), 403)["code"] == "refused"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert DraftFolder(home).read(ONE).texts[0].text == "typed"
    (home / DRAFTS / draft_files.FOLDER).unlink()
    assert keep(page, draft(files=(file(upload),))) == {"missing": [], "too_large": []}
    assert kept(home) == {upload: DATA}


@pytest.mark.parametrize("upload", ["", "../settings", "1" * 31, "G" * 32])
def test_a_malformed_name_of_a_file_is_refused(page: Page, upload: str) -> None:
    one = {
        **msgspec.to_builtins(draft()),
        "files": [{"upload": upload, "name": "a", "size_bytes": 1, "is_image": False}],
    }
    assert page.ask("keep_draft", 400, draft=one)["code"] == "usage"


def test_a_window_keeps_its_uploads_while_another_opens_and_loses_them_only_when_it_has_ended(
    home: Path,
) -> None:
    first, second = Uploads(home), Uploads(home)
    assert not (home / FOLDER).exists()
    upload = _send(first)
    os.utime(next((home / FOLDER).iterdir()), (0, 0))  # a window that was opened long ago
    second.sweep()
    other = _send(second)
    assert (first.read(upload), second.read(other)) == (DATA, DATA)
    with pytest.raises(NotFoundError):
        second.read(upload)
    os.close(first._lock)  # as a killed process does
    third = Uploads(home)
    third.sweep()
    assert first.size_of(upload) is None
    assert second.read(other) == DATA
    second.close()
    third.close()
    assert list((home / FOLDER).iterdir()) == []


def test_an_old_page_that_led_to_a_window_is_removed(home: Path) -> None:
    old, new = home / FOLDER / "open-1.html", home / FOLDER / "open-2.html"
    for path in (old, new):
        write_private(path, b"page")
    os.utime(old, (0, 0))
    uploads = Uploads(home)
    uploads.sweep()
    assert (old.exists(), new.exists()) == (False, True)
    uploads.close()


def test_a_folder_of_uploads_that_is_a_link_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home / FOLDER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError):
        Uploads(home).begin()


def _send(uploads: Uploads) -> str:
    begun = uploads.begin()
    uploads.write(begun, DATA)
    return uploads.end(begun).upload


def test_a_replaced_draft_that_was_changed_meanwhile_keeps_its_files(home: Path) -> None:
    folder, uploads = DraftFolder(home), Uploads(home)
    first, second = _send(uploads), _send(uploads)
    folder.keep(draft(ONE, 2, files=(file(first),)), None, uploads)
    folder.keep(draft(TWO, 1, files=(file(second),)), DraftVersion(id=ONE, version=1), uploads)
    assert set(kept(home)) == {first, second}
    uploads.close()
    assert set(kept(home)) == {first, second}
