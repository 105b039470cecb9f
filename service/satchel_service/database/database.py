"""The micro-database: one SQLite file, written by one thread.

`write(fn)` runs `fn` in a transaction; `read(fn)` and `look_up(fn)` run it on a snapshot. All return its result, or
raise its exception, only once every transaction that `fn` could see is durable, which a `Journal` decides. The file
itself is a local copy for this process and is never synced.

Writes that wait for the thread at the same time share a transaction, each in its own savepoint. A change that can
wait for the next transaction, such as a counter, is a `Deferred` write.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import apsw

from satchel_service.database.schema import APPLICATION_ID, MIGRATIONS
from satchel_service.reserve import Reserve, open_reserve

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]

PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=OFF",  # the log is the durable copy
    "PRAGMA secure_delete=ON",  # deleted data leaves no trace in free pages
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
)


RESERVE_BYTES: Final = 1024 * 1024  # lets writes through while the disk of the local copy is full
BATCH_WRITES: Final = 64  # how many writes share a transaction at most

FAILURES: Final = (apsw.BusyError, apsw.FullError, apsw.IOError, apsw.CorruptError, apsw.NotADBError)


class DatabaseError(Exception):
    """The micro-database cannot be used: it is damaged, full or newer than this version, or its log is unavailable."""


class DatabaseFullError(DatabaseError):
    """The disk or the store of the log has no room left."""


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
        """Make every state before the next commit unrecoverable once that commit is durable."""

    @property
    def is_history_erased(self) -> bool:
        """Whether the latest call of `erase_history` has taken effect."""


class Deferred(NamedTuple):
    """A write that joins the next transaction; `undo` is called in the event loop if that transaction fails."""

    work: Work[None]
    undo: Callable[[], None]


class Queued(NamedTuple, Generic[T]):
    """A write that waits for the thread."""

    work: Work[T]
    outcome: asyncio.Future[T]
    context: contextvars.Context

    def run(self, connection: apsw.Connection) -> T:
        """Run the work in the context of the request that asked for it."""
        return self.context.run(self.work, connection)


class Database:
    """The micro-database in a local file. All methods except `open` and `close` belong to one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._journal: Journal
        self._reserve: Reserve
        self._writer: apsw.Connection
        self._reader: apsw.Connection
        self._lookup_reader: apsw.Connection | None = None
        self._queue: list[Queued[Any]] = []
        self._batch: asyncio.Future[list[Outcome]] | None = None
        self._deferred: list[Callable[[], Deferred | None]] = []

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once it is durable. An exception rolls everything back.

        `work` runs in a thread, with the context variables of the caller. Raise DatabaseError if SQLite or the journal fails.
        """
        queued = Queued(work, asyncio.get_running_loop().create_future(), contextvars.copy_context())
        self._queue.append(queued)
        if self._batch is None:
            self._start_batch()
        return await self._gated(queued.outcome)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a read-only snapshot and return its result once everything it saw is durable.

        Raise DatabaseError if SQLite or the journal fails.
        """
        return await self._gated(self._run_in_thread(_read, self._reader, work))

    async def look_up(self, work: Work[T]) -> T:
        """Do the same as `read`, but in the event loop itself: for reads of a few rows by primary key.

        Raise DatabaseError if SQLite or the journal fails.
        """
        return await self._gated(self._look_up(work))

    def add_deferred(self, take: Callable[[], Deferred | None]) -> None:
        """Call `take` in the event loop before each transaction; the write that it returns joins the transaction."""
        self._deferred.append(take)

    def erase_history(self) -> None:
        """Make every state before the next write that changes something unrecoverable."""
        self._journal.erase_history()

    @property
    def is_history_erased(self) -> bool:
        """Whether the latest call of `erase_history` has taken effect. If not, the next changing write tries again."""
        return self._journal.is_history_erased

    async def truncate_wal(self) -> None:
        """Empty SQLite's write-ahead log, which still contains deleted pages."""
        await self._gated(self._run_in_thread(_checkpoint, self._writer))

    def open(self, path: Path, journal: Journal) -> None:
        """Open the file, creating or migrating it. Blocks. Raise DatabaseError if it cannot be used."""
        self._journal = journal
        self._path = str(path)
        self._reserve = Reserve(partial(open_reserve, path.with_name("reserve")), RESERVE_BYTES)
        self._reserve.fill()
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
        for name in ("_lookup_reader", "_reader", "_writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                connection.close()

    async def _gated(self, outcome: Awaitable[T]) -> T:
        """Hold back a result or exception until everything it could depend on is durable."""
        try:
            return await outcome
        except apsw.FullError as exc:
            raise DatabaseFullError("the disk of the micro-database is full") from exc
        except FAILURES as exc:
            raise DatabaseError(f"the micro-database failed: {type(exc).__name__}") from exc
        finally:
            await self._journal.wait_until_durable(self._journal.position)

    def _run_in_thread(self, call: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    async def _look_up(self, work: Work[T]) -> T:
        if self._lookup_reader is None:
            self._lookup_reader = apsw.Connection(self._path, flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return _read(self._lookup_reader, work)
        finally:
            if (
                self._batch is not None
            ):  # the read may have seen a commit that has no position in the journal yet
                await asyncio.wait([self._batch])

    def _start_batch(self) -> None:
        """Hand queued writes to the thread, with deferred ones before them."""
        batch, self._queue = self._queue[:BATCH_WRITES], self._queue[BATCH_WRITES:]
        deferred = [write for take in self._deferred if (write := take()) is not None]
        works = [*(write.work for write in deferred), *(queued.run for queued in batch)]
        self._batch = self._run_in_thread(self._write_batch, works, len(deferred))
        self._batch.add_done_callback(lambda done: self._finish_batch(batch, deferred, done))

    def _finish_batch(
        self, batch: list[Queued[Any]], deferred: list[Deferred], done: "asyncio.Future[list[Outcome]]"
    ) -> None:
        self._batch = None
        error = done.exception()
        outcomes = done.result() if error is None else [Outcome(error=error)] * (len(deferred) + len(batch))
        for write, outcome in zip(deferred, outcomes, strict=False):
            if outcome.error is not None:
                write.undo()
        for queued, outcome in zip(batch, outcomes[-len(batch) :], strict=True):
            outcome.settle(queued.outcome)
        if self._queue:
            self._start_batch()

    def _write_batch(self, works: Sequence[Work[Any]], deferred: int) -> list["Outcome"]:
        """Run writes in one transaction. On a full disk, take the room from the reserve."""
        outcomes = self._reserve.write(lambda: self._transact(works, deferred), full=apsw.FullError)
        self._reserve.fill()
        return outcomes

    def _transact(self, works: Sequence[Work[Any]], deferred: int) -> list["Outcome"]:
        """Run writes in one transaction; each one that fails is undone alone.

        The first ones are deferred. They take effect only with one of the others, so a refused write costs no commit.
        """
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._journal.begin(connection)
            outcomes = [_attempt(connection, work) for work in works]
            has_changes = any(outcome.error is None for outcome in outcomes[deferred:])
            connection.execute("COMMIT" if has_changes else "ROLLBACK")
        except BaseException:
            with suppress(apsw.SQLError):  # after some failures SQLite has already rolled back
                connection.execute("ROLLBACK")
            self._journal.rollback()
            raise
        if has_changes:
            self._journal.commit()
        else:
            self._journal.rollback()
            outcomes[:deferred] = [Outcome(error=NothingJoinedError())] * deferred
        return outcomes


class NothingJoinedError(Exception):
    """Every write that a deferred one could have joined has failed."""


class Outcome(NamedTuple):
    """The result of one write, or its exception."""

    result: Any = None
    error: BaseException | None = None

    def settle(self, future: asyncio.Future[Any]) -> None:
        """Pass the outcome on, unless the request that waited for it was cancelled."""
        if future.done():
            return
        if self.error is None:
            future.set_result(self.result)
        else:
            future.set_exception(self.error)


def _attempt(connection: apsw.Connection, work: Work[Any]) -> Outcome:
    """Run one write in a savepoint. Raises if SQLite has rolled back the whole transaction."""
    connection.execute("SAVEPOINT attempt")
    try:
        outcome = Outcome(work(connection))
    except Exception as exc:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO attempt")
        outcome = Outcome(error=exc)
    connection.execute("RELEASE attempt")
    return outcome


def _read(connection: apsw.Connection, work: Work[T]) -> T:
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
