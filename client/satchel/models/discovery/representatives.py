"""Choosing few candidates that stand for all: each covers those that it nearly repeats.

People mark the same text with wider and narrower bounds. So the next choice is the candidate that, with those it
overlaps by half, has most likelihood that no earlier choice covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.models.discovery.candidates import Candidate, CandidateKind

MAX_COMPARED: Final = 600
COVERS: Final = 0.5  # of the union of the lines
SAME: Final = 0.8
_FITNESS: Final[dict[CandidateKind, float]] = {
    "declaration": 1.0,
    "block": 0.8,
    "paragraph": 0.75,
    "body": 0.5,
}
_ROUNDING: Final = 1e-9
_OWN: Final = 0.35  # how much the likelihood of the candidate itself counts


@dataclass(frozen=True, slots=True)
class Representative:
    """A chosen candidate. `share` compares what it stands for with the first one: 1 for that, less for each other."""

    candidate: Candidate
    share: float


def representatives(candidates: Sequence[Candidate], limit: int) -> list[Representative]:
    """Return up to `limit` candidates, the best first; no two overlap by 0.8 or more."""
    likely = sorted(candidates, key=lambda one: (-one.likelihood, one.first_line, -one.last_line))[
        :MAX_COMPARED
    ]
    likely.sort(key=lambda one: (one.first_line, one.last_line))
    near = _neighbours(likely)
    left = [one.likelihood for one in likely]
    gains = [sum(left[place] for place in places) for places in near]
    own = [one.likelihood**_OWN * _fitness(one) for one in likely]
    chosen: list[Representative] = []
    most = 0.0
    open_places = set(range(len(likely)))
    while open_places and len(chosen) < limit:
        best = max(open_places, key=lambda place: (gains[place] * own[place], -place))
        open_places.discard(best)
        if gains[best] <= _ROUNDING:
            break
        value = gains[best] * own[best]
        most = most or value
        for place in near[best]:
            for other in near[place]:
                gains[other] -= left[place]
            left[place] = 0.0
        if all(likely[best].overlap(one.candidate) < SAME for one in chosen):
            chosen.append(Representative(likely[best], min(1.0, value / most)))
    return chosen


def _fitness(one: Candidate) -> float:
    """Return how well a candidate serves alone: a declaration better than its inside."""
    return _FITNESS["declaration" if one.declaration is not None else one.kind]


def _neighbours(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Return the places of the candidates that each one covers, itself among them. Sorted by their first lines."""
    near: list[list[int]] = [[place] for place in range(len(candidates))]
    for place, one in enumerate(candidates):
        for other in range(place + 1, len(candidates)):
            if candidates[other].first_line > one.last_line:
                break
            if one.overlap(candidates[other]) >= COVERS:
                near[place].append(other)
                near[other].append(place)
    return near
