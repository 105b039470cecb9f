"""Backups are read without restoring them: only needed frames are fetched, and nothing is used unauthenticated."""

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import apsw
import pytest
from tests.support.archives import (
    STRANGER,
    FolderDestination,
    add_pieces,
    back_up_into,
    context_of,
    facts_of,
    make_store,
    seal_database,
)

from satchel.backup.comparing import Change, changes, heads, losses, open_live
from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.local.places import Places, locked_home
from satchel.backup.reading.reader import OpenBackup, ReadingSession, reading
from satchel.backup.restore.restore import select_backup, select_file
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import SourceFile
from satchel.store import Changes, Draft, Store, WholeFile


class Opened:
    """A session of reading, with backups open in it until the end."""

    def __init__(self, home: Path, held: ExitStack) -> None:
        self.context = context_of(home)
        self.held = held
        self.session: ReadingSession = held.enter_context(reading(self.context))

    def latest(self, destination: FolderDestination, choice: str = "latest") -> OpenBackup:
        selection = self.held.enter_context(select_backup(destination, self.context, choice))
        return self.held.enter_context(self.session.open(selection))

    def file(self, path: Path) -> OpenBackup:
        return self.held.enter_context(self.session.open(self.held.enter_context(select_file(path))))


@pytest.fixture
def opened(home: Path) -> Iterator[Opened]:
    with ExitStack() as held:
        yield Opened(home, held)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Opened]:
    """Reading on a device without a store."""
    with ExitStack() as held:
        yield Opened(tmp_path / "new", held)


def test_the_pieces_of_a_backup_are_those_of_the_store_then(
    home: Path, destination: FolderDestination, new: Opened
) -> None:
    with Store.open(home) as store:
        draft = Draft(b"x = 1", title="One", tags=("a", "b"), files=(WholeFile("test.py", b"assert x"),))
        piece = store.add(draft)
        store.edit(piece.id, Changes(title="Two", content=b"x = 2"))
        expected = list(store.pieces())
    back_up_into(home, destination)
    add_pieces(home, [1000])
    assert list(new.latest(destination).pieces()) == expected


def test_words_are_found_in_fields_files_and_texts(
    home: Path, destination: FolderDestination, new: Opened
) -> None:
    with Store.open(home) as store:
        drafts = {
            "title": Draft(b"1", title="A Xylophone"),
            "description": Draft(b"2", description="of a xylophone"),
            "tag": Draft(b"3", tags=("xylophone",)),
            "link": Draft(b"4", links=("https://x.example/xylophone",)),
            "content": Draft(b"play the XYLOPHONE"),
            "file": Draft(b"5", files=(WholeFile("xylophone.txt", b""),)),
            "text of a file": Draft(b"6", files=(WholeFile("a.txt", b"one xylophone"),)),
        }
        ids = [store.add(draft).id for draft in drafts.values()]
        store.add(Draft(b"\x89PNG\r\n\x1a\nxylophone"))
    back_up_into(home, destination)
    backup = new.latest(destination)
    assert [piece.id for piece in backup.search("Xylophone")] == ids[::-1]
    assert [piece.id for piece in backup.search("PLAY xylophone")] == [ids[4]]
    assert list(backup.search("nothing like it")) == []


def test_reading_leaves_no_files(home: Path, destination: FolderDestination, opened: Opened) -> None:
    back_up_into(home, destination)
    before = sorted(home.rglob("*"))
    assert len(list(opened.latest(destination).pieces())) == 40
    assert sorted(home.rglob("*")) == before
    opened.held.close()
    assert sorted(home.rglob("*")) == before


def test_a_backup_is_read_while_another_operation_holds_the_lock(
    home: Path, destination: FolderDestination, opened: Opened
) -> None:
    back_up_into(home, destination)
    with locked_home(home):
        assert len(list(opened.latest(destination).pieces())) == 40


