"""Keeping the log short: put a snapshot, read it back, and a day later let go of what it replaced."""

from collections.abc import Mapping
from contextlib import suppress

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import SNAPSHOTS, Snapshot, emptied, entry_key, sequence_of, snapshot_key
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.store import LogStore


class Keeper:
    """Puts snapshots and truncates, one at a time, for a writer that is established."""

    def __init__(self, store: LogStore, history: History, policy: Policy) -> None:
        self._store = store
        self._history = history
        self._policy = policy

    async def keep(self, snapshot: Snapshot) -> bool:
        """Put a snapshot; return whether it is in the store and whole. Each sequence number is tried once only.

        A failure changes nothing for the log: it is only longer.
        """
        data = await self._store.aside(snapshot.encode)
        key = snapshot_key(snapshot.sequence)
        with suppress(UncertainError):
            await self._store.create(key, data)
        if not await self.is_whole(key, data):
            self._history.has_no_snapshot()
            return False
        self._history.has_snapshot(snapshot, len(data))
        return True

    async def is_whole(self, key: str, data: bytes) -> bool:
        """Read the snapshot back: what replaces the log must be seen in its place."""
        with suppress(UncertainError):
            (found,) = await self._store.get([key])
            return await self._store.aside(lambda: found == data)
        return False

    async def truncate(self) -> int:
        """Delete what has been replaced for long enough; return the new floor of entries. UncertainError: later.

        Call it after a snapshot was kept. Ages are differences of the store's own times, so no instance's clock
        can shorten them. Snapshots go first, then entries: a recovery finds a snapshot only with its entries.
        """
        listed = {
            number: item.modified_ms
            for item in await self._store.list(SNAPSHOTS)
            if (number := sequence_of(item.key)) is not None
        }
        floor = self._floor(listed)
        if floor > self._history.truncated:
            await self._store.delete([snapshot_key(number) for number in listed if number < floor])
            await self.clear(range(self._history.truncated + 1, floor + 1))
            self._history.is_truncated(floor)
        return self._history.truncated

    def _floor(self, listed: Mapping[int, int]) -> int:
        """Choose the snapshot up to which entries go: the newest aged one within the limit, or the oldest aged."""
        known = [number for number in self._history.chain if number in listed]
        if not known:
            return 0
        newest_ms = listed[known[-1]]
        aged = [number for number in known if self.is_aged(newest_ms - listed[number])]
        within = [
            number for number in aged if number - self._history.truncated <= self._policy.truncate_entries
        ]
        return (within[-1:] or aged[:1] or [0])[0]

    def is_aged(self, age_ms: int) -> bool:
        """Whether a snapshot of that age is the oldest that point-in-time recovery needs."""
        return age_ms >= self._policy.retention_ms

    async def clear(self, sequences: range) -> None:
        """Delete entries, but only empty each writer's first: its key must never be free again."""
        firsts = {number: writer for number, writer in self._history.firsts if number in sequences}
        await self._store.replace(
            {entry_key(number): emptied(number, writer).encode() for number, writer in firsts.items()}
        )
        await self._store.delete([entry_key(number) for number in sequences if number not in firsts])
