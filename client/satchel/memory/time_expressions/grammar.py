"""The grammar of time expressions: phrases of several parts, and ranges between them.

expression := "between" phrase "and" phrase | ["from"] phrase "to" phrase | phrase "and" phrase
            | "since" phrase | "from" phrase "on" | "after" phrase | "before" phrase | "until" phrase
            | "around" phrase | phrase ("before" | "after") time | phrase ["between" phrase "and" phrase]
phrase     := part { [joining word] part }
            | ("first" … | "last") (unit | weekday) "of" phrase
            | ("early" | "mid" | "late" | "beginning of" | "end of" | "first half of" …) phrase
            | unit "of" phrase | [number] unit ("before" | "after") phrase
part       := see `atoms`
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from satchel.memory.time_expressions.atoms import ATOMS, Read, text_at
from satchel.memory.time_expressions.phrases import Clock, Phrase
from satchel.memory.time_expressions.reading import Word, number_at, ordinal_of, small_number
from satchel.memory.time_expressions.spans import DAY, FIRST, Span, Unit, add, backwards, unit_of
from satchel.memory.time_expressions.vocabulary import (
    AFTER,
    AROUND,
    BEFORE,
    JOINING,
    NUMBERS,
    PORTIONS,
    SINCE,
    TELLING,
    TO,
    UNITS,
    UNTIL,
    WEEKDAY_NUMBERS,
)

MOST_PARTS: Final = 8  # of a phrase
_HALVES: Final = {1: (0.0, 0.5), 2: (0.5, 1.0)}
_LARGE: Final = frozenset({"month", "quarter", "half", "year"})
_BEFORE_TIME: Final = dt.timedelta(minutes=30)  # "at 3pm" may mean a bit earlier
_MOMENT: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Expression:
    """A time expression: the words from `first` to before `after`, and the span that they mean."""

    first: int
    after: int
    span: Span


def expression_at(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read an expression that begins at a word; None if there is none."""
    for read in (_between, _from_to, _bare_range, _bounded, _around):
        if found := read(words, at, now):
            return found
    read_phrase = phrase_at(words, at, now)
    if read_phrase is None:
        return None
    phrase, after = read_phrase
    if text_at(words, after) in {"between", "from"} and phrase.has_date:
        inner = _between(words, after, now, phrase) or _from_to(words, after, now, phrase)
        if inner:
            return replace(inner, first=at)
    if phrase.has_date and not phrase.has_time and (part := _part_of_day(words, at, phrase, after, now)):
        return part
    if phrase.hours is not None and phrase.clock is None and not phrase.has_date:
        return None  # "in the morning" of which day?
    joined = _to(words, at, phrase, after, now) or _and(words, at, phrase, after, now)
    span = phrase.span(now)
    if span and phrase.is_about:
        span = phrase.around(span)
    elif span and phrase.is_instant:
        span = Span(span.start - _BEFORE_TIME, span.end)
    return joined or _expression(at, after, span)


def _part_of_day(
    words: Sequence[Word], begin: int, date: Phrase, after: int, now: dt.datetime
) -> Expression | None:
    """Read the rest of "yesterday after 3pm": the part of a day before or after a time."""
    kind = text_at(words, after)
    time = _atom(words, after + 1, now) if kind in AFTER | BEFORE | SINCE | UNTIL else None
    if time is None or time[0].has_date or date.span(now) is None:
        return None
    both = date.and_also(time[0])
    return _expression(begin, time[1], _side_of_time(both, kind, now)) if both else None


def _side_of_time(phrase: Phrase, kind: str, now: dt.datetime) -> Span | None:
    """Return the part of a day before or after a time of it. A longer date has many such parts: all of it."""
    time = phrase.span(now)
    date = replace(phrase, clock=None, hours=None).span(now) if phrase.has_date else None
    if time is None or (date and date.length > DAY):
        return date
    day = date or unit_of(time.start, "day")
    if kind in AFTER | SINCE:
        return Span(time.start if phrase.is_instant or kind in SINCE else time.end, day.end)
    return Span(day.start, time.start if phrase.is_instant or kind in BEFORE else time.end)


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
    first = phrase_at(words, at + 1, now)
    if first and text_at(words, first[1]) in {"on", "onward", "onwards", "forward"}:
        span = first[0].span(now)
        return _expression(at, first[1] + 1, _since(span, now)) if span else None
    return None