def test_a_read_only_home_can_be_read_from(home: Path, destination: FolderDestination) -> None:
    back_up_into(home, destination)
    shutil.rmtree(Places(home).work.parent)
    home.chmod(0o500)
    try:
        with ExitStack() as held:
            assert len(list(Opened(home, held).latest(destination).pieces())) == 40
    finally:
        home.chmod(0o700)


# -- only what is needed --------------------------------------------------------------------------------------


def test_only_a_little_is_fetched_for_one_piece(tmp_path: Path, new: Opened) -> None:
    home = make_store(tmp_path / "big", pieces=4000, size_bytes=3000)
    destination = FolderDestination(tmp_path / "cloud")
    result = back_up_into(home, destination)
    backup = new.latest(destination)
    assert backup.first_row("SELECT count(*) FROM meta") == (1,)
    row = backup.first_row("SELECT ulid FROM pieces WHERE id = (SELECT max(id) FROM pieces)")
    assert row is not None
    assert 0 < new.session.fetched_bytes < result.size_bytes / 2


def test_pages_that_the_store_still_holds_are_not_fetched(tmp_path: Path) -> None:
    home = make_store(tmp_path / "big", pieces=2000, size_bytes=3000)
    destination = FolderDestination(tmp_path / "cloud")
    back_up_into(home, destination)
    add_pieces(home, range(5000, 5010))
    with ExitStack() as held:
        opened = Opened(home, held)
        assert len(list(opened.latest(destination).pieces())) == 2000
        assert opened.session.fetched_bytes < 2 * 2**20
        with Store.open(home) as store:
            assert store.count() == 2010


def test_pages_that_have_changed_are_fetched(
    home: Path, destination: FolderDestination, opened: Opened
) -> None:
    with Store.open(home) as store:
        ids = [piece.id for piece in store.pieces()]
    back_up_into(home, destination)
    with Store.open(home) as store:
        for piece_id in ids[:20]:
            store.remove(piece_id)
        for piece_id in ids[20:]:
            store.edit(piece_id, Changes(title="changed"))
    pieces = list(opened.latest(destination).pieces())
    assert [piece.id for piece in pieces] == ids
    assert {piece.title for piece in pieces} != {"changed"}
    assert opened.session.fetched_bytes > 0


# -- hostile --------------------------------------------------------------------------------------------------


def test_backups_of_another_owner_are_refused(home: Path, tmp_path: Path, new: Opened) -> None:
    path = tmp_path / "a.age"
    back_up_to_file(context_of(home, STRANGER), path, BackupOptions("laptop"))
    with pytest.raises(IntegrityError, match="other keys"):
        new.file(path)


class Flipping(FolderDestination):
    """Changes a byte of every read in the middle of an archive."""

    def open(self, archive_id: str) -> SourceFile:
        class Flipped(SourceFile):
            def read_at(self, offset: int, length: int) -> bytes:
                data = bytearray(super().read_at(offset, length))
                middle = self.size_bytes // 2 - offset
                if 0 <= middle < length and offset > 0:
                    data[middle] ^= 1
                return bytes(data)

        return Flipped(self.folder / f"{archive_id}.age")


def test_a_changed_byte_is_an_error(tmp_path: Path, new: Opened) -> None:
    home = make_store(tmp_path / "big", pieces=4000, size_bytes=3000)
    destination = FolderDestination(tmp_path / "cloud")
    back_up_into(home, destination)
    backup = new.latest(Flipping(destination.folder))
    with pytest.raises(IntegrityError, match="authenticate"):
        list(backup.search("nothing"))


def test_a_borrowed_archive_that_is_gone_is_named(
    home: Path, destination: FolderDestination, new: Opened
) -> None:
    first = back_up_into(home, destination).summary.archive
    add_pieces(home, [1000])
    back_up_into(home, destination)
    with select_backup(destination, new.context) as selection:
        (destination.folder / f"{first}.age").unlink()
        with pytest.raises(NotFoundError), new.session.open(selection):
            pass


