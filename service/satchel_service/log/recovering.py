"""Point-in-time recovery: the database as the log had it at a moment of the last day or longer."""

from collections.abc import Sequence

import msgspec

from satchel_service.log.errors import DamagedLogError, OutOfReachError, UncertainError
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reading import Reading, fetch, snapshots_in, whole
from satchel_service.log.store import LogStore


class Recovered(msgspec.Struct, frozen=True):
    """The state after entry `sequence`, the last that was written at or before the moment asked for.

    `time_ms` is when it was written (0: before the first entry), `next_ms` when the entry after it was (None: it
    is the last). Times are those of the writers' clocks.
    """

    sequence: int
    time_ms: int
    next_ms: int | None
    schema: int
    image: bytes | None
    changesets: tuple[bytes, ...]


class Recovery:
    """One recovery. It changes nothing in the store."""

    def __init__(self, store: LogStore, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def run(self, at_ms: int) -> Recovered:
        """Return the state of that moment. OutOfReachError, DamagedLogError, UncertainError."""
        before = await snapshots_in(self._store)
        for _ in range(self._policy.attempts):
            try:
                return await self._attempt(before, at_ms)
            except DamagedLogError:
                after = await snapshots_in(self._store)
                if before == after:
                    raise
                before = after
        raise UncertainError("the log was shortened again and again while it was being read")

    async def _attempt(self, snapshots: Sequence[int], at_ms: int) -> Recovered:
        for sequence in (*reversed(snapshots), 0):
            data, found = await fetch(self._store, self._policy, sequence)
            start = whole(data, sequence)
            if start is not None and start.time_ms > at_ms:
                continue
            if start is not None or not sequence:
                reading = Reading(History(start), start)
                damage = await self._read(reading, found)
                return _chosen(reading, at_ms, snapshots, damage)
        raise OutOfReachError("the log has no beginning")

    async def _read(self, reading: Reading, found: Sequence[bytes | None]) -> DamagedLogError | None:
        """Read as far as the log is whole: what lies before the damage can still be recovered."""
        try:
            await reading.read(self._store, self._policy, found)
        except DamagedLogError as exc:
            return exc
        return None


def _chosen(
    reading: Reading, at_ms: int, snapshots: Sequence[int], damage: DamagedLogError | None
) -> Recovered:
    """Choose the last entry of that time; that it is the last must show: by a later one, or by the log's end."""
    before = [entry for entry in reading.entries if entry.time_ms <= at_ms]
    start = reading.start
    sequence = before[-1].sequence if before else start.sequence if start else 0
    later = [entry for entry in reading.entries if entry.sequence > sequence]
    if not later and snapshots and reading.history.sequence < snapshots[-1]:
        if start is None:
            raise OutOfReachError("the log does not reach back to that time")
        raise damage or DamagedLogError(f"the log is missing after entry {reading.history.sequence}")
    if not later and damage:
        raise damage
    image, changesets = reading.state(sequence)
    last = before[-1] if before else start
    return Recovered(
        sequence,
        last.time_ms if last else 0,
        later[0].time_ms if later else None,
        last.schema if last else 0,
        image,
        tuple(changesets),
    )
