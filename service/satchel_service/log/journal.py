"""The connection between the database's commits and the log: implements `satchel_service.database.Journal`.

Nothing runs between requests. A commit starts a task that puts entries until the queue is empty, and each request
whose response depends on an entry waits for it. The request whose commit made a snapshot due stores the snapshot
before its response leaves. If the instance is suspended at any point, the worst case is an unknown outcome, which the
rules of the log resolve.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import apsw

from satchel_service.database import DatabaseError, DatabaseFullError
from satchel_service.log.errors import FencedError, FullStoreError, LogError, UncertainError
from satchel_service.log.format import Snapshot, WriterId
from satchel_service.log.history import History
from satchel_service.log.policy import DEFAULT, ERASURE, Policy
from satchel_service.log.replica import find_migration, image_of
from satchel_service.log.retention import Retention
from satchel_service.log.store import LogStore
from satchel_service.log.writer import Writer

STORE_TIMEOUT_S: Final = 20.0  # below the request time-out of any platform; the entry stays in flight
FIRST_DELAY_S: Final = 0.05
MAX_DELAY_S: Final = 1.0
CLOSE_TIMEOUT_S: Final = 2.0  # platforms give an instance a few seconds to stop
CONFIRM_AFTER_S: Final = 5.0
"""How long an instance without writes assumes that it is the only one. A revoked share is refused everywhere after
at most this long, at the cost of one small get per interval with requests."""


def retry_delays(timeout_s: float) -> Iterator[float]:
    """Yield the delay after each failure, in seconds, until their sum would exceed the timeout."""
    delay_s = FIRST_DELAY_S
    while delay_s <= timeout_s:
        yield delay_s
        timeout_s -= delay_s
        delay_s = min(2 * delay_s, MAX_DELAY_S)


async def retry(call: Callable[[], Awaitable[None]], timeout_s: float = STORE_TIMEOUT_S) -> None:
    """Call until the outcome is known. Raise UncertainError if it is still unknown after the timeout.

    Raise FullStoreError at once: waiting makes no room.
    """
    for delay_s in retry_delays(timeout_s):
        try:
            return await call()
        except FullStoreError:
            raise
        except UncertainError:
            await asyncio.sleep(delay_s)
    return await call()


class LogJournal:
    """Makes commits durable by putting their changesets into the log. Belongs to one event loop.

    `begin`, `commit` and `rollback` are called in the database's thread, everything else in the loop. `on_fatal` is
    called once, in the loop, when this instance must never respond again: another instance has taken over, or an
    unexpected failure occurred. Delete the local database and exit.
    """

    def __init__(
        self,
        store: LogStore,
        history: History,
        writer: WriterId,
        clock: Callable[[], int],
        on_fatal: Callable[[], None],
        *,
        policy: Policy = DEFAULT,
        timeout_s: float = STORE_TIMEOUT_S,
        confirm_after_s: float = CONFIRM_AFTER_S,
    ) -> None:
        """`clock` returns milliseconds since 1970."""
        self._store = store
        self._policy = policy
        self._writer = Writer(store, history, writer, clock, policy)
        self._on_fatal = on_fatal
        self._timeout_s = timeout_s
        self._confirm_after_s = confirm_after_s
        self._confirmed_s = time.monotonic()  # opening the log has just read the store
        self._confirming = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._waiters: list[tuple[int, asyncio.Future[bool]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._storing: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._is_full = False  # the last put found the store full
        self._is_erasing = False  # the snapshot in progress will replace the whole log
        self._connection: apsw.Connection
        self._session: apsw.Session | None = None

    async def log_migration(self, path: Path) -> None:
        """Log the database at `path` as a whole if opening it has migrated it. Call it before serving.

        Raise DatabaseError if the migration could not be logged; the database must not be used then.
        """
        schema = self._writer.history.schema
        migrated = await asyncio.to_thread(find_migration, path, schema)
        if migrated is not None:
            try:
                await retry(lambda: self._writer.migrate(migrated.image, migrated.schema), self._timeout_s)
            except LogError as exc:
                raise DatabaseError(exc.message) from exc

    async def close(self) -> None:
        """Wait briefly for the work in progress. Unacknowledged transactions may or may not reach the log."""
        tasks = [task for task in (self._flushing, self._storing) if task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S)

    def erase_history(self) -> None:
        """Make a snapshot after the next commit replace the whole log, so nothing earlier can be recovered.

        If that snapshot fails, the following commit tries again.
        """
        self._writer.is_snapshot_requested = True

    @property
    def is_history_erased(self) -> bool:
        """Whether a snapshot has replaced the whole log since `erase_history` was called."""
        return not (self._writer.is_snapshot_requested or self._is_erasing)

    @property
    def is_fenced(self) -> bool:
        """Whether another instance has taken over the log."""
        return self._writer.is_fenced

    # -- in the database's thread --------------------------------------------------------------------------

    def begin(self, connection: apsw.Connection) -> None:
        """Start recording the changes of a transaction."""
        self._connection = connection
        self._session = apsw.Session(connection, "main")
        self._session.attach()

    def commit(self) -> int:
        """Queue the changes of the transaction and return its position."""
        try:
            changeset = self._end_session()
            if changeset:
                self._writer.append(changeset, self._image() if self._writer.needs_image else None)
                self._loop.call_soon_threadsafe(self._start_flushing)
        except BaseException as exc:
            self._failure = exc  # the database now holds a transaction that the log never will
            self._loop.call_soon_threadsafe(self._report_fatal)
            raise
        return self._writer.position

    def rollback(self) -> None:
        """Discard the recorded changes."""
        self._end_session()

    def _image(self) -> bytes:
        if self._writer.is_snapshot_requested:
            self._writer.is_snapshot_requested, self._is_erasing = False, True
        return image_of(self._connection)

    def _end_session(self) -> bytes:
        session, self._session = self._session, None
        if session is None:
            return b""
        changeset = b"" if session.is_empty else bytes(session.changeset())
        session.close()
        return changeset

    # -- the output gate -----------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The position of the latest commit that changed something."""
        return self._writer.position

    async def wait_until_durable(self, position: int) -> None:
        """Return once every transaction up to `position` is in the log and this instance was recently confirmed.

        A snapshot that is due is stored first. Raise DatabaseError if the log's store does not respond or another instance
        has taken over.
        """
        try:
            await self._wait_for_entries(position)
            await self._confirm_if_stale()
        except FullStoreError as exc:
            raise DatabaseFullError(exc.message) from exc
        except LogError as exc:
            raise DatabaseError(exc.message) from exc
        await self._store_due_snapshot()

    async def _wait_for_entries(self, position: int) -> None:
        while not self._is_durable(position):
            waiter = self._loop.create_future()
            self._waiters.append((position, waiter))
            self._start_flushing()
            if not await waiter and not self._writer.is_fenced:
                if self._is_full:
                    raise FullStoreError("the store of the log is full")
                raise UncertainError("the store of the log does not respond")

    def _is_durable(self, position: int) -> bool:
        if self._failure is not None:
            raise DatabaseError("the log failed; this instance cannot continue") from self._failure
        return self._writer.is_durable(position)

    async def _confirm_if_stale(self) -> None:
        """Check with the store that no other instance has taken over, unless a recent request has confirmed that."""
        asked_s = time.monotonic()
        if asked_s - self._confirmed_s <= self._confirm_after_s:
            return
        async with self._confirming:
            while asked_s - self._confirmed_s > self._confirm_after_s:
                began_s = time.monotonic()
                try:
                    is_alone = await self._writer.confirm()
                except FencedError:
                    self._report_fatal()
                    raise
                if is_alone:
                    self._confirmed_s = began_s
                else:
                    await self._wait_for_entries(self._writer.position)

    # -- the put in flight -----------------------------------------------------------------------------------

    def _start_flushing(self) -> None:
        if self._flushing is None:
            self._flushing = self._loop.create_task(self._flush())

    async def _flush(self) -> None:
        """Put entries until the queue is empty or an outcome stays unknown for too long."""
        self._is_full = False
        try:
            while self._writer.has_work:
                began_s = time.monotonic()
                await retry(self._writer.advance, self._timeout_s)
                self._confirmed_s = began_s
                self._wake_durable()
        except UncertainError as exc:
            self._is_full = isinstance(exc, FullStoreError)
        except FencedError:
            self._report_fatal()
        except Exception as exc:
            self._failure = exc
            self._report_fatal()
            raise
        finally:
            self._flushing = None
            self._wake_durable()
            self._fail_waiters()

    def _wake_durable(self) -> None:
        """Wake the requests whose transactions are in the log."""
        durable = self._writer.durable
        for position, waiter in self._waiters:
            if position <= durable and not waiter.done():
                waiter.set_result(True)
        self._waiters = [held for held in self._waiters if held[0] > durable]

    def _fail_waiters(self) -> None:
        """Wake the remaining requests, whose outcome is unknown. The entry stays in flight for the next request."""
        held, self._waiters = self._waiters, []
        for _, waiter in held:
            if not waiter.done():
                waiter.set_result(False)

    def _report_fatal(self) -> None:
        callback, self._on_fatal = self._on_fatal, _ignore
        callback()

    # -- snapshots -------------------------------------------------------------------------------------------

    async def _store_due_snapshot(self) -> None:
        snapshot = self._writer.take_snapshot()
        if snapshot is not None:
            self._storing = self._loop.create_task(self._store_snapshot(snapshot))
            await asyncio.shield(self._storing)

    async def _store_snapshot(self, snapshot: Snapshot) -> None:
        """Store a snapshot and truncate. A failure only leaves the log longer; the next snapshot tries again."""
        policy = ERASURE if self._is_erasing else self._policy
        retention = Retention(self._store, self._writer.history, policy)
        try:
            if await retention.store_snapshot(snapshot):
                await retention.truncate()
                self._is_erasing = False
        except UncertainError:
            return
        finally:
            if self._is_erasing:
                self._writer.is_snapshot_requested, self._is_erasing = True, False
            self._writer.finish_snapshot()


def _ignore() -> None:
    """Replace the callback after its only call."""
