"""Reading the log from one snapshot on. What was read stays readable when the reading ends in an error."""

from collections.abc import Sequence

from satchel_service.log.entry import Entry, Kind
from satchel_service.log.entry import decode as decode_entry
from satchel_service.log.errors import DamagedLogError
from satchel_service.log.history import History
from satchel_service.log.names import SNAPSHOTS, entry_key, sequence_of, snapshot_key
from satchel_service.log.policy import Policy
from satchel_service.log.snapshot import Snapshot
from satchel_service.log.snapshot import decode as decode_snapshot
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
