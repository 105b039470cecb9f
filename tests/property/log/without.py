"""The rules with one of them taken away, each as the mistake that an implementer could make."""
# ruff: noqa: ARG002  a missing rule looks at nothing

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.property.log.instance import Rules

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import Entry, Kind, Snapshot, WriterId, decode_entry, entry_key
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reader import Opening
from satchel_service.log.retention import Keeper
from satchel_service.log.store import LogStore
from satchel_service.log.writer import Batch, Transaction, Writer


class OverwritingWriter(Writer):
    """Puts entries without the condition that the key is free."""

    async def send(self, key: str, data: bytes) -> bool:
        await self._store.replace({key: data})
        return True


class UngatedWriter(Writer):
    """Lets answers go as soon as the local database has committed."""

    def is_durable(self, position: int) -> bool:
        return True


class UnfencedWriter(Writer):
    """Takes an entry under its key for its own, whoever wrote it."""

    def judge(self, batch: Batch, found: bytes) -> None:
        return


class HopefulWriter(Writer):
    """Takes a time-out for success."""

    async def place(self, batch: Batch) -> None:
        try:
            await super().place(batch)
        except UncertainError:
            return


class ImpatientWriter(Writer):
    """Takes a time-out for failure, and sends other bytes under the same key."""

    async def place(self, batch: Batch) -> None:
        try:
            await super().place(batch)
        except UncertainError:
            if batch.entry.kind is not Kind.CHANGES:
                raise
            payloads = batch.entry.payloads
            first = batch.position - len(payloads) + 1
            self._queue.extendleft(
                Transaction(first + index, payload, None)
                for index, payload in reversed([*enumerate(payloads)])
            )
            self._sending = None
            raise

    def judge(self, batch: Batch, found: bytes) -> None:
        if decode_entry(found).writer != self.writer:
            self.fence()


class PipeliningWriter(Writer):
    """Keeps two puts in flight, and answers for each when it has arrived."""

    def __init__(
        self, store: LogStore, history: History, writer: WriterId, clock: Callable[[], int], policy: Policy
    ) -> None:
        super().__init__(store, history, writer, clock, policy)
        self.arrived: set[int] = set()

    async def advance(self) -> None:
        if self._sending is None and self.is_established and len(self._queue) > 1:
            later = self._later()
            if await self.send(entry_key(later.entry.sequence), later.data):
                self.arrived.add(later.position)
            self._queue.appendleft(Transaction(later.position, later.entry.payloads[0], None))
        await super().advance()

    def _later(self) -> Batch:
        """Make the entry after next, for the second transaction in the queue."""
        queue, self._queue = self._queue, deque([self._queue[0]])
        first = self._sending = self.gather()
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
    """Makes a snapshot of what has committed locally, whether or not it is in the log."""

    def append(self, changeset: bytes, image: bytes | None = None) -> int:
        position = super().append(changeset, image)
        if image is not None and self.is_established:
            self._due = self.history.snapshot(image)
        return position


class UncheckedWriter(Writer):
    """Does not look at the floor after its first entry."""

    async def establish(self, batch: Batch) -> None:
        return


class UnlinkedHistory(History):
    """Does not compare an entry with the digest of the one before."""

    def is_linked(self, entry: Entry) -> bool:
        return True


class UnlinkedOpening(Opening):
    def history(self, start: Snapshot | None, size_bytes: int) -> History:
        return UnlinkedHistory(start, size_bytes)


class HastyOpening(Opening):
    """Does not read the floor again."""

    def is_settled(self, before: Sequence[int], after: Sequence[int]) -> bool:
        return True


class TrustingKeeper(Keeper):
    """Does not read snapshots back."""

    async def is_whole(self, key: str, data: bytes) -> bool:
        return True


class ThoroughKeeper(Keeper):
    """Deletes first-of-writer entries too."""

    async def clear(self, sequences: range) -> None:
        await self._store.delete([entry_key(number) for number in sequences])


class ForgetfulKeeper(Keeper):
    """Does not wait before it truncates."""

    def is_aged(self, age_ms: int) -> bool:
        return True


WITHOUT: Final[Mapping[str, Rules]] = {
    "create-if-absent": Rules(writer=OverwritingWriter),
    "the output gate": Rules(writer=UngatedWriter),
    "the output gate for reads": Rules(are_reads_gated=False),
    "one put in flight": Rules(writer=PipeliningWriter),
    "a taken key fences": Rules(writer=UnfencedWriter),
    "a time-out is not success": Rules(writer=HopefulWriter),
    "the same bytes again": Rules(writer=ImpatientWriter),
    "the hash of the previous entry": Rules(opening=UnlinkedOpening),
    "snapshots hold only what is in the log": Rules(writer=EarlySnapshotWriter),
    "snapshots are read back": Rules(keeper=TrustingKeeper),
    "first-of-writer entries are only emptied": Rules(keeper=ThoroughKeeper),
    "the log is kept for a day": Rules(keeper=ForgetfulKeeper),
    "the floor is read again after opening": Rules(opening=HastyOpening),
    "the floor is checked after the first entry": Rules(writer=UncheckedWriter),
    "a migration is logged whole": Rules(are_migrations_logged=False),
    "confirmed reads ask the store": Rules(are_reads_confirmed=False),
}
