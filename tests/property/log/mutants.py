"""The rules of the log with one of them removed, each as a mistake that an implementer could make."""
# ruff: noqa: ARG002  a removed rule ignores its arguments

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.property.log.instance import Rules

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import Entry, Kind, Snapshot, WriterId, decode_entry, entry_key
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reader import Opening
from satchel_service.log.retention import Retention
from satchel_service.log.store import LogStore
from satchel_service.log.writer import Batch, Transaction, Writer


class OverwritingWriter(Writer):
    """Stores entries even if the key is taken."""

    async def create(self, key: str, data: bytes) -> bool:
        await self._store.replace({key: data})
        return True


class UngatedWriter(Writer):
    """Sends answers as soon as the local database has committed."""

    def is_durable(self, position: int) -> bool:
        return True


class UnfencedWriter(Writer):
    """Accepts any entry under its key as its own."""

    def check_taken_key(self, batch: Batch, found: bytes) -> None:
        return


class OptimisticWriter(Writer):
    """Treats a time-out as success."""

    async def put(self, batch: Batch) -> None:
        try:
            await super().put(batch)
        except UncertainError:
            return


class RebatchingWriter(Writer):
    """Treats a time-out as failure and sends other bytes under the same key."""

    async def put(self, batch: Batch) -> None:
        try:
            await super().put(batch)
        except UncertainError:
            if batch.entry.kind is not Kind.CHANGES:
                raise
            payloads = batch.entry.payloads
            first = batch.position - len(payloads) + 1
            self._queue.extendleft(
                Transaction(first + index, payload, None)
                for index, payload in reversed([*enumerate(payloads)])
            )
            self._in_flight = None
            raise

    def check_taken_key(self, batch: Batch, found: bytes) -> None:
        if decode_entry(found).writer != self.writer:
            self.fence()


class PipeliningWriter(Writer):
    """Keeps two puts in flight and acknowledges each when it succeeds."""

    def __init__(
        self, store: LogStore, history: History, writer: WriterId, clock: Callable[[], int], policy: Policy
    ) -> None:
        super().__init__(store, history, writer, clock, policy)
        self.arrived: set[int] = set()

    async def advance(self) -> None:
        if self._in_flight is None and self.is_established and len(self._queue) > 1:
            later = self._entry_after_next()
            if await self.create(entry_key(later.entry.sequence), later.data):
                self.arrived.add(later.position)
            self._queue.appendleft(Transaction(later.position, later.entry.payloads[0], None))
        await super().advance()

    def _entry_after_next(self) -> Batch:
        """Return the entry after next, for the second transaction in the queue."""
        queue, self._queue = self._queue, deque([self._queue[0]])
        first = self._in_flight = self.next_batch()
        self._queue = queue
        self._queue.popleft()
        if first is None:
            raise RuntimeError("nothing to send")
        second = self._queue.popleft()
        entry = Entry(
            first.entry.kind,
            first.entry.sequence + 1,
            self.writer,
            first.data[-32:],
            first.entry.time_ms,
            first.entry.schema,
            (second.changeset,),
        )
        return Batch(entry, second.position, None)

    def is_durable(self, position: int) -> bool:
        return position in self.arrived or super().is_durable(position)


class EarlySnapshotWriter(Writer):
    """Makes a snapshot of locally committed transactions that may not be in the log."""

    def append(self, changeset: bytes, image: bytes | None = None) -> int:
        position = super().append(changeset, image)
        if image is not None and self.is_established:
            self._due_snapshot = self.history.make_snapshot(image)
        return position


class UncheckedWriter(Writer):
    """Does not check the floor after its first entry."""

    async def check_floor(self, batch: Batch) -> None:
        return


class UnlinkedHistory(History):
    """Does not compare an entry with the digest of the previous one."""

    def is_linked(self, entry: Entry) -> bool:
        return True


class UnlinkedOpening(Opening):
    def new_history(self, start: Snapshot | None, size_bytes: int) -> History:
        return UnlinkedHistory(start, size_bytes)


class SinglePassOpening(Opening):
    """Does not read the floor again."""

    def is_floor_unchanged(self, before: Sequence[int], after: Sequence[int]) -> bool:
        return True


class TrustingRetention(Retention):
    """Does not read snapshots back."""

    async def is_stored(self, key: str, data: bytes) -> bool:
        return True


class DeletingRetention(Retention):
    """Deletes the first entries of writers too."""

    async def clear_entries(self, sequences: range) -> None:
        await self._store.delete([entry_key(number) for number in sequences])


class ImmediateRetention(Retention):
    """Does not wait before it truncates."""

    def is_past_retention(self, age_ms: int) -> bool:
        return True


MUTANTS: Final[Mapping[str, Rules]] = {
    "create-if-absent": Rules(writer=OverwritingWriter),
    "the output gate": Rules(writer=UngatedWriter),
    "the output gate for reads": Rules(are_reads_gated=False),
    "one put in flight": Rules(writer=PipeliningWriter),
    "a taken key fences": Rules(writer=UnfencedWriter),
    "a time-out is not success": Rules(writer=OptimisticWriter),
    "the same bytes again": Rules(writer=RebatchingWriter),
    "the hash of the previous entry": Rules(opening=UnlinkedOpening),
    "snapshots hold only what is in the log": Rules(writer=EarlySnapshotWriter),
    "snapshots are read back": Rules(retention=TrustingRetention),
    "first-of-writer entries are only emptied": Rules(retention=DeletingRetention),
    "the log is kept for a day": Rules(retention=ImmediateRetention),
    "the floor is read again after opening": Rules(opening=SinglePassOpening),
    "the floor is checked after the first entry": Rules(writer=UncheckedWriter),
    "a migration is logged whole": Rules(are_migrations_logged=False),
    "confirmed reads ask the store": Rules(are_reads_confirmed=False),
}
