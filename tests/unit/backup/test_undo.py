"""Undoing a restore swaps two stores and loses neither; only a few replaced stores are kept, and not for long."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.support.archives import NOON, FolderDestination, add_pieces, back_up_into, context_of, make_store

from satchel.backup.create.backup import BackupOptions, back_up
from satchel.backup.local.previous_stores import KEPT_FOR, KEPT_STORES, previous_stores, prune_previous_stores
from satchel.backup.restore.restore import UndoResult, restore, select_backup, undo_restore
from satchel.errors import NotFoundError, SatchelError
from satchel.store import Store


def bring_back(home: Path, destination: FolderDestination) -> None:
    context = context_of(home)
    with select_backup(destination, context) as selection:
        restore(context, selection)


def undo(home: Path) -> UndoResult:
    return undo_restore(home, clock=lambda: NOON)


def pieces_in(home: Path) -> int:
    with Store.open(home) as store:
        return store.count()


@pytest.fixture
def restored(home: Path, destination: FolderDestination) -> Path:
    """A home whose store of 43 Pieces was replaced by its backup of 40."""
    back_up_into(home, destination)
    add_pieces(home, range(1000, 1003))
    bring_back(home, destination)
    return home


def test_undoing_brings_the_replaced_store_back_and_again_redoes(restored: Path) -> None:
    assert pieces_in(restored) == 40
    for expected in (43, 40, 43):
        result = undo(restored)
        assert result.pieces == pieces_in(restored) == expected
        assert result.previous_store is not None
        assert previous_stores(restored) == [result.previous_store]


def test_undoing_loses_no_change_made_since(restored: Path) -> None:
    add_pieces(restored, range(2000, 2005))
    undo(restored)
    assert pieces_in(restored) == 43
    undo(restored)
    assert pieces_in(restored) == 45


def test_undoing_works_with_a_clock_that_went_back(
    home: Path, destination: FolderDestination, restored: Path
) -> None:
    add_pieces(restored, [3000])
    undo_restore(restored, clock=lambda: NOON - timedelta(days=9000))
    assert pieces_in(restored) == 43
    undo_restore(restored, clock=lambda: NOON - timedelta(days=9999))
    assert pieces_in(restored) == 41


def test_the_index_of_the_replaced_store_is_removed(restored: Path) -> None:
    (restored / "index.db").write_bytes(b"old")
    undo(restored)
    assert not (restored / "index.db").exists()


def test_there_is_nothing_to_undo_without_a_restore(home: Path) -> None:
    with pytest.raises(NotFoundError, match="no restore can be undone"):
        undo(home)


def test_a_second_name_of_the_store_left_by_a_kill_is_not_taken_for_the_replaced_one(restored: Path) -> None:
    os.link(restored / "store.db", restored / "store.db.before-restore-20991231T000000Z")
    undo(restored)
    assert pieces_in(restored) == 43


def test_a_store_in_use_is_not_replaced_by_undoing(restored: Path) -> None:
    with Store.open(restored) as store:
        assert store.count() == 40
        with pytest.raises(SatchelError, match="open"):
            undo(restored)
    assert pieces_in(restored) == 40
    assert len(previous_stores(restored)) == 1


def test_a_damaged_store_comes_back_with_its_log(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    (home / "store.db").write_bytes(b"scrambled")
    (home / "store.db-wal").write_bytes(b"a log")
    bring_back(home, destination)
    assert undo(home).pieces is None
    assert (home / "store.db").read_bytes() == b"scrambled"
    assert (home / "store.db-wal").read_bytes() == b"a log"
    undo(home)
    assert pieces_in(home) == 40


def test_only_the_last_few_replaced_stores_are_kept(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    for number in range(KEPT_STORES + 3):
        add_pieces(home, range(4000, 4001 + number))
        bring_back(home, destination)
    assert len(previous_stores(home)) == KEPT_STORES
    undo(home)
    assert pieces_in(home) == 40 + KEPT_STORES + 3


def test_replaced_stores_are_not_kept_for_long(restored: Path) -> None:
    (kept,) = previous_stores(restored)
    kept.with_name(kept.name + "-wal").write_bytes(b"its log")
    now = datetime.now(UTC)
    assert prune_previous_stores(restored, now + KEPT_FOR - timedelta(hours=1)) == []
    assert prune_previous_stores(restored, now + KEPT_FOR + timedelta(hours=1)) == [kept]
    assert not list(restored.glob("store.db.before-restore-*"))


def test_a_backup_removes_replaced_stores_that_were_kept_for_too_long(
    restored: Path, destination: FolderDestination
) -> None:
    back_up_into(restored, destination)
    assert previous_stores(restored)
    much_later = datetime.now(UTC) + KEPT_FOR + timedelta(days=1)
    late = msgspec.structs.replace(context_of(restored), clock=lambda: much_later)
    back_up(late, destination, BackupOptions("laptop"))
    assert not previous_stores(restored)


@pytest.mark.parametrize(
    "name", ["store.db.before-restore-", "store.db.before-restore-mine", "store.db.before"]
)
def test_other_files_of_the_owner_are_left_alone(tmp_path: Path, name: str) -> None:
    home = make_store(tmp_path / "home")
    (home / name).write_bytes(b"mine")
    assert previous_stores(home) == []
    prune_previous_stores(home, datetime.now(UTC) + timedelta(days=9999))
    assert (home / name).read_bytes() == b"mine"