HOSTILE = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END",
    "a view": "CREATE VIEW v AS SELECT 1",
    "a further table": "CREATE TABLE t(a)",
    "another id": "UPDATE meta SET value = 'ff' WHERE key = 'store_id'",
    "another application": "PRAGMA application_id = 1",
    "another version": "PRAGMA user_version = 1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_database_that_satchel_did_not_write_is_refused(tmp_path: Path, new: Opened, name: str) -> None:
    home = make_store(tmp_path / "home2")
    facts = facts_of(home)
    connection = apsw.Connection(str(home / "store.db"))
    connection.execute(HOSTILE[name]).fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    path = seal_database(home / "store.db", tmp_path / "hostile.age", facts)
    with pytest.raises(IntegrityError):
        new.file(path)


def test_more_pieces_than_the_manifest_states_are_refused(tmp_path: Path, new: Opened) -> None:
    home = make_store(tmp_path / "home2", pieces=5)
    path = seal_database(home / "store.db", tmp_path / "hostile.age", facts_of(home, pieces=4))
    backup = new.file(path)
    for read in (backup.pieces, lambda: backup.search(""), backup.heads):
        with pytest.raises(IntegrityError, match="more Pieces"):
            list(read())


def test_a_damaged_tree_is_refused(tmp_path: Path, new: Opened) -> None:
    home = make_store(tmp_path / "home2", pieces=300, size_bytes=3000)
    facts = facts_of(home)
    data, chance = bytearray((home / "store.db").read_bytes()), random.Random(1)
    for page in range(3, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = chance.randbytes(64)
    (home / "store.db").write_bytes(data)
    backup = new.file(seal_database(home / "store.db", tmp_path / "hostile.age", facts))
    with pytest.raises(SatchelError):
        list(backup.search(""))


# -- comparing ------------------------------------------------------------------------------------------------


def test_what_changed_between_two_backups(home: Path, destination: FolderDestination, new: Opened) -> None:
    first = back_up_into(home, destination).summary.archive
    with Store.open(home) as store:
        ids = [piece.id for piece in store.pieces(newest_first=False)]
        store.edit(ids[1], Changes(title="changed"))
        store.edit(ids[2], Changes(content=b"changed"))
        store.remove(ids[3])
        added = store.add(Draft(b"new", title="added")).id
    second = back_up_into(home, destination).summary.archive
    old, later = new.latest(destination, first), new.latest(destination, second)
    forth = list(changes(old.heads(), later.heads()))
    assert {(change.kind, change.id) for change in forth} == {
        ("changed", ids[1]),
        ("changed", ids[2]),
        ("removed", ids[3]),
        ("added", added),
    }
    back = list(changes(later.heads(), old.heads()))
    assert [(change.kind, change.id) for change in back if change.kind != "changed"] == [
        ("added", ids[3]),
        ("removed", added),
    ]
    assert all(change.is_older for change in back if change.kind == "changed")
    assert list(changes(old.heads(), old.heads())) == []


def test_what_a_store_would_lose(home: Path, destination: FolderDestination, opened: Opened) -> None:
    with Store.open(home) as store:
        ids = [piece.id for piece in store.pieces(newest_first=False)]
    back_up_into(home, destination)
    with Store.open(home) as store:
        store.edit(ids[0], Changes(title="newer"))
        store.remove(ids[1])
        for number in range(7):
            store.add(Draft(b"%d" % number, title=f"new {number}"))
    with open_live(home) as live:
        lost = losses(live, opened.latest(destination).heads())
    assert (lost.pieces, lost.missing.count, lost.newer.count, lost.added, lost.updated) == (46, 7, 1, 1, 0)
    assert [change.title for change in lost.missing.first] == [f"new {number}" for number in range(5)]


def test_equal_stores_have_no_differences(home: Path) -> None:
    with open_live(home) as one, open_live(home) as two:
        assert list(changes(heads(one), heads(two))) == []


def test_an_empty_side_is_all_added_or_all_removed(home: Path) -> None:
    with open_live(home) as live:
        found = list(heads(live))
    assert [change.kind for change in changes([], found)] == ["added"] * 40
    assert [change.kind for change in changes(found, [])] == ["removed"] * 40
    assert isinstance(next(changes([], found)), Change)
