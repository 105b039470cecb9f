"""Suggested save and snippet discovery: how likely a text is worth keeping, and which parts of a file are."""

from collections.abc import Sequence
from typing import Final

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, auc, bootstrap, mean, overlap
from models.evaluation.sets.fences import Candidate, candidates
from models.evaluation.sets.loading import Sets
from models.evaluation.sets.regions import Marked, marked
from satchel.models.discovery.regions import regions_in
from satchel.models.interface import Subject
from satchel.models.parsing import language_of
from satchel.models.saving.worth import worth_of
from satchel.pieces.languages import language_of_file

FIRST: Final = 3  # proposals for each marked region of a file
LEAST_OVERLAP: Final = 0.5
Lines = tuple[int, int]


def saving_rows(sets: Sets) -> list[Figure]:
    """AUC of examples in read-mes against random windows."""
    items = sets.load("fences", Candidate, candidates)
    peers = {"fewer lines": _auc(items, [-float(one.text.count("\n")) for one in items])}
    worth = [worth_of(one.text, language_of(Subject(one.text))) for one in items]
    return [Figure("suggested save", "AUC", _auc(items, worth), "saving", least=0.9, peers=peers)]


def _auc(items: Sequence[Candidate], scores: Sequence[float]) -> Value:
    return bootstrap([(score, one.is_kept) for one, score in zip(items, scores, strict=True)], auc)


def discovery_rows(sets: Sets) -> list[Figure]:
    """The part of the marked regions that a proposal covers with an IoU of at least 0.5.

    The second figure counts only the first three proposals for each marked region of a file, so that proposing
    everything does not count as finding.
    """
    items = sets.load("regions", Marked, marked)
    ranked = [proposed(one) for one in items]
    lines = [blocks(one.text) for one in items]
    row, peer = "snippet discovery", "blocks between blank lines"
    count = sum(map(len, ranked)) / len(items)
    return [
        Figure(
            row,
            "regions at IoU 0.5",
            found_first(items, ranked),
            "discovery",
            least=0.7,
            peers={peer: found_first(items, lines)},
        ),
        Figure(
            f"{row}, {count:.0f} proposals a file",
            "the same, in the first 3 for each region",
            found_first(items, ranked, FIRST),
            "discovery",
            least=0.7,
            peers={peer: found_first(items, lines, FIRST)},
        ),
    ]


def proposed(item: Marked) -> list[Lines]:
    """Return the first and last lines of the proposals for a file, the best first."""
    found = regions_in(item.text, language_of_file(item.path) or "", item.path)
    return [(one.first_line, one.last_line) for one in found]


def found_first(
    items: Sequence[Marked], ranked: Sequence[Sequence[Lines]], first: int | None = None
) -> Value:
    """Return the part of the regions found, by all proposals or the `first` for each region of the file."""
    scores = [
        float(any(overlap(region, one) >= LEAST_OVERLAP for one in proposals[:limit]))
        for item, proposals in zip(items, ranked, strict=True)
        for limit in (None if first is None else first * len(item.regions),)
        for region in item.regions
    ]
    return mean(scores)


def blocks(text: str) -> list[Lines]:
    """Return the runs of lines without a blank line, as first and last line."""
    found: list[Lines] = []
    start = 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip() and not start:
            start = number
        elif not line.strip() and start:
            found.append((start, number - 1))
            start = 0
    return found
