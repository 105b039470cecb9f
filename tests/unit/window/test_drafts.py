"""What was typed and is not saved lies in the home: in any order, from several windows, damaged, or too much."""

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.window import Page, served

from satchel.errors import RefusedError
from satchel.local_files import write_private
from satchel.store import Store
from satchel.window import drafts as drafts_module
from satchel.window.drafts import FOLDER, MAX_DRAFT_BYTES, DraftFolder
from satchel.window.messages.unsaved import DraftText, DraftVersion, UnsavedDraft

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


def draft(draft_id: str = ONE, version: int = 1, text: str = "typed", **fields: Any) -> UnsavedDraft:  # noqa: ANN401
    values: dict[str, Any] = {
        "piece": None, "base": 0, "title": "A title", "description": "", "language": "python", "tags": ("a",),
        "links": (), "texts": (DraftText(number=0, name="", text=text),), "source": "",
        "typed": "2026-01-31T09:00:00.000Z",
    }  # fmt: skip
    return UnsavedDraft(id=draft_id, version=version, **{**values, **fields})


def keep(page: Page, one: UnsavedDraft, status: int = 200, **more: object) -> Any:  # noqa: ANN401
    return page.ask("keep_draft", status, draft=msgspec.to_builtins(one), **more)


def text_of(found: UnsavedDraft) -> str:
    return found.texts[0].text


def test_a_draft_outlives_its_window(page: Page, home: Path) -> None:
    one = draft(text="typed \U0001f980\u202e\0 text\r\n", title="x" * 10_000)
    keep(page, one)
    with served(home) as again:
        (listed,) = again.ask("drafts")["drafts"]
        assert (listed["id"], listed["piece"], listed["is_removed"]) == (ONE, None, False)
        assert len(listed["title"]) == 120
        assert again.ask("read_draft", id=ONE)["draft"] == json.loads(msgspec.json.encode(one))
        again.ask("drop_draft", id=ONE, version=1)
    assert page.ask("drafts") == {"drafts": [], "damaged": [], "newer": []}
    assert page.ask("read_draft", 404, id=ONE)["code"] == "not_found"


def test_the_file_of_a_draft_is_private_and_has_a_version(page: Page, home: Path) -> None:
    keep(page, draft())
    (path,) = (home / FOLDER).iterdir()
    assert path.name == f"{ONE}.json"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert json.loads(path.read_bytes())["format"] == "satchel-draft/1"


def test_a_late_request_changes_nothing(home: Path) -> None:
    folder = DraftFolder(home)
    folder.keep(draft(version=2, text="later"))
    folder.keep(draft(version=1, text="earlier"))
    assert text_of(folder.read(ONE)) == "later"


def test_a_draft_that_changed_meanwhile_is_neither_replaced_nor_dropped(home: Path) -> None:
    folder = DraftFolder(home)
    folder.keep(draft(ONE, 1))
    folder.keep(draft(TWO, 1, "goes on"), DraftVersion(id=ONE, version=1))
    assert [each.id for each in folder.all().drafts] == [TWO]
    folder.keep(draft(TWO, 2, "typed in another tab"))
    folder.keep(draft(THREE, 1), DraftVersion(id=TWO, version=1))
    folder.drop(TWO, 1)
    assert text_of(folder.read(TWO)) == "typed in another tab"
    assert {each.id for each in folder.all().drafts} == {TWO, THREE}


def test_the_latest_draft_is_first(home: Path) -> None:
    folder = DraftFolder(home)
    for draft_id, typed in ((ONE, "2026-01-02T00:00:00.000Z"), (TWO, "2026-01-03T00:00:00.000Z"), (THREE, "2026-01-01T00:00:00.000Z")):  # fmt: skip
        folder.keep(draft(draft_id, typed=typed))
    assert [each.id for each in folder.all().drafts] == [TWO, ONE, THREE]


def _keep_many(home: str, first: int) -> None:
    folder = DraftFolder(Path(home))
    for number in range(first, first + 20):
        folder.keep(draft(f"{number:032x}"))
        folder.keep(draft("f" * 32, number, f"of {number}"))