def _bare_range(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read "3-5 November"."""
    number = small_number(text_at(words, at), 31)
    if number is None or text_at(words, at + 1) not in TO:
        return None
    last = phrase_at(words, at + 2, now)
    if last is None or not ("day" in last[0].rules or last[0].clock):
        return None
    return _expression(at, last[1], _range(Phrase(bare=number), last[0], now))


def _two_ends(
    words: Sequence[Word], at: int, between: frozenset[str], now: dt.datetime, common: Phrase | None
) -> Expression | None:
    first = _end_at(words, at + 1, now)
    if first is None or text_at(words, first[1]) not in between:
        return None
    second = _end_at(words, first[1] + 1, now)
    if second is None:
        return None
    ends, after = (first[0], second[0]), second[1]
    if common is None and not (first[0].has_date or second[0].has_date):
        common, after = _date_behind(words, after, now)
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
    second = _end_at(words, after + 1, now)
    return _expression(begin, second[1], _range(first, second[0], now)) if second else None


def _and(words: Sequence[Word], begin: int, first: Phrase, after: int, now: dt.datetime) -> Expression | None:
    """Read the second half of "on Monday and Tuesday": a span that holds both."""
    if text_at(words, after) not in {"and", "or", "and/or"} or not first.has_date:
        return None
    at = after + 1
    while text_at(words, at) in {"on", "in", "the"}:
        at += 1
    second = phrase_at(words, at, now)
    if second is None or not second[0].has_date:
        return None
    spans = [one for one in (first.span(now), second[0].span(now)) if one]
    if len(spans) < 2:
        return None
    return _expression(begin, second[1], Span(min(s.start for s in spans), max(s.end for s in spans)))


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
    text = text_at(words, at)
    after = at + 1 + (text == "ever" and text_at(words, at + 1) in SINCE)
    after += (text == "up" and text_at(words, at + 1) in {"to", "until"}) or (
        text == "prior" and text_at(words, at + 1) == "to"
    )
    kind = text_at(words, after - 1) if text in {"ever", "up"} else "before" if after == at + 2 else text
    if kind not in SINCE | AFTER | BEFORE | UNTIL | ({"to"} if text == "up" else set()):
        return None
    while text_at(words, after) in {"the", "from", "in", "on", "at"} | AROUND:
        after += 1
    found = phrase_at(words, after, now)
    span = found[0].span(now) if found else None
    if found is None or span is None:
        return None
    if kind in SINCE:
        return _expression(at, found[1], _since(span, now))
    first = _atom(words, after, now)
    if first and first[0].has_time and not first[0].has_date:  # "after 3pm on Friday" is about that Friday
        return _expression(at, found[1], _side_of_time(found[0], kind, now))
    instant = found[0].is_instant
    if kind in AFTER:
        return _expression(at, found[1], _since(Span(span.start if instant else span.end, now), now))
    return _expression(at, found[1], Span(FIRST, span.start if instant or kind in BEFORE else span.end))


def _since(span: Span, now: dt.datetime) -> Span | None:
    return Span(span.start, now + _MOMENT) if span.start <= now else None


def _around(words: Sequence[Word], at: int, now: dt.datetime) -> Expression | None:
    """Read "around" with a phrase; "about 3 weeks ago" is vague already."""
    if text_at(words, at) not in AROUND:
        return None
    start = at + 1 + (text_at(words, at + 1) == "the")
    found = phrase_at(words, start, now)
    if found is None or (found[0].hours is not None and not found[0].has_date):
        return None
    span = found[0].span(now)
    is_vague = text_at(words, found[1] - 1) in {"ago", "back"}
    return _expression(at, found[1], found[0].around(span) if span and not is_vague else span)


def _expression(first: int, after: int, span: Span | None) -> Expression | None:
    return Expression(first, after, span) if span and span.start < span.end else None


# -- phrases ----------------------------------------------------------------------------------


def phrase_at(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a phrase that begins at a word; None if there is none."""
    return _part_of_phrase(words, at, now) or _parts(words, at, now)


def _parts(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read one part, and as many more as say something else."""
    first = _atom(words, at, now)
    if first is None:
        return None
    phrase, after = first
    for _ in range(MOST_PARTS):
        more = _next_part(words, after, phrase, now)
        if more is None:
            break
        phrase, after = more
    return phrase, after


def _next_part(words: Sequence[Word], after: int, phrase: Phrase, now: dt.datetime) -> Read:
    at = after
    while text_at(words, at) in JOINING | AROUND:
        at += 1
    between = {word.text for word in words[after:at]}
    is_about = bool(between & AROUND)
    if "at" in between and phrase.has_date and not phrase.has_time:
        hour = small_number(text_at(words, at), 23)
        if hour is not None and text_at(words, at + 1) not in {"am", "pm", "o'clock"}:
            return replace(phrase, clock=Clock(hour), is_about=is_about), at + 1
    found = _atom(words, at, now) or (_part_of_phrase(words, at, now) if at > after else None)
    if found and is_about:  # "yesterday around noon", but not "yesterday about the March release"
        found = (replace(found[0], is_about=True), found[1]) if found[0].clock else None
    both = phrase.and_also(found[0]) if found else None
    return (both, found[1]) if found and both else None


def _atom(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    if not 0 <= at < len(words):
        return None
    return next((found for atom in ATOMS if (found := atom(words, at, now))), None)


def _part_of_phrase(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a phrase around another one: "the end of …", "the first week of …", "the week of …", "2 days before …"."""
    text, following = text_at(words, at), text_at(words, at + 1)
    ordinal = -1 if text in {"last", "final"} else ordinal_of(text)
    if text in PORTIONS:
        after = at + 1 + (following in {"of", "in", "-"})
        return _wrapped(words, after, now, partial(_portion, *PORTIONS[text]), is_direct=after == at + 1)
    if ordinal in _HALVES and following == "half" and text_at(words, at + 2) == "of":
        return _wrapped(words, at + 3, now, partial(_portion, *_HALVES[ordinal]))
    link = text_at(words, at + 2)
    if ordinal and (link == "of" or (link == "in" and following not in _LARGE)):
        if following in UNITS:
            return _wrapped(words, at + 3, now, partial(_nth_unit, ordinal, UNITS[following]))
        if following in WEEKDAY_NUMBERS:
            return _wrapped(words, at + 3, now, partial(_nth_weekday, ordinal, WEEKDAY_NUMBERS[following]))
    if text in UNITS and following in {"of", "commencing", "beginning", "starting"}:
        return _wrapped(words, at + 2, now, partial(_unit_around, UNITS[text]))
    return _shifted(words, at, now)


def _wrapped(
    words: Sequence[Word], at: int, now: dt.datetime, wrap: "partial[Span | None]", *, is_direct: bool = False
) -> Read:
    """Read the inner phrase. "The end of the week" means this one."""
    inner = at
    while not is_direct and text_at(words, inner) == "the":
        inner += 1
    unit = UNITS.get(text_at(words, inner))
    found = phrase_at(words, inner, now)
    if found is None and unit and inner > at and text_at(words, inner + 1) not in TELLING - {"in", "on"}:
        found = Phrase(unit_of(now, unit), unit), inner + 1
    if found is None or not found[0].has_date:
        return None
    return found[0].wrapped(wrap), found[1]


def _shifted(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the day before …" and "2 weeks after …"."""
    number = number_at(words, at)
    (count, _), after = number or ((1, 1), at)
    unit = UNITS.get(text_at(words, after))
    direction = {"before": -1, "after": 1}.get(text_at(words, after + 1))
    if unit is None or direction is None or (number is None and text_at(words, at - 1) != "the"):
        return None
    start = after + 2 + (text_at(words, after + 2) == "the")
    found = phrase_at(words, start, now)
    if found is None or not found[0].has_date:
        return None
    return found[0].wrapped(partial(_shift, direction * count, unit)), found[1]


def _shift(count: float, unit: Unit, span: Span) -> Span | None:
    """Return the unit of the calendar so many units away; of a day and a week, the week beside it."""
    try:
        moved = add(span.start if count < 0 else span.end - DAY, count, unit)
    except OverflowError:
        return None
    if unit == "week" and span.length <= DAY:
        return Span(moved, span.start) if count < 0 else Span(span.end, moved + DAY)
    return unit_of(moved, unit)


def _portion(first: float, last: float, span: Span) -> Span | None:
    return span.part(first, last)


def _unit_around(unit: Unit, span: Span) -> Span | None:
    return unit_of(span.start, unit)


def _nth_unit(number: int, unit: Unit, span: Span) -> Span | None:
    """Return a unit in a span, counted from its start, or the last one; weeks are seven days there."""
    if unit == "week":
        week = 7 * DAY
        return (
            Span(span.end - week, span.end)
            if number < 0
            else Span(span.start + (number - 1) * week, span.start + number * week).common(span)
        )
    found = list(backwards(span, unit))[::-1]
    return found[number - (number > 0)] if number <= len(found) and found else None


def _nth_weekday(number: int, weekday: int, span: Span) -> Span | None:
    found = [day for day in list(backwards(span, "day"))[::-1] if day.start.weekday() == weekday]
    return found[number - (number > 0)] if number <= len(found) and found else None
