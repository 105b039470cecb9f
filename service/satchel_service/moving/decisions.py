"""What to do next, decided from the heads of the two logs alone. A move can therefore be continued after any kill."""

from enum import Enum
from typing import NamedTuple

from satchel_service.log.format import Kind
from satchel_service.log.handover import Closed, MoveId, SourceId, closed_by, link_in
from satchel_service.log.reader import LogContents
from satchel_service.moving.errors import MoveRefusedError, TooLateError

UNDO = "undo it: satchel-service move --undo, with the same options"


class Step(Enum):
    """The steps of a move and of its undoing."""

    RESERVE = "reserve the new storage"
    CLOSE = "close the old log"
    OPEN = "open the new log"
    CANCEL = "cancel the reservation"
    REOPEN = "continue the old log"
    KEEP = "keep the old log open"
    DONE = "nothing is left to do"


class LogState(NamedTuple):
    """A log as a move sees it.

    `closed` is the state of the head, None if the log goes on. `undone` has the moves to this store that can never open
    it, `opened` those that did, as far as the log reaches back.
    """

    is_empty: bool
    closed: Closed | None
    undone: frozenset[MoveId]
    opened: frozenset[MoveId]


def state_of(contents: LogContents) -> LogState:
    """Return the state of a log that was read to its end."""
    undone, opened = set(), set()
    awaited: Closed | None = None
    for entry in contents.entries:
        closed = closed_by(entry)
        if entry.kind is Kind.CLOSING and closed is not None and awaited is not None:
            undone.add(closed.move)
        if entry.kind is Kind.OPENING and awaited is not None:
            opened.add(link_in(entry).move)
        awaited = closed if closed is not None and closed.is_awaiting else None
    history = contents.history
    return LogState(not history.sequence, history.closed, frozenset(undone), frozenset(opened))


def last_source(contents: LogContents) -> SourceId | None:
    """Return the store for whose cloud a log was reserved just before its head, if it was never opened for it."""
    sources = [
        closed.source if closed is not None else None for closed in map(closed_by, contents.entries[-2:])
    ]
    return sources[0] if len(sources) > 1 else None


def next_step(old: LogState, new: LogState, source: SourceId) -> Step:
    """Return the next step of a move. `source` identifies the old store. Raise MoveRefusedError if there is none."""
    if new.closed is not None and new.closed.is_awaiting and new.closed.source != source:
        raise MoveRefusedError("the new storage is reserved for the cloud of another storage")
    if old.is_empty:
        raise MoveRefusedError("the old storage holds no cloud", hint="check SATCHEL_STORAGE")
    if old.closed is None:
        return _first_step(new)
    if old.closed.is_awaiting:
        raise MoveRefusedError("the old storage is itself reserved for a cloud that is being moved there")
    return _step_of_closed(old.closed, new)


def _first_step(new: LogState) -> Step:
    if new.closed is not None and new.closed.is_awaiting:
        return Step.CLOSE
    if new.is_empty or new.closed is not None:
        return Step.RESERVE
    raise MoveRefusedError(
        "the new storage holds a cloud that is in use", hint="choose an empty directory, bucket or prefix"
    )


def _step_of_closed(old: Closed, new: LogState) -> Step:
    if new.closed is not None and new.closed.is_awaiting and is_same_move(old, new.closed):
        return Step.OPEN
    if new.closed is None and old.move in new.opened:
        return Step.DONE
    if old.move in new.undone:
        raise MoveRefusedError("this move was undone, but the old log is still closed", hint=UNDO)
    place = f" to {old.url}" if old.url else ""
    raise MoveRefusedError(
        f"the cloud in the old storage was moved{place}, not to this storage",
        hint="name the storage of the move that began, and finish it or undo it",
    )


def is_same_move(left: Closed, right: Closed) -> bool:
    """Whether a closed log and a reservation belong to the same move."""
    return left.move == right.move


def next_step_back(old: LogState, new: LogState, source: SourceId, *, is_kept: bool) -> Step:
    """Return the next step of undoing a move. Raise TooLateError or MoveRefusedError if there is none.

    The reservation is cancelled before the old log continues, so the new log can no longer open. `is_kept` says that
    this run has taken the step KEEP.
    """
    if new.closed is not None and new.closed.is_awaiting:
        if new.closed.source != source:
            raise MoveRefusedError("the new storage is reserved for the cloud of another storage")
        return Step.CANCEL
    if not new.is_empty and new.closed is None:
        raise TooLateError(
            "the cloud is already open in the new storage",
            hint="move it back: run satchel-service move with the settings of the new cloud",
        )
    if old.closed is None:
        return Step.KEEP if new.undone and not (is_kept or old.is_empty) else Step.DONE
    if old.closed.is_awaiting:
        raise MoveRefusedError(
            "the old storage is itself reserved for a cloud that is being moved there",
            hint="undo that move first",
        )
    if old.closed.move in new.undone:
        return Step.REOPEN
    raise MoveRefusedError(
        "the cloud in the old storage was not moved to this storage",
        hint="name the storage of the move to undo",
    )
