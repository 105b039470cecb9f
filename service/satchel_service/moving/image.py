"""The database of a closed log, as the new log begins with it."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from satchel_service.database import row
from satchel_service.database.schema import MIGRATIONS
from satchel_service.log.errors import DamagedLogError
from satchel_service.log.handover import MoveId
from satchel_service.log.reader import LogContents
from satchel_service.log.replica import DISK_ERRORS, build_database, disk_error, image_of
from satchel_service.moving.errors import MoveRefusedError, UnreachableError

MOVES_KEY: Final = "moves"
"""In `meta`: the ids of the moves that this cloud has made, oldest first, as JSON."""


def image_for_new_log(contents: LogContents, move: MoveId, folder: str) -> bytes:
    """Return the database of a log, without unfinished uploads: their parts belong to the old storage.

    `folder` is where the temporary database goes, if it exists. Raise DamagedLogError, MoveRefusedError if a newer
    version of the service made the database, or UnreachableError if the temporary database cannot be written.
    """
    with _opened(contents, folder) as connection:
        moves = [*_moves_in(connection), move.hex()]
        with connection:
            connection.execute("DELETE FROM uploads WHERE completed IS NULL")
            connection.execute(
                "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", (MOVES_KEY, json.dumps(moves))
            )
        return image_of(connection)


def moves_of(contents: LogContents, folder: str) -> list[str]:
    """Return the ids of the moves that the cloud of a log has made, in hex, oldest first. Raises the same errors."""
    with _opened(contents, folder) as connection:
        return _moves_in(connection)


def _moves_in(connection: apsw.Connection) -> list[str]:
    found = row(connection, "SELECT value FROM meta WHERE key = ?", (MOVES_KEY,))
    return [] if found is None else list(json.loads(found[0]))


@contextmanager
def _opened(contents: LogContents, folder: str) -> Iterator[apsw.Connection]:
    base = folder if folder and Path(folder).is_dir() else None
    with _database_errors(base), tempfile.TemporaryDirectory(dir=base, prefix="satchel-move-") as name:
        path = Path(name) / "cloud.db"
        build_database(path, *contents.state())
        connection = apsw.Connection(str(path))
        try:
            _check_schema(connection)
            yield connection
        finally:
            connection.close()


@contextmanager
def _database_errors(folder: str | None) -> Iterator[None]:
    """Translate failures of the disk to UnreachableError, and a database that SQLite refuses to DamagedLogError."""
    try:
        yield
    except (OSError, apsw.Error) as exc:
        error = disk_error(exc) if type(exc) in DISK_ERRORS else exc
        if not isinstance(error, OSError):
            raise DamagedLogError(f"the log does not hold a database: {exc}") from exc
        place = repr(folder) if folder else "the directory for temporary files"
        raise UnreachableError(
            f"cannot write the temporary database in {place}: {error.strerror}",
            hint="make room there, or set SATCHEL_DATABASE_DIR to another directory; then run the same command again",
        ) from exc


def _check_schema(connection: apsw.Connection) -> None:
    version = int(connection.pragma("user_version"))
    if not 1 <= version <= len(MIGRATIONS):
        raise MoveRefusedError(
            f"the database has schema {version}, which this version of satchel-service does not know",
            hint="use the version of the service that ran last",
        )
