"""Reading the log: opening it to serve from it, and recovering an earlier state.

Both read a snapshot and the entries after it. Neither changes anything in the store.
"""

from collections.abc import Sequence

import msgspec

from satchel_service.log.errors import DamagedLogError, OutOfReachError, UncertainError
from satchel_service.log.format import (
    SNAPSHOT_PREFIX,
    Entry,
    Kind,
    Snapshot,
    decode_entry,
    decode_snapshot,
    entry_key,
    sequence_of,
    snapshot_key,
)
from satchel_service.log.handover import image_in
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.store import LogStore


class LogContents:
    """A snapshot, or None for the beginning of the log, and the `entries` after it in order."""

    def __init__(self, history: History, start: Snapshot | None) -> None:
        self.history = history
        self.start = start
        self.entries: list[Entry] = []

    def state(self, until: int | None = None) -> tuple[bytes | None, list[bytes]]:
        """Return the database after a sequence number: an image (None: empty) and changesets to apply to it."""
        image = self.start.image if self.start else None
        changesets: list[bytes] = []
        for entry in self.entries:
            if until is not None and entry.sequence > until:
                break
            if (found := image_in(entry)) is not None:
                image, changesets = found, []
            elif entry.kind is Kind.CHANGES:
                changesets += entry.payloads
        return image, changesets

    async def read(self, store: LogStore, policy: Policy, found: Sequence[bytes | None]) -> None:
        """Read entries until one is absent; `found` holds the first of them.

        Raise DamagedLogError if an entry is damaged or does not continue the log; the entries before it are kept.
        """
        count = len(found)
        while True:
            for data in found:
                if data is None:
                    return
                entry = decode_entry(data)
                self.history.append(entry, data, policy)
                self.entries.append(entry)
            count = min(4 * count, policy.read_ahead)
            found = await store.get(_entry_keys(self.history.sequence, count))


async def list_snapshots(store: LogStore) -> list[int]:
    """Return the sequence numbers of all snapshots in the store, ascending; the last one is the floor."""
    listed = await store.list(SNAPSHOT_PREFIX)
    return sorted(number for item in listed if (number := sequence_of(item.key)) is not None)


