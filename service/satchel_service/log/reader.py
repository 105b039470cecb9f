"""Reading the log from one snapshot on. What was read stays readable when the reading ends in an error.

Opening the log: the newest snapshot, the entries after it until one is absent, and then the floor once more.

Point-in-time recovery: the database as the log had it at a moment of the last day or longer.
"""

from collections.abc import Sequence

import msgspec

from satchel_service.log.errors import DamagedLogError, OutOfReachError, UncertainError
from satchel_service.log.format import (
    SNAPSHOTS,
    Entry,
    Kind,
    Snapshot,
    decode_entry,
    decode_snapshot,
    entry_key,
    sequence_of,
    snapshot_key,
)
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.store import LogStore


class Reading:
    """The log from one beginning: the snapshot it began with (none: from nothing), then `entries` in order."""

    def __init__(self, history: History, start: Snapshot | None) -> None:
        self.history = history
        self.start = start
        self.entries: list[Entry] = []

    def state(self, until: int | None = None) -> tuple[bytes | None, list[bytes]]:
        """Return the database after that sequence number: an image (None: empty) and changesets upon it."""
        image = self.start.image if self.start else None
        changesets: list[bytes] = []
        for entry in self.entries:
            if until is not None and entry.sequence > until:
                break
            if entry.kind is Kind.IMAGE:
                (image,) = entry.payloads
                changesets = []
            else:
                changesets += entry.payloads
        return image, changesets

    async def read(self, store: LogStore, policy: Policy, found: Sequence[bytes | None]) -> None:
        """Follow the entries until one is absent; `found` are the first of them. DamagedLogError."""
        ahead = len(found)
        while True:
            for data in found:
                if data is None:
                    return
                entry = decode_entry(data)
                self.history.follow(entry, data, policy)
                self.entries.append(entry)
            ahead = min(4 * ahead, policy.read_ahead)
            found = await store.get(entry_keys(self.history.sequence, ahead))


async def fetch(store: LogStore, policy: Policy, sequence: int) -> tuple[bytes | None, list[bytes | None]]:
    """Return a snapshot's bytes (0: none) and the first entries after it, asked for at once."""
    keys = entry_keys(sequence, policy.first_read_ahead)
    if not sequence:
        return None, await store.get(keys)
    data, *found = await store.get([snapshot_key(sequence), *keys])
    return data, found


def entry_keys(sequence: int, count: int) -> list[str]:
    """Return the keys of the entries that follow a sequence number."""
    return [entry_key(number) for number in range(sequence + 1, sequence + 1 + count)]


def whole(data: bytes | None, sequence: int) -> Snapshot | None:
    """Return the snapshot of that sequence number; None when it is gone, damaged, or another."""
    try:
        snapshot = decode_snapshot(data or b"")
    except DamagedLogError:
        return None
    return snapshot if snapshot.sequence == sequence else None


async def snapshots_in(store: LogStore) -> list[int]:
    """Return the sequence numbers of the snapshots in the store, ascending; the last is the floor."""
    listed = await store.list(SNAPSHOTS)
    return sorted(number for item in listed if (number := sequence_of(item.key)) is not None)


class Opening:
    """One opening of the log. It changes nothing in the store."""

    def __init__(self, store: LogStore, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def run(self) -> Reading:
        """Return the log with everything that was acknowledged before this call. DamagedLogError, UncertainError."""
        before = await snapshots_in(self._store)
        for _ in range(self._policy.attempts):
            outcome = await self._attempt(before)
            after = await snapshots_in(self._store)
            if self.is_settled(before, after):
                if isinstance(outcome, DamagedLogError):
                    raise outcome
                return outcome
            before = after
        raise UncertainError("the log was shortened again and again while it was being read")

    def history(self, start: Snapshot | None, size_bytes: int) -> History:
        """Return the history that begins at a whole snapshot, or at nothing."""
        return History(start, size_bytes)

    def is_settled(self, before: Sequence[int], after: Sequence[int]) -> bool:
        """Whether the floor stood still: else an entry found absent may have been truncated, not unwritten."""
        return before[-1:] == after[-1:]

    async def _attempt(self, snapshots: Sequence[int]) -> Reading | DamagedLogError:
        """Read once. What looks damaged may only be gone: believe it when the floor has stood still."""
        try:
            return await self._read(snapshots)
        except DamagedLogError as exc:
            return exc

    async def _read(self, snapshots: Sequence[int]) -> Reading:
        """Begin at the newest whole snapshot: one that was cut short was never relied on by its writer."""
        for sequence in (*reversed(snapshots), 0):
            reading = await self._read_from(sequence)
            if reading is not None:
                break
        else:
            raise DamagedLogError("the log has no beginning")
        if snapshots and reading.history.sequence < snapshots[-1]:  # an older one was no way around it
            raise DamagedLogError(
                f"the log ends at entry {reading.history.sequence}, before its snapshot {snapshots[-1]}",
                hint="recover an earlier moment: satchel-service recover --at TIME --into DIR",
            )
        return reading

    async def _read_from(self, sequence: int) -> Reading | None:
        data, found = await fetch(self._store, self._policy, sequence)
        start = whole(data, sequence)
        if sequence and start is None:
            return None
        reading = Reading(self.history(start, len(data or b"")), start)
        await reading.read(self._store, self._policy, found)
        return reading


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
