import resource
from pathlib import Path

import apsw
import pytest

from satchel_service.database.schema import MIGRATIONS
from satchel_service.log.errors import DamagedLogError, UnloggableError
from satchel_service.log.replica import (
    apply_changesets,
    build_database,
    find_migration,
    image_of,
)

TABLE = "CREATE TABLE things(id TEXT NOT NULL PRIMARY KEY, size INTEGER) STRICT, WITHOUT ROWID"


def changes(connection: apsw.Connection, *statements: str) -> bytes:
    session = apsw.Session(connection, "main")
    session.attach()
    with connection:
        for statement in statements:
            connection.execute(statement)
    found = bytes(session.changeset())
    session.close()
    return found


def rows(path: Path) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    found = connection.execute("SELECT * FROM things ORDER BY id").fetchall()
    connection.close()
    return found


@pytest.fixture
def original(tmp_path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(tmp_path / "original.db"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(TABLE)
    return connection


def test_image_and_changesets_make_the_same_database(original: apsw.Connection, tmp_path: Path) -> None:
    original.execute("INSERT INTO things VALUES ('a', 1), ('b', 2)")
    image = image_of(original)
    changesets = [
        changes(original, "INSERT INTO things VALUES ('c', 3)", "DELETE FROM things WHERE id = 'a'"),
        changes(original, "UPDATE things SET size = 20 WHERE id = 'b'"),
    ]
    build_database(tmp_path / "copy.db", image, changesets)
    assert rows(tmp_path / "copy.db") == [("b", 20), ("c", 3)]


def test_an_image_includes_the_write_ahead_log(original: apsw.Connection, tmp_path: Path) -> None:
    original.execute("INSERT INTO things VALUES ('a', 1)")
    assert (tmp_path / "original.db-wal").stat().st_size > 0
    build_database(tmp_path / "copy.db", image_of(original), [])
    assert rows(tmp_path / "copy.db") == [("a", 1)]


def test_an_earlier_local_database_is_removed(original: apsw.Connection, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    earlier = apsw.Connection(str(path))
    earlier.execute("PRAGMA journal_mode=WAL")
    earlier.execute("CREATE TABLE left_over(id INTEGER PRIMARY KEY)")
    stale_wal = (tmp_path / "copy.db-wal").read_bytes()
    earlier.close()
    (tmp_path / "copy.db-wal").write_bytes(stale_wal)
    build_database(path, image_of(original), [])
    assert rows(path) == []


def test_only_the_owner_can_read_a_built_database(original: apsw.Connection, tmp_path: Path) -> None:
    build_database(tmp_path / "copy.db", image_of(original), [])
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_conflicting_changeset_rolls_back_everything(original: apsw.Connection) -> None:
    first = changes(original, "INSERT INTO things VALUES ('a', 1)")
    copy = apsw.Connection(":memory:")
    copy.execute(TABLE)
    with pytest.raises(DamagedLogError, match="changeset 1 does not fit"):
        apply_changesets(copy, [first, first])
    assert copy.execute("SELECT count(*) FROM things").get == 0


@pytest.mark.parametrize("changeset", [b"not a changeset", b"T\x05"])
def test_a_malformed_changeset_is_refused(changeset: bytes) -> None:
    copy = apsw.Connection(":memory:")
    copy.execute(TABLE)
    with pytest.raises(DamagedLogError):
        apply_changesets(copy, [changeset])


def test_an_image_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedLogError, match="does not hold a database"):
        build_database(tmp_path / "copy.db", b"not a database" * 100, [b"T"])


def test_a_database_with_the_logged_schema_was_not_migrated(
    original: apsw.Connection, tmp_path: Path
) -> None:
    original.execute("PRAGMA user_version=3")
    assert find_migration(tmp_path / "original.db", 3) is None


def test_a_migrated_database_is_returned_whole(original: apsw.Connection, tmp_path: Path) -> None:
    original.execute("PRAGMA user_version=4; INSERT INTO things VALUES ('a', 1)")
    found = find_migration(tmp_path / "original.db", 3)
    assert found is not None
    assert found.schema == 4
    build_database(tmp_path / "copy.db", found.image, [])
    assert rows(tmp_path / "copy.db") == [("a", 1)]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE TABLE keyless(id TEXT)", "table keyless"),
        ("CREATE TABLE nullable(id TEXT PRIMARY KEY)", "table nullable"),
        ("CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT)", "table sqlite_sequence"),
        ("CREATE VIRTUAL TABLE words USING fts5(text)", "virtual table words"),
        ("CREATE TRIGGER twice AFTER INSERT ON things BEGIN DELETE FROM things; END", "trigger twice"),
    ],
)
def test_a_schema_that_changesets_do_not_record_is_refused(
    original: apsw.Connection, tmp_path: Path, statement: str, what: str
) -> None:
    original.execute(statement)
    with pytest.raises(UnloggableError, match=what):
        find_migration(tmp_path / "original.db", 0)


def test_the_schema_of_the_service_is_loggable(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "cloud.db"))
    for migration in MIGRATIONS:
        connection.execute(migration)
    assert find_migration(tmp_path / "cloud.db", 0) is None


def test_a_failing_disk_is_no_damaged_log(original: apsw.Connection, tmp_path: Path) -> None:
    image = image_of(original)
    changeset = changes(original, *(f"INSERT INTO things VALUES ('{n:0>1000}', 1)" for n in range(2000)))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(image) * 2, limit[1]))
    try:
        with pytest.raises(OSError, match=r"(Input/output error|No space left)"):
            build_database(tmp_path / "copy.db", image, [changeset])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
