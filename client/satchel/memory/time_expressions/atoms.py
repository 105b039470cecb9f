"""The parts of a time phrase: each function reads one at a word, and returns it with the position after it, or None."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from satchel.memory.time_expressions.feasts import feast, last_feast
from satchel.memory.time_expressions.phrases import Clock, Phrase
from satchel.memory.time_expressions.reading import (
    Read,
    Word,
    clock_of,
    date_of,
    ends_here,
    led_date_of,
    ordinal_of,
    small_number,
    text_at,
    year_of,
    year_phrase,
)
from satchel.memory.time_expressions.relatives import (
    ago,
    before_last,
    compared,
    days_around,
    named_day,
    relative,
)
from satchel.memory.time_expressions.spans import Span, unit_of, week_of_year
from satchel.memory.time_expressions.vocabulary import (
    AFTER,
    APOSTROPHES,
    AROUND,
    BEFORE,
    COUNTED,
    CURRENT,
    DAY_PARTS,
    DOUBTFUL,
    MEAL_LEADING,
    MEALS,
    MONTH_NUMBERS,
    NUMBERS,
    PORTIONS,
    PREVIOUS,
    SEASONS,
    SINCE,
    TELLING,
    TO,
    UNITS,
    UNTIL,
    WEEKDAY_NUMBERS,
)

Atom = Callable[[Sequence[Word], int, dt.datetime], Read]

_BEFORE_HOUR: Final = AFTER | BEFORE | SINCE | UNTIL | AROUND | {"at"}
_BEFORE_NOON: Final = _BEFORE_HOUR | {"from", "between", "to", "and", "or", "-", "yesterday", "today"}
_BEFORE_DAY: Final = TELLING | {"and", "or"}
_FIRST_WORDS: Final = 3  # "the third" is rarely a day of the month


def calendar_date(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a date in digits, "3 March", "March 3rd, 2026", "the third of March", "March 2026", "March"."""
    written = date_of(text_at(words, at), now)
    if written is None and text_at(words, at - 1) in TELLING | {"and"} and text_at(words, at + 1) != "of":
        written = led_date_of(text_at(words, at))
    if written:
        return written, at + 1
    month = MONTH_NUMBERS.get(text_at(words, at))
    return _month_first(words, at, month, now) if month else _day_first(words, at, now)


def _month_first(words: Sequence[Word], at: int, month: int, now: dt.datetime) -> Read:
    the = int(text_at(words, at + 1) == "the" and ordinal_of(text_at(words, at + 2)) is not None)
    day = _day_number(words, at + 1 + the)
    if day and text_at(words, at + 2 + the) not in UNITS and not _may_count(words, at):
        return _with_year(Phrase(rules={"month": month, "day": day}), words, at + 2 + the, now)
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


def _may_count(words: Sequence[Word], at: int) -> bool:
    """Whether "may 3 tests fail" is no date."""
    is_plain = words[at].text in {"may", "march"} and not words[at].is_capital
    is_led = text_at(words, at - 1) in TELLING
    return is_plain and not is_led and text_at(words, at + 1).isdigit() and not ends_here(words, at + 2)


def _day_number(words: Sequence[Word], at: int) -> int | None:
    text = text_at(words, at)
    day = ordinal_of(text) or small_number(text, 31)
    return day if day and day <= 31 else None


def _day_alone(words: Sequence[Word], at: int) -> Read:
    """Read "on the 3rd", but not "on the 3rd attempt"."""
    day = ordinal_of(text_at(words, at))
    if day is None or day > 31:
        return None
    following, before = text_at(words, at + 1), text_at(words, at - 1)
    phrase = Phrase(rules={"day": day})
    if [following, text_at(words, at + 2), text_at(words, at + 3)] == ["of", "the", "month"]:
        return phrase, at + 4
    is_in_digits = text_at(words, at)[0].isdigit()
    is_in_month = following == "of" and text_at(words, at + 2) in PREVIOUS | CURRENT
    is_led = before == "the" and (is_in_month or text_at(words, at - 2) in _BEFORE_DAY)
    is_bare = before == "the" and (is_in_digits or day > _FIRST_WORDS) and following != "of"
    is_short = is_in_digits and (is_in_month or before in _BEFORE_DAY)
    is_month_named = following in PREVIOUS | CURRENT and text_at(words, at + 2) == "month"
    is_of_month = before == "month" and text_at(words, at - 2) in PREVIOUS | CURRENT
    ends = ends_here(words, at + 1) or following == "of" or is_month_named
    is_short = is_short or is_of_month
    return (phrase, at + 1) if (is_led or is_bare or is_short) and ends else None


