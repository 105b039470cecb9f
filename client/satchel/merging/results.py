"""The result of a merge, or of planning one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from satchel.merging.decisions import Outcome

MAX_CONFLICTS: Final = 1_000  # that a result describes; all are counted


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """The newest revision that only one store held: its number after the merge, its time and title."""

    revision: int
    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A Piece that was edited in both stores. Both revisions are in its history; the later one is current."""

    piece_id: str
    ours: ConflictSide
    theirs: ConflictSide

    @property
    def current(self) -> Literal["ours", "theirs"]:
        """Which store's revision is current after the merge."""
        return "ours" if self.ours.revision > self.theirs.revision else "theirs"

    @property
    def title(self) -> str:
        """The title after the merge."""
        return self.ours.title if self.current == "ours" else self.theirs.title


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge did to the Pieces of this store, or would do.

    `updated` Pieces received revisions; `restored` ones had been removed here. `conflicts` describes the first
    `MAX_CONFLICTS` of `conflict_count`.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    restored: int = 0
    conflict_count: int = 0
    conflicts: Sequence[Conflict] = ()

    @property
    def changed(self) -> int:
        """The number of Pieces that are new, different or gone."""
        return self.added + self.updated + self.removed + self.restored


class Tally:
    """Counts outcomes, and keeps the first conflicts."""

    def __init__(self) -> None:
        self._outcomes: Counter[Outcome] = Counter()
        self._conflict_count = 0
        self._conflicts: list[Conflict] = []

    def add(self, outcome: Outcome) -> None:
        """Count one Piece."""
        self._outcomes[outcome] += 1

    @property
    def is_full(self) -> bool:
        """Whether further conflicts are only counted."""
        return len(self._conflicts) == MAX_CONFLICTS

    def add_conflict(self, conflict: Conflict | None) -> None:
        """Count a conflict, and keep its description if there is one."""
        self._conflict_count += 1
        if conflict is not None:
            self._conflicts.append(conflict)

    def result(self) -> MergeResult:
        """Return the result."""
        counts = self._outcomes
        return MergeResult(
            added=counts["added"],
            updated=counts["updated"],
            removed=counts["removed"],
            restored=counts["restored"],
            conflict_count=self._conflict_count,
            conflicts=tuple(self._conflicts),
        )
