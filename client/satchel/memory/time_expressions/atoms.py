"""The parts of a time phrase: each function reads one at a word, and returns it with the place behind it, or None."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from satchel.memory.time_expressions.phrases import Clock, Phrase
from satchel.memory.time_expressions.reading import (
    SHORT,
    Word,
    clock_of,
    date_of,
    number_at,
    ordinal_of,
    small_number,
    year_of,
    year_phrase,
)
from satchel.memory.time_expressions.spans import DAY, Span, Unit, add, unit_of, week_of_year
from satchel.memory.time_expressions.vocabulary import (
    APOSTROPHES,
    CURRENT,
    DAY_PARTS,
    DOUBTFUL,
    FEASTS,
    MEAL_LEADING,
    MEALS,
    MONTH_NUMBERS,
    PREVIOUS,
    SEASONS,
    SHORT_UNITS,
    TELLING,
    UNITS,
    WEEKDAY_NUMBERS,
)

Read = tuple[Phrase, int] | None
Atom = Callable[[Sequence[Word], int, dt.datetime], Read]

_DATED: Final = frozenset({"this", "today", "yesterday", "on", "last"})
_FRIDAY: Final = 4
_LAST_NIGHT: Final = (-6, 4)  # hours of today


def text_at(words: Sequence[Word], at: int) -> str:
    """Return a word; empty outside the question."""
    return words[at].text if 0 <= at < len(words) else ""


def named_day(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "today", "yesterday", "the day before yesterday", "tonight", "last night", "overnight"."""
    today = unit_of(now, "day")
    texts = [word.text for word in words[at : at + 3]]
    if texts == ["day", "before", "yesterday"]:
        return _days(Span(today.start - 2 * DAY, today.start - DAY)), at + 3
    match texts[:1]:
        case ["today"]:
            return _days(today), at + 1
        case ["yesterday"]:
            return _days(Span(today.start - DAY, today.start)), at + 1
        case ["tonight"]:
            return replace(_days(today), hours=DAY_PARTS["night"]), at + 1
        case ["overnight"]:
            return _last_night(today), at + 1
    return (_last_night(today), at + 2) if texts[:2] == ["last", "night"] else None


