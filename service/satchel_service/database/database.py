"""Rows as tuples. The tables are STRICT, so a column has the type its schema says; the type checker cannot know.

The one place through which the micro-database is read and written.

One thread owns the file: a connection that writes and one that can only read. `write(fn)` runs `fn` in a
transaction, `read(fn)` in a snapshot; both return, or raise what `fn` raised, only when everything that `fn` could
see is durable: in the log, that is. The file itself is a copy for this process alone, and nothing of it is synced.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw

from satchel_service.database.journal import Journal
from satchel_service.database.schema import APPLICATION_ID, MIGRATIONS


def rows(
    db: apsw.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement and return everything it yields."""
    return list(db.execute(sql, values))


def row(
    db: apsw.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> tuple[Any, ...] | None:
    """Run one statement and return its first row."""
    return db.execute(sql, values).fetchone()


T = TypeVar("T")
Work = Callable[[apsw.Connection], T]

PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=OFF",  # the log is what lasts
    "PRAGMA secure_delete=ON",  # what was deleted leaves no trace in free pages
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
)


class DatabaseError(Exception):
    """The micro-database cannot be used: it is damaged, full, from a newer version, or its log does not answer."""


class Database:
    """The micro-database in a file of its own; every method but `open` and `close` belongs to one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._journal: Journal
        self._writer: apsw.Connection
        self._reader: apsw.Connection

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once that is durable. An exception undoes all of it."""
        return await self._gated(self._write, work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one snapshot, where it cannot write; return its result once what it saw is durable."""
        return await self._gated(self._read, work)

    def forget_history(self) -> None:
        """Let the next write that changes something leave nothing earlier to be recovered."""
        self._journal.forget_history()

    @property
    def is_history_forgotten(self) -> bool:
        """Whether what `forget_history` asked for has been done; if not, the next write that changes something tries."""
        return self._journal.is_history_forgotten

    async def drop_old_pages(self) -> None:
        """Keep nothing of what was deleted: SQLite's own write-ahead log holds pages as they were, and is emptied."""
        await self._gated(lambda work: work(self._writer), _empty_log)

    def open(self, path: Path, journal: Journal) -> None:
        """Make or migrate the file. Blocks; DatabaseError says why it cannot be."""
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
        """Finish what is running, and let the file go. Blocks."""
        self._thread.shutdown()
        for name in ("_reader", "_writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                connection.close()

    async def _gated(self, run: Callable[[Work[T]], T], work: Work[T]) -> T:
        """Hold back the result, an exception too, until everything it may be built on is durable."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, run, work)
        except (apsw.BusyError, apsw.FullError, apsw.IOError, apsw.CorruptError, apsw.NotADBError) as exc:
            raise DatabaseError(f"the micro-database failed: {type(exc).__name__}") from exc
        finally:
            await self._journal.settled(self._journal.position)

    def _write(self, work: Work[T]) -> T:
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._journal.begin(connection)
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(apsw.SQLError):  # SQLite has already undone it after some failures
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


def _empty_log(connection: apsw.Connection) -> None:
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _migrate(connection: apsw.Connection) -> None:
    version = int(connection.pragma("user_version"))
    if version > len(MIGRATIONS):
        raise DatabaseError(
            f"the micro-database has version {version}; this satchel-service knows {len(MIGRATIONS)}"
        )
    if version and connection.pragma("application_id") != APPLICATION_ID:
        raise DatabaseError("the file is another program's database")
    for number in range(version, len(MIGRATIONS)):
        with connection:
            connection.execute(MIGRATIONS[number])
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number + 1)
