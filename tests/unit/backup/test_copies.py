"""Copies of a Piece that backups and restores leave on this device are found and erased."""

import shutil
from pathlib import Path

import pytest
from tests.support.archives import NOON, FolderDestination, back_up_into, context_of, make_store

from satchel.archive.destination import SealedArchive, StoredBackup
from satchel.backup.copies import Copy, copies_of, erase
from satchel.backup.local.places import Places, locked_home
from satchel.backup.local.previous_stores import previous_stores
from satchel.backup.restore.restore import restore, select_backup, undo_restore
from satchel.errors import SatchelError, UnreachableError
from satchel.store import Changes, Draft, Store, WholeFile

SECRET = b"the secret xylophone"


class Unplugged(FolderDestination):
    def store(self, archive: SealedArchive, *, sent: object) -> StoredBackup:  # noqa: ARG002  the protocol's
        raise UnreachableError("the cloud cannot be reached")


@pytest.fixture
def secret(home: Path, destination: FolderDestination) -> str:
    """The id of a Piece with history and files, in a store that a restore has replaced."""
    back_up_into(home, destination)
    with Store.open(home) as store:
        piece = store.add(Draft(SECRET + b" 1", title="a title", files=(WholeFile("a.txt", SECRET + b" 2"),)))
        store.edit(piece.id, Changes(content=SECRET + b" 3" + b"x" * 9000))
    context = context_of(home)
    with select_backup(destination, context) as selection:
        restore(context, selection)
    return piece.id


def test_a_replaced_store_that_holds_a_piece_is_found(home: Path, secret: str) -> None:
    (kept,) = previous_stores(home)
    assert copies_of(home, [secret]) == [Copy("previous store", kept)]
    with Store.open(home) as store:
        other = next(store.pieces()).id
    assert copies_of(home, [other]) == [Copy("previous store", kept)]
    assert copies_of(home, ["01ARZ3NDEKTSV4RRFFQ69G5FAV"]) == []
    assert copies_of(home, []) == []


def test_a_piece_is_overwritten_in_a_replaced_store_and_the_rest_stays(home: Path, secret: str) -> None:
    (kept,) = previous_stores(home)
    assert SECRET in kept.read_bytes()
    assert erase(home, [secret]) == []
    assert SECRET not in kept.read_bytes()
    assert b"a title" not in kept.read_bytes()
    assert [path.name for path in home.iterdir() if path.name.startswith(kept.name)] == [kept.name]
    undo_restore(home, clock=lambda: NOON)
    with Store.open(home) as store:
        assert store.count() == 40
        assert list(store.problems()) == []


def test_a_backup_that_waits_is_discarded(home: Path, destination: FolderDestination) -> None:
    with Store.open(home) as store:
        piece = store.add(Draft(SECRET))
    with pytest.raises(UnreachableError):
        back_up_into(home, Unplugged(destination.folder))
    assert [copy.kind for copy in copies_of(home, [piece.id])] == ["waiting backup"]
    with Store.open(home) as store:
        store.remove(piece.id)
    assert erase(home, [piece.id]) == []
    assert list(Places(home).outbox.iterdir()) == []
    assert back_up_into(home, destination).summary.pieces == 40


def test_what_a_killed_restore_left_is_removed(home: Path) -> None:
    with locked_home(home) as places:
        pass
    (places.work / "store.db").write_bytes(SECRET)
    assert [copy.kind for copy in copies_of(home, ["01ARZ3NDEKTSV4RRFFQ69G5FAV"])] == ["work file"]
    assert erase(home, ["01ARZ3NDEKTSV4RRFFQ69G5FAV"]) == []
    assert list(places.work.iterdir()) == []


def test_a_replaced_store_that_cannot_be_read_is_reported(home: Path, secret: str) -> None:
    (kept,) = previous_stores(home)
    kept.write_bytes(SECRET * 1000)
    before = kept.read_bytes()
    assert erase(home, [secret]) == [Copy("previous store", kept)]
    assert kept.read_bytes() == before


def test_a_replaced_store_of_the_first_version_is_scrubbed(home: Path) -> None:
    golden = Path(__file__).parents[2] / "golden" / "stores" / "v1" / "store.db"
    kept = home / "store.db.before-restore-20261122T120000Z"
    shutil.copy(golden, kept)
    copy = make_store(home / "copy", pieces=0)
    shutil.copy(golden, copy / "store.db")
    with Store.open(copy) as store:
        piece = next(piece for piece in store.pieces() if 8 < piece.size_bytes < 500)
        content = store.content(piece.id)
    assert content in kept.read_bytes()
    assert erase(home, [piece.id]) == []
    assert content not in kept.read_bytes()


def test_nothing_is_erased_while_a_backup_runs(home: Path, secret: str) -> None:
    with locked_home(home), pytest.raises(SatchelError, match="is running"):
        erase(home, [secret])
    (kept,) = previous_stores(home)
    assert SECRET in kept.read_bytes()
