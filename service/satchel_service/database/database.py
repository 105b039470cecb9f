"""The one place through which the micro-database is read and written.

One thread owns the file: a connection that writes and one that can only read. `write(fn)` runs `fn` in a
transaction, `read(fn)` in a snapshot; both return, or raise what `fn` raised, only when everything that `fn` could
see is durable. A lock on the directory keeps a second process out.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import apsw

from satchel_service.database.journal import Journal
from satchel_service.database.schema import APPLICATION_ID, MIGRATIONS

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]

FILE_NAME: Final = "cloud.db"
LOCK_NAME: Final = "lock"
LOCK_PATIENCE_S: Final = 10.0  # longer than a graceful stop
PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",  # what was deleted leaves no trace in free pages
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
)


class DatabaseError(Exception):
    """The micro-database cannot be used: another process has it, it is damaged, full or from a newer version."""


class Database:
    """The micro-database in a directory of its own; every method but `open` and `close` belongs to one event loop."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.path = folder / FILE_NAME
        self._folder = folder
        self._journal = journal
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._lock: int | None = None
        self._writer: apsw.Connection
        self._reader: apsw.Connection

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once that is durable. An exception undoes all of it."""
        return await self._gated(self._write, work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one snapshot, where it cannot write; return its result once what it saw is durable."""
        return await self._gated(self._read, work)

    def open(self) -> None:
        """Take the lock, make or migrate the file. Blocks; DatabaseError says why it cannot be."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(self._folder / LOCK_NAME)
            self._writer = apsw.Connection(str(self.path))
            self._writer.set_busy_timeout(1000)
            for pragma in PRAGMAS:
                self._writer.execute(pragma)
            _migrate(self._writer)
            self._reader = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        except (OSError, apsw.Error) as exc:
            raise DatabaseError(f"cannot open {str(self.path)!r}: {exc}") from exc

    def close(self) -> None:
        """Finish what is running, fold the write-ahead log into the file, give the lock back. Blocks."""
        self._thread.shutdown()
        for name in ("_reader", "_writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                connection.close()
        if self._lock is not None:
            os.close(self._lock)

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


def _locked(path: Path) -> int:
    """Take the lock; a predecessor that is just stopping gets LOCK_PATIENCE_S to let it go."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise DatabaseError(f"another process uses {str(path.parent)!r}") from exc
            time.sleep(0.02)
        else:
            return descriptor


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
