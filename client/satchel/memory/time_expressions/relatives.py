"""Parts of a time phrase that count from the present: "yesterday", "last week", "3 days ago", "the week before last"."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from satchel.memory.time_expressions.phrases import Phrase
from satchel.memory.time_expressions.reading import SHORT, Read, Word, ends_here, number_at, text_at
from satchel.memory.time_expressions.spans import DAY, FIRST, Span, Unit, add, unit_of
from satchel.memory.time_expressions.vocabulary import (
    CURRENT,
    DAY_PARTS,
    MONTH_NUMBERS,
    PREVIOUS,
    SEASONS,
    SHORT_UNITS,
    UNITS,
    WEEKDAY_NUMBERS,
)

_FRIDAY: Final = 4
_MOST_WORKING_DAYS: Final = 1_000
_LAST_NIGHT: Final = (-6, 4)  # hours of today
_LATE_LAST_NIGHT: Final = (-3, 4)
_MOMENT: Final = dt.timedelta(minutes=1)
_JUST_NOW: Final = dt.timedelta(minutes=15)
_SAME_TIME: Final = dt.timedelta(hours=1)
_WORKING: Final = frozenset({"working", "work", "business"})
_MARGINS: Final[dict[Unit, int]] = {"week": 0, "month": 2, "quarter": 6, "year": 14}  # days around
_REFERRED: Final[frozenset[Unit]] = frozenset({"day", "week", "month", "quarter"})


def named_day(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "today", "yesterday", "the day before yesterday", "tonight", "last night", "overnight", "just now"."""
    today = unit_of(now, "day")
    yesterday = Span(today.start - DAY, today.start)
    texts = tuple(word.text for word in words[at : at + 3])
    if texts[:2] in {("just", "now"), ("moment", "ago"), ("moments", "ago")}:
        return Phrase(Span(now - _JUST_NOW, now + _MOMENT), "minute"), at + 2
    named = {
        ("today",): _days(today),
        ("yesterday",): _days(yesterday),
        ("day", "before", "yesterday"): _days(Span(yesterday.start - DAY, yesterday.start)),
        ("tonight",): replace(_days(today), hours=DAY_PARTS["night"]),
        ("overnight",): _night(today, _LAST_NIGHT),
        ("last", "night"): _night(today, _LAST_NIGHT),
        ("last", "late-night"): _night(today, _LATE_LAST_NIGHT),
    }
    return next(((named[texts[:n]], at + n) for n in (1, 2, 3) if texts[:n] in named), None)


