"""When an answer is right: found episodes against true ones, borders, and ranges of time. Pure functions.

A border is the first event of an episode, so that two episodes can alternate. A found border matches a true one within
one event. WindowDiff (Pevzner and Hearst, 2002) is over the changes of episode from
one event to the next.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Final

from models.evaluation.metrics import Counts

TOLERANCE: Final = 1
"""Events between a true border and one that counts as it."""
LEAST_PART: Final = 1 / 3
"""The part of a found episode's events that must belong to the right one."""
LEAST_COVERED: Final = 1 / 4
"""The part of the right episode's events that a found one must hold."""
LEAST_OVERLAP: Final = 0.6
"""The intersection over union of the understood range and the meant one."""

Range = tuple[int, int]


def is_right(
    found: Collection[int],
    true: Collection[int],
    evidence: Collection[int] = (),
    *,
    needs_evidence: bool = False,
) -> bool:
    """Return whether a found episode holds enough of the right one, or the events that the question is about.

    With `needs_evidence`, it must hold one of these events: a question about a command asks for the command itself.
    """
    shared = len(set(found) & set(true))
    if not found or shared < LEAST_PART * len(found):
        return False
    has_evidence = bool(set(found) & set(evidence))
    return has_evidence if needs_evidence else has_evidence or shared >= LEAST_COVERED * len(true)


def recall(
    found: Sequence[Collection[int]],
    right: Sequence[Collection[int]],
    limit: int,
    evidence: Collection[int] = (),
    *,
    needs_evidence: bool = False,
) -> float:
    """Return the share of the right episodes, or of `limit` if there are more, among the first `limit` found."""
    hits = 0
    for true in right:
        own = set(evidence) & set(true)
        hits += any(is_right(one, true, own, needs_evidence=needs_evidence) for one in found[:limit])
    return hits / min(limit, len(right))


def overlap(one: Range, other: Range) -> float:
    """Return the intersection over union of two ranges."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    union = max(one[1], other[1]) - min(one[0], other[0])
    return max(shared, 0) / union if union > 0 else float(one == other)


def is_meant(found: Range | None, meant: Sequence[Range]) -> bool:
    """Return whether a range matches one of those that a phrase can mean."""
    return found is not None and any(overlap(found, one) >= LEAST_OVERLAP for one in meant)


def onsets(episode_of: Sequence[int]) -> list[int]:
    """Return the places of the first events of the episodes, without the very first."""
    seen: set[int] = set()
    found: list[int] = []
    for place, episode in enumerate(episode_of):
        if episode not in seen:
            seen.add(episode)
            found.append(place)
    return found[1:]


def matched(found: Sequence[int], true: Sequence[int], either: Collection[int] = ()) -> Counts:
    """Count found borders against true ones, each at most once; those near an open border count neither way."""
    left = sorted(true)
    wrong = right = 0
    for place in sorted(found):
        near = bisect_left(left, place - TOLERANCE)
        if near < len(left) and left[near] <= place + TOLERANCE:
            left.pop(near)
            right += 1
        elif not any(place + step in either for step in range(-TOLERANCE, TOLERANCE + 1)):
            wrong += 1
    return Counts(right, wrong, len(left))


def changes(episode_of: Sequence[int]) -> list[int]:
    """Return 1 for each event whose episode differs from that of the event before, else 0."""
    return [int(one != other) for one, other in zip(episode_of[1:], episode_of, strict=False)]


def window_diff(found: Sequence[int], true: Sequence[int]) -> list[float]:
    """Return, for each window, 1 if the numbers of borders in it differ; their mean is WindowDiff."""
    size = max(2, round(len(true) / (2 * (sum(true) + 1))))
    return [
        float(sum(found[start : start + size]) != sum(true[start : start + size]))
        for start in range(len(true) - size + 1)
    ]


def gaps(at_ms: Sequence[int], longest_ms: int) -> list[int]:
    """Return the episode of each event if every gap over `longest_ms` begins one, the usual way to cut sessions."""
    episodes = [0] if at_ms else []
    for one, other in zip(at_ms[1:], at_ms, strict=False):
        episodes.append(episodes[-1] + int(one - other > longest_ms))
    return episodes
