"""Suggested save and snippet discovery: how likely a text is worth keeping, and which parts of a file are."""

from collections.abc import Sequence

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


def saving_rows(sets: Sets) -> list[Figure]:
    """AUC of examples in read-mes against random windows."""
    items = sets.load("fences", Candidate, candidates)
    peers = {"fewer lines": _auc(items, [-float(one.text.count("\n")) for one in items])}
    worth = [worth_of(one.text, language_of(Subject(one.text))) for one in items]
    return [Figure("suggested save", "AUC", _auc(items, worth), "saving", least=0.9, peers=peers)]


def _auc(items: Sequence[Candidate], scores: Sequence[float]) -> Value:
    return bootstrap([(score, one.is_kept) for one, score in zip(items, scores, strict=True)], auc)


def discovery_rows(sets: Sets) -> list[Figure]:
    """The part of the marked regions that a proposal covers with an IoU of at least 0.5."""
    items = sets.load("regions", Marked, marked)
    peers = {"blocks between blank lines": _found(items, [blocks(one.text) for one in items])}
    value = _found(items, [_proposed(one) for one in items])
    return [Figure("snippet discovery", "regions at IoU 0.5", value, "discovery", least=0.7, peers=peers)]


def _proposed(item: Marked) -> list[tuple[int, int]]:
    found = regions_in(item.text, language_of_file(item.path) or "", item.path)
    return [(one.first_line, one.last_line) for one in found]


def _found(items: Sequence[Marked], proposed: Sequence[Sequence[tuple[int, int]]]) -> Value:
    scores = [
        float(any(overlap(region, one) >= 0.5 for one in proposals))
        for item, proposals in zip(items, proposed, strict=True)
        for region in item.regions
    ]
    return mean(scores)


def blocks(text: str) -> list[tuple[int, int]]:
    """Return the runs of lines without a blank line, as first and last line."""
    found: list[tuple[int, int]] = []
    start = 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip() and not start:
            start = number
        elif not line.strip() and start:
            found.append((start, number - 1))
            start = 0
    return found
