"""The grammar of time expressions: phrases, and ranges between them. The words were rewritten before (`rewriting`).

expression := "between" phrase "and" phrase | ["from"] phrase "to" phrase | phrase "and" phrase
            | "since" phrase | "from" phrase "on" | "after" phrase | "before" phrase | "until" phrase
            | "earlier" phrase | phrase "so far" | phrase "onwards" | "since" name "on" phrase
            | "around" phrase | phrase ("before" | "after") time | phrase ["between" phrase "and" phrase]
phrase     := part { [joining word] part }
            | ("first" … | "last") (unit | weekday) "of" phrase
            | ("early" | "mid" | "late" | "beginning of" | "end of" | "first half of" …) phrase
            | unit "of" phrase | [number] unit ("before" | "after") phrase
part       := see `atoms` and `relatives`
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from satchel.memory.time_expressions.atoms import hour_of, is_dated
from satchel.memory.time_expressions.phrase_parts import atom_at, phrase_at
from satchel.memory.time_expressions.phrases import Clock, Phrase
from satchel.memory.time_expressions.reading import (
    Read,
    Word,
    ends_here,
    ordinal_of,
    small_number,
    text_at,
)
from satchel.memory.time_expressions.spans import DAY, FIRST, Span, add, unit_of
from satchel.memory.time_expressions.vocabulary import (
    AFTER,
    AROUND,
    BEFORE,
    JOINING,
    MONTH_NUMBERS,
    NOT_PAST,
    NOW,
    NUMBERS,
    ONWARD,
    SHORTLY,
    SINCE,
    TO,
    UNITS,
    UNTIL,
    WEEKDAY_NUMBERS,
)

_BEFORE_TIME: Final = dt.timedelta(minutes=30)  # "at 3pm" may mean a bit earlier
_MOMENT: Final = dt.timedelta(minutes=1)
_SHORTLY: Final = dt.timedelta(hours=1)
_MOST_BETWEEN: Final = 4  # words of "since the release of the parser on the 3rd"


@dataclass(frozen=True, slots=True)
class Expression:
    """A time expression: the words from `first` to before `after`, and the span that they mean."""

    first: int
    after: int
    span: Span


def expression_at(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read an expression that begins at a word; None if there is none."""
    if text_at(words, at - 1) in NOT_PAST:
        return None
    for read in (_earlier, _between, _from_to, _bare_range, _bounded, _around):
        if found := read(words, at, now):
            return found
    first = phrase_at(words, at, now)
    return _of_phrase(words, at, first, now) if first else None


def _of_phrase(
    words: Sequence[Word], at: int, first: tuple[Phrase, int], now: dt.datetime
) -> Expression | None:
    """Return the expression that begins with a phrase: the phrase alone, or with what follows it."""
    phrase, after = first
    if phrase.has_date and not phrase.has_time:
        if inner := _hours_of(words, after, phrase, now):
            return replace(inner, first=at)
        if part := _part_of_day(words, at, phrase, after, now):
            return part
    if phrase.hours is not None and phrase.clock is None and not phrase.has_date:
        return None  # "in the morning" of which day?
    joined = _to(words, at, phrase, after, now) or _and(words, at, phrase, after, now)
    if text_at(words, after) != "on":
        joined = joined or _onward(words, at, phrase, after, now)
    return joined or _expression(*_alone(words, at, phrase, after, now))


def _alone(
    words: Sequence[Word], at: int, phrase: Phrase, after: int, now: dt.datetime
) -> tuple[int, int, Span | None]:
    """Return the words of a phrase and its span, which "since" before it and "so far" behind it extend until now."""
    span = phrase.span(now)
    if span and [text_at(words, after), text_at(words, after + 1)] == ["so", "far"]:
        return at, after + 2, _since(span, now)
    if span and _is_since(words, at):
        span = _since(span, now)
    elif span and phrase.is_about:
        span = phrase.around(span)
    elif span and phrase.is_instant:
        span = Span(span.start - _BEFORE_TIME, span.end)
    return at, after, span


def _hours_of(words: Sequence[Word], at: int, date: Phrase, now: dt.datetime) -> Expression | None:
    """Read the rest of "yesterday from 9 to 11" and "yesterday 9-11am"."""
    if text_at(words, at) in {"between", "from"}:
        return _between(words, at, now, date) or _from_to(words, at, now, date)
    is_hour = hour_of(text_at(words, at)) is not None and date.finest == "day"
    is_range = text_at(words, at + 1) in TO and text_at(words, at + 3) not in MONTH_NUMBERS
    return _two_ends(words, at - 1, TO, now, date) if is_hour and is_range else None