def days_around(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the other day", "this time last week", and "this day last year": the days around then."""
    first, second, third, fourth = (text_at(words, at + n) for n in range(4))
    if first == "other" and text_at(words, at - 1) == "the":
        span = _others(second, now)
        return (Phrase(span, "week"), at + 2) if span else None
    if (first, second, third) == ("this", "time", "yesterday"):
        return Phrase(Span(now - DAY - _SAME_TIME, now - DAY + _SAME_TIME), "hour"), at + 3
    unit = UNITS.get(fourth)
    if (first, third) != ("this", "last") or unit not in _MARGINS:
        return None
    then = add(now, -1, unit)
    if second == "time":
        return Phrase(unit_of(then, "day").widened(_MARGINS[unit] * DAY), "day"), at + 4
    which = UNITS.get(second)
    return (Phrase(unit_of(then, which), which), at + 4) if which in _REFERRED else None


def _others(name: str, now: dt.datetime) -> Span | None:
    """Return the days of "the other day" or "the other week"."""
    today, week = unit_of(now, "day").start, unit_of(now, "week").start
    if name == "day" or name in DAY_PARTS:
        return Span(today - 7 * DAY, today)
    return Span(week - 21 * DAY, week) if name == "week" else None


def relative(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "this" or "last" with a unit, a name, or a number of units: "last week", "this March", "past 3 days"."""
    modifier, following = text_at(words, at), text_at(words, at + 1)
    if modifier not in PREVIOUS | CURRENT:
        return None
    is_last = modifier in PREVIOUS
    if modifier == "this" and following == "past":
        return relative(words, at + 1, now)
    if is_last and (counted := _last_units(words, at, now)):
        return counted
    if following in UNITS and not following.endswith("s"):
        span = _previous(UNITS[following], now) if is_last else unit_of(now, UNITS[following])
        return (Phrase(span, UNITS[following]), at + 2) if span else None
    if following in DAY_PARTS:
        day = unit_of(now - DAY if is_last else now, "day")
        return replace(_days(day), hours=DAY_PARTS[following]), at + 2
    return _named(following, at + 2, is_last=is_last)


def _named(name: str, after: int, *, is_last: bool) -> Read:
    if name in WEEKDAY_NUMBERS:
        return Phrase(rules={"weekday": WEEKDAY_NUMBERS[name]}, is_strict=is_last, is_now=not is_last), after
    if name in MONTH_NUMBERS:
        return Phrase(rules={"month": MONTH_NUMBERS[name]}, is_strict=is_last), after
    if name in SEASONS:
        return Phrase(rules={"season": SEASONS[name]}, is_strict=is_last), after
    return None


def _previous(unit: Unit, now: dt.datetime) -> Span | None:
    """Return the unit of the calendar before the one that holds the present."""
    if unit in {"minute", "hour"}:
        return None
    current = unit_of(now, unit)
    if unit == "weekend" and current.end <= now:
        return current
    return unit_of(add(current.start, -1, unit), unit)


def _last_units(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read spans that end now: "the last week", "past month", "last 3 days", "last hour", "last working day"."""
    following = text_at(words, at + 1)
    if is_working_day(words, at + 1):
        return _days(last_working_day(now)), at + 2 + (following in _WORKING)
    short = SHORT.fullmatch(following)
    if short and short[2] in SHORT_UNITS:
        return _until_now(int(short[1]), SHORT_UNITS[short[2]], now, at + 2)
    if following in UNITS and not following.endswith("s"):
        is_open = _is_rolling(words, at, UNITS[following])
        return _until_now(1, UNITS[following], now, at + 2) if is_open else None
    number = number_at(words, at + 1)
    return _last_counted(words, *number, now) if number else None


def _is_rolling(words: Sequence[Word], at: int, unit: Unit) -> bool:
    """Whether "the last week" and "past week" end now; "last week" is the one of the calendar."""
    if unit in {"hour", "minute"}:
        return ends_here(words, at + 2)  # not "the last minute change"
    modifier = text_at(words, at)
    has_article = text_at(words, at - 1) == "the"
    return unit != "weekend" and (modifier == "past" or (modifier == "last" and has_article))


def _last_counted(words: Sequence[Word], count: tuple[float, float], after: int, now: dt.datetime) -> Read:
    fewest, most = count
    number = most if fewest == most else round((fewest + most) / 2)
    if is_working_day(words, after):
        first = last_working_day(now, round(number))
        return Phrase(Span(first.start, now + _MOMENT), "day"), after + 1 + (
            text_at(words, after) in _WORKING
        )
    unit = UNITS.get(text_at(words, after))
    return _until_now(number, unit, now, after + 1) if unit else None


def _until_now(count: float, unit: Unit, now: dt.datetime, after: int) -> Read:
    start = _earlier(now, count, unit)
    if start is None:
        return None
    if unit not in {"minute", "hour"}:
        start = unit_of(start, "day").start
    return Phrase(Span(start, now + _MOMENT, is_elapsed=unit in {"minute", "hour"}), unit), after


def ago(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "3 days ago", "a couple of weeks ago", "two Mondays ago", "3d ago", "half an hour ago"."""
    short = SHORT.fullmatch(text_at(words, at))
    if short and short[2] in SHORT_UNITS:
        return _ago(int(short[1]), int(short[1]), SHORT_UNITS[short[2]], now, _behind_ago(words, at + 1))
    number = number_at(words, at)
    if number is None:
        return None
    (fewest, most), after = number
    if is_working_day(words, after):
        behind = _behind_ago(words, after + 1 + (text_at(words, after) in _WORKING))
        return (_days(last_working_day(now, round(most))), behind) if behind else None
    name, behind = text_at(words, after), _behind_ago(words, after + 1)
    unit = UNITS.get(name)
    if unit:
        return _ago_on(words, round(most), unit, now, after + 1) or _ago(fewest, most, unit, now, behind)
    return None if behind is None else _names_ago(name.removesuffix("s"), round(most), now, behind)


def _names_ago(name: str, count: int, now: dt.datetime, after: int) -> Read:
    """Read "two Mondays ago" and "two summers ago"."""
    if name in WEEKDAY_NUMBERS:
        return _days(_nth_weekday_back(WEEKDAY_NUMBERS[name], count, now)), after
    found = _named(name, after, is_last=True)
    last = found[0].span(now) if found else None
    if last is None:
        return None
    start, end = _earlier(last.start, count - 1, "year"), _earlier(last.end, count - 1, "year")
    return (Phrase(Span(start, end), "month"), after) if start and end else None


def _ago_on(words: Sequence[Word], count: int, unit: Unit, now: dt.datetime, at: int) -> Read:
    """Read the rest of "a week ago today", "three weeks ago yesterday" and "a week last Tuesday"."""
    behind = _behind_ago(words, at) or at
    name = text_at(words, behind + 1)
    if unit == "week" and text_at(words, behind) == "last" and name in WEEKDAY_NUMBERS:
        day = _nth_weekday_back(WEEKDAY_NUMBERS[name], 1, now)
        return _days(Span(day.start - count * 7 * DAY, day.end - count * 7 * DAY)), behind + 2
    offset = {"today": 0, "yesterday": 1}.get(text_at(words, behind))
    then = _earlier(now, count, unit)
    if offset is None or then is None or behind == at or unit in {"minute", "hour", "day"}:
        return None
    return _days(unit_of(then - offset * DAY, "day")), behind + 1


def _behind_ago(words: Sequence[Word], at: int) -> int | None:
    """Return the place behind "ago"; None if it is missing."""
    if text_at(words, at) == "or" and text_at(words, at + 1) == "so":
        at += 2
    return at + 1 if text_at(words, at) in {"ago", "back"} else None


def _ago(fewest: float, most: float, unit: Unit, now: dt.datetime, after: int | None) -> Read:
    if after is None:
        return None
    if fewest == 0.5:
        smaller: dict[Unit, tuple[int, Unit]] = {
            "minute": (1, "minute"), "hour": (30, "minute"), "day": (12, "hour"), "week": (3, "day"),
            "month": (2, "week"), "quarter": (6, "week"), "year": (6, "month"),
        }  # fmt: skip
        count, unit = smaller.get(unit, (1, unit))
        fewest = most = count
    elif unit == "year" and fewest % 1:
        fewest, most, unit = fewest * 12, most * 12, "month"
    start = _previous("weekend", now) if unit == "weekend" else None
    base, back = (start.start, 1) if start else (now, 0)
    first, last = _earlier(base, most - back, unit), _earlier(base, fewest - back, unit)
    if first is None or last is None:
        return None
    if unit in {"minute", "hour"}:
        margin = dt.timedelta(minutes=max(most / 2, 5) if unit == "minute" else 45)
        return Phrase(Span(first - margin, last + margin, is_elapsed=True), unit), after
    return Phrase(Span(unit_of(first, unit).start, unit_of(last, unit).end), unit), after


def compared(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "less than a week ago", "over a month ago", "at least two weeks ago"."""
    texts = (text_at(words, at), text_at(words, at + 1))
    is_less = texts in {("less", "than"), ("fewer", "than")}
    is_more = texts in {("more", "than"), ("at", "least")}
    if not (is_less or is_more or texts[0] == "over"):
        return None
    number = number_at(words, at + (2 if is_less or is_more else 1))
    unit = UNITS.get(text_at(words, number[1])) if number else None
    behind = _behind_ago(words, number[1] + 1) if number else None
    if number is None or unit is None or behind is None:
        return None
    if is_less:
        return _until_now(number[0][1], unit, now, behind)
    then = _earlier(now, number[0][0], unit)
    return (Phrase(Span(FIRST, then), unit), behind) if then and then > FIRST else None


def before_last(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the week before last", "the Monday before last", "the October before last", "the night before last"."""
    name = text_at(words, at)
    if [text_at(words, at + 1), text_at(words, at + 2)] != ["before", "last"]:
        return None
    if text_at(words, at + 3) in UNITS.keys() | WEEKDAY_NUMBERS.keys() | MONTH_NUMBERS.keys():
        return None
    if name in DAY_PARTS:
        return replace(_days(unit_of(now - 2 * DAY, "day")), hours=DAY_PARTS[name]), at + 3
    unit = UNITS.get(name)
    if unit is None:
        return _names_ago(name, 2, now, at + 3)
    last = _previous(unit, now)
    return (Phrase(unit_of(add(last.start, -1, unit), unit), unit), at + 3) if last else None


def is_working_day(words: Sequence[Word], at: int) -> bool:
    """Whether "working day", "business days" or "workday" stands at a word."""
    text, following = text_at(words, at), text_at(words, at + 1)
    return text in {"workday", "workdays"} or (text in _WORKING and following in {"day", "days"})


def last_working_day(now: dt.datetime, count: int = 1) -> Span:
    """Return the last day from Monday to Friday before today, or one of those before it."""
    day = unit_of(now, "day").start
    for _ in range(min(max(count, 1), _MOST_WORKING_DAYS)):
        day -= DAY
        while day.weekday() > _FRIDAY:
            day -= DAY
    return Span(day, day + DAY)


def _days(span: Span) -> Phrase:
    return Phrase(span, "day")


def _night(today: Span, hours: tuple[int, int]) -> Phrase:
    first, last = hours
    return Phrase(
        Span(today.start + dt.timedelta(hours=first), today.start + dt.timedelta(hours=last)), "hour"
    )


def _nth_weekday_back(number: int, count: int, now: dt.datetime) -> Span:
    today = unit_of(now, "day").start
    day = today - ((today.weekday() - number - 1) % 7 + 1) * DAY - (count - 1) * 7 * DAY
    return Span(day, day + DAY)


def _earlier(now: dt.datetime, count: float, unit: Unit) -> dt.datetime | None:
    try:
        return add(now, -count, unit)
    except OverflowError:
        return None
