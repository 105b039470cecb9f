"""What one instance knows of the log behind it: where it ends, and what truncation will need to know."""

from typing import Final

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import GENESIS, NOBODY, Entry, Kind, Snapshot, WriterId, digest_of
from satchel_service.log.policy import Policy

WRONG_PLACE: Final = "entry {} does not continue the log"


class History:
    """The log up to `sequence`, as read or written by this instance."""

    def __init__(self, start: Snapshot | None = None, size_bytes: int = 0) -> None:
        """Begin at a snapshot that was found whole, or before the first entry."""
        self.sequence = 0
        self.digest = GENESIS
        self.writer = NOBODY
        self.schema = 0
        self.time_ms = 0
        self.truncated = 0
        self.chain: list[int] = []
        self.firsts: list[tuple[int, WriterId]] = []
        self.snapshot_bytes = size_bytes
        self.cost = 0
        self.oldest_ms = 0
        if start is not None:
            self.sequence, self.digest, self.writer = start.sequence, start.digest, start.writer
            self.schema, self.time_ms, self.truncated = start.schema, start.time_ms, start.truncated
            self.chain = [*start.chain, start.sequence]
            self.firsts = list(start.firsts)

    def follow(self, entry: Entry, data: bytes, policy: Policy) -> None:
        """Go on by one entry. DamagedLogError: this one cannot come next."""
        if entry.sequence != self.sequence + 1 or not self.is_linked(entry):
            raise DamagedLogError(WRONG_PLACE.format(entry.sequence))
        if entry.kind is Kind.EMPTIED or (entry.kind is Kind.CHANGES and entry.schema != self.schema):
            raise DamagedLogError(WRONG_PLACE.format(entry.sequence))
        if entry.writer != self.writer:
            self.firsts.append((entry.sequence, entry.writer))
        if not self.cost:
            self.oldest_ms = entry.time_ms
        self.sequence, self.digest, self.writer = entry.sequence, digest_of(data), entry.writer
        self.schema, self.time_ms = entry.schema, entry.time_ms
        self.cost += 1 + len(data) // policy.bytes_per_entry

    def is_linked(self, entry: Entry) -> bool:
        """Whether the entry was written by someone who had seen exactly this log."""
        return entry.previous == self.digest

    def is_snapshot_due(self, policy: Policy, now_ms: int) -> bool:
        """Whether waking up from here reads too many entries, or too old ones. The clock can only cost a put."""
        if self.cost >= max(policy.snapshot_entries, self.snapshot_bytes // policy.bytes_per_entry):
            return True
        return self.cost > 0 and now_ms - self.oldest_ms >= policy.snapshot_age_ms

    def snapshot(self, image: bytes) -> Snapshot:
        """Return the snapshot of this moment; `image` is the database after exactly these entries."""
        return Snapshot(
            self.sequence,
            self.digest,
            self.writer,
            self.schema,
            self.time_ms,
            self.truncated,
            tuple(self.chain),
            tuple(self.firsts),
            image,
        )

    def has_snapshot(self, snapshot: Snapshot, size_bytes: int) -> None:
        """Note a snapshot that is in the store and whole."""
        self.chain.append(snapshot.sequence)
        self.snapshot_bytes = size_bytes
        self.cost = self.sequence - snapshot.sequence
        self.oldest_ms = snapshot.time_ms

    def has_no_snapshot(self) -> None:
        """Note that a snapshot failed: try the next one later, not with every commit."""
        self.cost //= 2
        self.oldest_ms = self.time_ms

    def is_truncated(self, floor: int) -> None:
        """Note that nothing up to `floor` is left but that snapshot and emptied entries."""
        self.truncated = floor
        self.chain = [sequence for sequence in self.chain if sequence >= floor]
        self.firsts = [first for first in self.firsts if first[0] > floor]
