"""Backing up: what is sent and borrowed, and how failures are handled."""

import json
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest
from tests.support.archives import NOON, STRANGER, FolderDestination, add_pieces, back_up_into, context_of

from satchel.age import seal
from satchel.archive.destination import (
    BorrowedArchiveGoneError,
    DeferredDestination,
    Inventory,
    SealedArchive,
    StoredBackup,
)
from satchel.archive.padme import padded_length
from satchel.backup.create.backup import BackupOptions, back_up, back_up_to_file
from satchel.backup.local import outbox
from satchel.backup.local.outbox import Outbox
from satchel.backup.local.places import Places
from satchel.errors import IntegrityError, NotFoundError, SatchelError, UnreachableError, UsageError
from satchel.store import Store
from satchel.version import VERSION


def blocks_of(home: Path) -> int:
    return (home / "store.db").stat().st_size // 4096


def test_the_first_backup_is_full(home: Path, destination: FolderDestination) -> None:
    result = back_up_into(home, destination)
    assert (result.summary.kind, result.summary.sequence, result.summary.pieces) == ("full", 1, 40)
    assert result.summary.new_bytes == (home / "store.db").stat().st_size
    assert result.size_bytes == (destination.folder / f"{result.summary.archive}.age").stat().st_size


def test_the_next_backup_sends_only_changes(home: Path, destination: FolderDestination) -> None:
    first = back_up_into(home, destination)
    add_pieces(home, [1000])
    second = back_up_into(home, destination)
    assert (second.summary.kind, second.summary.sequence) == ("incremental", 2)
    assert 0 < second.summary.new_bytes < first.summary.new_bytes / 3
    assert destination.inventory().backups[0].needs == (first.summary.archive,)


def test_an_unchanged_store_sends_no_blocks(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    assert back_up_into(home, destination).summary.new_bytes == 0


def test_full_borrows_nothing(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    result = back_up_into(home, destination, full=True)
    assert (result.summary.kind, destination.inventory().backups[0].needs) == ("full", ())


def test_a_mostly_unused_chain_is_replaced_by_a_full_backup(
    home: Path, destination: FolderDestination
) -> None:
    kinds = []
    for number in range(6):
        with Store.open(home) as store:
            for piece in list(store.pieces()):
                store.remove(piece.id)
        add_pieces(home, range(number * 40, number * 40 + 40), 3000)
        kinds.append(back_up_into(home, destination).summary.kind)
    assert "full" in kinds[1:]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[1:]),
        lambda path: path.write_bytes(bytes(len(path.read_bytes()))),
        lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    ],
)
def test_without_known_blocks_the_backup_is_full(
    home: Path, destination: FolderDestination, spoil: Callable[[Path], object]
) -> None:
    back_up_into(home, destination)
    spoil(Places(home).known_blocks)
    assert back_up_into(home, destination).summary.kind == "full"


def test_nothing_is_borrowed_from_an_archive_that_is_gone(home: Path, destination: FolderDestination) -> None:
    first = back_up_into(home, destination)
    destination.delete(first.summary.archive)
    assert back_up_into(home, destination).summary.kind == "full"


class Forgetful(FolderDestination):
    """Loses an archive between the inventory and the commit."""

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        if archive.needs:
            raise BorrowedArchiveGoneError("an archive is gone")
        return super().store(archive, sent=sent)


def test_an_archive_that_expires_during_the_backup_makes_it_full(home: Path, tmp_path: Path) -> None:
    destination = Forgetful(tmp_path / "forgetful")
    back_up_into(home, destination)
    add_pieces(home, [1000])
    assert back_up_into(home, destination).summary.kind == "full"
    assert Outbox(Places(home).outbox).waiting() is None


class Unplugged(FolderDestination):
    """Is unreachable when an archive is sent."""

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        del archive, sent
        raise UnreachableError("the cloud does not answer")


def interrupted(home: Path, destination: FolderDestination) -> SealedArchive:
    with pytest.raises(UnreachableError):
        back_up_into(home, Unplugged(destination.folder))
    waiting = Outbox(Places(home).outbox).waiting()
    assert waiting is not None
    return waiting


def test_an_unsent_archive_waits_and_is_sent_first(home: Path, destination: FolderDestination) -> None:
    waiting = interrupted(home, destination)
    result = back_up_into(home, destination)
    assert result.summary.archive == waiting.id
    assert len(destination.inventory().backups) == 1
    assert list(Places(home).outbox.iterdir()) == []


