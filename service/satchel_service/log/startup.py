"""The entry points of the log: open it to serve from it, or recover an earlier state into a file."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from satchel_service.database import DatabaseError
from satchel_service.log.errors import ClosedLogError, OutOfReachError, UncertainError
from satchel_service.log.format import entry_key, new_writer_id, writer_text
from satchel_service.log.history import History
from satchel_service.log.journal import LogJournal, retry_delays
from satchel_service.log.policy import DEFAULT, Policy
from satchel_service.log.reader import Opening, RecoveredState, Recovery
from satchel_service.log.replica import build_database
from satchel_service.log.store import LogStore, probe_store

OPEN_TIMEOUT_S: Final = 5.0  # a platform that waits longer for the first response starts another instance


async def open_journal(
    store: LogStore,
    store_id: str,
    path: Path,
    *,
    clock: Callable[[], int],
    entropy: Callable[[int], bytes],
    on_fatal: Callable[[], None],
    policy: Policy = DEFAULT,
) -> LogJournal:
    """Probe the store, read the log, write its database to `path`, and return the journal for further commits.

    `store_id` (letters and digits) identifies the address of the store. `clock` returns milliseconds since 1970,
    `entropy(n)` returns n random bytes. Afterwards, open the database with the journal and call `log_migration`. Raise
    ClosedLogError if the cloud has left this store; UnsafeStoreError, DamagedLogError or UncertainError if the service
    must not start, DatabaseError if the disk of the local database fails or is full.
    """

    async def open_() -> LogJournal:
        # a new id per attempt, so that an entry of an earlier attempt counts as another writer's
        writer = new_writer_id(clock(), entropy)
        _, contents = await asyncio.gather(
            probe_store(store, store_id, writer_text(writer)), Opening(store, policy).run()
        )
        check_open(contents.history)
        try:
            await asyncio.to_thread(build_database, path, *contents.state())
        except OSError as exc:
            raise DatabaseError(f"cannot write the local database {str(path)!r}: {exc.strerror}") from exc
        return LogJournal(store, contents.history, writer, clock, on_fatal, policy=policy)

    for delay_s in retry_delays(OPEN_TIMEOUT_S):
        try:
            return await open_()
        except UncertainError:
            await asyncio.sleep(delay_s)
    return await open_()


def check_open(history: History) -> None:
    """Raise ClosedLogError if the head of the log says that the cloud is not in this store."""
    closed = history.closed
    if closed is None:
        return
    place = f" to {closed.url}" if closed.url else ""
    message, hint = f"the cloud has moved{place}", ""
    if closed.is_awaiting:
        message = "this storage is reserved for a cloud that is being moved here"
        hint = "finish the move, or undo it: satchel-service move --undo"
    raise ClosedLogError(
        message, hint=hint, url=closed.url, head=history.sequence, is_awaiting=closed.is_awaiting
    )


async def is_head(store: LogStore, sequence: int) -> bool:
    """Return whether no entry follows. Raise UncertainError if the store does not respond."""
    return await store.get([entry_key(sequence + 1)]) == [None]


async def recover(store: LogStore, at_ms: int, path: Path, *, policy: Policy = DEFAULT) -> RecoveredState:
    """Write the database as of a time (milliseconds since 1970) to `path` and return the recovered state.

    The log is not changed. Raise OutOfReachError, DamagedLogError or UncertainError.
    """
    recovered = await Recovery(store, policy).run(at_ms)
    if not recovered.schema:
        raise OutOfReachError("the log is empty at that time")
    await asyncio.to_thread(build_database, path, recovered.image, recovered.changesets)
    return recovered
