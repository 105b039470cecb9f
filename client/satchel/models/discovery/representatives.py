"""Choosing a few candidates that represent all: each covers those that it nearly repeats.

People mark the same text with wider and narrower bounds. So the next choice is the candidate that, with those it
overlaps by half, has most likelihood that no earlier choice covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
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
    # the best first; a value only falls, and is compared again when it comes up
    waiting = [(-gain * weight, place) for place, (gain, weight) in enumerate(zip(gains, own, strict=True))]
    heapify(waiting)
    chosen: list[Representative] = []
    taken: set[int] = set()
    most = 0.0
    while waiting and len(chosen) < limit:
        estimate, best = heappop(waiting)
        value = gains[best] * own[best]
        if -value > estimate:
            heappush(waiting, (-value, best))
            continue
        if gains[best] <= _ROUNDING:
            break
        most = most or value
        for place in near[best]:
            if left[place]:
                for other in near[place]:
                    gains[other] -= left[place]
                left[place] = 0.0
        if all(likely[best].overlap(likely[place]) < SAME for place in taken.intersection(near[best])):
            chosen.append(Representative(likely[best], min(1.0, value / most)))
            taken.add(best)
    return chosen


def _fitness(one: Candidate) -> float:
    """Return how well a candidate serves alone: a declaration better than its inside."""
    return _FITNESS["declaration" if one.declaration is not None else one.kind]


def _neighbours(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Return the places of the candidates that each one covers, itself among them. Sorted by their first lines."""
    near: list[list[int]] = [[place] for place in range(len(candidates))]
    bounds = [(one.first_line, one.last_line) for one in candidates]
    for place, (first, last) in enumerate(bounds):
        for other in range(place + 1, len(bounds)):
            start, end = bounds[other]
            if start > last:
                break
            shared, union = min(last, end) - start + 1, max(last, end) - first + 1
            if shared >= COVERS * union:
                near[place].append(other)
                near[other].append(place)
    return near
