"""The entries that a move writes, over two `LogStore`s: the simulator in tests/property/log runs this code.

    step = await handover.survey()      # reads both logs and decides
    await handover.take(step)           # writes one entry

Nothing here retries. After an UncertainError or a FencedError (the log has moved on), survey again: the logs say what
has taken effect.
"""

from collections.abc import Awaitable, Callable

import msgspec

from satchel_service.log.format import Kind, new_writer_id
from satchel_service.log.handover import MOVE_ID_BYTES, Link, MoveId, SourceId, closing_payloads
from satchel_service.log.policy import DEFAULT, Policy
from satchel_service.log.reader import LogContents, Opening
from satchel_service.log.store import LogStore
from satchel_service.log.writer import Writer
from satchel_service.moving.decisions import Step, next_step, next_step_back, state_of

MakeImage = Callable[[LogContents, MoveId], Awaitable[bytes]]


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cloud is reached, before and after (empty if unknown), and the id of the old store."""

    old_url: str
    new_url: str
    source: SourceId


class Handover:
    """One move from `old` to `new`. `make_image` returns the database for the new log, from the contents of the old."""

    opening: type[Opening] = Opening
    writer: type[Writer] = Writer

    def __init__(
        self,
        old: LogStore,
        new: LogStore,
        addresses: Addresses,
        make_image: MakeImage,
        *,
        clock: Callable[[], int],
        entropy: Callable[[int], bytes],
        policy: Policy = DEFAULT,
    ) -> None:
        """`clock` returns milliseconds since 1970, `entropy(n)` returns n random bytes."""
        self._old_store, self._new_store = old, new
        self._addresses = addresses
        self._make_image = make_image
        self._clock = clock
        self._entropy = entropy
        self._policy = policy
        self._is_kept = False
        self._old: LogContents
        self._new: LogContents

    async def survey(self) -> Step:
        """Read both logs and return the next step of the move. Raise MoveRefusedError if there is none.

        Raise DamagedLogError or UncertainError if a log cannot be read.
        """
        await self.read()
        return next_step(state_of(self._old), state_of(self._new), self._addresses.source)

    async def survey_back(self) -> Step:
        """Read both logs and return the next step of undoing the move. Raises the same errors."""
        await self.read()
        old, new = state_of(self._old), state_of(self._new)
        return next_step_back(old, new, self._addresses.source, is_kept=self._is_kept)

    @property
    def contents(self) -> tuple[LogContents, LogContents]:
        """The old log and the new one, as last read."""
        return self._old, self._new

    async def read(self) -> None:
        """Read both logs, the old one first: log.md, 14.5, says why."""
        self._old = await self.opening(self._old_store, self._policy).run()
        self._new = await self.opening(self._new_store, self._policy).run()

    async def take(self, step: Step) -> None:
        """Write the entry of a step that was just surveyed.

        Raise FencedError if the log has moved on, UncertainError if the outcome is unknown: survey again.
        """
        actions = {
            Step.RESERVE: self.reserve,
            Step.CLOSE: self.close,
            Step.OPEN: self.open,
            Step.CANCEL: self.cancel,
            Step.REOPEN: self.reopen,
            Step.KEEP: self.keep,
        }
        await actions[step]()

    async def reserve(self) -> None:
        """Reserve the new store under the id of a new move."""
        move = MoveId(self._entropy(MOVE_ID_BYTES))
        await self._write(self._new_store, self._new, Kind.AWAITING, (move, self._addresses.source))

    async def close(self) -> None:
        """Close the old log for the move that has reserved the new store."""
        payloads = closing_payloads(self._move(self._new), self._addresses.new_url)
        await self._write(self._old_store, self._old, Kind.CLOSING, payloads)

    async def open(self) -> None:
        """Continue the cloud in the new store, with the database at the end of the closed log."""
        history = self._old.history
        link = Link(self._move(self._new), history.sequence, history.digest)
        image = await self._make_image(self._old, link.move)
        payloads = (link.encode(), image)
        await self._write(self._new_store, self._new, Kind.OPENING, payloads, history.schema)

    async def cancel(self) -> None:
        """Close the reserved store for good, so that this move can never open it."""
        payloads = closing_payloads(self._move(self._new), self._addresses.old_url)
        await self._write(self._new_store, self._new, Kind.CLOSING, payloads)

    async def reopen(self) -> None:
        """Continue the old log, whose database has not changed since it was closed."""
        history = self._new.history
        link = Link(self._move(self._old), history.sequence, history.digest)
        await self._write(self._old_store, self._old, Kind.OPENING, (link.encode(),))
        self._is_kept = True

    async def keep(self) -> None:
        """Take the key that a late closing entry of an undone move would need, with an entry that changes nothing."""
        await self._write(self._old_store, self._old, Kind.CHANGES, ())
        self._is_kept = True

    def _move(self, contents: LogContents) -> MoveId:
        if contents.history.closed is None:
            raise RuntimeError("the step was not surveyed")
        return contents.history.closed.move

    async def _write(
        self,
        store: LogStore,
        contents: LogContents,
        kind: Kind,
        payloads: tuple[bytes, ...],
        schema: int | None = None,
    ) -> None:
        """Write one entry as a new writer, whose first entry is checked against the floor (log.md, 5.5)."""
        name = new_writer_id(self._clock(), self._entropy)
        writer = self.writer(store, contents.history, name, self._clock, self._policy)
        await writer.write(kind, contents.history.schema if schema is None else schema, payloads)
