"""Segments: a thread is cut where the topic changes or the work pauses.

Between two events that tell something, the pause, a commit, another branch, another issue and other words speak for a
border. The words are those of the events before, and of the ones that follow until the next commit. What changes a
commit, or records it, goes on with the work before.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from satchel.memory.formation.moments import Moment

MINUTE_MS: Final = 60_000
SHORT_MS: Final = 5 * MINUTE_MS  # a pause that tells nothing
LONG_MS: Final = 90 * MINUTE_MS  # a pause that always ends an episode
_SWITCH_MS: Final = 5 * MINUTE_MS  # as much of a pause is a switch of the branch
_TURN_MS: Final = 2 * MINUTE_MS  # and a change of the directory

BORDER: Final = 0.75
PAUSE_WEIGHT: Final = 0.8
WORDS_WEIGHT: Final = 0.6
COMMIT_WEIGHT: Final = 0.25
BRANCH_WEIGHT: Final = 0.6
MAIN_BRANCH_WEIGHT: Final = 0.4
ISSUE_WEIGHT: Final = 0.5
_UNKNOWN_WORDS: Final = 0.25  # in place of the words' share if one side has none
_ALIKE: Final = 0.35  # a cosine from which words speak for one topic
_BEFORE: Final = 12  # telling events that are compared, before
_AFTER: Final = 8  # and after
_AFTER_PAUSE_MS: Final = 30 * MINUTE_MS  # no farther than over such a pause
_MAIN_BRANCHES: Final = frozenset({"main", "master", "trunk", "develop", "dev", "-"})

Weights = Mapping[str, float]


def segments_of(thread: Sequence[Moment]) -> list[list[Moment]]:
    """Return the segments of a thread, in order."""
    telling = [at for at, moment in enumerate(thread) if moment.matters]
    weights = _weights(thread[at] for at in telling)
    cuts = []
    begin = 0  # the first telling event of the present segment
    for place in range(1, len(telling)):
        at, following = telling[place - 1], telling[place]
        gap = _longest_gap(thread, at, following)
        if gap < LONG_MS and _goes_on(thread[at], thread[following]):
            is_border = False
        elif gap < LONG_MS and _may_end(thread, at, following, gap):
            before = [thread[i] for i in telling[max(begin, place - _BEFORE) : place]]
            after = _ahead(thread, telling, place)
            score = _pause_share(gap) + _words_share(before, after, weights) + _issue_share(before, after)
            is_border = score + _step_share(thread[at : following + 1]) >= BORDER
        else:
            is_border = gap >= LONG_MS
        if is_border:
            cuts.append(_cut(thread, at, following))
            begin = place
    bounds = [0, *cuts, len(thread)]
    segments = [list(thread[first:last]) for first, last in itertools.pairwise(bounds)]
    return _merged([one for segment in segments for one in _without_pauses(segment)])


def _may_end(thread: Sequence[Moment], at: int, following: int, gap: int) -> bool:
    """Whether there is any sign of an end, so that the words are worth comparing."""
    if gap >= SHORT_MS or thread[at].is_commit or thread[at].command.is_push:
        return True
    return any(thread[i].branch or thread[i].issue for i in range(at + 1, following + 1))


def _goes_on(before: Moment, after: Moment) -> bool:
    """Whether an event changes the commit before it, or is the commit that the command before it made."""
    return after.command.continues or (after.event.source == "git" and before.command.is_commit)


def _pause_share(gap: int) -> float:
    return PAUSE_WEIGHT * math.log(max(gap, SHORT_MS) / SHORT_MS) / math.log(LONG_MS / SHORT_MS)


def _words_share(before: Iterable[Moment], after: Iterable[Moment], weights: Weights) -> float:
    cosine = _cosine(_bag(before), _bag(after), weights)
    return _UNKNOWN_WORDS if cosine is None else WORDS_WEIGHT * (1 - min(1.0, cosine / _ALIKE))


def _step_share(between: Sequence[Moment]) -> float:
    """Return what a commit, a push and a switch of the branch add, from one telling event to the next."""
    share = COMMIT_WEIGHT if any(one.is_commit or one.command.is_push for one in between[:-1]) else 0.0
    branches = [one.command.branch for one in between[1:] if one.command.branch]
    if branches:
        share += MAIN_BRANCH_WEIGHT if branches[-1] in _MAIN_BRANCHES else BRANCH_WEIGHT
    return share


def _issue_share(before: Sequence[Moment], after: Sequence[Moment]) -> float:
    old = next((one.issue for one in reversed(before) if one.issue), "")
    new = next((one.issue for one in after if one.issue), "")
    if not old or not new:
        return 0.0
    return -ISSUE_WEIGHT if old == new else ISSUE_WEIGHT


def _ahead(thread: Sequence[Moment], telling: Sequence[int], place: int) -> list[Moment]:
    """Return the telling events that follow, up to a commit, a pause or another branch."""
    found: list[Moment] = []
    for index in telling[place : place + _AFTER]:
        moment = thread[index]
        if found and (
            moment.event.at_ms - found[-1].end_ms > _AFTER_PAUSE_MS
            or (moment.command.branch and len(found) > 1)
        ):
            break
        found.append(moment)
        if moment.is_commit:
            break
    return found


def _weights(moments: Iterable[Moment]) -> Weights:
    """Return the weight of each word: less for words that many events of the thread have."""
    counts: Counter[str] = Counter()
    total = 0
    for moment in moments:
        counts.update(set(moment.words))
        total += 1
    return {word: math.log(1 + total / count) for word, count in counts.items()}


def _bag(moments: Iterable[Moment]) -> set[str]:
    return {word for moment in moments for word in moment.words}


def _cosine(one: set[str], other: set[str], weights: Weights) -> float | None:
    if not one or not other:
        return None
    norms = [math.sqrt(sum(weights.get(word, 1.0) ** 2 for word in side)) for side in (one, other)]
    return float(sum(weights.get(word, 1.0) ** 2 for word in one & other) / (norms[0] * norms[1]))


def _longest_gap(thread: Sequence[Moment], at: int, following: int) -> int:
    return max(thread[i + 1].event.at_ms - thread[i].end_ms for i in range(at, following))


def _cut(thread: Sequence[Moment], at: int, following: int) -> int:
    """Return where the next segment begins: after the longest pause, or where someone turns to the next topic."""
    return max(range(at + 1, following + 1), key=lambda i: (_turn_ms(thread, i), -i))


def _turn_ms(thread: Sequence[Moment], place: int) -> int:
    """Return the pause before an event, longer if the event turns to another topic."""
    command = thread[place].command
    bonus = _SWITCH_MS if command.branch else _TURN_MS if command.begins else 0
    return thread[place].event.at_ms - thread[place - 1].end_ms + bonus


def _without_pauses(segment: list[Moment]) -> list[list[Moment]]:
    """Cut off what is far from everything that tells something: it is looked around, at another time."""
    cuts = [
        i + 1 for i in range(len(segment) - 1) if segment[i + 1].event.at_ms - segment[i].end_ms >= LONG_MS
    ]
    bounds = [0, *cuts, len(segment)]
    return [segment[first:last] for first, last in itertools.pairwise(bounds)]


def _merged(segments: list[list[Moment]]) -> list[list[Moment]]:
    """Join a segment of a single telling event with a neighbour that is near."""
    found: list[list[Moment]] = []
    for segment in segments:
        if found and _is_near(found[-1], segment) and (_is_tiny(segment) or _is_tiny(found[-1])):
            found[-1] = found[-1] + segment
        else:
            found.append(segment)
    return found


def _is_tiny(segment: Sequence[Moment]) -> bool:
    return sum(moment.matters for moment in segment) <= 1 and not any(moment.is_commit for moment in segment)


def _is_near(before: Sequence[Moment], after: Sequence[Moment]) -> bool:
    return after[0].event.at_ms - before[-1].end_ms < 2 * SHORT_MS