class Opening:
    """One opening of the log."""

    def __init__(self, store: LogStore, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def run(self) -> LogContents:
        """Return the log, including everything acknowledged before this call.

        Raise DamagedLogError if the log is damaged, UncertainError if the store fails or the floor keeps moving.
        """
        before = await list_snapshots(self._store)
        for _ in range(self._policy.attempts):
            outcome = await self._attempt(before)
            after = await list_snapshots(self._store)
            if self.is_floor_unchanged(before, after):
                if isinstance(outcome, DamagedLogError):
                    raise outcome
                return outcome
            before = after
        raise UncertainError("the log was truncated repeatedly while it was being read")

    def new_history(self, start: Snapshot | None, size_bytes: int) -> History:
        """Return the history that begins at a verified snapshot, or before the first entry."""
        return History(start, size_bytes)

    def is_floor_unchanged(self, before: Sequence[int], after: Sequence[int]) -> bool:
        """Return whether the floor has not moved. If it has, an absent entry may have been truncated."""
        return before[-1:] == after[-1:]

    async def _attempt(self, snapshots: Sequence[int]) -> LogContents | DamagedLogError:
        """Read once. Return damage instead of raising it, because damage counts only if the floor has not moved."""
        try:
            return await self._read(snapshots)
        except DamagedLogError as exc:
            return exc

    async def _read(self, snapshots: Sequence[int]) -> LogContents:
        """Read from the newest undamaged snapshot. A truncated snapshot is harmless: its writer never relied on it."""
        for sequence in (*reversed(snapshots), 0):
            contents = await self._read_from(sequence)
            if contents is not None:
                break
        else:
            raise DamagedLogError("the log has no beginning")
        if (
            snapshots and contents.history.sequence < snapshots[-1]
        ):  # an older snapshot did not avoid the damage
            raise DamagedLogError(
                f"the log ends at entry {contents.history.sequence}, before its snapshot {snapshots[-1]}",
                hint="recover an earlier state: satchel-service recover --at TIME --into DIR",
            )
        return contents

    async def _read_from(self, sequence: int) -> LogContents | None:
        data, found = await _get_start(self._store, self._policy, sequence)
        start = _parse_snapshot(data, sequence)
        if sequence and start is None:
            return None
        contents = LogContents(self.new_history(start, len(data or b"")), start)
        await contents.read(self._store, self._policy, found)
        return contents


class RecoveredState(msgspec.Struct, frozen=True):
    """The database after entry `sequence`, the last one written at or before the requested time.

    `time_ms` is the time of that entry (0: before the first entry), `next_ms` the time of the next one (None: there
    is none). Times are by the clocks of the writers.
    """

    sequence: int
    time_ms: int
    next_ms: int | None
    schema: int
    image: bytes | None
    changesets: tuple[bytes, ...]


class Recovery:
    """One point-in-time recovery."""

    def __init__(self, store: LogStore, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def run(self, at_ms: int) -> RecoveredState:
        """Return the database at a time (milliseconds since 1970).

        Raise OutOfReachError if the log does not reach back that far, DamagedLogError if damage hides the state,
        UncertainError if the store fails or the floor keeps moving.
        """
        before = await list_snapshots(self._store)
        for _ in range(self._policy.attempts):
            try:
                return await self._attempt(before, at_ms)
            except DamagedLogError:
                after = await list_snapshots(self._store)
                if before == after:
                    raise
                before = after
        raise UncertainError("the log was truncated repeatedly while it was being read")

    async def _attempt(self, snapshots: Sequence[int], at_ms: int) -> RecoveredState:
        for sequence in (*reversed(snapshots), 0):
            data, found = await _get_start(self._store, self._policy, sequence)
            start = _parse_snapshot(data, sequence)
            if start is not None and start.time_ms > at_ms:
                continue
            if start is not None or not sequence:
                contents = LogContents(History(start), start)
                damage = await self._read(contents, found)
                return _state_at(contents, at_ms, snapshots, damage)
        raise OutOfReachError("the log has no beginning")

    async def _read(self, contents: LogContents, found: Sequence[bytes | None]) -> DamagedLogError | None:
        """Read up to the first damage and return it: the entries before it can still be recovered."""
        try:
            await contents.read(self._store, self._policy, found)
        except DamagedLogError as exc:
            return exc
        return None


def _state_at(
    contents: LogContents, at_ms: int, snapshots: Sequence[int], damage: DamagedLogError | None
) -> RecoveredState:
    """Return the state after the last entry at or before that time.

    A later entry or the end of the log must prove that no entry in between is missing.
    """
    before = [entry for entry in contents.entries if entry.time_ms <= at_ms]
    start = contents.start
    sequence = before[-1].sequence if before else start.sequence if start else 0
    later = [entry for entry in contents.entries if entry.sequence > sequence]
    if not later and snapshots and contents.history.sequence < snapshots[-1]:
        if start is None:
            raise OutOfReachError("the log does not reach back to that time")
        raise damage or DamagedLogError(f"the log is missing after entry {contents.history.sequence}")
    if not later and damage:
        raise damage
    image, changesets = contents.state(sequence)
    last = before[-1] if before else start
    return RecoveredState(
        sequence,
        last.time_ms if last else 0,
        later[0].time_ms if later else None,
        last.schema if last else 0,
        image,
        tuple(changesets),
    )


async def _get_start(
    store: LogStore, policy: Policy, sequence: int
) -> tuple[bytes | None, list[bytes | None]]:
    """Return the bytes of a snapshot (None for sequence 0) and the first entries after it, in one round."""
    keys = _entry_keys(sequence, policy.first_read_ahead)
    if not sequence:
        return None, await store.get(keys)
    data, *found = await store.get([snapshot_key(sequence), *keys])
    return data, found


def _entry_keys(sequence: int, count: int) -> list[str]:
    return [entry_key(number) for number in range(sequence + 1, sequence + 1 + count)]


def _parse_snapshot(data: bytes | None, sequence: int) -> Snapshot | None:
    """Return the snapshot with that sequence number, or None if it is absent, damaged or has another number."""
    try:
        snapshot = decode_snapshot(data or b"")
    except DamagedLogError:
        return None
    return snapshot if snapshot.sequence == sequence else None