def days_around(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the other day", and "this time last week": the days around then."""
    texts = [word.text for word in words[at : at + 3]]
    if texts[:2] == ["other", "day"] and text_at(words, at - 1) == "the":
        today = unit_of(now, "day").start
        return Phrase(Span(today - 7 * DAY, today), "week"), at + 2
    unit = UNITS.get(text_at(words, at + 3), "day")
    margin = {"week": 1, "month": 3, "quarter": 7, "year": 15}.get(unit)
    if texts != ["this", "time", "last"] or margin is None:
        return None
    day = unit_of(add(now, -1, unit), "day")
    return Phrase(day.widened((margin - 1) * DAY), "day"), at + 4


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
    if name in FEASTS:
        return _feast(name, is_strict=is_last), after
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
    modifier, following = text_at(words, at), text_at(words, at + 1)
    if following in {"working", "work", "business"} and text_at(words, at + 2) == "day":
        return _days(last_working_day(now)), at + 3
    if following == "workday":
        return _days(last_working_day(now)), at + 2
    short = SHORT.fullmatch(following)
    if short and short[2] in SHORT_UNITS:
        return _until_now(int(short[1]), SHORT_UNITS[short[2]], now, at + 2)
    is_rolling = modifier == "past" or text_at(words, at - 1) == "the" or following in {"hour", "minute"}
    if following in UNITS and not following.endswith("s"):
        is_open = is_rolling and modifier in {"past", "last"} and UNITS[following] != "weekend"
        return _until_now(1, UNITS[following], now, at + 2) if is_open else None
    number = number_at(words, at + 1)
    unit = UNITS.get(text_at(words, number[1])) if number else None
    return _until_now(round(sum(number[0]) / 2), unit, now, number[1] + 1) if number and unit else None


def _until_now(count: float, unit: Unit, now: dt.datetime, after: int) -> Read:
    start = _earlier(now, count, unit)
    if start is None:
        return None
    if unit not in {"minute", "hour"}:
        start = unit_of(start, "day").start
    return Phrase(Span(start, now + dt.timedelta(minutes=1)), unit), after


def ago(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "3 days ago", "a couple of weeks ago", "two Mondays ago", "3d ago", "half an hour ago"."""
    short = SHORT.fullmatch(text_at(words, at))
    if short and short[2] in SHORT_UNITS:
        return _ago(int(short[1]), int(short[1]), SHORT_UNITS[short[2]], now, _behind_ago(words, at + 1))
    number = number_at(words, at)
    if number is None:
        return None
    (fewest, most), after = number
    name, behind = text_at(words, after), _behind_ago(words, after + 1)
    unit = UNITS.get(name)
    if unit:
        return _ago(fewest, most, unit, now, behind)
    weekday = WEEKDAY_NUMBERS.get(name.removesuffix("s"))
    if weekday is None or behind is None:
        return None
    return _days(_nth_weekday_back(weekday, round(most), now)), behind


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
    first, last = _earlier(now, most, unit), _earlier(now, fewest, unit)
    if first is None or last is None:
        return None
    if unit == "minute":
        margin = dt.timedelta(minutes=max(most / 2, 5))
        return Phrase(Span(first - margin, last + margin), unit), after
    if unit == "hour":
        margin = dt.timedelta(minutes=45)
        return Phrase(Span(first - margin, last + margin), unit), after
    return Phrase(Span(unit_of(first, unit).start, unit_of(last, unit).end), unit), after


def before_last(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the week before last", "the Monday before last"."""
    name = text_at(words, at)
    if [text_at(words, at + 1), text_at(words, at + 2)] != ["before", "last"]:
        return None
    if text_at(words, at + 3) in UNITS.keys() | WEEKDAY_NUMBERS.keys() | MONTH_NUMBERS.keys():
        return None
    if name in WEEKDAY_NUMBERS:
        return _days(_nth_weekday_back(WEEKDAY_NUMBERS[name], 2, now)), at + 3
    unit = UNITS.get(name)
    last = _previous(unit, now) if unit else None
    return (Phrase(unit_of(add(last.start, -1, unit), unit), unit), at + 3) if unit and last else None


def calendar_date(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a date in digits, "3 March", "March 3rd, 2026", "the third of March", "March 2026", "March"."""
    if written := date_of(text_at(words, at), now):
        return written, at + 1
    month = MONTH_NUMBERS.get(text_at(words, at))
    return _month_first(words, at, month, now) if month else _day_first(words, at, now)


def _month_first(words: Sequence[Word], at: int, month: int, now: dt.datetime) -> Read:
    day = _day_number(words, at + 1)
    if day and text_at(words, at + 2) not in UNITS:
        return _with_year(Phrase(rules={"month": month, "day": day}), words, at + 2, now)
    found = _with_year(Phrase(rules={"month": month}), words, at + 1, now)
    return found if found[1] > at + 1 or not _is_doubtful(words, at) else None


def _day_first(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    day = _day_number(words, at)
    if day is None:
        return None
    after = at + 1 + (text_at(words, at + 1) == "of")
    month = MONTH_NUMBERS.get(text_at(words, after))
    if not month:
        return _day_alone(words, at)
    found = _with_year(Phrase(rules={"month": month, "day": day}), words, after + 1, now)
    is_plain = text_at(words, at).isdigit() and found[1] == after + 1 and after < len(words) - 1
    if is_plain and words[after].text == "may" and not words[after].is_capital:
        return None  # "step 3 may fail"
    return found


def _day_number(words: Sequence[Word], at: int) -> int | None:
    text = text_at(words, at)
    day = ordinal_of(text) or small_number(text, 31)
    return day if day and day <= 31 else None


def _day_alone(words: Sequence[Word], at: int) -> Read:
    """Read "on the 3rd", but not "on the 3rd attempt"."""
    day = ordinal_of(text_at(words, at))
    following = text_at(words, at + 1)
    is_in_month = following == "of" and text_at(words, at + 2) in PREVIOUS | CURRENT
    is_led = text_at(words, at - 1) == "the" and (is_in_month or text_at(words, at - 2) in TELLING | {"and"})
    ends = not following or words[at].ends_clause or following in TELLING | {"and", "at", "with", "for"}
    return (Phrase(rules={"day": day}), at + 1) if day and day <= 31 and is_led and ends else None


def _with_year(phrase: Phrase, words: Sequence[Word], at: int, now: dt.datetime) -> tuple[Phrase, int]:
    text = text_at(words, at)
    behind_of = at + 1 if text in {"of", "in"} else at
    year = year_of(text_at(words, behind_of), now)
    if year is None and len(text) == 3 and text[0] in APOSTROPHES and text[1:].isdigit():
        year, behind_of = 2000 + int(text[1:]), at
    if year is None:
        return phrase, at
    return replace(phrase, anchor=year_phrase(year).anchor, unit="year"), behind_of + 1


def weekday(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read the name of a day of the week."""
    del now
    number = WEEKDAY_NUMBERS.get(text_at(words, at))
    if number is None or _is_doubtful(words, at):
        return None
    return Phrase(rules={"weekday": number}), at + 1


def weekend(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the weekend"."""
    is_one = (
        text_at(words, at) == "weekend" and text_at(words, at - 1) == "the" and text_at(words, at + 1) != "of"
    )
    return (Phrase(unit_of(now, "weekend"), "weekend"), at + 1) if is_one else None


def part_of_year(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a year, a quarter, a half, a season of a year, or a week by its number."""
    text, following = text_at(words, at), text_at(words, at + 1)
    year = year_of(text, now)
    if year and text_at(words, at - 1) in TELLING | {"year", "and"}:
        return year_phrase(year), at + 1
    if len(text) == 2 and text[0] == "q" and text[1] in "1234":
        return _with_year(Phrase(rules={"quarter": int(text[1])}), words, at + 1, now)
    if len(text) == 2 and text[0] == "h" and text[1] in "12":
        found = _with_year(Phrase(rules={"half": int(text[1])}), words, at + 1, now)
        return found if found[1] > at + 1 or text_at(words, at - 1) in TELLING else None
    number = ordinal_of(text)
    if number and number <= 4 and following == "quarter":
        return _with_year(Phrase(rules={"quarter": number}), words, at + 2, now)
    if text in SEASONS:
        found = _with_year(Phrase(rules={"season": SEASONS[text]}), words, at + 1, now)
        is_led = text_at(words, at - 1) == "the" and text_at(words, at - 2) in TELLING | {"over"}
        return found if found[1] > at + 1 or is_led else None
    return _numbered_week(words, at, now) if text == "week" else None


def _numbered_week(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    number = small_number(text_at(words, at + 1), 53)
    if number is None:
        return None
    named, after = _with_year(Phrase(), words, at + 2, now)
    years = [named.anchor.start.year] if named.anchor else [now.year, now.year - 1]
    weeks = [week for year in years if (week := week_of_year(year, number)) and week.start <= now]
    return (Phrase(weeks[0], "week"), after) if weeks else None


def feast(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "Christmas", "Christmas Eve", "New Year's Eve"."""
    del now
    text, following = text_at(words, at), text_at(words, at + 1)
    if text == "new" and following == "year" and words[at].is_capital:
        is_eve = text_at(words, at + 2) == "eve"
        dates = {"month": 12, "day": 31} if is_eve else {"month": 1, "day": 1}
        return Phrase(rules=dates), at + (3 if text_at(words, at + 2) in {"eve", "day"} else 2)  # type: ignore[arg-type]
    if text not in FEASTS:
        return None
    if text != "halloween" and following in {"eve", "day"}:
        return Phrase(rules={"month": 12, "day": 24 if following == "eve" else 25}), at + 2
    return _feast(text, is_strict=False), at + 1


def _feast(name: str, *, is_strict: bool) -> Phrase:
    month, first, last = FEASTS[name]
    days = (last - first + 1) * DAY
    phrase = Phrase(rules={"month": month, "day": first}, is_strict=is_strict)
    return phrase.wrapped(lambda span: Span(span.start, span.start + days))


def time_of_day(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a time of day, or a part of the day."""
    del now
    text = text_at(words, at)
    if text in DAY_PARTS:
        return Phrase(hours=DAY_PARTS[text]), at + 1
    if text in MEALS and text_at(words, at - 1) in MEAL_LEADING:
        return Phrase(hours=MEALS[text]), at + 1
    hour = small_number(text, 12)
    if hour and text_at(words, at - 1) == "at" and text_at(words, at + 1) in _DATED:
        return Phrase(clock=Clock(hour)), at + 1
    found = clock_of(text, text_at(words, at + 1))
    return (Phrase(clock=found[0]), at + found[1]) if found else None


# The first that can be read is taken.
ATOMS: Final[tuple[Atom, ...]] = (
    before_last,
    named_day,
    days_around,
    relative,
    ago,
    calendar_date,
    part_of_year,
    weekday,
    weekend,
    feast,
    time_of_day,
)


def last_working_day(now: dt.datetime) -> Span:
    """Return the last day from Monday to Friday before today."""
    day = unit_of(now, "day").start - DAY
    while day.weekday() > _FRIDAY:
        day -= DAY
    return Span(day, day + DAY)


def _days(span: Span) -> Phrase:
    return Phrase(span, "day")


def _last_night(today: Span) -> Phrase:
    first, last = _LAST_NIGHT
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


def _is_doubtful(words: Sequence[Word], at: int) -> bool:
    """Whether a name such as "May" or "sun" may be no name of time here."""
    word = words[at]
    if word.text not in DOUBTFUL or text_at(words, at - 1) in TELLING:
        return False
    if text_at(words, at + 1) == "of" and text_at(words, at + 2) in PREVIOUS | CURRENT:
        return False
    return not (word.is_capital and at > 0 and word.text in {"may", "march"})
