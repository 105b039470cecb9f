"""Snapshots and truncation: store a snapshot, read it back, and later delete the entries it replaced."""

from collections.abc import Mapping
from contextlib import suppress

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import (
    SNAPSHOT_PREFIX,
    Snapshot,
    emptied_entry,
    entry_key,
    sequence_of,
    snapshot_key,
)
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.store import LogStore


class Retention:
    """Stores snapshots and truncates the log, one at a time, for a writer whose first entry has been checked."""

    def __init__(self, store: LogStore, history: History, policy: Policy) -> None:
        self._store = store
        self._history = history
        self._policy = policy

    async def store_snapshot(self, snapshot: Snapshot) -> bool:
        """Store a snapshot and return whether it was verified. Each sequence number is tried only once.

        A failure is harmless: the log only stays longer.
        """
        data = await self._store.offload(snapshot.encode)
        key = snapshot_key(snapshot.sequence)
        with suppress(UncertainError):
            await self._store.create(key, data)
        if not await self.is_stored(key, data):
            self._history.record_failed_snapshot()
            return False
        self._history.record_snapshot(snapshot, len(data))
        return True

    async def is_stored(self, key: str, data: bytes) -> bool:
        """Read the snapshot back and return whether every byte is there."""
        with suppress(UncertainError):
            (found,) = await self._store.get([key])
            return await self._store.offload(lambda: found == data)
        return False

    async def truncate(self) -> int:
        """Delete snapshots and entries replaced longer ago than the retention; return the last sequence number truncated.

        Call it after a snapshot was verified. Ages are differences between the store's own times, so no instance's
        clock can shorten them. Snapshots are deleted before entries, so a recovery finds a snapshot only together
        with its entries. Raise UncertainError if the store fails; the next call finishes the work.
        """
        listed = {
            number: item.modified_ms
            for item in await self._store.list(SNAPSHOT_PREFIX)
            if (number := sequence_of(item.key)) is not None
        }
        floor = self._new_floor(listed)
        if floor > self._history.truncated:
            await self._store.delete([snapshot_key(number) for number in listed if number < floor])
            await self.clear_entries(range(self._history.truncated + 1, floor + 1))
            self._history.record_truncation(floor)
        return self._history.truncated

    def is_past_retention(self, age_ms: int) -> bool:
        """Return whether point-in-time recovery needs nothing older than a snapshot of this age."""
        return age_ms >= self._policy.retention_ms

    async def clear_entries(self, sequences: range) -> None:
        """Delete entries, but only empty the first one of each writer: its key must never be free again."""
        firsts = {number: writer for number, writer in self._history.firsts if number in sequences}
        await self._store.replace(
            {entry_key(number): emptied_entry(number, writer).encode() for number, writer in firsts.items()}
        )
        await self._store.delete([entry_key(number) for number in sequences if number not in firsts])

    def _new_floor(self, listed: Mapping[int, int]) -> int:
        """Return the newest snapshot past retention that stays within the entry limit, else the oldest one, else 0."""
        known = [number for number in self._history.chain if number in listed]
        if not known:
            return 0
        newest_ms = listed[known[-1]]
        old = [number for number in known if self.is_past_retention(newest_ms - listed[number])]
        within_limit = [
            number for number in old if number - self._history.truncated <= self._policy.truncate_entries
        ]
        return (within_limit[-1:] or old[:1] or [0])[0]