def test_windows_that_write_at_once_lose_no_draft(home: Path) -> None:
    context = get_context("spawn")
    processes = [context.Process(target=_keep_many, args=(str(home), first)) for first in (0, 100, 200)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
        assert process.exitcode == 0
    found = {each.id: each for each in DraftFolder(home).all().drafts}
    assert len(found) == 61
    assert text_of(found["f" * 32]) == "of 219"


def test_no_more_drafts_than_allowed_are_kept_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "MAX_DRAFTS", 5)
    folder = DraftFolder(home)
    folder.keep(draft("f" * 32))

    def kept(number: int) -> bool:
        try:
            folder.keep(draft(f"{number:032x}"))
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(kept, range(20))) == 4
    folder.keep(draft("f" * 32, 2, "still kept"))
    assert text_of(folder.read("f" * 32)) == "still kept"


def test_drafts_have_a_size(page: Page, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(page, draft(text="x" * (MAX_DRAFT_BYTES - 1_000)))
    assert (
        keep(page, draft(TWO, text="x" * MAX_DRAFT_BYTES), 413)["message"] == "the draft is too large to keep"
    )
    monkeypatch.setattr(drafts_module, "MAX_ALL_BYTES", MAX_DRAFT_BYTES)
    assert keep(page, draft(TWO, text="x" * 2_000), 403)["hint"] == "save some drafts, or discard them"
    assert [each.id for each in DraftFolder(home).all().drafts] == [ONE]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"\xff", b"[" * 100_000, b'{"format":"satchel-draft/1"}',
        b'{"format":"satchel-draft/1","draft":{"id":"1"}}',
    ],
    ids=["empty", "object", "bytes", "deep", "half", "fields"],
)  # fmt: skip
def test_a_damaged_draft_is_set_aside_and_the_others_stay(page: Page, home: Path, data: bytes) -> None:
    keep(page, draft(TWO))
    path = home / FOLDER / f"{ONE}.json"
    write_private(path, data)
    found = page.ask("drafts")
    assert [each["id"] for each in found["drafts"]] == [TWO]
    assert found["damaged"] == [f"{path}.damaged"]
    assert Path(f"{path}.damaged").read_bytes() == data
    assert not path.exists()
    keep(page, draft(ONE, text="again"))
    assert len(page.ask("drafts")["drafts"]) == 2


def test_a_draft_under_another_name_is_damaged(home: Path) -> None:
    folder = DraftFolder(home)
    folder.keep(draft(ONE))
    (home / FOLDER / f"{ONE}.json").rename(home / FOLDER / f"{TWO}.json")
    assert folder.all().drafts == ()


def test_a_draft_of_a_newer_satchel_stays_as_it_is(page: Page, home: Path) -> None:
    path = home / FOLDER / f"{ONE}.json"
    write_private(path, b'{"format":"satchel-draft/3","text":"later"}')
    assert page.ask("drafts") == {"drafts": [], "damaged": [], "newer": [str(path)]}
    assert b"later" in path.read_bytes()


def test_a_draft_of_a_removed_piece_stays(page: Page, home: Path, save: Callable[..., str]) -> None:
    first, second, third = save("first\n"), save("second\n"), save("third\n")
    for draft_id, piece in ((ONE, first), (TWO, second), (THREE, third)):
        keep(page, draft(draft_id, piece=piece, base=1, text=f"of {piece}"))
    page.ask("remove_pieces", ids=[first])
    with Store.open(home) as store:
        store.remove(second)
    found = {each["id"]: each["is_removed"] for each in page.ask("drafts")["drafts"]}
    assert found == {ONE: True, TWO: True, THREE: False}
    assert page.ask("read_draft", id=TWO)["draft"]["texts"][0]["text"] == f"of {second}"


def test_a_home_that_cannot_be_written_says_so(page: Page, home: Path) -> None:
    (home / FOLDER).write_text("in the way")
    answer = keep(page, draft(), 500)
    assert "window-drafts" in answer["message"]
    assert page.ask("drafts")["drafts"] == []


def test_a_folder_that_is_a_link_is_refused(page: Page, home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home / FOLDER).symlink_to(tmp_path / "elsewhere")
    assert keep(page, draft(), 403)["code"] == "refused"
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("draft_id", ["", "../settings", "1" * 31, "1" * 33, "G" * 32, "1" * 32 + "\n"])
def test_a_malformed_id_is_refused(page: Page, draft_id: str) -> None:
    for name in ("read_draft", "drop_draft"):
        more = {"version": 1} if name == "drop_draft" else {}
        assert page.ask(name, 400, id=draft_id, **more)["code"] == "usage"
    one = {**msgspec.to_builtins(draft()), "id": draft_id}
    assert page.ask("keep_draft", 400, draft=one)["code"] == "usage"
