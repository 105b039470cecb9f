"""Writing the log: group commit, one put in flight, the meaning of its outcome, and the gate for responses.

Nothing here sleeps, retries or starts a task. The caller calls `advance` while there is work and again after an
UncertainError, and sends a response only when `is_durable` allows it.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from satchel_service.log.errors import DamagedLogError, FencedError, UncertainError
from satchel_service.log.format import Entry, Kind, Snapshot, WriterId, decode_entry, entry_key
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reader import list_snapshots
from satchel_service.log.store import LogStore

LARGE_BYTES: Final = 64 * 1024  # hashing this much costs about as much as handing work to a thread and back


class Transaction:
    """A locally committed transaction that is not in the log yet; `image` is the database after it, if requested."""

    __slots__ = ("changeset", "image", "position")

    def __init__(self, position: int, changeset: bytes, image: bytes | None) -> None:
        self.position = position
        self.changeset = changeset
        self.image = image


class Batch:
    """The entry in flight. Its bytes never change, because they are sent again after an unknown outcome."""

    __slots__ = ("_data", "entry", "image", "is_stored", "position", "was_sent")

    def __init__(self, entry: Entry, position: int, image: bytes | None) -> None:
        self.entry = entry
        self.position = position
        self.image = image
        self.was_sent = False
        self.is_stored = False
        self._data = b""

    @property
    def data(self) -> bytes:
        """The bytes of the entry, encoded on first use."""
        if not self._data:
            self.encode()
        return self._data

    @property
    def needs_offloading(self) -> bool:
        """Whether encoding the entry would block the event loop for too long."""
        return not self._data and sum(map(len, self.entry.payloads)) > LARGE_BYTES

    def encode(self) -> None:
        """Encode the entry."""
        self._data = self.entry.encode()


class Writer:
    """The right of one instance to write the log, from its opening until it is fenced.

    Positions count the transactions of this instance: `position` is the last one committed locally, `durable` the
    last one in the log. `is_established` is set once the first entry is in the log and was checked against the
    floor. Only `append` may be called from another thread; everything else belongs to one event loop.
    """

    def __init__(
        self,
        store: LogStore,
        history: History,
        writer: WriterId,
        clock: Callable[[], int],
        policy: Policy,
    ) -> None:
        """`clock` returns milliseconds since 1970. It only dates entries and makes snapshots due."""
        self.writer = writer
        self.history = history
        self.position = 0
        self.durable = 0
        self.is_fenced = False
        self.is_established = False
        self.is_snapshot_requested = False
        self._store = store
        self._clock = clock
        self._policy = policy
        self._queue: deque[Transaction] = deque()
        self._in_flight: Batch | None = None
        self._due_snapshot: Snapshot | None = None
        self._is_snapshot_pending = False

    # -- transactions and the gate -----------------------------------------------------------------------

    def append(self, changeset: bytes, image: bytes | None = None) -> int:
        """Queue a transaction that has just committed locally and return its position.

        Call it in commit order. `image` is the whole database after this transaction.
        """
        position = self.position + 1
        if image is not None:
            self._is_snapshot_pending = True
        self._queue.append(Transaction(position, changeset, image))
        self.position = position
        return position

    def is_durable(self, position: int) -> bool:
        """Return whether the transactions up to `position` are in the log. Raise FencedError if they never will be."""
        if self.is_fenced:
            raise fenced_error()
        return position <= self.durable

    @property
    def has_work(self) -> bool:
        """Whether `advance` has an entry to put."""
        return self._in_flight is not None or bool(self._queue)

    @property
    def needs_image(self) -> bool:
        """Whether the next `append` should include an image of the database."""
        return not self._is_snapshot_pending and (
            self.is_snapshot_requested or self.history.is_snapshot_due(self._policy, self._clock())
        )

    def take_snapshot(self) -> Snapshot | None:
        """Return the snapshot that is due, once; the log already holds its entry."""
        due, self._due_snapshot = self._due_snapshot, None
        return due

    def finish_snapshot(self) -> None:
        """Allow the next snapshot, after the last one was stored or has failed."""
        self._is_snapshot_pending = False

    # -- the put in flight -------------------------------------------------------------------------------

    async def advance(self) -> None:
        """Put the entry in flight, or the next one with everything queued. One call at a time.

        Raise UncertainError if the outcome is unknown: call again. Raise FencedError if another writer has taken
        over the log.
        """
        if self.is_fenced:
            raise fenced_error()
        if self._in_flight is None:
            self._in_flight = self.next_batch()
        batch = self._in_flight
        if batch is None:
            return
        if batch.needs_offloading:
            await self._store.offload(batch.encode)
        if not batch.is_stored:
            await self.put(batch)
            batch.is_stored = True
        if not self.is_established:
            await self.check_floor(batch)
            self.is_established = True
        self._complete(batch)

    async def migrate(self, image: bytes, schema: int) -> None:
        """Log the whole database under a new schema. Nothing may be queued. Raises the same errors as `advance`."""
        await self.write(Kind.IMAGE, schema, (image,))

    async def write(self, kind: Kind, schema: int, payloads: tuple[bytes, ...]) -> None:
        """Log an entry that is not of transactions. Nothing may be queued. Raises the same errors as `advance`."""
        if self._in_flight is None:
            self._in_flight = Batch(self._new_entry(kind, schema, payloads), self.position, None)
        await self.advance()

    async def confirm(self) -> bool:
        """Check with the store that this is still the only writer, and return True if it is.

        Return False if the next key holds an entry of this writer, which proves nothing: complete that put, then
        call again. Raise FencedError if another writer has taken over, UncertainError if the store does not respond.
        """
        if self.is_fenced:
            raise fenced_error()
        following = self.history.sequence + 1
        (found,) = await self._store.get([entry_key(following)])
        if found is not None and not self._is_mine(found):
            self.fence()
        if not self.is_established and await self.is_overtaken(following):
            self.fence()
        return found is None

    def next_batch(self) -> Batch | None:
        """Take queued transactions up to an image or the size limit. Return None if they changed nothing."""
        payloads: list[bytes] = []
        position, size_bytes = self.durable, 0
        image: bytes | None = None
        while self._queue and image is None:
            size_bytes += len(self._queue[0].changeset)
            if payloads and size_bytes > self._policy.batch_bytes:
                break
            transaction = self._queue.popleft()
            position, image = transaction.position, transaction.image
            if transaction.changeset:
                payloads.append(transaction.changeset)
        if not payloads and image is None:
            self.durable = position
            return None
        return Batch(self._new_entry(Kind.CHANGES, self.history.schema, tuple(payloads)), position, image)

    async def put(self, batch: Batch) -> None:
        """Store the entry under its key. Raise FencedError if another writer's entry is there."""
        key = entry_key(batch.entry.sequence)
        if batch.was_sent:
            (found,) = await self._store.get([key])
            if found is not None:
                self.check_taken_key(batch, found)
                return
        batch.was_sent = True
        if await self.create(key, batch.data):
            return
        (found,) = await self._store.get([key])
        if found is None:
            raise UncertainError(f"entry {batch.entry.sequence} existed a moment ago and is now absent")
        self.check_taken_key(batch, found)

    async def create(self, key: str, data: bytes) -> bool:
        """Store the entry if its key is free; return whether it was."""
        return await self._store.create(key, data)

    def check_taken_key(self, batch: Batch, found: bytes) -> None:
        """Accept exactly the bytes that were sent, as an earlier put that took effect. Fence on any others."""
        if found != batch.data:
            self.fence()

    async def check_floor(self, batch: Batch) -> None:
        """Fence if the first entry of this writer was stored below the floor, where its key was free again."""
        if await self.is_overtaken(batch.entry.sequence):
            self.fence()

    async def is_overtaken(self, sequence: int) -> bool:
        """Return whether the floor has reached the sequence number of this writer's first entry.

        Always False once the writer is established: from then on, the first entry of its successor holds the key
        that it would use next.
        """
        snapshots = await list_snapshots(self._store)
        return not self.is_established and bool(snapshots) and snapshots[-1] >= sequence

    def fence(self) -> None:
        """Stop writing for good and raise FencedError."""
        self.is_fenced = True
        raise fenced_error()

    def _complete(self, batch: Batch) -> None:
        self.history.append(batch.entry, batch.data, self._policy)
        self.durable = batch.position
        self._in_flight = None
        if batch.image is not None:
            self._due_snapshot = self.history.make_snapshot(batch.image)

    def _new_entry(self, kind: Kind, schema: int, payloads: tuple[bytes, ...]) -> Entry:
        history = self.history
        return Entry(kind, history.sequence + 1, self.writer, history.digest, self._clock(), schema, payloads)

    def _is_mine(self, data: bytes) -> bool:
        try:
            return decode_entry(data).writer == self.writer
        except DamagedLogError:
            return False


def fenced_error() -> FencedError:
    """Return the error that replaces every response of a fenced instance."""
    return FencedError(
        "another instance has taken over the log", hint="retry: the other instance serves the request"
    )
