"""Phrases of several parts: "Tuesday in the last week of March", "the end of …", "the first half of …", "2 days before …"."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from satchel.memory.time_expressions.atoms import ATOMS, hour_of
from satchel.memory.time_expressions.phrases import Clock, Phrase
from satchel.memory.time_expressions.reading import (
    Read,
    Word,
    number_at,
    ordinal_of,
    small_number,
    text_at,
)
from satchel.memory.time_expressions.spans import DAY, Span, Unit, add, backwards, unit_of
from satchel.memory.time_expressions.vocabulary import (
    AROUND,
    JOINING,
    PORTIONS,
    PORTIONS_OF_DAY,
    PORTIONS_OF_WEEK,
    PORTIONS_OF_YEAR,
    TELLING,
    UNITS,
    WEEKDAY_NUMBERS,
)

MOST_PARTS: Final = 8  # of a phrase
_HALVES: Final = {1: (0.0, 0.5), 2: (0.5, 1.0), -1: (0.5, 1.0)}
_DAYS_OF_WEEK: Final = 3  # at most, in "the first few days of last week"
_LARGE: Final = frozenset({"month", "quarter", "half", "year"})


def phrase_at(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a phrase that begins at a word; None if there is none."""
    return _part_of_phrase(words, at, now) or _parts(words, at, now)


