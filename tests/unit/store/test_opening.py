"""Stores are created and opened; other files and databases are refused unchanged."""

import shutil
import stat
from pathlib import Path

import apsw
import pytest

from satchel.errors import IntegrityError, NotFoundError, SatchelError, UsageError
from satchel.store import Changes, Draft, Store
from satchel.store.schema import APPLICATION_ID, SCHEMA_VERSION


@pytest.fixture
def closed(home: Path) -> Path:
    """The store.db of a store with one Piece of two revisions."""
    with Store.create(home) as store:
        piece = store.add(Draft(b"x" * 20_000, title="kept"))
        store.edit(piece.id, Changes(title="edited"))
    return home / "store.db"


def _alter(path: Path, *statements: str) -> None:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement).fetchall()
    connection.close()


def _read_all(home: Path) -> None:
    with Store.open(home) as store:
        for piece in store.pieces():
            store.content(piece.id)
        found = list(store.problems())
    raise IntegrityError("; ".join(found)) if found else AssertionError("no damage found")


def test_a_new_store_is_private_to_its_owner(home: Path) -> None:
    Store.create(home).close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "store.db").stat().st_mode) == 0o600


def test_the_files_of_an_open_store_are_private_to_its_owner(home: Path) -> None:
    with Store.create(home) as store:
        store.add(Draft(b"x"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_every_store_has_a_unique_permanent_id(tmp_path: Path) -> None:
    with Store.create(tmp_path / "a") as first, Store.create(tmp_path / "b") as second:
        assert first.store_id != second.store_id
        assert len(bytes.fromhex(first.store_id)) == 16
    with Store.open(tmp_path / "a") as again:
        assert again.store_id == first.store_id


def test_a_store_can_be_created_beside_other_files(home: Path) -> None:
    home.mkdir()
    (home / "notes.txt").write_text("mine")
    with Store.create(home) as store:
        store.add(Draft(b"x"))
    assert (home / "notes.txt").read_text() == "mine"


def test_creating_a_store_twice_is_refused(closed: Path) -> None:
    before = closed.read_bytes()
    with pytest.raises(UsageError, match="already"):
        Store.create(closed.parent)
    assert closed.read_bytes() == before


def test_creating_a_store_at_the_path_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        Store.create(tmp_path / "file")


def test_an_interrupted_creation_can_be_repeated(home: Path) -> None:
    home.mkdir()
    (home / "store.db").touch()
    with pytest.raises(IntegrityError, match="empty"):
        Store.open(home)
    with Store.create(home) as store:
        assert store.count() == 0


def test_a_missing_store_gives_the_command_to_create_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as missing:
        Store.open(tmp_path / "nowhere")
    assert "satchel init" in missing.value.hint
    assert not (tmp_path / "nowhere").exists()


def test_a_store_of_a_newer_satchel_is_refused_unchanged(closed: Path) -> None:
    _alter(closed, f"PRAGMA user_version = {SCHEMA_VERSION + 1}", "CREATE TABLE later(x)")
    before = closed.read_bytes()
    for read_only in (False, True):
        with pytest.raises(SatchelError, match="newer satchel") as caught:
            Store.open(closed.parent, read_only=read_only)
        assert caught.value.exit_code == 1
        assert caught.value.hint == "update satchel"
    assert closed.read_bytes() == before
    assert [path.name for path in closed.parent.iterdir()] == ["store.db"]


def test_the_log_of_a_newer_satchel_is_left_unchanged(closed: Path, tmp_path: Path) -> None:
    connection = apsw.Connection(str(closed))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}").fetchall()
    crashed = tmp_path / "crashed"
    shutil.copytree(closed.parent, crashed, ignore=shutil.ignore_patterns("*-shm"))
    connection.close()
    before = {name: (crashed / name).read_bytes() for name in ("store.db", "store.db-wal")}
    with pytest.raises(SatchelError, match="newer satchel"):
        Store.open(crashed)
    assert {name: (crashed / name).read_bytes() for name in before} == before


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA application_id = 1",
        "CREATE TRIGGER t AFTER INSERT ON pieces BEGIN DELETE FROM contents; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE extra(x)",
        "DROP INDEX edits",
        "ALTER TABLE pieces ADD COLUMN extra TEXT",
        "DELETE FROM meta",
        "PRAGMA user_version = 0",
    ],
)
def test_a_database_with_another_schema_is_refused(closed: Path, statement: str) -> None:
    _alter(closed, statement)
    with pytest.raises(SatchelError) as caught:
        Store.open(closed.parent)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("content", [b"hello", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 8192])
def test_a_file_that_is_not_a_database_is_refused_unchanged(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "store.db").write_bytes(content)
    with pytest.raises(IntegrityError):
        Store.open(home)
    assert (home / "store.db").read_bytes() == content


def test_creating_a_store_over_another_file_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "store.db").write_bytes(b"plain text notes\n" * 100)
    with pytest.raises(IntegrityError):
        Store.create(home)
    assert (home / "store.db").read_bytes().startswith(b"plain text")


def test_creating_a_store_over_another_programs_database_is_refused(home: Path) -> None:
    home.mkdir()
    _alter(home / "store.db", "CREATE TABLE theirs(x)")
    with pytest.raises(UsageError):
        Store.create(home)
    with pytest.raises(IntegrityError):
        Store.open(home)


@pytest.mark.parametrize("size", [1, 99, 100, 512, 4095, 4096, 8192, 20_000])
def test_a_truncated_store_is_refused_when_opened_or_read(closed: Path, size: int) -> None:
    closed.write_bytes(closed.read_bytes()[:size])
    with pytest.raises(IntegrityError):
        _read_all(closed.parent)


def test_altered_content_is_detected(closed: Path) -> None:
    data = bytearray(closed.read_bytes())
    data[data.index(b"x" * 100)] ^= 1
    closed.write_bytes(data)
    with Store.open(closed.parent) as store:
        piece = next(store.pieces())
        with pytest.raises(IntegrityError):
            store.content(piece.id)
        assert [line.startswith("content 1 ") for line in store.problems()] == [True]


def test_a_read_only_store_refuses_changes(closed: Path) -> None:
    with Store.open(closed.parent, read_only=True) as store:
        assert store.read_only
        piece = next(store.pieces())
        with pytest.raises(SatchelError, match="read-only"):
            store.edit(piece.id, Changes(title="x"))
        with pytest.raises(SatchelError, match="read-only"):
            store.add(Draft(b"x"))
        assert store.piece(piece.id) == piece


def test_opening_read_only_leaves_no_other_file(closed: Path) -> None:
    with Store.open(closed.parent, read_only=True) as store:
        assert store.count() == 1
    assert [path.name for path in closed.parent.iterdir()] == ["store.db"]


def test_closing_twice_is_allowed(home: Path) -> None:
    store = Store.create(home)
    store.close()
    store.close()


def test_the_header_has_application_id_version_and_page_size(closed: Path) -> None:
    header = closed.read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(header[60:64], "big") == SCHEMA_VERSION
    assert int.from_bytes(header[16:18], "big") == 4096
