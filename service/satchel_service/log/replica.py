"""The local SQLite file: built from the log, and checked before its changes are logged."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import apsw
import msgspec

from satchel_service.log.errors import DamagedLogError, UnloggableError

MODE: Final = 0o600
DISK_ERRORS: Final[dict[type[Exception], int]] = {
    apsw.FullError: errno.ENOSPC,
    apsw.IOError: errno.EIO,
    apsw.CantOpenError: errno.EIO,
}

_UNLOGGABLE: Final = """
SELECT 'trigger ' || name, 'its effects would be applied twice'
    FROM sqlite_schema WHERE type = 'trigger'
UNION ALL SELECT 'virtual table ' || name, 'a session records its shadow tables but not the table itself'
    FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'
UNION ALL SELECT 'table ' || name, 'a session skips a table without a primary key'
    FROM sqlite_schema AS t WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk)
UNION ALL SELECT 'table ' || t.name, 'a session skips a row whose primary key is null'
    FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c JOIN pragma_table_list AS l ON l.name = t.name
    WHERE t.type = 'table' AND c.pk AND NOT c."notnull" AND NOT l.wr AND upper(c.type) <> 'INTEGER'
UNION ALL SELECT 'table ' || name, 'AUTOINCREMENT keeps its count in a table that a session skips'
    FROM sqlite_schema WHERE type = 'table' AND name = 'sqlite_sequence'
"""


class MigratedDatabase(msgspec.Struct, frozen=True):
    """A database whose schema version differs from the one in the log, as SQLite's bytes."""

    schema: int
    image: bytes


def build_database(path: Path, image: bytes | None, changesets: Sequence[bytes]) -> None:
    """Write an image with changesets applied to a new file, replacing an older one. Blocks.

    Nothing is synced, because the log is the durable copy. Raise DamagedLogError if the image is not a database or
    a changeset does not fit; OSError if the disk fails or is full.
    """
    for stale in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        stale.unlink(missing_ok=True)
    path.touch(mode=MODE)
    path.write_bytes(image or b"")
    try:
        connection = apsw.Connection(str(path))
        try:
            connection.execute("PRAGMA synchronous=OFF")
            apply_changesets(connection, changesets)
        finally:
            connection.close()
    except tuple(DISK_ERRORS) as exc:
        raise disk_error(exc) from exc
    except apsw.Error as exc:
        raise DamagedLogError(f"the log does not hold a database: {exc}") from exc


def apply_changesets(connection: apsw.Connection, changesets: Sequence[bytes]) -> None:
    """Apply changesets in one transaction. Raise DamagedLogError on any conflict: nothing else writes this database.

    Raise `apsw.FullError` or `apsw.IOError` if the disk fails.
    """
    if not changesets:
        return
    with connection:
        for number, changeset in enumerate(changesets):
            try:
                apsw.Changeset.apply(changeset, connection)
            except tuple(DISK_ERRORS):
                raise
            except (apsw.Error, ValueError) as exc:
                raise DamagedLogError(
                    f"changeset {number} does not fit the database before it: {exc}"
                ) from exc


def disk_error(error: Exception) -> OSError:
    """Return an error of SQLite about the disk, one of `DISK_ERRORS`, as the operating system's."""
    number = DISK_ERRORS[type(error)]
    return OSError(number, os.strerror(number))


def image_of(connection: apsw.Connection) -> bytes:
    """Return the whole database as SQLite's bytes, including pages that are only in its write-ahead log."""
    return bytes(connection.serialize("main"))


def find_migration(path: Path, schema: int) -> MigratedDatabase | None:
    """Return the database at `path` if its schema version differs from `schema`. Blocks.

    Raise UnloggableError if changesets cannot record every change to it.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        for what, reason in connection.execute(_UNLOGGABLE):
            raise UnloggableError(f"{what} cannot be logged: {reason}")
        version = int(connection.pragma("user_version"))
        return None if version == schema else MigratedDatabase(version, image_of(connection))
    finally:
        connection.close()
