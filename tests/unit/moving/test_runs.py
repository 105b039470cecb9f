"""Moves between directories: what is carried over, what is refused, and what a repetition does."""

import errno
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from tests.unit.moving.conftest import NEW_URL, OLD_URL, settings_of
from tests.unit.moving.places import entries_of, folder_of, is_open, objects_of, read_log

from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.format import Kind, decode_entry
from satchel_service.log.handover import Closed, closed_by, link_in
from satchel_service.log.replica import build_database
from satchel_service.moving import (
    MismatchError,
    MoveRefusedError,
    Progress,
    Stage,
    TooLateError,
    UnreachableError,
    finish,
    move,
    undo,
)
from satchel_service.moving.copying import Copier
from satchel_service.settings import Settings
from satchel_service.storage import BlobKey, FullError, StorageError


def rows(settings: Settings, table: str, folder: Path) -> list[tuple[object, ...]]:
    """Return the rows of a table in the database of a log."""
    path = folder / f"{table}.db"
    build_database(path, *read_log(settings).state())
    connection = apsw.Connection(str(path))
    try:
        return list(connection.execute(f"SELECT * FROM {table} ORDER BY 1"))
    finally:
        connection.close()


def test_the_new_log_continues_the_old_one(old: Settings, new: Settings, tmp_path: Path) -> None:
    before = read_log(old).history
    stages: list[Stage] = []
    move(old, new, url=NEW_URL, report=lambda progress: stages.append(progress.stage))
    assert list(dict.fromkeys(stages)) == [
        Stage.RESERVE,
        Stage.COPY,
        Stage.CLOSE,
        Stage.COPY_REST,
        Stage.VERIFY,
        Stage.OPEN,
    ]
    closing = entries_of(old)[-1]
    closed = closed_by(closing)
    assert closed is not None
    assert (closing.sequence, closed.url) == (before.sequence + 1, NEW_URL)
    awaiting, opening = entries_of(new)
    reserved = closed_by(awaiting)
    assert isinstance(reserved, Closed)
    assert reserved.move == closed.move == link_in(opening).move
    assert (link_in(opening).sequence, link_in(opening).digest) == (
        closing.sequence,
        closing.encode()[-32:],
    )
    assert (is_open(old), is_open(new)) == (False, True)
    assert objects_of(new) == objects_of(old)
    for table in ("devices", "backups", "shares", "audit", "archives"):
        assert rows(new, table, tmp_path) == rows(old, table, tmp_path)
    assert rows(new, "backups", tmp_path)


def test_a_finished_move_is_done_even_after_its_entry_is_truncated(old: Settings, new: Settings) -> None:
    move(old, new, url=NEW_URL)
    move(old, new, url=NEW_URL)
    (folder_of(new) / "database" / "log" / "0000000000000001").unlink()
    opening = folder_of(new) / "database" / "log" / "0000000000000002"
    entry = entries_of(new)[0]
    opening.unlink()
    (folder_of(new) / "database" / "log" / "0000000000000001").write_bytes(
        type(entry)(
            Kind.IMAGE, 1, entry.writer, bytes(32), entry.time_ms, entry.schema, (entry.payloads[1],)
        ).encode()
    )
    move(old, new, url=NEW_URL)
    assert len(entries_of(new)) == 1


def test_a_cloud_moves_on_and_back(old: Settings, new: Settings, tmp_path: Path) -> None:
    third = settings_of(tmp_path / "third")
    move(old, new, url=NEW_URL)
    move(new, third, url="https://third.example.org")
    with pytest.raises(MoveRefusedError, match=r"moved to https://new\.example\.org"):
        move(old, third, url="https://third.example.org")
    move(third, old, url=OLD_URL)
    assert [is_open(each) for each in (old, new, third)] == [True, False, False]
    assert objects_of(old) == objects_of(third)


