"""What a merge does with each Piece: pure functions over the ids that both stores know (docs/spec/store.md, section 7)."""

from dataclasses import dataclass
from typing import Literal

from satchel.merging.histories import History, Known, Removal

Outcome = Literal["added", "updated", "removed", "restored", "unchanged"]
"""What happens to a Piece of this store. A restored Piece had been removed here."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one Piece.

    Take the revisions `taken` from the other store, in order; erase the Piece here; record a removal; then, if
    `again`, append a copy of the other store's current revision unless the Piece is in that state.
    """

    piece_id: str
    ours: Known
    theirs: Known
    outcome: Outcome
    taken: tuple[str, ...] = ()
    removal: Removal | None = None
    again: bool = False

    @property
    def is_conflict(self) -> bool:
        """Whether the Piece was edited in both stores: neither holds the current revision of the other."""
        ours, theirs = self.ours.history, self.theirs.history
        return (
            ours is not None
            and theirs is not None
            and bool(self.taken)
            and not self.again
            and ours.newest not in theirs.revisions
            and theirs.newest not in ours.revisions
        )

    @property
    def united(self) -> list[str]:
        """The ids of all revisions that the Piece has afterwards, in order."""
        ours = self.ours.history.revisions if self.ours.history else ()
        return sorted({*ours, *self.taken})


def decide(piece_id: str, ours: Known, theirs: Known) -> Decision:
    """Decide about one Piece in a merge of whole stores."""
    removal = theirs.removal if theirs.removed > ours.removed else None
    if max(ours.newest, theirs.newest) <= max(ours.removed, theirs.removed):
        outcome: Outcome = "removed" if ours.history else "unchanged"
        return Decision(piece_id, ours, theirs, outcome, removal=removal)
    taken = _missing(theirs.history, ours.history)
    return Decision(piece_id, ours, theirs, _outcome(ours, taken), taken, removal)


def decide_single(piece_id: str, ours: Known, theirs: Known, *, is_same_state: bool) -> Decision:
    """Decide about one Piece that is brought here as the other store holds it, even if it was removed or edited here.

    `is_same_state` tells that the current revisions of both stores differ at most in their ids and times.
    """
    taken = _missing(theirs.history, ours.history)
    is_behind = theirs.newest < max(ours.newest, ours.removed)
    again = is_behind and not is_same_state
    return Decision(piece_id, ours, theirs, _outcome(ours, taken, again=again), taken, again=again)


def _outcome(ours: Known, taken: tuple[str, ...], *, again: bool = False) -> Outcome:
    if not taken and not again:
        return "unchanged"
    if ours.history is not None:
        return "updated"
    return "restored" if ours.removal else "added"


def _missing(held: History | None, elsewhere: History | None) -> tuple[str, ...]:
    """Return the revisions of one history that another does not have."""
    if held is None:
        return ()
    if elsewhere is None:
        return tuple(held.revisions)
    return tuple(one for one in held.revisions if one not in elsewhere.revisions)
