"""The log behind the micro-database's commits: implements `satchel_service.database.Journal`.

Nothing runs between requests. A commit starts a task that puts entries while there are some; every request whose
answer depends on it waits for it. A snapshot is put by the request whose commit made it due, before its answer
leaves. A pause at any point, a stopped CPU included, is at worst an unknown outcome, and the rules resolve it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import apsw

from satchel_service.database import DatabaseError
from satchel_service.log.errors import FencedError, LogError, UncertainError
from satchel_service.log.format import Snapshot, WriterId
from satchel_service.log.policy import FORGETTING, STANDARD, Policy
from satchel_service.log.reader import Reading
from satchel_service.log.replica import image_of, inspect
from satchel_service.log.retention import Keeper
from satchel_service.log.store import LogStore
from satchel_service.log.writer import Writer

PATIENCE_S: Final = 20.0  # less than any platform gives a request; the entry stays in flight for the next one
FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
CLOSING_S: Final = 2.0  # of the few seconds that a platform gives an instance to stop
STALE_S: Final = 5.0
"""How long an instance that nobody has written through believes that it is the only one. A revoked share is refused
everywhere after at most this, for one small GET each time it has passed."""


def pauses(patience_s: float) -> Iterator[float]:
    """Yield how long to wait after each failure, until patience ends; nothing is worked out where nothing fails."""
    pause_s = FIRST_PAUSE_S
    while pause_s <= patience_s:
        yield pause_s
        patience_s -= pause_s
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def insist(call: Callable[[], Awaitable[None]], patience_s: float = PATIENCE_S) -> None:
    """Call until the outcome is known; UncertainError once patience has ended."""
    for pause_s in pauses(patience_s):
        try:
            return await call()
        except UncertainError:
            await asyncio.sleep(pause_s)
    return await call()


class LogJournal:
    """Makes commits durable by putting their changesets into the log. Belongs to one event loop.

    `begin`, `commit` and `rollback` are called in the database's thread, `settled` and the rest in the loop.
    `on_ended` is called once, in the loop, when this instance can never answer again, because another one has
    taken over or because of a failure that nothing provides for: drop the local database and leave.
    """

    def __init__(
        self,
        store: LogStore,
        reading: Reading,
        writer: WriterId,
        clock: Callable[[], int],
        on_ended: Callable[[], None],
        *,
        policy: Policy = STANDARD,
        patience_s: float = PATIENCE_S,
        stale_s: float = STALE_S,
    ) -> None:
        """`clock` tells milliseconds since 1970."""
        self._store = store
        self._policy = policy
        self._writer = Writer(store, reading.history, writer, clock, policy)
        self._on_ended = on_ended
        self._patience_s = patience_s
        self._stale_s = stale_s
        self._confirmed_s = time.monotonic()  # the opening has just asked
        self._confirming = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._waiters: list[tuple[int, asyncio.Future[bool]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._forgets = False  # whether the snapshot under way is to replace the whole log
        self._connection: apsw.Connection
        self._session: apsw.Session | None = None

    async def adopt(self, path: Path) -> None:
        """Once the database is open and before it serves: log a migration that opening it has made.

        DatabaseError: it could not be logged, the database must not be used.
        """
        schema = self._writer.history.schema
        migrated = await asyncio.to_thread(inspect, path, schema)
        if migrated is not None:
            try:
                await insist(lambda: self._writer.migrate(migrated.image, migrated.schema), self._patience_s)
            except LogError as exc:
                raise DatabaseError(exc.message) from exc

    async def close(self) -> None:
        """Wait a moment for what is in flight; nobody was told of it, so it may or may not end up in the log."""
        tasks = [task for task in (self._flushing, self._keeping) if task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING_S)

    def forget_history(self) -> None:
        """Let a snapshot after the next commit replace the whole log at once: nothing earlier can be recovered.

        Should that snapshot fail, the commit after it brings another.
        """
        self._writer.is_image_wanted = True

    @property
    def is_history_forgotten(self) -> bool:
        """Whether a snapshot has replaced the whole log since `forget_history` was called."""
        return not (self._writer.is_image_wanted or self._forgets)

    @property
    def is_fenced(self) -> bool:
        """Whether another instance has the log."""
        return self._writer.is_fenced

    # -- in the database's thread --------------------------------------------------------------------------

    def begin(self, connection: apsw.Connection) -> None:
        """Record what the transaction changes."""
        self._connection = connection
        self._session = apsw.Session(connection, "main")
        self._session.attach()

    def commit(self) -> int:
        """Queue what the transaction has changed."""
        try:
            changeset = self._end_session()
            if changeset:
                self._writer.append(changeset, self._image() if self._writer.wants_image else None)
                self._loop.call_soon_threadsafe(self._flush_soon)
        except BaseException as exc:
            self._failure = exc  # the database has what the log will never have
            self._loop.call_soon_threadsafe(self._end)
            raise
        return self._writer.position

    def _image(self) -> bytes:
        if self._writer.is_image_wanted:
            self._writer.is_image_wanted, self._forgets = False, True
        return image_of(self._connection)

    def rollback(self) -> None:
        """Forget what was recorded."""
        self._end_session()

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

    async def settled(self, position: int) -> None:
        """Return once everything up to `position` is in the log; DatabaseError when it is not known to be.

        That nobody has taken over is known as of STALE_S ago. A snapshot that is due is put before this returns.
        """
        try:
            await self._until_durable(position)
            await self._confirm_if_stale()
        except LogError as exc:
            raise DatabaseError(exc.message) from exc
        await self._keep_if_due()

    async def _until_durable(self, position: int) -> None:
        while not self._is_durable(position):
            waiter = self._loop.create_future()
            self._waiters.append((position, waiter))
            self._flush_soon()
            if not await waiter and not self._writer.is_fenced:
                raise UncertainError("the store of the log does not answer")

    def _is_durable(self, position: int) -> bool:
        if self._failure is not None:
            raise DatabaseError("the log failed; this instance cannot go on") from self._failure
        return self._writer.is_durable(position)

    async def _confirm_if_stale(self) -> None:
        """Ask the store whether another instance has taken over, if nothing has told for long."""
        asked_s = time.monotonic()
        if asked_s - self._confirmed_s <= self._stale_s:
            return
        async with self._confirming:
            while asked_s - self._confirmed_s > self._stale_s:
                began_s = time.monotonic()
                try:
                    is_alone = await self._writer.confirm()
                except FencedError:
                    self._end()
                    raise
                if is_alone:
                    self._confirmed_s = began_s
                else:
                    await self._until_durable(self._writer.position)

    # -- the put in flight -----------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = self._loop.create_task(self._flush())

    async def _flush(self) -> None:
        """Put entries until nothing is queued, or an outcome stays unknown for too long."""
        try:
            while self._writer.has_work:
                began_s = time.monotonic()
                await insist(self._writer.advance, self._patience_s)
                self._confirmed_s = began_s
                self._release()
        except UncertainError:
            pass
        except FencedError:
            self._end()
        except Exception as exc:
            self._failure = exc
            self._end()
            raise
        finally:
            self._flushing = None
            self._release()
            self._give_up()

    def _release(self) -> None:
        """Wake the requests whose commits are in the log."""
        durable = self._writer.durable
        for position, waiter in self._waiters:
            if position <= durable and not waiter.done():
                waiter.set_result(True)
        self._waiters = [held for held in self._waiters if held[0] > durable]

    def _give_up(self) -> None:
        """Wake the others too: their outcome is unknown. What is in flight stays so for the next request."""
        held, self._waiters = self._waiters, []
        for _, waiter in held:
            if not waiter.done():
                waiter.set_result(False)

    def _end(self) -> None:
        callback, self._on_ended = self._on_ended, _nothing
        callback()

    # -- snapshots -------------------------------------------------------------------------------------------

    async def _keep_if_due(self) -> None:
        snapshot = self._writer.take_snapshot()
        if snapshot is not None:
            self._keeping = self._loop.create_task(self._keep(snapshot))
            await asyncio.shield(self._keeping)

    async def _keep(self, snapshot: Snapshot) -> None:
        """Put a snapshot and truncate. A failure only leaves the log longer; the next snapshot tries again."""
        policy = FORGETTING if self._forgets else self._policy
        keeper = Keeper(self._store, self._writer.history, policy)
        try:
            if await keeper.keep(snapshot):
                await keeper.truncate()
                self._forgets = False
        except UncertainError:
            return
        finally:
            if self._forgets:
                self._writer.is_image_wanted, self._forgets = True, False
            self._writer.end_snapshot()


def _nothing() -> None:
    """Called instead of a callback that has been called."""