def _is_since(words: Sequence[Word], at: int) -> bool:
    """Whether "since" and a name of something stand before a time: "since the release on the 3rd"."""
    for before in range(at - 1, max(at - _MOST_BETWEEN - 3, 0), -1):
        if words[before].ends_clause:
            return False
        if text_at(words, before) in {"the", "my", "our"} and text_at(words, before - 1) in SINCE:
            return before < at - 1
    return False


def _part_of_day(
    words: Sequence[Word], begin: int, date: Phrase, after: int, now: dt.datetime
) -> Expression | None:
    """Read the rest of "yesterday after 3pm": the part of a day before or after a time."""
    is_short = text_at(words, after) in SHORTLY
    after += is_short
    kind = "since" if text_at(words, after) == "from" else text_at(words, after)
    start = after + 1 + (text_at(words, after + 1) == "at")
    time = _time_at(words, start, now) if kind in AFTER | BEFORE | SINCE | UNTIL else None
    if time is None or time[0].has_date or date.span(now) is None:
        return None
    both = date.and_also(time[0])
    end = time[1] + (kind == "since" and text_at(words, time[1]) in ONWARD)
    return _expression(begin, end, _side_of_time(both, kind, now, is_short=is_short)) if both else None


def _time_at(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a time of day, or an hour that a preposition explains: "yesterday before 9"."""
    hour = hour_of(text_at(words, at))
    if hour and ends_here(words, at + 1):
        return Phrase(clock=Clock(hour)), at + 1
    return atom_at(words, at, now)


def _side_of_time(phrase: Phrase, kind: str, now: dt.datetime, *, is_short: bool = False) -> Span | None:
    """Return the part of a day before or after a time of it, or an hour if it is short.

    A longer date has many such parts: all of it.
    """
    time = phrase.span(now)
    date = replace(phrase, clock=None, hours=None).span(now) if phrase.has_date else None
    if time is None or (date and date.length > DAY):
        return date
    day = date or unit_of(time.start, "day")
    if kind in AFTER | SINCE:
        start = time.start if phrase.is_instant or kind in SINCE else time.end
        return Span(start, start + _SHORTLY if is_short else day.end)
    end = time.start if phrase.is_instant or kind in BEFORE else time.end
    return Span(end - _SHORTLY if is_short else day.start, end)


# -- ranges -----------------------------------------------------------------------------------


def _between(
    words: Sequence[Word], at: int, now: dt.datetime, common: Phrase | None = None
) -> Expression | None:
    if text_at(words, at) != "between":
        return None
    return _two_ends(words, at, TO | {"and"}, now, common)


def _from_to(
    words: Sequence[Word], at: int, now: dt.datetime, common: Phrase | None = None
) -> Expression | None:
    if text_at(words, at) != "from":
        return None
    found = _two_ends(words, at, TO, now, common)
    if found or common:
        return found
    hour = atom_at(words, at + 1, now)
    if hour and hour[0].has_time and not hour[0].has_date and (part := _onward(words, at, *hour, now)):
        return part
    first = phrase_at(words, at + 1 + (text_at(words, at + 1) == "the"), now)
    return _onward(words, at, *first, now) if first else None


def _onward(words: Sequence[Word], at: int, first: Phrase, after: int, now: dt.datetime) -> Expression | None:
    """Read the rest of "from Monday on" and "from 4 pm onwards yesterday"."""
    if text_at(words, after) not in ONWARD:
        return None
    span = first.span(now)
    if first.has_time and not first.has_date:
        date, end = _date_behind(words, after + 1, now)
        both = date.and_also(first) if date else None
        if both:
            return _expression(at, end, _side_of_time(both, "since", now))
    if text_at(words, after) == "on" and not ends_here(words, after + 1):
        return None
    return _expression(at, after + 1, _since(span, now)) if span else None


def _bare_range(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read "3-5 November", "3rd to 5th of November", "3 and 4 November", "9 to 11 yesterday"."""
    text = text_at(words, at)
    number = small_number(text, 31) or ordinal_of(text) or NUMBERS.get(text)
    if number is None or text_at(words, at + 1) not in TO | {"and"}:
        return None
    last = phrase_at(words, at + 2 + (text_at(words, at + 2) == "the"), now)
    if last and ("day" in last[0].rules or (last[0].clock and text_at(words, at + 1) != "and")):
        common, after = _date_behind(words, last[1], now) if not last[0].has_date else (None, last[1])
        first, end = Phrase(bare=number), last[0]
        if common:
            first, end = first.inheriting(common), end.inheriting(common)
        return _expression(at, after, _range(first, end, now))
    second = hour_of(text_at(words, at + 2))
    if second and hour_of(text) and text_at(words, at + 1) in TO and is_dated(words, at + 3):
        return _two_ends(words, at - 1, TO, now, None)
    return None


def _two_ends(
    words: Sequence[Word], at: int, between: frozenset[str], now: dt.datetime, common: Phrase | None
) -> Expression | None:
    first = _end_at(words, at + 1, now)
    if first is None or text_at(words, first[1]) not in between:
        return None
    if text_at(words, first[1] + 1) in NOW:
        span = first[0].span(now)
        return _expression(at, first[1] + 2, _since(span, now)) if span else None
    second = _end_at(words, first[1] + 1, now)
    if second is None:
        return None
    ends, after = (first[0], second[0]), second[1]
    if common is None and not (first[0].has_date or second[0].has_date):
        common, after = _date_behind(words, after, now)
        if common is None and first[0].bare and second[0].bare:
            return None  # "between 1 and 5 retries"
    if common is not None:
        ends = ends[0].inheriting(common), ends[1].inheriting(common)
    return _expression(at, after, _range(*ends, now))


def _date_behind(words: Sequence[Word], after: int, now: dt.datetime) -> tuple[Phrase | None, int]:
    """Read the date behind "from 10 to 12", without its time of day."""
    at = after
    while text_at(words, at) in JOINING:
        at += 1
    found = phrase_at(words, at, now)
    if found is None or not found[0].has_date:
        return None, after
    return replace(found[0], clock=None, hours=None), found[1]


def _to(words: Sequence[Word], begin: int, first: Phrase, after: int, now: dt.datetime) -> Expression | None:
    """Read the second half of "Monday to Wednesday"."""
    if text_at(words, after) not in TO:
        return None
    if text_at(words, after + 1) in NOW and ends_here(words, after + 2):
        span = first.span(now)
        return _expression(begin, after + 2, _since(span, now)) if span else None
    second = _end_at(words, after + 1, now)
    return _expression(begin, second[1], _range(first, second[0], now)) if second else None


def _and(words: Sequence[Word], begin: int, first: Phrase, after: int, now: dt.datetime) -> Expression | None:
    """Read the second half of "on Monday and Tuesday" or "Monday, Tuesday": a span that holds both."""
    is_list = text_at(words, after) in WEEKDAY_NUMBERS and words[after - 1].ends_clause
    if not (is_list or text_at(words, after) in {"and", "or", "and/or"}) or not first.has_date:
        return None
    at = after + (not is_list)
    while text_at(words, at) in {"on", "in", "the"}:
        at += 1
    second = phrase_at(words, at, now) or _one_before(words, at, first, now)
    if second is None or not second[0].has_date:
        return None
    if is_list and (rest := _and(words, at, second[0], second[1], now)):
        second = Phrase(rest.span, "day"), rest.after
        first = first.inheriting(Phrase(unit_of(rest.span.start, "week"), "week"))
    elif first.anchor is None and second[0].anchor and second[0].rules:
        first = first.inheriting(second[0])
    spans = [one for one in (first.span(now), second[0].span(now)) if one]
    if len(spans) < 2:
        return None
    return _expression(begin, second[1], Span(min(s.start for s in spans), max(s.end for s in spans)))


def _one_before(words: Sequence[Word], at: int, first: Phrase, now: dt.datetime) -> Read:
    """Read the rest of "last week or the week before"."""
    unit = UNITS.get(text_at(words, at))
    span = first.span(now)
    if unit is None or span is None or text_at(words, at + 1) != "before" or not ends_here(words, at + 2):
        return None
    return Phrase(Span(add(span.start, -1, unit), span.start), unit), at + 2


def _end_at(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read an end of a range: a phrase, or a number that the other end explains."""
    while text_at(words, at) == "the":
        at += 1
    found = phrase_at(words, at, now)
    if found:
        return found
    text = text_at(words, at)
    number = small_number(text, 31) or ordinal_of(text) or NUMBERS.get(text)
    return (Phrase(bare=number), at + 1) if number else None


def _range(first: Phrase, last: Phrase, now: dt.datetime) -> Span | None:
    """Return the span from one end to the other, the second the latest one in the past."""
    begin, finish = _explained(first, last), _explained(last, first)
    if begin and finish and begin.has_date and begin.clock and finish.clock and not finish.has_date:
        opening = begin.span(now)
        day = unit_of(opening.start, "day") if opening else None
        finish = replace(finish, anchor=day, unit="day")
        begin = replace(begin, anchor=day, unit="day", rules={})
    end = _last_end(begin, finish, now) if begin and finish else None
    start = _first_start(begin, finish, end, now) if begin and finish and end else None
    if start is None or end is None:
        return None
    stop = end.start if finish and finish.is_instant else end.end
    return Span(start, stop) if start < stop else None


def _last_end(first: Phrase, last: Phrase, now: dt.datetime) -> Span | None:
    """Return the span of the second end. One without a date, or with less of it, takes that of the first."""
    if first.has_date and not last.has_date:
        return last.inheriting(first).span(now)
    if set(last.rules) == {"day"} and "month" in first.rules and last.anchor is None:
        last = last.inheriting(first)
    if first.anchor is not None and last.anchor is None:
        start = first.span(now)
        begin = start.start if start else now
        for phrase in (last.inheriting(first), last):
            later = phrase.span(min(now, add(begin, 1, "year")))
            if later and later.end > begin:
                return later
    return last.span(now)


def _first_start(first: Phrase, last: Phrase, end: Span, now: dt.datetime) -> dt.datetime | None:
    """Return the start of the first end: with what it shares with the second, or the latest one before it."""
    if first.has_time and not first.has_date:
        same_day = replace(first, anchor=unit_of(end.start, "day"), unit="day").span(now)
        return same_day.start if same_day else None
    if first.anchor is None:
        for phrase in (first.inheriting(last), first):
            for latest in (end.end, end.start):
                found = phrase.span(min(now, latest))
                if found and found.start <= end.start and (found.start < end.start or first != last):
                    return found.start
        return None
    found = first.span(now)
    return found.start if found else None


def _explained(phrase: Phrase, other: Phrase) -> Phrase | None:
    """Return a phrase in which a bare number is a time or a day, as at the other end."""
    if phrase.bare is None:
        return phrase
    number = phrase.bare
    if other.clock is not None or (phrase.finest == "day" and phrase.has_date) or other.bare is not None:
        half = other.clock.half if other.clock else ""
        return replace(phrase, clock=Clock(number, None, half), bare=None) if number < 24 else None
    if "day" in other.rules:
        return replace(phrase, rules={**phrase.rules, "day": number}, bare=None).inheriting(other)
    return None


def _bounded(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read "since", "after", "before" and "until" with a phrase."""
    following = text_at(words, at + 1)
    is_short = text_at(words, at) in SHORTLY and following in AFTER | BEFORE
    at_kind = at + int(is_short or (text_at(words, at) == "ever" and following in SINCE))
    kind, after = text_at(words, at_kind), at_kind + 1
    if kind not in SINCE | AFTER | BEFORE | UNTIL:
        return None
    while text_at(words, after) in {"the", "from", "in", "on", "at"} | AROUND:
        after += 1
    found = phrase_at(words, after, now)
    span = found[0].span(now) if found else None
    if found is None or span is None:
        return None
    if kind in SINCE:
        return _expression(at, found[1], _since(span, now))
    first = atom_at(words, after, now)
    if first and first[0].has_time and not first[0].has_date:  # "after 3pm on Friday" is about that Friday
        return _expression(at, found[1], _side_of_time(found[0], kind, now, is_short=is_short))
    instant = found[0].is_instant
    if kind in AFTER:
        return _expression(at, found[1], _since(Span(span.start if instant else span.end, now), now))
    is_at_start = instant or (kind in BEFORE and text_at(words, after) != "end")
    return _expression(at, found[1], Span(FIRST, span.start if is_at_start else span.end))


def _since(span: Span, now: dt.datetime) -> Span | None:
    return Span(span.start, now + _MOMENT) if span.start <= now else None


def _earlier(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read "earlier today" and "earlier this week": until now; and "earlier in March": its first half."""
    if text_at(words, at) != "earlier":
        return None
    start = at + 1
    while text_at(words, start) in {"on", "in", "the"}:
        start += 1
    found = phrase_at(words, start, now)
    span = found[0].span(now) if found and found[0].has_date else None
    if found is None or span is None:
        return None
    is_current = span.start <= now < span.end and span.length >= DAY
    whole = span if span.length < DAY else span.part(0, 0.5)
    return _expression(at, found[1], _since(span, now) if is_current else whole)


def _around(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read "around" with a phrase; "about 3 weeks ago" is vague already."""
    if text_at(words, at) not in AROUND:
        return None
    start = at + 1 + (text_at(words, at + 1) == "the")
    found = phrase_at(words, start, now)
    if found is None or (found[0].hours is not None and not found[0].has_date):
        return None
    span = found[0].span(now)
    is_vague = text_at(words, found[1] - 1) in {"ago", "back"} or bool(found[0].wraps)
    is_vague = is_vague or text_at(words, start) == "this"
    return _expression(at, found[1], found[0].around(span) if span and not is_vague else span)


def _expression(first: int, after: int, span: Span | None) -> Expression | None:
    return Expression(first, after, span) if span and span.start < span.end else None
