"""index.db: its tables, opening it, checking that it fits the store, and emptying it.

Everything in it can be rebuilt from the store, so nothing is repaired: an index that does not fit is emptied.
Emptying uses SQLite's reset, which works on a damaged file and respects locks, so it is safe while other
processes have the file open.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from satchel.index import embedding_queue, vectors
from satchel.index.impact import AverageLength
from satchel.pieces.model import Mark
from satchel.store import Store
from satchel.store.database import (
    BUSY_TIMEOUT_MS,
    create_file,
    first_row,
    has_log,
    open_file,
    rows,
    scalar,
    turn_on_log,
    writing,
)

INDEX_FILE: Final = "index.db"
# "stci", at offset 68 of the file.
APPLICATION_ID: Final = 0x73746369
# Raise it with every change of the tables, of how text is split into words, or of what is embedded.
INDEX_VERSION: Final = 8
CACHE_KIB: Final = 16_384
PREFIX_LETTERS: Final = (2, 3)
"""The index has the occurrences of every prefix of so many letters."""

# Texts are split by `satchel.index.words`, so the tokenizer only cuts at spaces. The table is contentless: FTS5
# keeps the words and their positions, not the texts.
_TABLES: Final = (
    f"""CREATE VIRTUAL TABLE words USING fts5(
  title, tags, description, body, names, facets, levels,
  content='', contentless_delete=1, tokenize='ascii', prefix='{" ".join(map(str, PREFIX_LETTERS))}'
)""",
    """CREATE TABLE pieces(
  id INTEGER PRIMARY KEY,
  ulid TEXT NOT NULL,
  sha256 BLOB NOT NULL
) STRICT""",
    """CREATE TABLE times(
  id INTEGER PRIMARY KEY,
  updated INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX by_content ON pieces(sha256)",
    """CREATE TABLE progress(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  store_id TEXT NOT NULL,
  counter INTEGER NOT NULL,
  piece INTEGER NOT NULL,
  at INTEGER NOT NULL,
  is_purged INTEGER NOT NULL,
  words INTEGER NOT NULL,
  pieces INTEGER NOT NULL
) STRICT""",
    *vectors.TABLES,
    embedding_queue.TABLE,
)

# Errors that do not mean that the file is damaged. After any other, the index is rebuilt.
TRANSIENT: Final = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.ReadOnlyError,
    apsw.NoMemError,
    apsw.InterruptError,
)


def open_for(home: Path, store: Store) -> apsw.Connection:
    """Open the index of a store, or create its file.

    Where nothing can be written: the existing index if it is up to date, else an empty temporary one.
    """
    path = home / INDEX_FILE
    if os.access(path if path.exists() else home, os.W_OK) and os.access(home, os.W_OK):
        return _writable(path)
    if path.is_file() and not has_log(path):
        connection = _immutable(path)
        if is_current(connection, store):
            return connection
        connection.close()
    return open_temporary()


def _writable(path: Path) -> apsw.Connection:
    with suppress(FileExistsError):
        create_file(path)
    return _set_up(open_file(path, apsw.SQLITE_OPEN_READWRITE))


def _immutable(path: Path) -> apsw.Connection:
    return _set_up(open_file(path, apsw.SQLITE_OPEN_READONLY, is_immutable=True))


def open_temporary() -> apsw.Connection:
    """Open an empty database in an unnamed file, deleted when closed: https://www.sqlite.org/inmemorydb.html."""
    return _set_up(apsw.Connection(""))


def _set_up(connection: apsw.Connection) -> apsw.Connection:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    return connection


def is_ready(connection: apsw.Connection, store: Store) -> bool:
    """Apply the settings of a connection, and return whether the index fits the store, or cannot be written.

    Raises SQLite's errors for a damaged file. After a power cut, the last updates may be missing.
    """
    if connection.readonly("main"):
        return True
    _configure(connection)
    return fits(connection, store)


def recreate(connection: apsw.Connection, store: Store) -> None:
    """Empty the index and create its tables. The caller keeps other threads and processes from doing the same."""
    empty(connection)
    _configure(connection)
    create(connection, store)


def _configure(connection: apsw.Connection) -> None:
    connection.execute(
        f"PRAGMA cache_size = -{CACHE_KIB}; PRAGMA cell_size_check = ON; PRAGMA secure_delete = FAST;"
        "PRAGMA synchronous = NORMAL"
    ).fetchall()
    turn_on_log(connection)


def is_current(connection: apsw.Connection, store: Store) -> bool:
    """Whether this index fits the store and is up to date; False if it is damaged."""
    try:
        return fits(connection, store) and mark_of(connection, store) == store.mark
    except apsw.Error:
        return False


def fits(connection: apsw.Connection, store: Store) -> bool:
    """Whether this is an index of this version, of this store, and of a state in the store's history."""
    mark = mark_of(connection, store) if is_of_version(connection) else None
    return mark is not None and store.recognizes(mark)


def is_of_version(connection: apsw.Connection) -> bool:
    """Whether the database has the tables of this version."""
    numbers = (connection.pragma("application_id"), connection.pragma("user_version"))
    if numbers != (APPLICATION_ID, INDEX_VERSION):
        return False
    found = {sql for (sql,) in rows(connection, "SELECT sql FROM sqlite_schema")}
    return found.issuperset(_TABLES)


def create(connection: apsw.Connection, store: Store) -> None:
    """Create the tables in an empty database, unless another process has just created them."""
    with writing(connection):
        if rows(connection, "SELECT 1 FROM sqlite_schema LIMIT 1"):
            return
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", INDEX_VERSION)
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute("INSERT INTO progress VALUES(1, ?, 0, 0, 0, 1, 0, 0)", (store.store_id,))


def empty(connection: apsw.Connection) -> None:
    """Make the file an empty database, even if it is damaged: https://www.sqlite.org/c3ref/c_dbconfig_defensive.html."""
    connection.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 1)
    try:
        connection.execute("VACUUM")
    finally:
        connection.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 0)


def mark_of(connection: apsw.Connection, store: Store) -> Mark | None:
    """Return the newest indexed change; None if the index belongs to another store."""
    row = first_row(connection, "SELECT store_id, counter, piece, at FROM progress WHERE one = 1")
    return Mark(*row[1:]) if row and row[0] == store.store_id else None


def average_length(connection: apsw.Connection) -> AverageLength:
    """Return the average length of the Pieces indexed so far."""
    return AverageLength(*(first_row(connection, "SELECT words, pieces FROM progress") or (0, 0)))


def problems(connection: apsw.Connection) -> list[str]:
    """List what SQLite and FTS5 find wrong with the file; raise if they cannot check it."""
    if not connection.readonly("main"):
        connection.execute("INSERT INTO words(words, rank) VALUES('integrity-check', 0)")
    damage = [str(row[0]).splitlines()[0] for row in rows(connection, "PRAGMA quick_check(20)")]
    orphans = scalar(connection, "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM pieces)")
    return [
        *(f"the index is damaged: {line}" for line in damage if line != "ok"),
        *([f"{orphans} entries belong to no Piece"] if orphans else []),
    ]