def _parts(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read one part, and as many more as say something else."""
    first = atom_at(words, at, now)
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
    while text_at(words, at) in JOINING | AROUND or _is_article(words, at):
        at += 1
    between = {word.text for word in words[after:at]}
    is_about = bool(between & AROUND)
    if "at" in between and phrase.has_date and not phrase.has_time:
        hour = small_number(text_at(words, at), 23) or hour_of(text_at(words, at))
        if hour is not None and text_at(words, at + 1) not in {"am", "pm", "o'clock"}:
            return replace(phrase, clock=Clock(hour), is_about=is_about), at + 1
    found = atom_at(words, at, now) or (_part_of_phrase(words, at, now) if at > after else None)
    if found and "from" in between and found[0].clock:
        return None  # "yesterday from 4 pm on"
    if found and is_about:  # "yesterday around noon", but not "yesterday about the March release"
        found = (replace(found[0], is_about=True), found[1]) if found[0].clock else None
    both = phrase.and_also(found[0]) if found else None
    return (both, found[1]) if found and both else None


def _is_article(words: Sequence[Word], at: int) -> bool:
    """Whether "a" stands before a day or a number: "two weeks ago, on a Friday"."""
    following = text_at(words, at + 1)
    return text_at(words, at) == "a" and (following in WEEKDAY_NUMBERS or following.isdigit())


def atom_at(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read one part that begins at a word."""
    if not 0 <= at < len(words):
        return None
    return next((found for atom in ATOMS if (found := atom(words, at, now))), None)


def _part_of_phrase(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a phrase around another one: "the end of …", "the first week of …", "the week of …", "2 days before …"."""
    text, following = text_at(words, at), text_at(words, at + 1)
    ordinal = -1 if text in {"last", "final", "latter"} else ordinal_of(text)
    if text in PORTIONS:
        after = at + 1 + (following in {"of", "in", "-", "on"})
        return _wrapped(words, after, now, partial(_portion, text), is_direct=after == at + 1)
    if ordinal and (numbered := _numbered(words, at, ordinal, now)):
        return numbered
    if text in UNITS and following in {"of", "commencing", "beginning", "starting", "ending"}:
        return _wrapped(words, at + 2, now, partial(_unit_around, UNITS[text]))
    return _shifted(words, at, now)


def _numbered(words: Sequence[Word], at: int, ordinal: int, now: dt.datetime) -> Read:
    """Read "the first half of …", "the last 3 days of …", "the second week in …", "the last Friday of …"."""
    following, link = text_at(words, at + 1), text_at(words, at + 2)
    if ordinal in _HALVES and following == "half" and link == "of":
        return _wrapped(words, at + 3, now, partial(_half, *_HALVES[ordinal]))
    if ordinal in {1, -1} and (several := _first_units(words, at, ordinal, now)):
        return several
    if link != "of" and not (link == "in" and following not in _LARGE):
        return None
    if following in UNITS:
        return _wrapped(words, at + 3, now, partial(_nth_unit, ordinal, UNITS[following]))
    if following in WEEKDAY_NUMBERS:
        return _wrapped(words, at + 3, now, partial(_nth_weekday, ordinal, WEEKDAY_NUMBERS[following]))
    return None


def _wrapped(
    words: Sequence[Word], at: int, now: dt.datetime, wrap: "partial[Span | None]", *, is_direct: bool = False
) -> Read:
    """Read the inner phrase. "The end of the week" means the latest one that has begun."""
    inner = at
    while not is_direct and text_at(words, inner) in {"the", "on"}:
        inner += 1
    unit = UNITS.get(text_at(words, inner))
    found = phrase_at(words, inner, now)
    if found is None and unit and inner > at and text_at(words, inner + 1) not in TELLING - {"in", "on"}:
        found = _latest_part(unit, wrap, now), inner + 1
    if found is None or not found[0].has_date:
        return None
    return found[0].wrapped(wrap), found[1]


def _latest_part(unit: Unit, wrap: "partial[Span | None]", now: dt.datetime) -> Phrase:
    """Return the unit that holds the present, or the one before if the part of it that is meant is to come."""
    current = unit_of(now, unit)
    part = wrap(current)
    if part is None or part.start > now:
        current = unit_of(add(current.start, -1, unit), unit)
    return Phrase(current, unit)


def _first_units(words: Sequence[Word], at: int, ordinal: int, now: dt.datetime) -> Read:
    """Read "the first two weeks of March" and "the last few days of last month"."""
    number = number_at(words, at + 1)
    unit = UNITS.get(text_at(words, number[1])) if number else None
    if number is None or unit is None or text_at(words, number[1] + 1) not in {"of", "in"}:
        return None
    return _wrapped(words, number[1] + 2, now, partial(_end_units, ordinal, round(number[0][1]), unit))


def _end_units(side: int, count: int, unit: Unit, span: Span) -> Span | None:
    if unit == "day" and span.length <= 7 * DAY:
        count = min(count, _DAYS_OF_WEEK)
    try:
        if side < 0:
            return Span(add(span.end, -count, unit), span.end).common(span)
        return Span(span.start, add(span.start, count, unit)).common(span)
    except OverflowError:
        return None


def _shifted(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the day before …", "2 weeks after …", "the 2 weeks after …" and "the Monday after …"."""
    number = number_at(words, at)
    (count, _), after = number or ((1, 1), at)
    name = text_at(words, after)
    unit = UNITS.get(name)
    weekday = WEEKDAY_NUMBERS.get(name) if number is None else None
    direction = {"before": -1, "after": 1}.get(text_at(words, after + 1))
    has_article = text_at(words, at - 1) == "the"
    if direction is None or (number is None and not has_article) or (unit is None and weekday is None):
        return None
    start = after + 2 + (text_at(words, after + 2) == "the")
    found = phrase_at(words, start, now)
    if found is None or not found[0].has_date:
        return None
    if unit is None:
        return found[0].wrapped(partial(_weekday_beside, direction, weekday or 0)), found[1]
    if number and has_article:
        return found[0].wrapped(partial(_beside, direction * count, unit)), found[1]
    return found[0].wrapped(partial(_shift, direction * count, unit)), found[1]


def _beside(count: float, unit: Unit, span: Span) -> Span | None:
    """Return so many units right before or after a span."""
    try:
        if count < 0:
            return Span(add(span.start, count, unit), span.start)
        return Span(span.end, add(span.end, count, unit))
    except OverflowError:
        return None


def _weekday_beside(direction: int, weekday: int, span: Span) -> Span | None:
    """Return the nearest such day before or after a span."""
    if direction < 0:
        day = unit_of(span.start, "day").start - DAY
        day -= (day.weekday() - weekday) % 7 * DAY
    else:
        day = unit_of(span.end - DAY, "day").start + DAY
        day += (weekday - day.weekday()) % 7 * DAY
    return Span(day, day + DAY)


def _shift(count: float, unit: Unit, span: Span) -> Span | None:
    """Return the unit of the calendar so many units away; of a day and a week, the week beside it."""
    try:
        moved = add(span.start if count < 0 else span.end - DAY, count, unit)
    except OverflowError:
        return None
    if unit == "week" and span.length <= DAY:
        return Span(moved, span.start) if count < 0 else Span(span.end, moved + DAY)
    return unit_of(moved, unit)


def _half(first: float, last: float, span: Span) -> Span | None:
    return span.part(first, last)


def _portion(name: str, span: Span) -> Span | None:
    """Return the early, the middle or the last part of a span; a day, a week and a year have parts of their own."""
    if span.length == DAY and name in PORTIONS_OF_DAY:
        first, last = (dt.timedelta(hours=hour) for hour in PORTIONS_OF_DAY[name])
        return Span(span.start + first, span.start + last)
    if span.length == 7 * DAY and name in PORTIONS_OF_WEEK:
        begin, end = PORTIONS_OF_WEEK[name]
        return Span(span.start + begin * DAY, span.start + end * DAY)
    if name in PORTIONS_OF_YEAR and unit_of(span.start, "year") == span:
        begin, end = PORTIONS_OF_YEAR[name]
        return Span(add(span.start, begin, "month"), add(span.start, end, "month"))
    return span.part(*PORTIONS[name])


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
