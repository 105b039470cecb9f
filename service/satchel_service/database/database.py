"""The micro-database: one SQLite file, read and written by one thread.

`write(fn)` runs `fn` in a transaction and `read(fn)` on a snapshot. Both return its result, or raise its exception,
only once every transaction that `fn` could see is durable, which a `Journal` decides. The file itself is a local copy
for this process and is never synced.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import apsw

from satchel_service.database.schema import APPLICATION_ID, MIGRATIONS

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]

PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=OFF",  # the log is the durable copy
    "PRAGMA secure_delete=ON",  # deleted data leaves no trace in free pages
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
)


class DatabaseError(Exception):
    """The micro-database cannot be used: it is damaged, full or newer than this version, or its log does not answer."""


class Journal(Protocol):
    """Makes committed transactions durable, in commit order. The service's journal is `satchel_service.log.journal`.

    `begin`, `commit` and `rollback` are called in the database's thread, everything else in the event loop.
    """

    def begin(self, connection: apsw.Connection) -> None:
        """Record the changes of a transaction that has just begun on the writing connection."""

    def commit(self) -> int:
        """Take over the changes of the locally committed transaction and return its position; positions increase."""

    def rollback(self) -> None:
        """Discard the recorded changes."""

    @property
    def position(self) -> int:
        """The position of the latest commit: everything that a read beginning now can see."""

    async def wait_until_durable(self, position: int) -> None:
        """Return once every transaction up to `position` is durable. Raise DatabaseError if that cannot be ensured."""

    def erase_history(self) -> None:
        """Make every state before the next commit unrecoverable."""

    @property
    def is_history_erased(self) -> bool:
        """Whether the request of `erase_history` has been carried out."""


class Database:
    """The micro-database in a local file. All methods except `open` and `close` belong to one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._journal: Journal
        self._writer: apsw.Connection
        self._reader: apsw.Connection

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once it is durable. An exception rolls everything back.

        Raise DatabaseError if SQLite or the journal fails.
        """
        return await self._gated(self._write, work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a read-only snapshot and return its result once everything it saw is durable.

        Raise DatabaseError if SQLite or the journal fails.
        """
        return await self._gated(self._read, work)

    def erase_history(self) -> None:
        """Make every state before the next write that changes something unrecoverable."""
        self._journal.erase_history()

    @property
    def is_history_erased(self) -> bool:
        """Whether the request of `erase_history` has been carried out. If not, the next changing write tries again."""
        return self._journal.is_history_erased

    async def truncate_wal(self) -> None:
        """Empty SQLite's write-ahead log, which still contains deleted pages."""
        await self._gated(lambda work: work(self._writer), _checkpoint)

    def open(self, path: Path, journal: Journal) -> None:
        """Open the file, creating or migrating it. Blocks. Raise DatabaseError if it cannot be used."""
        self._journal = journal
        try:
            self._writer = apsw.Connection(str(path))
            self._writer.set_busy_timeout(1000)
            for pragma in PRAGMAS:
                self._writer.execute(pragma)
            _migrate(self._writer)
            self._reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        except apsw.Error as exc:
            raise DatabaseError(f"cannot open {str(path)!r}: {exc}") from exc

    def close(self) -> None:
        """Wait for running work and close the file. Blocks."""
        self._thread.shutdown()
        for name in ("_reader", "_writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                connection.close()

    async def _gated(self, run: Callable[[Work[T]], T], work: Work[T]) -> T:
        """Hold back the result or exception of `work` until everything it could see is durable."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, run, work)
        except (apsw.BusyError, apsw.FullError, apsw.IOError, apsw.CorruptError, apsw.NotADBError) as exc:
            raise DatabaseError(f"the micro-database failed: {type(exc).__name__}") from exc
        finally:
            await self._journal.wait_until_durable(self._journal.position)

    def _write(self, work: Work[T]) -> T:
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._journal.begin(connection)
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(apsw.SQLError):  # after some failures SQLite has already rolled back
                connection.execute("ROLLBACK")
            self._journal.rollback()
            raise
        self._journal.commit()
        return result

    def _read(self, work: Work[T]) -> T:
        connection = self._reader
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            connection.execute("COMMIT")


def rows(
    db: apsw.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement and return all its rows. The tables are STRICT, so columns have the types of the schema."""
    return list(db.execute(sql, values))


def row(
    db: apsw.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> tuple[Any, ...] | None:
    """Run one statement and return its first row, or None if it has none."""
    return db.execute(sql, values).fetchone()


def _checkpoint(connection: apsw.Connection) -> None:
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _migrate(connection: apsw.Connection) -> None:
    version = int(connection.pragma("user_version"))
    if version > len(MIGRATIONS):
        raise DatabaseError(
            f"the micro-database has version {version}; this satchel-service supports up to {len(MIGRATIONS)}"
        )
    if version and connection.pragma("application_id") != APPLICATION_ID:
        raise DatabaseError("the file is a database of another program")
    for number in range(version, len(MIGRATIONS)):
        with connection:
            connection.execute(MIGRATIONS[number])
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number + 1)
