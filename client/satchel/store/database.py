"""Connections to store.db: opening, settings, transactions, and the translation of SQLite's errors.

The protective settings (see docs/spec/store.md): WAL with full synchronization, secure_delete, defensive mode,
no trusted schema, and a check of every cell that is read.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import apsw

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import refuse_link

PAGE_BYTES: Final = 4096  # also the block size of archives: docs/spec/archive.md
Row = tuple[Any, ...]
Value = str | int | float | bytes | None

BUSY_TIMEOUT_MS: Final = 15_000
CACHE_KIB: Final = 8192
_LOG_RETRY_MS: Final = 10
_creating: Final = threading.Lock()


def connect(path: Path) -> apsw.Connection:
    """Open an existing database file, read-only if the file or its directory is not writable.

    NotFoundError if there is no file. The file is not read yet, so damage is not detected.
    """
    try:
        is_there = path.is_file()
    except OSError as error:
        raise _unusable(path) from error
    if not is_there:
        raise NotFoundError(f"there is no store in '{path.parent}'", hint="create one: satchel init")
    with translated(path):
        if _is_writable(path):
            connection = open_file(path, apsw.SQLITE_OPEN_READWRITE)
        else:
            connection = _connect_read_only(path)
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        return connection


def create_file(path: Path) -> None:
    """Create the empty, private file of a database. OSError if that fails: FileExistsError if there is one.

    Closing a file ends all locks that the process has on it, those of SQLite in other threads too. So no thread may
    find the file before it is closed.
    """
    with _creating:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def open_file(path: Path, flags: int, *, is_immutable: bool = False) -> apsw.Connection:
    """Open a database file, whatever the bytes of its name. RefusedError if it is a symbolic link.

    It is named by a URI (https://www.sqlite.org/uri.html), because apsw takes only names that are valid UTF-8.
    """
    refuse_link(path)
    name = os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118  directories may be links
    uri = f"file://{quote(os.fsencode(name))}{'?immutable=1' if is_immutable else ''}"
    return apsw.Connection(uri, flags=flags | apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_NOFOLLOW)


def configure(connection: apsw.Connection) -> None:
    """Apply the settings of a connection. Reads the file, so it fails if the file is not a database."""
    connection.execute(
        f"PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -{CACHE_KIB};"
        "PRAGMA synchronous = FULL"
    ).fetchall()


def turn_on_log(connection: apsw.Connection) -> None:
    """Turn on the write-ahead log, waiting for another process that does the same.

    SQLite does not wait here: two processes that read the file before writing it would wait for each other.
    """
    for _ in range(BUSY_TIMEOUT_MS // _LOG_RETRY_MS):
        with suppress(apsw.BusyError):
            connection.pragma("journal_mode", "wal")
            return
        time.sleep(_LOG_RETRY_MS / 1000)
    connection.pragma("journal_mode", "wal")


def is_read_only(connection: apsw.Connection) -> bool:
    """Whether writing through this connection is impossible or forbidden."""
    return connection.readonly("main") or bool(connection.pragma("query_only"))


def forbid_writing(connection: apsw.Connection) -> None:
    """Forbid all changes. Closing the connection still checkpoints the log."""
    connection.pragma("query_only", value=True)


def rows(connection: apsw.Connection, sql: str, *values: Value) -> list[Row]:
    """Return every row of a query."""
    return connection.execute(sql, values).fetchall()


def first_row(connection: apsw.Connection, sql: str, *values: Value) -> Row | None:
    """Return the first row of a query; None if it has none."""
    return connection.execute(sql, values).fetchone()


def scalar(connection: apsw.Connection, sql: str, *values: Value) -> Any:  # noqa: ANN401 -- as SQL is
    """Return the first column of the first row; None if there is no row."""
    row = first_row(connection, sql, *values)
    return row[0] if row else None


@contextmanager
def writing(connection: apsw.Connection) -> Iterator[None]:
    """Run one write transaction, all or nothing. Wait at most `BUSY_TIMEOUT_MS` for other writers."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(connection: apsw.Connection) -> Iterator[None]:
    """Run several reads on one snapshot."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about a file as satchel's."""
    try:
        yield
    except apsw.Error as error:
        raise _translate(error, path) from error
    except UnicodeDecodeError as error:  # text that is not UTF-8, which SQLite does not check
        raise damaged(path) from error


def _translate(error: apsw.Error, path: Path) -> SatchelError:
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return SatchelError(
                f"'{path}' is locked by another program", hint="try again when it has finished"
            )
        case apsw.FullError():
            return SatchelError(
                f"the disk is full: cannot write '{path}'", hint="free some space; nothing was lost"
            )
        case apsw.ReadOnlyError():
            return SatchelError(f"'{path}' is read-only", hint="copy its directory to a writable place")
        case (
            apsw.CantOpenError()
            | apsw.IOError()
            | apsw.PermissionsError()
            | apsw.AuthError()
            | apsw.ProtocolError()
            | apsw.NoLFSError()
        ):
            return _unusable(path)
        case apsw.NoMemError() | apsw.InterruptError():
            return SatchelError(
                f"an operation on '{path}' was interrupted", hint="try again; nothing was lost"
            )
        case _:
            return damaged(path)


def _unusable(path: Path) -> SatchelError:
    return SatchelError(f"'{path}' cannot be read or written", hint="check its permissions and the disk")


def damaged(path: Path) -> IntegrityError:
    """Return the error for a file that is damaged or not a satchel database."""
    return IntegrityError(
        f"'{path}' is damaged or not a satchel database", hint="restore a backup: satchel restore"
    )


def has_log(path: Path) -> bool:
    """Whether a database file has a write-ahead log with content."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except OSError:
        return False


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _connect_read_only(path: Path) -> apsw.Connection:
    """Open a database read-only.

    To read a WAL database, SQLite creates -shm beside it. If it cannot, and there is no write-ahead log, the file
    is complete and opens as immutable.
    """
    if os.access(path.parent, os.W_OK) or has_log(path):
        return open_file(path, apsw.SQLITE_OPEN_READONLY)
    return open_file(path, apsw.SQLITE_OPEN_READONLY, is_immutable=True)