def test_an_archive_that_is_not_on_the_disk_does_not_wait(
    home: Path, destination: FolderDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> None:
        raise SatchelError("the disk failed")

    monkeypatch.setattr(outbox, "sync_file", fail)
    with pytest.raises(UnreachableError):
        back_up_into(home, Unplugged(destination.folder))
    assert Outbox(Places(home).outbox).waiting() is None


def test_a_deferred_destination_is_opened_once_when_it_is_used(home: Path, tmp_path: Path) -> None:
    opened: list[FolderDestination] = []

    def open_destination() -> FolderDestination:
        opened.append(FolderDestination(tmp_path / "deferred"))
        return opened[-1]

    deferred = DeferredDestination(open_destination)
    assert not opened
    result = back_up(context_of(home), deferred, BackupOptions("laptop"))
    assert [backup.id for backup in deferred.inventory().backups] == [result.summary.archive]
    assert len(opened) == 1


class Counting(FolderDestination):
    """Counts how often the backup asks for the inventory."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.listed = 0

    def inventory(self) -> Inventory:
        self.listed += 1
        return super().inventory()

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        return FolderDestination(self.folder).store(archive, sent=sent)


def test_the_inventory_is_read_once_even_if_an_archive_waits(
    home: Path, destination: FolderDestination
) -> None:
    interrupted(home, destination)
    add_pieces(home, [1000])
    counting = Counting(destination.folder)
    assert back_up_into(home, counting).summary.kind == "incremental"
    assert counting.listed == 1


def test_later_changes_follow_in_a_second_archive(home: Path, destination: FolderDestination) -> None:
    waiting = interrupted(home, destination)
    add_pieces(home, [1000])
    result = back_up_into(home, destination)
    assert (result.summary.kind, result.summary.sequence, result.summary.pieces) == ("incremental", 2, 41)
    assert destination.inventory().backups[0].needs == (waiting.id,)


def test_full_discards_a_waiting_archive(home: Path, destination: FolderDestination) -> None:
    waiting = interrupted(home, destination)
    assert back_up_into(home, destination, full=True).summary.archive != waiting.id
    assert len(destination.inventory().backups) == 1


def test_an_expired_waiting_archive_is_discarded(home: Path, destination: FolderDestination) -> None:
    options = BackupOptions("laptop", expires=NOON + timedelta(days=1))
    with pytest.raises(UnreachableError):
        back_up(context_of(home), Unplugged(destination.folder), options)
    late = msgspec.structs.replace(context_of(home), clock=lambda: NOON + timedelta(days=2))
    waiting = Outbox(Places(home).outbox).waiting()
    assert waiting is not None
    assert back_up(late, destination, BackupOptions("laptop")).summary.archive != waiting.id


def test_an_archive_waiting_for_another_destination_is_discarded(home: Path, tmp_path: Path) -> None:
    first, other = FolderDestination(tmp_path / "first"), FolderDestination(tmp_path / "other")
    back_up_into(home, first)
    add_pieces(home, [1000])
    waiting = interrupted(home, first)
    assert waiting.needs
    assert back_up_into(home, other).summary.kind == "full"
    assert len(other.inventory().backups) == 1


def test_a_waiting_archive_of_another_owner_is_discarded(home: Path, destination: FolderDestination) -> None:
    waiting = interrupted(home, destination)
    result = back_up(context_of(home, STRANGER), destination, BackupOptions("laptop"))
    assert result.summary.archive != waiting.id
    assert len(destination.inventory().backups) == 1


@pytest.mark.parametrize("suffix", [".json", ".age"])
def test_an_incomplete_archive_in_the_outbox_is_removed(
    home: Path, destination: FolderDestination, suffix: str
) -> None:
    waiting = interrupted(home, destination)
    (waiting.path.parent / (waiting.id + suffix)).unlink()
    assert back_up_into(home, destination).summary.archive != waiting.id
    assert list(Places(home).outbox.iterdir()) == []


@pytest.mark.parametrize("spoiled", [b"", b"{}", b"not json", None])
def test_a_damaged_outbox_record_is_ignored(
    home: Path, destination: FolderDestination, spoiled: bytes | None
) -> None:
    waiting = interrupted(home, destination)
    if spoiled is None:
        waiting.path.write_bytes(waiting.path.read_bytes()[:-1])
    else:
        (waiting.path.parent / f"{waiting.id}.json").write_bytes(spoiled)
    assert back_up_into(home, destination).summary.archive != waiting.id
    assert list(Places(home).outbox.iterdir()) == []


def test_sequences_continue_from_the_destination_s(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    back_up_into(home, destination)
    Places(home).sequences.unlink()
    assert back_up_into(home, destination).summary.sequence == 3


def test_a_damaged_sequence_record_is_an_error(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    for spoiled in ("{}", "[", '{"format":"satchel-sequences/9","stores":{}}'):
        Places(home).sequences.write_text(spoiled)
        with pytest.raises(IntegrityError):
            back_up_into(home, destination)


def test_a_home_without_a_store_is_an_error(tmp_path: Path, destination: FolderDestination) -> None:
    with pytest.raises(NotFoundError):
        back_up_into(tmp_path / "nothing", destination)
    assert not (tmp_path / "nothing").exists()


def test_one_operation_at_a_time(home: Path, destination: FolderDestination) -> None:
    class Nested(FolderDestination):
        def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
            with pytest.raises(SatchelError, match="another backup or restore is running"):
                back_up_into(home, destination)
            return super().store(archive, sent=sent)

    assert back_up_into(home, Nested(destination.folder)).summary.sequence == 1


def test_the_version_in_a_manifest_is_that_of_the_distribution() -> None:
    assert version("satchel") == VERSION


# -- into a file --------------------------------------------------------------------------------------------


def to_file(home: Path, path: Path) -> str:
    return back_up_to_file(context_of(home), path, BackupOptions("laptop")).summary.archive


def test_a_backup_in_a_file_is_full_and_private(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "backup.age"
    result = back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    assert result.summary.kind == "full"
    assert path.stat().st_size == result.size_bytes
    assert path.stat().st_mode & 0o777 == 0o600
    assert {entry.name for entry in tmp_path.iterdir()} == {"home", "backup.age"}


def test_an_earlier_backup_in_the_file_is_replaced(home: Path, tmp_path: Path) -> None:
    assert to_file(home, tmp_path / "a.age") != to_file(home, tmp_path / "a.age")


def test_a_file_that_is_not_a_backup_is_not_replaced(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "thesis.txt"
    path.write_text("years of work")
    with pytest.raises(UsageError):
        to_file(home, path)
    assert path.read_text() == "years of work"


def test_a_sealed_file_that_is_not_a_backup_of_the_owner_is_not_replaced(home: Path, tmp_path: Path) -> None:
    theirs, letter = tmp_path / "theirs.age", tmp_path / "letter.age"
    back_up_to_file(context_of(home, STRANGER), theirs, BackupOptions("desktop"))
    letter.write_bytes(seal(b"years of work", [context_of(home).keys.recipient]))
    for path in (theirs, letter):
        before = path.read_bytes()
        with pytest.raises(UsageError, match="not a backup of yours"):
            to_file(home, path)
        assert path.read_bytes() == before


def test_a_missing_directory_is_an_error(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        to_file(home, tmp_path / "missing" / "a.age")


def test_the_sealed_length_is_padded(home: Path, tmp_path: Path) -> None:
    to_file(home, tmp_path / "a.age")
    size = (tmp_path / "a.age").stat().st_size
    assert padded_length(size) == size


def test_a_stored_backup_reveals_no_text(home: Path, destination: FolderDestination) -> None:
    result = back_up_into(home, destination)
    for path in (*destination.folder.iterdir(), Places(home).known_blocks):
        data = path.read_bytes()
        assert b"piece 1" not in data
        assert b"laptop" not in data
    assert result.summary.device == "laptop"


def test_an_archive_that_an_earlier_version_left_in_the_outbox_is_sent(
    home: Path, destination: FolderDestination
) -> None:
    """Records of version 1 have neither a relative expiry nor a hold."""
    waiting = interrupted(home, destination)
    (record,) = Places(home).outbox.glob("*.json")
    document = json.loads(record.read_text())
    assert document["format"] == "satchel-outbox/2"
    del document["lifetime_s"], document["hold"]
    record.write_text(json.dumps({**document, "format": "satchel-outbox/1"}))
    assert back_up_into(home, destination).summary.archive == waiting.id
