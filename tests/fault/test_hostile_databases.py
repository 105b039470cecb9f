"""Hostile databases with valid seals and signatures are refused before use."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from tests.support.archives import context_of, facts_of, seal_database

from satchel.backup.restore.restore import restore, select_file
from satchel.errors import IntegrityError, SatchelError

Refuse = Callable[[bytes], SatchelError]
Change = Callable[[apsw.Connection], object]


def sealed_with(home: Path, tmp_path: Path, change: Change, **facts: object) -> bytes:
    """Change a copy of the store through SQLite, and seal it."""
    database = tmp_path / "forged.db"
    shutil.copy(home / "store.db", database)
    connection = apsw.Connection(str(database))
    change(connection)
    list(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
    connection.close()
    return seal_database(database, tmp_path / "forged.age", facts_of(home, **facts)).read_bytes()


def sql(text: str) -> Change:
    return lambda connection: connection.execute(text).fetchall()


def rewritten_schema(text: str) -> Change:
    """Edit sqlite_schema directly."""

    def change(connection: apsw.Connection) -> None:
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(text)

    return change


def test_an_unchanged_store_is_accepted(home: Path, tmp_path: Path) -> None:
    """The fixtures work: an unmodified database is accepted."""
    sealed_with(home, tmp_path, lambda _: None)
    with select_file(tmp_path / "forged.age") as selection:
        assert restore(context_of(tmp_path / "new"), selection).manifest.pieces == 3


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TRIGGER t AFTER INSERT ON pieces BEGIN DELETE FROM pieces; END",
        "CREATE VIEW v AS SELECT load_extension('x')",
        "CREATE TABLE more(id INTEGER PRIMARY KEY)",
        "CREATE INDEX more ON pieces(ulid)",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "CREATE TABLE g(id INTEGER PRIMARY KEY, x AS (abs(-9223372036854775808)))",
        "DROP INDEX edits",
        "ALTER TABLE pieces ADD COLUMN x TEXT",
        "ALTER TABLE pieces RENAME COLUMN ulid TO other",
        "PRAGMA application_id = 0",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = 99",
        "UPDATE meta SET value = 'ffffffffffffffffffffffffffffffff' WHERE key = 'store_id'",
        "DELETE FROM pieces WHERE id = (SELECT min(id) FROM pieces)",
        "DROP TABLE meta",
    ],
)
def test_a_database_with_extra_objects_is_refused(
    home: Path, tmp_path: Path, refused: Refuse, text: str
) -> None:
    error = refused(sealed_with(home, tmp_path, sql(text)))
    assert error.exit_code == IntegrityError.exit_code


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'BLOB') WHERE name = 'meta'",
        "UPDATE sqlite_schema SET sql = sql || ' ' WHERE name = 'pieces'",
        "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'pieces'",
        "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'contents'",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE contents(' WHERE name = 'contents'",
        "UPDATE sqlite_schema SET type = 'view' WHERE name = 'contents'",
        "DELETE FROM sqlite_schema",
    ],
)
def test_a_rewritten_schema_is_refused(home: Path, tmp_path: Path, refused: Refuse, text: str) -> None:
    error = refused(sealed_with(home, tmp_path, rewritten_schema(text)))
    assert error.exit_code == IntegrityError.exit_code


def page_of(database: Path, sql: str) -> int:
    connection = apsw.Connection(str(database))
    page = connection.execute(sql).get
    connection.close()
    assert isinstance(page, int)
    return page


@pytest.mark.parametrize("offset", [0, 3, 5, 8])
@pytest.mark.parametrize("table", ["contents", "pieces", "revisions", "meta"])
def test_a_database_that_fails_quick_check_is_refused(
    home: Path, tmp_path: Path, refused: Refuse, table: str, offset: int
) -> None:
    database = tmp_path / "forged.db"
    shutil.copy(home / "store.db", database)
    page = page_of(database, f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")
    raw = bytearray(database.read_bytes())
    at = (page - 1) * 4096 + offset
    raw[at : at + 40] = bytes(byte ^ 0xFF for byte in raw[at : at + 40])
    database.write_bytes(raw)
    sealed = seal_database(database, tmp_path / "forged.age", facts_of(home)).read_bytes()
    assert refused(sealed).exit_code == IntegrityError.exit_code


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: bytes(4096) + raw[4096:],
        lambda raw: b"x" + raw[1:],
        lambda raw: raw[:16] + (1024).to_bytes(2, "big") + raw[18:],
        lambda raw: raw[:18] + b"\x03\x03" + raw[20:],
        lambda raw: raw[:-4096],
        lambda raw: raw + bytes(4096),
        lambda raw: raw[:28] + (2**31).to_bytes(4, "big") + raw[32:],
        lambda raw: raw[:20] + b"\x40" + raw[21:],
        lambda raw: bytes(len(raw)),
        lambda raw: b"\xff" * len(raw),
    ],
)
def test_a_file_that_is_not_a_store_is_refused(
    home: Path, tmp_path: Path, refused: Refuse, change: Callable[[bytes], bytes]
) -> None:
    database = tmp_path / "forged.db"
    database.write_bytes(change((home / "store.db").read_bytes()))
    sealed = seal_database(database, tmp_path / "forged.age", facts_of(home)).read_bytes()
    assert refused(sealed).exit_code == IntegrityError.exit_code


@pytest.mark.parametrize(
    "change",
    [
        "suggested = hex(zeroblob(3000000))",
        "agent = hex(zeroblob(3000))",
        "client = hex(zeroblob(3000))",
        "withdrawn = 2",
    ],
)
def test_columns_that_break_a_rule_are_refused(
    home: Path, tmp_path: Path, refused: Refuse, change: str
) -> None:
    error = refused(sealed_with(home, tmp_path, sql(f"UPDATE revisions SET {change}")))
    assert error.exit_code == IntegrityError.exit_code


def test_a_store_of_a_newer_satchel_is_refused_with_a_hint(
    home: Path, tmp_path: Path, refused: Refuse
) -> None:
    error = refused(sealed_with(home, tmp_path, sql("PRAGMA user_version = 99"), schema=99))
    assert (error.exit_code, error.hint) == (1, "update satchel")
