"""Merging another store into this one, in one transaction, and counting what that would do."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import apsw

from satchel.errors import NotFoundError
from satchel.merging.applying import Applier
from satchel.merging.decisions import Decision, decide, decide_single
from satchel.merging.histories import History, Known, is_time, side_by_side
from satchel.merging.incoming import check_taken, state_of
from satchel.merging.other_store import OtherStore, invalid, other_store, reading_other
from satchel.merging.results import Conflict, ConflictSide, MergeResult, Tally
from satchel.pieces import ulid
from satchel.pieces.fields import MAX_TITLE_CHARS
from satchel.pieces.model import Clock, Entropy, system_entropy, utc_now
from satchel.store import Store
from satchel.store.database import Row, connect, first_row, reading
from satchel.store.rows import from_ms, to_ms

_HEADLINE: Final = "SELECT at, substr(title, 1, ?) FROM revisions WHERE seq = ?"


def merge(
    store: Store,
    other: Path | apsw.Connection,
    *,
    pieces: Collection[str] | None = None,
    clock: Clock = utc_now,
    entropy: Entropy = system_entropy,
) -> MergeResult:
    """Take the Pieces and the history of another store into this one; all or nothing.

    With `pieces`, whole ids, only those are taken, as they are in the other store, even if they were removed or
    edited here since. NotFoundError if the other store lacks one. IntegrityError if the other store is damaged or
    breaks a rule; SatchelError if it is newer, or if this one cannot be written.

    An open connection may fetch its pages as they are read, so all that is needed is read once before this store is
    locked for other processes.
    """
    tally = Tally()
    with other_store(other) as theirs, ExitStack() as stack:
        if isinstance(other, apsw.Connection):
            _read_ahead(store, theirs, pieces)
        connection = stack.enter_context(store.transaction())
        applier = Applier(connection, theirs, to_ms(clock()), entropy)
        # Read from a second connection, which goes on seeing the store as it was.
        with closing(connect(store.path)) as before, reading(before):
            for decision in _decisions(before, theirs, pieces):
                _count(tally, decision, before, theirs)
                applier.apply(decision)
    return tally.result()


def plan_merge(
    store: Store, other: Path | apsw.Connection, *, pieces: Collection[str] | None = None
) -> MergeResult:
    """Return what `merge` would do, without writing anything. Contents and fields are not read or checked."""
    tally = Tally()
    with other_store(other) as theirs, store.snapshot() as before:
        for decision in _decisions(before, theirs, pieces):
            _count(tally, decision, before, theirs)
    return tally.result()


def _read_ahead(store: Store, theirs: OtherStore, pieces: Collection[str] | None) -> None:
    """Read and check everything that a merge takes from the other store."""
    with store.snapshot() as ours:
        for decision in _decisions(ours, theirs, pieces):
            if decision.theirs.history is not None:
                check_taken(theirs, decision.theirs.history, decision.taken)


def _decisions(
    ours: apsw.Connection, theirs: OtherStore, pieces: Collection[str] | None
) -> Iterator[Decision]:
    """Yield what to do with each Piece that either store knows, or with some Pieces of the other store."""
    if pieces is None:
        for piece_id, our_side, their_side in side_by_side(ours, theirs):
            yield decide(piece_id, our_side, their_side)
        return
    wanted = {ulid.canonical(each) for each in pieces}
    for piece_id, our_side, their_side in side_by_side(ours, theirs):
        if piece_id in wanted and their_side.history is not None:
            wanted.remove(piece_id)
            is_same = _is_same_state(ours, our_side, theirs, their_side.history)
            yield decide_single(piece_id, our_side, their_side, is_same_state=is_same)
    if wanted:
        raise NotFoundError(
            f"the other store holds no Piece with the id '{min(wanted)}'",
            hint="check the id; nothing was changed",
        )


def _is_same_state(ours: apsw.Connection, our_side: Known, theirs: OtherStore, history: History) -> bool:
    if our_side.history is None:
        return False
    current = state_of(ours, our_side.history.current, has_files=True, has_authors=True)
    with reading_other():
        return current == state_of(
            theirs.connection,
            history.current,
            has_files=theirs.has_files,
            has_authors=theirs.has_authors,
        )


def _count(tally: Tally, decision: Decision, ours: apsw.Connection, theirs: OtherStore) -> None:
    tally.add(decision.outcome)
    if decision.is_conflict:
        tally.add_conflict(None if tally.is_full else _conflict(decision, ours, theirs))


def _conflict(decision: Decision, ours: apsw.Connection, theirs: OtherStore) -> Conflict:
    our_history, their_history = decision.ours.history, decision.theirs.history
    if our_history is None or their_history is None:
        raise ValueError("only a Piece that both stores hold can be in conflict")
    numbers = {revision_id: number for number, revision_id in enumerate(decision.united, 1)}
    with reading_other():
        their_headline = first_row(theirs.connection, _HEADLINE, MAX_TITLE_CHARS, their_history.current)
    return Conflict(
        piece_id=decision.piece_id,
        ours=_side(
            numbers[our_history.newest], first_row(ours, _HEADLINE, MAX_TITLE_CHARS, our_history.current)
        ),
        theirs=_side(numbers[their_history.newest], their_headline),
    )


def _side(number: int, headline: Row | None) -> ConflictSide:
    if headline is None or not is_time(headline[0]):
        raise invalid("has a revision with an invalid time")
    return ConflictSide(number, from_ms(headline[0]), headline[1])
