"""An instance's view of the log: the position of its head, and the data that truncation needs."""

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import GENESIS, NO_WRITER, Entry, Kind, Snapshot, WriterId, digest_of
from satchel_service.log.handover import Closed, closed_by, may_follow
from satchel_service.log.policy import Policy


class History:
    """The log up to entry `sequence`, as this instance has read or written it.

    `cost` counts the entries since the last snapshot, large ones as several; `oldest_ms` is the time of the first
    of them. `closed` is set while the head is an entry that closes the log or reserves it: no change may follow.
    """

    def __init__(self, start: Snapshot | None = None, size_bytes: int = 0) -> None:
        """Begin at a verified snapshot whose object has `size_bytes` bytes, or before the first entry."""
        self.sequence = 0
        self.digest = GENESIS
        self.writer = NO_WRITER
        self.schema = 0
        self.time_ms = 0
        self.truncated = 0
        self.chain: list[int] = []
        self.firsts: list[tuple[int, WriterId]] = []
        self.snapshot_bytes = size_bytes
        self.cost = 0
        self.oldest_ms = 0
        self.closed: Closed | None = None
        self._left: Closed | None = None  # what the log said before it was reserved
        if start is not None:
            self.sequence, self.digest, self.writer = start.sequence, start.digest, start.writer
            self.schema, self.time_ms, self.truncated = start.schema, start.time_ms, start.truncated
            self.chain = [*start.chain, start.sequence]
            self.firsts = list(start.firsts)

    def append(self, entry: Entry, data: bytes, policy: Policy) -> None:
        """Advance by one entry, encoded as `data`. Raise DamagedLogError if it does not continue the log."""
        if not self._is_next(entry):
            raise DamagedLogError(f"entry {entry.sequence} does not continue the log")
        if entry.writer != self.writer:
            self.firsts.append((entry.sequence, entry.writer))
        if not self.cost:
            self.oldest_ms = entry.time_ms
        self.sequence, self.digest, self.writer = entry.sequence, digest_of(data), entry.writer
        self.schema, self.time_ms = entry.schema, entry.time_ms
        self.closed = self.closed_after(entry)
        self.cost += 1 + len(data) // policy.bytes_per_entry

    def closed_after(self, entry: Entry) -> Closed | None:
        """Return the state of the head after an entry. A cancelled reservation restores what the log said before it."""
        closed, before = closed_by(entry), self.closed
        if closed is not None and closed.is_awaiting:
            self._left = before
        elif closed is not None and before is not None and before.is_awaiting and self._left is not None:
            return self._left
        return closed

    def is_linked(self, entry: Entry) -> bool:
        """Return whether the writer of the entry had read exactly this log."""
        return entry.previous == self.digest

    def is_snapshot_due(self, policy: Policy, now_ms: int) -> bool:
        """Return whether the entries since the last snapshot are too many or too old.

        A wrong clock can only cost an extra snapshot.
        """
        if self.cost >= max(policy.snapshot_entries, self.snapshot_bytes // policy.bytes_per_entry):
            return True
        return self.cost > 0 and now_ms - self.oldest_ms >= policy.snapshot_age_ms

    def make_snapshot(self, image: bytes) -> Snapshot:
        """Return a snapshot of the current head; `image` is the database after exactly these entries."""
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

    def record_snapshot(self, snapshot: Snapshot, size_bytes: int) -> None:
        """Record that a snapshot has been stored and verified."""
        self.chain.append(snapshot.sequence)
        self.snapshot_bytes = size_bytes
        self.cost = self.sequence - snapshot.sequence
        self.oldest_ms = snapshot.time_ms

    def record_failed_snapshot(self) -> None:
        """Record that a snapshot failed: the next one becomes due later, not with the next commit."""
        self.cost //= 2
        self.oldest_ms = self.time_ms

    def record_truncation(self, floor: int) -> None:
        """Record that the entries up to `floor` and the snapshots below it are gone."""
        self.truncated = floor
        self.chain = [sequence for sequence in self.chain if sequence >= floor]
        self.firsts = [first for first in self.firsts if first[0] > floor]

    def _is_next(self, entry: Entry) -> bool:
        if entry.sequence != self.sequence + 1 or not self.is_linked(entry):
            return False
        if entry.kind is Kind.IMAGE or entry.kind is Kind.CHANGES:
            return self.closed is None and (entry.kind is Kind.IMAGE or entry.schema == self.schema)
        return may_follow(entry, self.closed, is_first=not self.sequence, schema=self.schema)
