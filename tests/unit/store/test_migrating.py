"""An older store is migrated completely or stays unchanged."""

import shutil
from pathlib import Path

import apsw
import pytest

from satchel.errors import SatchelError
from satchel.store import Draft, Piece, Store, WholeFile, schema, store_file
from satchel.store.database import PAGE_BYTES
from satchel.store.schema import SCHEMA_VERSION, SCHEMAS, Migration

GOLDEN = Path(__file__).parents[2] / "golden" / "stores"
NEXT = SCHEMA_VERSION + 1
NEW_TABLE = "CREATE TABLE later(id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT"
FILL_TABLE = "INSERT INTO later SELECT id, 'from ' || ulid FROM pieces"


@pytest.fixture
def older(home: Path) -> Piece:
    """A Piece in a store of the current version, which is older than the patched one."""
    with Store.create(home) as store:
        return store.add(Draft(b"content", title="kept"))


def _add_migration(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    row = ("table", "later", "later", NEW_TABLE)
    monkeypatch.setitem(schema.SCHEMAS, NEXT, (*SCHEMAS[SCHEMA_VERSION], row))
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, Migration(NEXT, statements)))
    monkeypatch.setattr(store_file, "SCHEMA_VERSION", NEXT)


def test_opening_an_older_store_migrates_it(
    home: Path, older: Piece, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add_migration(monkeypatch, NEW_TABLE, FILL_TABLE)
    with Store.open(home, read_only=True) as store:
        assert store.piece(older.id) == older
        assert store._connection.execute("SELECT note FROM later").get == f"from {older.id}"
    with Store.open(home) as store:
        assert store._connection.pragma("user_version") == NEXT


def test_migrating_version_1_adds_only_an_empty_table(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        database = store_file.create_database(home, lambda size: b"\x07" * size)
        database.close()
    assert apsw.Connection(str(home / "store.db")).pragma("user_version") == 1
    with Store.open(home) as store:
        assert store.store_id == "07" * 16
        assert store._connection.execute("SELECT count(*) FROM files").get == 0
        assert store.add(Draft(b"x", files=(WholeFile("y", b"z"),))).files[0].name == "y"


def test_migrating_version_3_changes_no_row(home: Path) -> None:
    home.mkdir()
    shutil.copy(GOLDEN / "v3" / "store.db", home)
    before = _revisions(home)
    pages = _pages(home)
    Store.open(home).close()
    assert [row[:-4] for row in _revisions(home)] == before
    assert {row[-4:] for row in _revisions(home)} == {(None,) * 4}
    after = _pages(home)
    changed = [at for at, (page, old) in enumerate(zip(after, pages, strict=False)) if page != old]
    assert (changed, len(after) - len(pages)) == ([0], 1), "only the schema, and a page for the empty index"


def _revisions(home: Path) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(home / "store.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute("SELECT * FROM revisions ORDER BY seq").fetchall()
    finally:
        connection.close()


def _pages(home: Path) -> list[bytes]:
    data = (home / "store.db").read_bytes()
    return [data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES)]


def test_a_new_store_has_the_newest_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _add_migration(monkeypatch, NEW_TABLE)
    with Store.create(tmp_path / "new") as store:
        assert store._connection.pragma("user_version") == NEXT
    Store.open(tmp_path / "new").close()


def test_a_failing_migration_changes_nothing(
    home: Path, older: Piece, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (home / "store.db").read_bytes()
    with monkeypatch.context() as patch:
        _add_migration(patch, NEW_TABLE, "INSERT INTO later VALUES(1, NULL)")
        with pytest.raises(SatchelError):
            Store.open(home)
    assert (home / "store.db").read_bytes() == before
    with Store.open(home) as store:
        assert store.piece(older.id) == older


def test_a_migration_to_an_unexpected_schema_is_refused(
    home: Path, older: Piece, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add_migration(monkeypatch, "CREATE TABLE otherwise(x)")
    with pytest.raises(SatchelError) as refused:
        Store.open(home)
    assert refused.value.exit_code == 5


def test_an_older_read_only_store_is_refused_with_a_hint(
    home: Path, older: Piece, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path) -> apsw.Connection:
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)

    _add_migration(monkeypatch, NEW_TABLE)
    monkeypatch.setattr(store_file, "connect", read_only)
    with pytest.raises(SatchelError, match="older schema") as refused:
        Store.open(home)
    assert "make it writable" in refused.value.hint
