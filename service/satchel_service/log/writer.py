"""Writing the log: group commit, one put in flight, what its outcome means, and when an answer may leave.

Everything here runs between two awaits of the store; nothing sleeps, retries or starts a task. The caller calls
`advance` while there is work, again after UncertainError, and lets an answer go when `is_durable` says so.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from satchel_service.log.errors import DamagedLogError, FencedError, UncertainError
from satchel_service.log.format import Entry, Kind, Snapshot, WriterId, decode_entry, entry_key
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reader import snapshots_in
from satchel_service.log.store import LogStore

LONG_BYTES: Final = 64 * 1024  # handing work to a thread and back costs about as much as the digest of these


class Transaction:
    """A committed transaction on its way into the log; `image` is the database right after it, if one was made."""

    __slots__ = ("changeset", "image", "position")

    def __init__(self, position: int, changeset: bytes, image: bytes | None) -> None:
        self.position = position
        self.changeset = changeset
        self.image = image


class Batch:
    """The entry in flight. Its bytes never change: they are sent again after an unknown outcome."""

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
        """The entry's bytes, made when they are first asked for."""
        if not self._data:
            self._data = self.entry.encode()
        return self._data

    @property
    def is_long(self) -> bool:
        """Whether making its bytes takes so long that it must hold nobody up."""
        return not self._data and sum(map(len, self.entry.payloads)) > LONG_BYTES

    def prepare(self) -> None:
        """Make its bytes now."""
        self._data = self.entry.encode()


class Writer:
    """One instance's hold on the log, from its opening until it is fenced.

    `append` may be called from one other thread; all else belongs to one event loop. Positions count the
    transactions of this instance.
    """

    def __init__(
        self,
        store: LogStore,
        history: History,
        writer: WriterId,
        clock: Callable[[], int],
        policy: Policy,
    ) -> None:
        """`clock` tells milliseconds since 1970; it dates entries and may bring a snapshot forward, no more."""
        self.writer = writer
        self.history = history
        self.position = 0
        self.durable = 0
        self.is_fenced = False
        self.is_established = False
        self.is_image_wanted = False
        self._store = store
        self._clock = clock
        self._policy = policy
        self._queue: deque[Transaction] = deque()
        self._sending: Batch | None = None
        self._due: Snapshot | None = None
        self._image_asked = False

    # -- transactions in, answers out --------------------------------------------------------------------

    def append(self, changeset: bytes, image: bytes | None = None) -> int:
        """Queue a transaction that has just committed locally; return its position.

        Calls come in the order of the commits. `image` is the whole database as it is after this transaction.
        """
        position = self.position + 1
        if image is not None:
            self._image_asked = True
        self._queue.append(Transaction(position, changeset, image))
        self.position = position
        return position

    def is_durable(self, position: int) -> bool:
        """Whether an answer that saw the transactions up to `position` may leave. FencedError: it never may."""
        if self.is_fenced:
            raise fenced()
        return position <= self.durable

    @property
    def has_work(self) -> bool:
        """Whether `advance` has something to put."""
        return self._sending is not None or bool(self._queue)

    @property
    def wants_image(self) -> bool:
        """Whether the next `append` should bring an image of the database along."""
        return not self._image_asked and (
            self.is_image_wanted or self.history.is_snapshot_due(self._policy, self._clock())
        )

    def take_snapshot(self) -> Snapshot | None:
        """Return the snapshot that is due, once; its entry is in the log."""
        due, self._due = self._due, None
        return due

    def end_snapshot(self) -> None:
        """Allow the next snapshot; the one that was taken has been kept, or has failed."""
        self._image_asked = False

    # -- the put in flight -------------------------------------------------------------------------------

    async def advance(self) -> None:
        """Make the next entry durable: everything queued, or what an unknown outcome left in flight.

        UncertainError: call again. FencedError: another writer has the log, now and for good. One call at a time.
        """
        if self.is_fenced:
            raise fenced()
        if self._sending is None:
            self._sending = self.gather()
        batch = self._sending
        if batch is None:
            return
        if batch.is_long:
            await self._store.aside(batch.prepare)
        if not batch.is_stored:
            await self.place(batch)
            batch.is_stored = True
        if not self.is_established:
            await self.establish(batch)
            self.is_established = True
        self._conclude(batch)

    async def migrate(self, image: bytes, schema: int) -> None:
        """Log the whole database under another schema; nothing may be queued. Raises what `advance` does."""
        if self._sending is None:
            self._sending = Batch(self._entry(Kind.IMAGE, schema, (image,)), self.position, None)
        await self.advance()

    async def confirm(self) -> bool:
        """Ask the store whether another writer has taken over. FencedError: yes. UncertainError: it did not say.

        False: this writer's own put was found on its way; ask again once that has been concluded, since only the
        key after the last entry tells.
        """
        if self.is_fenced:
            raise fenced()
        ending = self.history.sequence
        (found,) = await self._store.get([entry_key(ending + 1)])
        if found is not None and not self._is_mine(found):
            self.fence()
        if not self.is_established and await self.is_passed(ending + 1):
            self.fence()
        return found is None

    def gather(self) -> Batch | None:
        """Make an entry of what is queued, up to an image or the size limit. None: nothing changed anything."""
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
        return Batch(self._entry(Kind.CHANGES, self.history.schema, tuple(payloads)), position, image)

    async def place(self, batch: Batch) -> None:
        """Get the entry under its key, or learn that another writer's is there."""
        key = entry_key(batch.entry.sequence)
        if batch.was_sent:
            (found,) = await self._store.get([key])
            if found is not None:
                self.judge(batch, found)
                return
        batch.was_sent = True
        if await self.send(key, batch.data):
            return
        (found,) = await self._store.get([key])
        if found is None:
            raise UncertainError(f"entry {batch.entry.sequence} was there and is gone")
        self.judge(batch, found)

    async def send(self, key: str, data: bytes) -> bool:
        """Put the entry, unless its key is taken."""
        return await self._store.create(key, data)

    def judge(self, batch: Batch, found: bytes) -> None:
        """The key holds exactly what was sent: it took effect. Anything else: another writer was first."""
        if found != batch.data:
            self.fence()

    async def establish(self, batch: Batch) -> None:
        """After the first entry: had it been truncated before it was written, its key was free for no good reason."""
        if await self.is_passed(batch.entry.sequence):
            self.fence()

    async def is_passed(self, sequence: int) -> bool:
        """Whether the floor has reached an entry that this writer takes for the next, or for its first.

        Only until it is established: then the first entry of whoever follows it holds the key that it would use.
        """
        snapshots = await snapshots_in(self._store)
        return not self.is_established and bool(snapshots) and snapshots[-1] >= sequence

    def fence(self) -> None:
        """Give the log up for good; raises FencedError."""
        self.is_fenced = True
        raise fenced()

    def _conclude(self, batch: Batch) -> None:
        self.history.follow(batch.entry, batch.data, self._policy)
        self.durable = batch.position
        self._sending = None
        if batch.image is not None:
            self._due = self.history.snapshot(batch.image)

    def _entry(self, kind: Kind, schema: int, payloads: tuple[bytes, ...]) -> Entry:
        history = self.history
        return Entry(kind, history.sequence + 1, self.writer, history.digest, self._clock(), schema, payloads)

    def _is_mine(self, data: bytes) -> bool:
        try:
            return decode_entry(data).writer == self.writer
        except DamagedLogError:
            return False


def fenced() -> FencedError:
    """Return the one error for every answer that must not leave."""
    return FencedError("another instance has taken over the log", hint="ask again: the other one answers")