def _with_year(phrase: Phrase, words: Sequence[Word], at: int, now: dt.datetime) -> tuple[Phrase, int]:
    text = text_at(words, at)
    behind_of = at + 1 if text in {"of", "in"} else at
    year = year_of(text_at(words, behind_of), now)
    if year is None and (short := _short_year(text)):
        year, behind_of = short, at
    if year is None:
        return phrase, at
    return replace(phrase, anchor=year_phrase(year).anchor, unit="year"), behind_of + 1


def _short_year(text: str) -> int | None:
    """Return the year of "'25"."""
    is_one = len(text) == 3 and text[0] in APOSTROPHES and text[1:].isdigit()
    return 2000 + int(text[1:]) if is_one else None


def weekday(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read the name of a day of the week."""
    number = WEEKDAY_NUMBERS.get(text_at(words, at))
    if number is None or (_is_doubtful(words, at) and not _has_date_behind(words, at + 1, now)):
        return None
    return Phrase(rules={"weekday": number}), at + 1


def _has_date_behind(words: Sequence[Word], at: int, now: dt.datetime) -> bool:
    """Whether a time of day or a date follows: "Sat morning", "Wed 11th", "Sun 15 Nov"."""
    text, following = text_at(words, at), text_at(words, at + 1)
    is_date = _day_number(words, at) is not None and (following in MONTH_NUMBERS or not text.isdigit())
    return text in DAY_PARTS or is_date or clock_of(text, following) is not None or bool(date_of(text, now))


def weekend(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "the weekend"."""
    is_one = (
        text_at(words, at) == "weekend" and text_at(words, at - 1) == "the" and text_at(words, at + 1) != "of"
    )
    return (Phrase(unit_of(now, "weekend"), "weekend"), at + 1) if is_one else None


def part_of_year(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a year, a quarter, a half, a season of a year, or a week by its number."""
    text, following = text_at(words, at), text_at(words, at + 1)
    year = year_of(text, now) or _short_year(text)
    is_year = text_at(words, at - 1) in TELLING | {"and"} and following not in COUNTED
    if year and (is_year or (text_at(words, at - 1) == "year" and ends_here(words, at + 1))):
        return year_phrase(year), at + 1
    if len(text) == 2 and text[0] == "q" and text[1] in "1234":
        return _with_year(Phrase(rules={"quarter": int(text[1])}), words, at + 1, now)
    if len(text) == 2 and text[0] == "h" and text[1] in "12":
        found = _with_year(Phrase(rules={"half": int(text[1])}), words, at + 1, now)
        return found if found[1] > at + 1 or text_at(words, at - 1) in TELLING else None
    number = ordinal_of(text)
    if number and number <= 4 and following == "quarter":
        found = _with_year(Phrase(rules={"quarter": number}), words, at + 2, now)
        is_other = text_at(words, found[1]) == "of" and text_at(words, found[1] + 1) not in PREVIOUS | CURRENT
        return None if is_other else found
    if text in SEASONS:
        found = _with_year(Phrase(rules={"season": SEASONS[text]}), words, at + 1, now)
        return found if found[1] > at + 1 or _is_season(words, at) else None
    return _numbered_week(words, at, now) if text in {"week", "weeks"} else None


def _is_season(words: Sequence[Word], at: int) -> bool:
    """Whether "the summer" tells when: "in summer", but not "the summer theme" or "in spring boot"."""
    before = text_at(words, at - 1)
    is_led = before in TELLING | PORTIONS.keys() | {"over", "year"}
    ends = ends_here(words, at + 1) or text_at(words, at + 1) in PREVIOUS | CURRENT
    return ends and (is_led or (before == "the" and text_at(words, at - 2) in TELLING | {"over"}))


def _numbered_week(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    number = small_number(text_at(words, at + 1), 53)
    if number is None:
        return None
    named, after = _with_year(Phrase(), words, at + 2, now)
    if text_at(words, at + 2) in {"of", "in"} and text_at(words, at + 3) in PREVIOUS:
        is_year = text_at(words, at + 4) == "year"
        named, after = (year_phrase(now.year - 1), at + 5) if is_year else (named, after)
    if named.anchor is None and text_at(words, after) == "of":
        return None
    years = [named.anchor.start.year] if named.anchor else [now.year, now.year - 1]
    weeks = [week for year in years if (week := week_of_year(year, number)) and week.start <= now]
    last = small_number(text_at(words, at + 3), 53) if text_at(words, at + 2) in TO | {"and"} else None
    if weeks and last and last > number:
        behind = Span(weeks[0].start, weeks[0].end + (last - number) * (weeks[0].end - weeks[0].start))
        return Phrase(behind, "week"), at + 4
    return (Phrase(weeks[0], "week"), after) if weeks else None


def time_of_day(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read a time of day, or a part of the day."""
    del now
    text, before = text_at(words, at), text_at(words, at - 1)
    if text in DAY_PARTS:
        return Phrase(hours=DAY_PARTS[text]), at + 1
    if text in MEALS and before in MEAL_LEADING and (ends_here(words, at + 1) or is_dated(words, at + 1)):
        return Phrase(hours=MEALS[text]), at + 1
    hour = hour_of(text)
    if hour and before in _BEFORE_HOUR and is_dated(words, at + 1):
        return Phrase(clock=Clock(hour)), at + 1
    found = clock_of(text, text_at(words, at + 1))
    if found and text in {"noon", "midday", "midnight"} and not is_dated(words, at + 1):
        is_led = before in _BEFORE_NOON | WEEKDAY_NUMBERS.keys() and ends_here(words, at + 1)
        return (Phrase(clock=found[0]), at + 1) if is_led else None
    return (Phrase(clock=found[0]), at + found[1]) if found else None


def hour_of(text: str) -> int | None:
    """Return an hour from 1 to 12 in digits or as a word."""
    number = small_number(text, 12) or NUMBERS.get(text, 13)
    return number if number <= 12 else None


def is_dated(words: Sequence[Word], at: int) -> bool:
    """Whether a date follows a number, so that it is an hour: "3 yesterday", "3 on Monday", "3 this morning"."""
    text, following = text_at(words, at), text_at(words, at + 1)
    if text in {"on", "in"}:
        at += 1 + (following == "the")
        text, following = text_at(words, at), text_at(words, at + 1)
        is_day = ordinal_of(text) is not None or text in DAY_PARTS or text in MONTH_NUMBERS
        return is_day or text in WEEKDAY_NUMBERS or following in MONTH_NUMBERS or text.count("-") == 2
    if text in {"this", "last"}:
        return following in DAY_PARTS.keys() | WEEKDAY_NUMBERS.keys()
    return text in {"today", "yesterday"} or text in WEEKDAY_NUMBERS


# The first that can be read is taken.
ATOMS: Final[tuple[Atom, ...]] = (
    before_last,
    named_day,
    days_around,
    feast,
    last_feast,
    relative,
    ago,
    compared,
    calendar_date,
    part_of_year,
    weekday,
    weekend,
    time_of_day,
)


def _is_doubtful(words: Sequence[Word], at: int) -> bool:
    """Whether a name such as "May" or "sun" may be no name of time here."""
    word = words[at]
    if word.text not in DOUBTFUL or text_at(words, at - 1) in TELLING:
        return False
    following = text_at(words, at + 2)
    if text_at(words, at + 1) == "of" and following in PREVIOUS | CURRENT:
        return False
    if text_at(words, at + 1) in TO and following in MONTH_NUMBERS.keys() | WEEKDAY_NUMBERS.keys():
        return False
    return not (word.is_capital and at > 0 and word.text in {"may", "march", "august"})
