"""A comparison lists the added, changed and removed Pieces of two stores without reading contents."""

import shutil
from pathlib import Path

import pytest
from tests.support.merging import Devices, immutable

from satchel.merging import Difference, compare, merge
from satchel.store import Changes, Draft, Piece, Store

GOLDEN = Path(__file__).parents[2] / "golden" / "stores"


def test_equal_stores_have_no_differences(ours: Store, theirs: Store) -> None:
    assert list(compare(ours._connection, theirs._connection)) == []
    assert list(compare(ours._connection, ours._connection)) == []


def test_added_changed_and_removed_pieces_are_listed(ours: Store, piece: Piece, devices: Devices) -> None:
    removed = ours.add(Draft(b"removed", title="removed"))
    ours.add(Draft(b"same", title="same"))
    later = devices.copy(ours, "later")
    changed = later.edit(piece.id, Changes(title="changed"))
    later.remove(removed.id)
    added = later.add(Draft(b"added", title="added"))
    found = sorted(compare(ours._connection, later._connection), key=lambda each: each.kind)
    assert found == [
        Difference("added", added.id, "added", added.updated),
        Difference("changed", piece.id, "changed", changed.updated),
        Difference("removed", removed.id, "removed", removed.updated),
    ]


def test_the_direction_matters(ours: Store, devices: Devices) -> None:
    later = devices.copy(ours, "later")
    added = later.add(Draft(b"added"))
    assert [(each.kind, each.piece_id) for each in compare(later._connection, ours._connection)] == [
        ("removed", added.id)
    ]


def test_contents_are_not_read(ours: Store, theirs: Store, piece: Piece) -> None:
    theirs.edit(piece.id, Changes(content=b"x" * 100_000, title="edited"))
    for store in (ours, theirs):
        store._connection.execute("DELETE FROM contents")
    assert [each.title for each in compare(ours._connection, theirs._connection)] == ["edited"]


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_store_compares_with_its_migrated_self(version: int, tmp_path: Path) -> None:
    older = immutable(GOLDEN / f"v{version}" / "store.db")
    (tmp_path / "home").mkdir()
    shutil.copy(GOLDEN / f"v{version}" / "store.db", tmp_path / "home")
    with Store.open(tmp_path / "home") as store:
        assert list(compare(older, store._connection)) == []
        edited = next(piece for piece in store.pieces() if piece.revision > 1)
        store.edit(edited.id, Changes(title="edited since"))
        assert [each.title for each in compare(older, store._connection)] == ["edited since"]
    older.close()


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_store_is_merged_as_it_is(version: int, tmp_path: Path, ours: Store) -> None:
    older = tmp_path / "older.db"
    shutil.copy(GOLDEN / f"v{version}" / "store.db", older)
    before = older.read_bytes()
    with Store.open(_migrated(older, tmp_path / "migrated")) as migrated:
        assert merge(ours, older).added == migrated.count()
        assert merge(ours, migrated.path).changed == 0
        assert merge(migrated, older).changed == 0
    assert older.read_bytes() == before
    assert list(ours.problems()) == []


def _migrated(database: Path, home: Path) -> Path:
    home.mkdir()
    shutil.copy(database, home / "store.db")
    return home
