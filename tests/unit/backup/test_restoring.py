"""Restoring and verifying valid backups."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.support.archives import (
    STRANGER,
    FolderDestination,
    add_pieces,
    back_up_into,
    context_of,
    make_store,
)

from satchel.backup.create.backup import BackupOptions, back_up, back_up_to_file
from satchel.backup.local.places import Places
from satchel.backup.local.sequences import SequenceRecord
from satchel.backup.restore.restore import RestoreResult, restore, select_backup, select_file, verify
from satchel.errors import IntegrityError, NotFoundError, SatchelError, UsageError
from satchel.local_files import SourceFile
from satchel.store import Store


def bring_back(
    home: Path, destination: FolderDestination, choice: str = "latest", *, allow_older: bool = False
) -> RestoreResult:
    context = context_of(home)
    with select_backup(destination, context, choice) as selection:
        return restore(context, selection, allow_older=allow_older)


def database(home: Path) -> bytes:
    return (home / "store.db").read_bytes()


def test_a_store_is_restored_byte_for_byte(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    result = bring_back(tmp_path / "new", destination)
    assert database(tmp_path / "new") == database(home)
    assert (result.manifest.pieces, result.previous_store) == (40, None)
    with Store.open(result.home) as store:
        assert store.count() == 40


def test_a_chain_is_restored_byte_for_byte(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    for number in range(5):
        add_pieces(home, range(100 + 3 * number, 103 + 3 * number), 2000)
        back_up_into(home, destination)
    assert len(destination.inventory().backups[0].needs) >= 2
    bring_back(tmp_path / "new", destination)
    assert database(tmp_path / "new") == database(home)


def test_every_backup_of_a_chain_can_be_selected(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    states = {}
    for number in range(4):
        add_pieces(home, [100 + number], 2000)
        states[back_up_into(home, destination).summary.archive] = database(home)
    for archive_id, state in states.items():
        target = tmp_path / archive_id
        bring_back(target, destination, archive_id[:8])
        assert database(target) == state


def test_after_a_restore_the_next_backup_borrows(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    bring_back(tmp_path / "new", destination)
    add_pieces(tmp_path / "new", [1000])
    result = back_up_into(tmp_path / "new", destination)
    assert (result.summary.kind, result.summary.sequence) == ("incremental", 2)


def test_the_previous_store_is_kept(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    add_pieces(home, [1000])
    with Store.open(home) as store:
        before = store.count()
    result = bring_back(home, destination)
    assert result.previous_store is not None
    assert result.previous_store.name.startswith("store.db.before-restore-20261122T120000Z")
    kept = home / "kept"
    kept.mkdir()
    result.previous_store.rename(kept / "store.db")
    with Store.open(kept) as store:
        assert store.count() == before


def test_two_restores_in_a_second_keep_both(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    assert bring_back(home, destination).previous_store != bring_back(home, destination).previous_store


def test_the_index_of_the_previous_store_is_removed(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (home / name).write_bytes(b"old")
    bring_back(home, destination)
    assert not list(home.glob("index.db*"))


def test_a_leftover_log_is_not_applied_to_the_new_store(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    new = tmp_path / "new"
    new.mkdir()
    (new / "store.db-wal").write_bytes(b"x" * 5000)
    bring_back(new, destination)
    assert not (new / "store.db-wal").exists()


def test_a_store_that_is_in_use_is_not_replaced(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    before = database(home)
    with Store.open(home) as store:
        assert store.count() == 40
        with pytest.raises(SatchelError, match="open") as raised:
            bring_back(home, destination)
        assert store.count() == 40
    assert raised.value.exit_code == 1
    assert database(home) == before


def test_a_restore_waits_for_a_moment_until_others_have_closed_the_store(
    home: Path, destination: FolderDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up_into(home, destination)
    store = Store.open(home)
    assert store.count() == 40
    pauses: list[float] = []

    def close_at_the_second(pause_s: float) -> None:
        pauses.append(pause_s)
        if len(pauses) == 2:
            store.close()

    monkeypatch.setattr("satchel.backup.restore.replacement.BUSY_TIMEOUT_MS", 60_000)
    monkeypatch.setattr("satchel.backup.restore.replacement.time.sleep", close_at_the_second)
    bring_back(home, destination)
    assert len(pauses) == 2
    with Store.open(home) as restored:
        assert restored.count() == 40


def test_a_damaged_store_is_replaced_and_kept_with_its_log(
    home: Path, destination: FolderDestination
) -> None:
    back_up_into(home, destination)
    good = database(home)
    (home / "store.db").write_bytes(b"scrambled")
    (home / "store.db-wal").write_bytes(b"a log")
    result = bring_back(home, destination)
    assert database(home) == good
    assert result.previous_store is not None
    assert result.previous_store.read_bytes() == b"scrambled"
    assert result.previous_store.with_name(result.previous_store.name + "-wal").read_bytes() == b"a log"


def test_without_hard_links_the_previous_store_is_copied(
    home: Path, destination: FolderDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up_into(home, destination)
    before = database(home)
    monkeypatch.setattr("satchel.backup.restore.replacement.link", lambda *_: False)
    result = bring_back(home, destination)
    assert result.previous_store is not None
    assert len(result.previous_store.read_bytes()) == len(before)
    assert result.previous_store.stat().st_nlink == 1


def test_restoring_into_another_directory_does_not_change_the_home(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    before = database(home)
    context = context_of(home)
    with select_backup(destination, context) as selection:
        result = restore(context, selection, into=tmp_path / "then")
    assert (result.home, result.previous_store) == (tmp_path / "then", None)
    assert database(home) == database(result.home) == before


# -- which one ----------------------------------------------------------------------------------------------


def roll_back(destination: FolderDestination, archive_id: str) -> None:
    """Remove a backup, as a cloud that was set back would."""
    for path in destination.folder.glob(f"{archive_id}.*"):
        path.unlink()


def test_a_latest_backup_that_is_older_is_refused_unless_it_is_allowed(
    home: Path, destination: FolderDestination
) -> None:
    back_up_into(home, destination)
    state = database(home)
    add_pieces(home, [1000])
    roll_back(destination, back_up_into(home, destination, full=True).summary.archive)
    with pytest.raises(IntegrityError, match="older than number 2") as raised:
        bring_back(home, destination)
    assert "--allow-older" in raised.value.hint
    assert str(destination.folder) in raised.value.message
    bring_back(home, destination, allow_older=True)
    assert database(home) == state


def test_an_older_backup_that_is_named_is_restored(home: Path, destination: FolderDestination) -> None:
    first = back_up_into(home, destination).summary.archive
    state = database(home)
    add_pieces(home, [1000])
    back_up_into(home, destination)
    bring_back(home, destination, first)
    assert database(home) == state


def test_after_an_older_restore_sequences_still_grow(home: Path, destination: FolderDestination) -> None:
    first = back_up_into(home, destination).summary.archive
    back_up_into(home, destination)
    bring_back(home, destination, first, allow_older=True)
    assert back_up_into(home, destination).summary.sequence == 3


def test_a_restore_records_its_sequence(home: Path, destination: FolderDestination, tmp_path: Path) -> None:
    back_up_into(home, destination)
    result = back_up_into(home, destination)
    bring_back(tmp_path / "new", destination)
    assert SequenceRecord(Places(tmp_path / "new").sequences).highest(result.summary.store) == 2


def test_latest_is_of_the_local_store(home: Path, destination: FolderDestination, tmp_path: Path) -> None:
    mine = back_up_into(home, destination).summary.archive
    back_up_into(make_store(tmp_path / "other"), destination)
    assert bring_back(home, destination).manifest.archive == mine


def test_latest_in_a_new_home_is_of_the_store_backed_up_last(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    other = make_store(tmp_path / "other")
    back_up_into(other, destination)
    back_up_into(other, destination)
    late = msgspec.structs.replace(context_of(home), clock=lambda: datetime(2027, 1, 1, tzinfo=UTC))
    newest = back_up(late, destination, BackupOptions("laptop")).summary.archive
    assert bring_back(tmp_path / "new", destination).manifest.archive == newest


def test_latest_is_never_of_another_store_if_the_local_one_has_pieces(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(make_store(tmp_path / "other"), destination)
    before = database(home)
    with pytest.raises(NotFoundError, match="this store"):
        bring_back(home, destination)
    assert database(home) == before


def test_an_empty_store_is_replaced_by_the_latest_of_another(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    fresh = make_store(tmp_path / "fresh", pieces=0)
    assert bring_back(fresh, destination).manifest.pieces == 40


def test_restoring_without_a_backup_is_an_error(home: Path, destination: FolderDestination) -> None:
    for choice in ("latest", "ab", ""):
        with pytest.raises(NotFoundError):
            bring_back(home, destination, choice)


def test_an_ambiguous_prefix_is_refused(home: Path, destination: FolderDestination) -> None:
    ids = [back_up_into(home, destination).summary.archive for _ in range(17)]
    begins = [archive_id[0] for archive_id in ids]
    twice = next(digit for digit in begins if begins.count(digit) > 1)
    with pytest.raises(UsageError):
        bring_back(home, destination, twice)


def test_backups_of_another_owner_are_not_restored(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    context = context_of(home, STRANGER)
    with pytest.raises(IntegrityError), select_backup(destination, context):
        pass


# -- verifying and files --------------------------------------------------------------------------------------


def test_verify_proves_a_chain_and_leaves_no_files(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    add_pieces(home, [1000])
    back_up_into(home, destination)
    before = sorted(path.name for path in home.iterdir())
    context = context_of(home)
    with select_backup(destination, context) as selection:
        assert verify(context, selection).manifest.pieces == 41
    assert sorted(path.name for path in home.iterdir()) == before
    assert list(Places(home).work.iterdir()) == []


def test_verify_notices_that_a_borrowed_archive_is_gone(home: Path, destination: FolderDestination) -> None:
    first = back_up_into(home, destination).summary.archive
    add_pieces(home, [1000])
    back_up_into(home, destination)
    context = context_of(home)
    with select_backup(destination, context) as selection:
        (destination.folder / f"{first}.age").unlink()
        with pytest.raises(NotFoundError):
            verify(context, selection)


def test_a_backup_in_a_file_is_self_contained(home: Path, tmp_path: Path) -> None:
    back_up_to_file(context_of(home), tmp_path / "a.age", BackupOptions("laptop"))
    context = context_of(tmp_path / "new")
    with select_file(tmp_path / "a.age") as selection:
        restore(context, selection)
    assert database(tmp_path / "new") == database(home)


def test_after_a_restore_from_a_file_the_next_backup_still_borrows_from_the_cloud(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    back_up_to_file(context_of(home), tmp_path / "a.age", BackupOptions("laptop"))
    with select_file(tmp_path / "a.age") as selection:
        restore(context_of(home), selection)
    assert back_up_into(home, destination).summary.kind == "incremental"


def test_an_archive_that_borrows_cannot_be_restored_from_its_file(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_into(home, destination)
    add_pieces(home, [1000])
    second = back_up_into(home, destination).summary.archive
    with select_file(destination.folder / f"{second}.age") as selection, pytest.raises(NotFoundError):
        restore(context_of(tmp_path / "new"), selection)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError), select_file(tmp_path / "nothing.age"):
        pass


class Counting(FolderDestination):
    """Counts the bytes read from each archive."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read: dict[str, int] = {}

    def open(self, archive_id: str) -> SourceFile:
        counts = self.read

        class Counted(SourceFile):
            def read_at(self, offset: int, length: int) -> bytes:
                counts[archive_id] = counts.get(archive_id, 0) + length
                return super().read_at(offset, length)

        return Counted(self.folder / f"{archive_id}.age")


def test_only_needed_frames_are_read(destination: FolderDestination, tmp_path: Path) -> None:
    home = make_store(tmp_path / "big", pieces=3000, size_bytes=3000)
    first = back_up_into(home, destination)
    with Store.open(home) as store:
        for piece in list(store.pieces())[500:1900]:
            store.remove(piece.id)
    second = back_up_into(home, destination)
    assert second.summary.kind == "incremental"
    counting = Counting(destination.folder)
    bring_back(tmp_path / "new", counting)
    assert 0 < counting.read[first.summary.archive] < 0.8 * first.size_bytes
    assert database(tmp_path / "new") == database(home)