def stop_before(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make a step of the copy fail once."""
    original = getattr(Copier, name)

    def fail(*_: object) -> None:
        monkeypatch.setattr(Copier, name, original)
        raise MismatchError("stopped")

    monkeypatch.setattr(Copier, name, fail)


def test_an_undo_leaves_the_cloud_where_it_was(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo(old, new)
    monkeypatch.setattr("satchel_service.moving.runs.MOST_PASSES", 1)
    for _ in range(2):
        stop_before(monkeypatch, "verify")
        with pytest.raises(MismatchError, match="stopped"):
            move(old, new, url=NEW_URL)
        assert (is_open(old), is_open(new)) == (False, False)
        undo(old, new)
        assert (is_open(old), is_open(new)) == (True, False)
        undo(old, new)
    reopened = [entry for entry in entries_of(old) if entry.kind is Kind.OPENING]
    assert len(reopened) == 2
    assert read_log(new).history.closed == Closed(link_in(reopened[0]).move, OLD_URL)
    move(old, new, url=NEW_URL)
    with pytest.raises(TooLateError, match="already open in the new storage"):
        undo(old, new)
    assert (is_open(old), is_open(new)) == (False, True)


def with_objects(new: Settings) -> None:
    folder = folder_of(new) / "blobs" / "archives"
    folder.mkdir(parents=True)
    (folder / "other.1234").write_bytes(b"of something else")


def in_use(new: Settings) -> None:
    shutil.copytree(folder_of(new).with_name("old"), folder_of(new))


def left_by_another(new: Settings) -> None:
    in_use(new)
    move(new, settings_of(folder_of(new).with_name("elsewhere")), url="https://other.example.org")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (with_objects, "holds objects but no cloud"),
        (in_use, "holds a cloud that is in use"),
        (left_by_another, "another cloud has used the new storage"),
    ],
)
def test_a_new_storage_that_something_else_uses_is_refused(
    prepare: Callable[[Settings], None], reason: str, old: Settings, new: Settings
) -> None:
    prepare(new)
    before = objects_of(new)
    with pytest.raises(MoveRefusedError, match=reason):
        move(old, new, url=NEW_URL)
    assert is_open(old)
    assert objects_of(new) == before


def test_an_old_storage_without_a_cloud_is_refused_and_stays_empty(new: Settings, tmp_path: Path) -> None:
    with pytest.raises(MoveRefusedError, match="the old storage holds no cloud"):
        move(settings_of(tmp_path / "nothing"), new, url=NEW_URL)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("place", ["old", "old/blobs", "."])
def test_storages_that_overlap_are_refused(place: str, old: Settings, tmp_path: Path) -> None:
    with pytest.raises(MoveRefusedError, match="the same, or one lies inside the other"):
        move(old, settings_of(tmp_path / place), url=NEW_URL)


@pytest.mark.parametrize(
    "url", ["", "http://new.example.org", "https://new.example.org/path", "new.example.org"]
)
def test_an_address_that_a_browser_must_not_be_sent_to_is_refused(
    url: str, old: Settings, new: Settings
) -> None:
    with pytest.raises(MoveRefusedError, match="the new address is"):
        move(old, new, url=url)
    assert is_open(old)


def test_a_database_of_a_newer_version_is_refused(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel_service.moving.image.MIGRATIONS", ("one",))
    with pytest.raises(MoveRefusedError, match="schema 5, which this version"):
        move(old, new, url=NEW_URL)
    undo(old, new)
    assert is_open(old)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_storage_that_cannot_be_written_is_reported(old: Settings, new: Settings) -> None:
    folder_of(new).mkdir(mode=0o500)
    with pytest.raises(UnreachableError, match="does not respond"):
        move(old, new, url=NEW_URL)
    assert is_open(old)


def test_an_upload_that_is_not_complete_stays_behind(old: Settings, new: Settings, tmp_path: Path) -> None:
    reports: list[Progress] = []
    (folder_of(old) / "uploads" / ("a" * 32)).mkdir(parents=True)
    (folder_of(old) / "uploads" / ("a" * 32) / "key").write_text("archives/unfinished.1")
    move(old, new, url=NEW_URL, report=reports.append)
    assert not list((folder_of(new) / "uploads").iterdir())
    assert rows(new, "uploads", tmp_path) == [
        row for row in rows(old, "uploads", tmp_path) if row[6] is not None
    ]


def fail_entries(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, *, kind: Kind, times: int = 1000
) -> list[bytes]:
    """Let the directories of both logs refuse entries of a kind, a number of times. Return the refused ones."""
    original, refused = LogDirectory.create, list[bytes]()

    def create(self: LogDirectory, key: BlobKey, data: bytes) -> None:
        if key.startswith("log/") and decode_entry(data).kind is kind and len(refused) < times:
            refused.append(data)
            raise failure
        original(self, key, data)

    monkeypatch.setattr(LogDirectory, "create", create)
    return refused


@pytest.mark.parametrize("kind", [Kind.AWAITING, Kind.CLOSING, Kind.OPENING])
def test_a_full_storage_is_reported_at_once(
    kind: Kind, old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = fail_entries(monkeypatch, FullError("the disk is full"), kind=kind)
    with pytest.raises(UnreachableError, match="a storage has no room") as error:
        move(old, new, url=NEW_URL)
    assert error.value.hint.startswith("make room, then run the same command again")
    assert len(refused) == 1
    monkeypatch.undo()
    move(old, new, url=NEW_URL)
    assert (is_open(old), is_open(new)) == (False, True)


@pytest.mark.parametrize("failure", [OSError(errno.EIO, "Input/output error"), StorageError("it failed")])
def test_a_name_that_cannot_be_made_durable_is_reported(
    failure: Exception, old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel_service.moving.runs.RETRY_S", 0.0)
    fail_entries(monkeypatch, failure, kind=Kind.CLOSING)
    with pytest.raises(UnreachableError, match=r"a storage (failed: Input|does not respond: )"):
        move(old, new, url=NEW_URL)
    assert is_open(old)


def test_a_disk_without_room_for_the_database_is_reported(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(path: Path, *_: object) -> None:
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
        try:
            build_database(path, *read_log(old).state())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    monkeypatch.setattr("satchel_service.moving.image.build_database", build)
    with pytest.raises(UnreachableError, match="cannot write the temporary database in") as error:
        move(old, new, url=NEW_URL)
    assert "SATCHEL_DATABASE_DIR" in error.value.hint
    undo(old, new)
    assert is_open(old)


def test_a_retried_opening_verifies_nothing_again(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying reads every object while the cloud acknowledges nothing."""
    monkeypatch.setattr("satchel_service.moving.runs.PAUSE_S", 0.0)
    refused = fail_entries(monkeypatch, StorageError("it failed"), kind=Kind.OPENING, times=2)
    stages: list[Progress] = []
    move(old, new, url=NEW_URL, report=stages.append)
    assert len(refused) == 2
    begun = [each.stage for each in stages if not each.objects]
    assert (begun.count(Stage.VERIFY), begun.count(Stage.OPEN)) == (1, 3)


@pytest.mark.parametrize("kind", [Kind.CLOSING, Kind.OPENING])
def test_a_step_is_retried_however_long_the_copying_before_it_took(
    kind: Kind, old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [0.0]
    monkeypatch.setattr("satchel_service.moving.runs.PAUSE_S", 0.0)
    monkeypatch.setattr("satchel_service.moving.runs.time.monotonic", lambda: now_s[0])

    def report(progress: Progress) -> None:
        now_s[0] += 3600 * (progress.stage in (Stage.COPY, Stage.COPY_REST, Stage.VERIFY))

    refused = fail_entries(monkeypatch, StorageError("it failed"), kind=kind, times=1)
    move(old, new, url=NEW_URL, report=report)
    assert (len(refused), is_open(new)) == (1, True)


def test_a_step_is_not_retried_forever(old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel_service.moving.runs.PAUSE_S", 0.0)
    monkeypatch.setattr("satchel_service.moving.runs.RETRY_S", 0.2)
    refused = fail_entries(monkeypatch, StorageError("it failed"), kind=Kind.OPENING, times=10**9)
    with pytest.raises(UnreachableError, match="does not respond"):
        move(old, new, url=NEW_URL)
    assert len(refused) > 1


def owners_in(settings: Settings) -> set[tuple[int, int]]:
    folder = folder_of(settings)
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in (folder, *folder.rglob("*"))}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write as others")
def test_what_root_writes_belongs_to_the_service_of_the_directory(old: Settings, new: Settings) -> None:
    """A service with a user of its own could not read an entry of root's."""
    folder_of(new).mkdir()
    os.chown(folder_of(new), 7001, 7002)
    for path in (folder_of(old), *folder_of(old).rglob("*")):
        os.chown(path, 7003, 7004)
    move(old, new, url=NEW_URL)
    assert owners_in(old) == {(7003, 7004)}
    assert owners_in(new) == {(7001, 7002)}


def test_nothing_is_erased_before_the_new_log_is_open(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = objects_of(old)
    monkeypatch.setattr("satchel_service.moving.runs.MOST_PASSES", 1)
    stop_before(monkeypatch, "verify")
    with pytest.raises(MismatchError):
        move(old, new, url=NEW_URL)
    with pytest.raises(MoveRefusedError, match="does not hold the cloud"):
        finish(old, new)
    undo(old, new)
    with pytest.raises(MoveRefusedError, match="has not moved"):
        finish(old, new)
    assert objects_of(old) == before


def test_only_what_a_cloud_has_left_behind_is_erased(old: Settings, new: Settings, tmp_path: Path) -> None:
    third, other = settings_of(tmp_path / "third"), settings_of(tmp_path / "other")
    shutil.copytree(folder_of(old), folder_of(other))
    before = objects_of(old)
    move(old, new, url=NEW_URL)
    for wrong in (other, third):
        with pytest.raises(MoveRefusedError, match="does not hold the cloud"):
            finish(old, wrong)
    move(new, third, url="https://third.example.org")
    with pytest.raises(MoveRefusedError, match="does not hold the cloud"):
        finish(old, new)
    with pytest.raises(MoveRefusedError, match="has not moved"):
        finish(third, new)
    assert [objects_of(each) for each in (old, new, third)] == [before] * 3
    finish(old, third)
    finish(new, third)
    assert [objects_of(each) for each in (old, new, third)] == [{}, {}, before]
    move(third, old, url=OLD_URL)
    assert objects_of(old) == before
