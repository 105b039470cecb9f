"""The two ways into a log: open it to serve from it, or recover a moment of it into a directory."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from satchel_service.log.errors import OutOfReachError, UncertainError
from satchel_service.log.format import new_writer, writer_text
from satchel_service.log.journal import LogJournal, pauses
from satchel_service.log.policy import STANDARD, Policy
from satchel_service.log.reader import Opening, Recovered, Recovery
from satchel_service.log.replica import build
from satchel_service.log.store import LogStore, prove

OPENING_PATIENCE_S: Final = 5.0  # a platform that waits for the first answer starts another instance by then


async def open_journal(
    store: LogStore,
    store_id: str,
    path: Path,
    *,
    clock: Callable[[], int],
    entropy: Callable[[int], bytes],
    on_ended: Callable[[], None],
    policy: Policy = STANDARD,
) -> LogJournal:
    """Prove the store, read the log and write its database to `path`; return what logs further commits.

    `store_id` (letters and digits) tells one store's address from another's. Then open the database with the
    journal and call `adopt`. UnsafeStoreError, DamagedLogError, UncertainError: do not start.
    """

    async def open_() -> LogJournal:
        writer = new_writer(clock(), entropy)  # of this try alone: what an earlier one left is not its own
        _, reading = await asyncio.gather(
            prove(store, store_id, writer_text(writer)), Opening(store, policy).run()
        )
        await asyncio.to_thread(build, path, *reading.state())
        return LogJournal(store, reading, writer, clock, on_ended, policy=policy)

    for pause_s in pauses(OPENING_PATIENCE_S):
        try:
            return await open_()
        except UncertainError:
            await asyncio.sleep(pause_s)
    return await open_()


async def recover(store: LogStore, at_ms: int, path: Path, *, policy: Policy = STANDARD) -> Recovered:
    """Write the database as it was at a time (milliseconds since 1970) to `path`; return what that time had.

    The log stays as it is. OutOfReachError, DamagedLogError, UncertainError.
    """
    recovered = await Recovery(store, policy).run(at_ms)
    if not recovered.schema:
        raise OutOfReachError("the log had nothing at that time")
    await asyncio.to_thread(build, path, recovered.image, recovered.changesets)
    return recovered
