"""The measures: what a row counts, and how sure its figure is. Pure functions over plain values.

scores = [rouge_l(title, docstring) for title, docstring in pairs]
interval(scores)                # (mean, low, high): 95% by bootstrap, the same at every run
"""

import random
import re
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

RESAMPLES: Final = 1_000
SEED: Final = 12
_LOW: Final = RESAMPLES * 25 // 1000
_HIGH: Final = RESAMPLES * 975 // 1000 - 1
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with its 95% interval and the number of items it was measured on."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def mean(scores: Sequence[float]) -> Value:
    """Return the mean of one score per item, with its interval. An empty sequence is ValueError."""
    if not scores:
        raise ValueError("no items to measure")
    values = np.asarray(scores, dtype=np.float64)
    chance = np.random.default_rng(SEED)
    means = np.sort([values[chance.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    return Value(float(values.mean()), float(means[_LOW]), float(means[_HIGH]), len(values))


def bootstrap(items: Sequence[Item], measure: Callable[[Sequence[Item]], float]) -> Value:
    """Return a measure of all items and, from resamples of them, its 95% interval."""
    if not items:
        raise ValueError("no items to measure")
    chance = random.Random(SEED)
    values = sorted(measure(chance.choices(items, k=len(items))) for _ in range(RESAMPLES))
    return Value(
        measure(items), values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1], len(items)
    )


def reciprocal_rank(ranked: Sequence[Key], right: Key, limit: int = 10) -> float:
    """Return 1/rank of the right key among the first `limit`; 0 if it is not there."""
    first = list(ranked[:limit])
    return 1 / (first.index(right) + 1) if right in first else 0.0


def hit(ranked: Sequence[Key], right: Collection[Key], limit: int) -> float:
    """Return 1 if one of the right keys is among the first `limit`, else 0."""
    return float(any(key in right for key in ranked[:limit]))


def recall(ranked: Sequence[Key], right: Collection[Key], limit: int) -> float:
    """Return the part of the right keys among the first `limit`, as far as `limit` holds them all."""
    return len(set(ranked[:limit]) & set(right)) / min(limit, len(right))


def precision(ranked: Sequence[Key], is_right: Callable[[Key], bool], limit: int) -> float:
    """Return the part of the first `limit` suggestions that is right. No suggestion at all is ValueError."""
    first = ranked[:limit]
    if not first:
        raise ValueError("no suggestion to judge")
    return sum(is_right(key) for key in first) / len(first)


@dataclass(frozen=True, slots=True)
class Counts:
    """What one item adds to precision and recall: suggestions that are right, wrong, and missing."""

    right: int
    wrong: int
    missing: int

    @classmethod
    def compare(cls, found: Collection[Key], true: Collection[Key]) -> "Counts":
        """Count one item's suggestions against its truth."""
        suggested, expected = set(found), set(true)
        return cls(len(suggested & expected), len(suggested - expected), len(expected - suggested))


def f1(counts: Sequence[Counts]) -> float:
    """Return the F1 of all items together (micro-averaged); 1 if there was nothing to find and nothing found."""
    right, wrong, missing = (sum(values) for values in zip(*_triples(counts), strict=True))
    return 2 * right / (2 * right + wrong + missing) if right + wrong + missing else 1.0


def total_precision(counts: Sequence[Counts]) -> float:
    """Return the part of all suggestions that is right; 1 without a suggestion."""
    right, wrong, _ = (sum(values) for values in zip(*_triples(counts), strict=True))
    return right / (right + wrong) if right + wrong else 1.0


def total_recall(counts: Sequence[Counts]) -> float:
    """Return the part of all true values that was suggested; 1 without a true value."""
    right, _, missing = (sum(values) for values in zip(*_triples(counts), strict=True))
    return right / (right + missing) if right + missing else 1.0


def _triples(counts: Sequence[Counts]) -> list[tuple[int, int, int]]:
    return [(one.right, one.wrong, one.missing) for one in counts] or [(0, 0, 0)]


def words(text: str) -> list[str]:
    """Return the words of English text or of identifiers, in lower case: `parseHTTPHeader` is parse, http, header."""
    return [word.lower() for word in _WORD.findall(text)]


def rouge_l(candidate: str, reference: str) -> float:
    """Return ROUGE-L: the F1 of the longest common subsequence of words."""
    ours, theirs = words(candidate), words(reference)
    common = _common(ours, theirs)
    return 2 * common / (len(ours) + len(theirs)) if common else 0.0


def _common(ours: Sequence[Key], theirs: Sequence[Key]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(theirs) + 1)
    for one in ours:
        diagonal = 0
        for place, other in enumerate(theirs, 1):
            above = row[place]
            row[place] = diagonal + 1 if one == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def auc(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the area under the ROC curve: how often a true item scores above a false one; ties count half.

    One of both kinds alone is 0.5.
    """
    ordered = sorted(scored, key=lambda pair: pair[0])
    true = sum(is_true for _, is_true in ordered)
    false = len(ordered) - true
    if not true or not false:
        return 0.5
    ranks = 0.0
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        ranks += sum(is_true for _, is_true in ordered[start:end]) * (start + 1 + end) / 2
        start = end
    return (ranks - true * (true + 1) / 2) / (true * false)


def edits(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Return the Levenshtein distance of two sequences, such as two texts."""
    row = list(range(len(theirs) + 1))
    for i, one in enumerate(ours, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(theirs, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return row[-1]


def overlap(ours: tuple[int, int], theirs: tuple[int, int]) -> float:
    """Return the intersection over the union of two ranges of lines, both ends included."""
    shared = min(ours[1], theirs[1]) - max(ours[0], theirs[0]) + 1
    if shared <= 0:
        return 0.0
    return shared / (ours[1] - ours[0] + theirs[1] - theirs[0] + 2 - shared)
