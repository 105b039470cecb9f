"""Decisions follow from ids alone."""

import pytest

from satchel.merging.decisions import decide, decide_single
from satchel.merging.histories import History, Known, Removal

PIECE = "01" + "A" * 24


def _known(revisions: str = "", removal: str = "") -> Known:
    """Return knowledge of revisions and a removal named by single letters, in order of the alphabet."""
    ids = {PIECE if name == "a" else _id(name): row for row, name in enumerate(revisions, 1)}
    return Known(History(1, ids) if ids else None, Removal(_id(removal), 0) if removal else None)


def _id(name: str) -> str:
    return "02" + name.upper() * 24


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome", "taken", "records"),
    [
        (("", ""), ("a", ""), "added", "a", False),
        (("", ""), ("abc", ""), "added", "abc", False),
        (("ab", ""), ("ab", ""), "unchanged", "", False),
        (("ab", ""), ("a", ""), "unchanged", "", False),
        (("a", ""), ("ab", ""), "updated", "b", False),
        (("abd", ""), ("ac", ""), "updated", "c", False),
        (("ab", ""), ("", ""), "unchanged", "", False),
        (("ab", ""), ("", "c"), "removed", "", True),
        (("ad", ""), ("", "c"), "unchanged", "", True),
        (("", "c"), ("ab", ""), "unchanged", "", False),
        (("", "c"), ("ad", ""), "restored", "ad", False),
        (("", "c"), ("", "d"), "unchanged", "", True),
        (("", "d"), ("", "c"), "unchanged", "", False),
        (("", ""), ("", "c"), "unchanged", "", True),
        (("ad", "c"), ("", "e"), "removed", "", True),
        (("ab", ""), ("ad", "c"), "updated", "d", True),
        (("", ""), ("ad", "c"), "added", "ad", True),
    ],
)
def test_a_piece_is_live_if_its_newest_revision_follows_its_newest_removal(
    ours: tuple[str, str], theirs: tuple[str, str], outcome: str, taken: str, records: bool
) -> None:
    decision = decide(PIECE, _known(*ours), _known(*theirs))
    assert decision.outcome == outcome
    assert decision.taken == tuple(PIECE if name == "a" else _id(name) for name in taken)
    assert (decision.removal is not None) == records


@pytest.mark.parametrize(
    ("ours", "theirs", "is_conflict"),
    [
        ("ab", "ac", True),
        ("ad", "abc", True),
        ("ab", "abc", False),
        ("abc", "ab", False),
        ("abd", "acd", False),
        ("a", "a", False),
        ("abc", "ac", False),
    ],
)
def test_a_conflict_is_two_current_revisions_unknown_to_each_other(
    ours: str, theirs: str, is_conflict: bool
) -> None:
    assert decide(PIECE, _known(ours), _known(theirs)).is_conflict == is_conflict


@pytest.mark.parametrize(
    ("ours", "theirs", "is_same_state", "outcome", "again"),
    [
        (("", ""), ("ab", ""), False, "added", False),
        (("", "c"), ("ab", ""), False, "restored", True),
        (("", "c"), ("ad", ""), False, "restored", False),
        (("abc", ""), ("ab", ""), False, "updated", True),
        (("abc", ""), ("ab", ""), True, "unchanged", False),
        (("ab", ""), ("ab", ""), True, "unchanged", False),
        (("ab", ""), ("ac", ""), False, "updated", False),
        (("ad", ""), ("ac", ""), False, "updated", True),
    ],
)
def test_a_single_piece_becomes_current(
    ours: tuple[str, str], theirs: tuple[str, str], is_same_state: bool, outcome: str, again: bool
) -> None:
    decision = decide_single(PIECE, _known(*ours), _known(*theirs), is_same_state=is_same_state)
    assert (decision.outcome, decision.again, decision.removal) == (outcome, again, None)
