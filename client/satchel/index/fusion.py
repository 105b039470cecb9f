"""Merges the results of searches by words and by meaning into one order.

The score of a Piece is 0.15 × its BM25, divided by the best, + 0.85 × its cosine with the query - 0.2 × how much it
is crowded: near to other Pieces that the query is near to. Adding scores finds more than adding ranks
(docs/models/search.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

WORDS_WEIGHT: Final = 0.15
MEANING_WEIGHT: Final = 0.85
CROWDING_WEIGHT: Final = 0.2
MOST_CROWDED: Final = 0.15  # so that ten copies of a Piece can still be found
LEAST_COSINE: Final = 0.3  # of a Piece that only its meaning finds
LEAST_WITH_WORDS: Final = 0.2  # of one that holds some words of the query

FoundBy = Literal["words", "meaning", "both"]


@dataclass(frozen=True, slots=True)
class Fused:
    """A Piece by its key, its score, and what found it."""

    key: int
    score: float
    found_by: FoundBy


def fuse(
    matches: Sequence[int],
    scores: Mapping[int, float],
    cosines: Mapping[int, float],
    crowding: Mapping[int, float],
) -> list[Fused]:
    """Return the Pieces that words or meaning find, the best first, equal ones newest first.

    `matches` hold every word of the query. `scores` are BM25 of the Pieces that hold some of them. `cosines` are of
    all these Pieces, and of those of the nearest meaning. `crowding` is of the latter, 0 for the average.
    """
    best = max(scores.values(), default=0.0) or 1.0
    whole = frozenset(matches)
    found = []
    for key in {*whole, *cosines}:
        cosine = cosines.get(key, 0.0)
        is_near = cosine >= (LEAST_WITH_WORDS if key in scores else LEAST_COSINE)
        if key not in whole and not is_near:
            continue
        score = WORDS_WEIGHT * max(scores.get(key, 0.0), 0.0) / best + MEANING_WEIGHT * max(cosine, 0.0)
        score -= CROWDING_WEIGHT * min(max(crowding.get(key, 0.0), -MOST_CROWDED), MOST_CROWDED)
        found_by: FoundBy = "meaning" if key not in whole else "both" if is_near else "words"
        found.append(Fused(key, score, found_by))
    return sorted(found, key=lambda one: (-one.score, -one.key))
