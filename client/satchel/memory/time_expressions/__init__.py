"""The time that a question is about: English time expressions, as spans of the owner's local time.

    found = find_time("what did I try against the flaky test last week", local_now())
    found.rest                       # "what did I try against the flaky test"
    found.span                       # from Monday of last week until just before Monday of this week

Whatever is ambiguous means the latest time in the past: "on Tuesday" is the last Tuesday before today, "in March" the
last March that has begun. `grammar` states what is understood. Why no library: docs/adr/0019-own-time-expressions.md.
"""

import datetime as dt
from dataclasses import dataclass

from satchel.memory.time_expressions.grammar import Expression, expression_at
from satchel.memory.time_expressions.reading import Word, words_of
from satchel.memory.time_expressions.rewriting import rewritten
from satchel.memory.time_expressions.spans import Span
from satchel.memory.time_expressions.vocabulary import LEADING, POSSESSIVES, TRAILING
from satchel.memory.time_expressions.zones import LocalZone, local_now, local_time, to_ms

__all__ = ["FoundTime", "LocalZone", "TimeSpan", "find_time", "local_now", "local_time"]

_MS = dt.timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From `start_ms` until just before `end_ms`, in milliseconds since 1970."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class FoundTime:
    """The span that a question is about, None if it names no time; its words, and the question without them."""

    span: TimeSpan | None
    words: str
    rest: str


def find_time(question: str, now: dt.datetime) -> FoundTime:
    """Find the first time expression of a question. `now` has the owner's time zone (`local_now`)."""
    words = rewritten(words_of(question), now.tzinfo)
    wall = now.replace(tzinfo=None, fold=0)
    for at in range(len(words)):
        found = expression_at(words, at, wall)
        if found is not None:
            return _without(question, words, found, now)
    return FoundTime(None, "", question.strip())


def _without(question: str, words: list[Word], found: Expression, now: dt.datetime) -> FoundTime:
    first, after = found.first, found.after
    while first and words[first - 1].text in LEADING:
        first -= 1
    for trailing in TRAILING:
        if tuple(word.text for word in words[after : after + len(trailing)]) == trailing:
            after += len(trailing)
    start, end = words[first].start, words[after - 1].end
    span = _moments(found.span, now)
    before, behind = question[:start].rstrip(), question[end:]
    if behind[:2] in POSSESSIVES:
        behind = behind[2:]
    rest = f"{before} {behind.lstrip()}" if behind[:1].isspace() or not before else f"{before}{behind}"
    return FoundTime(span, question[start:end], rest.strip().lstrip(",;:").strip())


def _moments(span: Span, now: dt.datetime) -> TimeSpan:
    """Return a span of wall-clock times as moments. What ends now, or is hours away, is counted from now."""
    wall, now_ms = now.replace(tzinfo=None, fold=0), round(now.timestamp() * 1000)

    def moment(time: dt.datetime) -> int:
        is_near = span.is_elapsed or wall <= time <= wall + dt.timedelta(minutes=1)
        return now_ms + round((time - wall) / _MS) if is_near else to_ms(time, now.tzinfo)

    return TimeSpan(moment(span.start), moment(span.end))
