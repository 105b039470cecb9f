"""Rewrites synonyms into the forms that the grammar reads: "half past three" as "3:30", "YTD" as "so far this year".

Each rule looks at the words from one place on. It returns what they become and how many they are, or None. Words that
come from a rule take the places of the words that it replaces.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from satchel.memory.time_expressions.reading import Word, ordinal_of
from satchel.memory.time_expressions.vocabulary import (
    DAY_PARTS,
    MONTH_NUMBERS,
    NUMBERS,
    SEASONS,
    TELLING,
    UNITS,
    WEEKDAY_NUMBERS,
)
from satchel.memory.time_expressions.wordings import (
    Rewritten,
    elapsed,
    hour_in_words,
    night,
    preposition,
    same,
    unit_in_words,
    week_of_month,
)

Rule = Callable[[Sequence[str]], Rewritten]

_LONG: Final = 5  # digits that are no number of units
MOST_WORDS: Final = 7  # that a rule looks at
_TENS: Final = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_FRACTIONS: Final = {"quarter": 15, "half": 30, "five": 5, "ten": 10, "twenty": 20}
_NUMBER: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9])?")
_ISH: Final = re.compile(r"([0-9]{1,2}(?:am|pm)?)-?ish")
_WEEK: Final = re.compile(r"(?:cw|w)([0-9]{1,2})")
_MONTH_OF_YEAR: Final = re.compile(r"([0-9]{1,2})/([0-9]{4})|([0-9]{4})/([0-9]{1,2})")
_QUARTER: Final = re.compile(r"(?:q([1-4])|([1-4])q)(?:/?'?([0-9]{4}|[0-9]{2}))?")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:z|[+-][0-9]{2}:?[0-9]{2})"
)
_TO_DATE: Final = {"ytd": "year", "mtd": "month", "qtd": "quarter", "wtd": "week"}
_BETWEEN_PARTS: Final = frozenset({"on", "in", "the", "this", "last", "yesterday", "today"})
_DATED: Final = {"on", "yesterday", "today", "last", *WEEKDAY_NUMBERS}
_NAMES: Final = MONTH_NUMBERS.keys() | WEEKDAY_NUMBERS.keys() | SEASONS.keys()


def rewritten(words: Sequence[Word], zone: dt.tzinfo | None) -> list[Word]:
    """Return the words after all rules, each on what the ones before it made. `zone` is the owner's time zone."""
    found = list(words)
    rules: tuple[Rule, ...] = (*_RULES, partial(_local_moment, zone))
    for rule in rules:
        found = list(_applied(rule, found))
    return found


def _applied(rule: Rule, words: Sequence[Word]) -> Iterable[Word]:
    at = 0
    said = ["", *(word.text for word in words)]
    while at < len(words):
        found = rule(said[at : at + MOST_WORDS + 1])
        if found is None:
            yield words[at]
            at += 1
            continue
        texts, count = found
        first, last = words[at], words[at + count - 1]
        for number, text in enumerate(texts):
            is_last = number == len(texts) - 1
            yield replace(first, text=text, end=last.end, ends_clause=is_last and last.ends_clause)
        at += count


# Rules get the word before the place, and the words from there on.


def _whole_number(words: Sequence[str]) -> Rewritten:
    """Write "twenty one", "twenty-one" and "a dozen" in digits."""
    _, first, *others = words
    second = others[0] if others else ""
    if first in _TENS and NUMBERS.get(second, 10) < 10:
        return [str(_TENS[first] + NUMBERS[second])], 2
    tens, hyphen, ones = first.partition("-")
    if hyphen and tens in _TENS and NUMBERS.get(ones, 10) < 10:
        return [str(_TENS[tens] + NUMBERS[ones])], 1
    return (["12"], 2) if first == "a" and second == "dozen" else None


def _fraction(words: Sequence[str]) -> Rewritten:
    """Write "an hour and a half", "one and a half hours", "half hour" and "90 seconds" in digits."""
    _, first, second, *others = [*words, "", ""]
    if first == "half" and second in UNITS:
        return ["half", "a", second], 2
    if first in {"a", "an", "the"} and second == "half" and others[0] in UNITS:
        return ["half", "a", others[0]], 3
    if second in {"second", "seconds", "sec", "secs"} and first.isdigit() and len(first) < _LONG:
        return [f"{int(first) / 60:.1f}", "minutes"], 2
    return _and_a_half(words)


def _and_a_half(words: Sequence[str]) -> Rewritten:
    before, first, second, *others = [*words, "", ""]
    behind = others[:2]
    is_counted = before in {"last", "past", "previous"}
    if first in UNITS and is_counted and [second, *behind] == ["and", "a", "half"]:
        return ["1.5", f"{first}s"], 4
    if first in {"a", "an"} and second in UNITS and others[:3] == ["and", "a", "half"]:
        return ["1.5", f"{second}s"], 5
    number = _digits(first)
    if number and [second, *behind] == ["and", "a", "half"] and others[2:] and others[2] in UNITS:
        return [f"{number}.5", others[2]], 5
    return None


def _quarters(words: Sequence[str]) -> Rewritten:
    """Write "a quarter of an hour" and "three quarters of an hour" in minutes."""
    skipped = int(words[1] in {"a", "one", "three"})
    rest = list(words[1 + skipped : 5 + skipped])
    if rest[1:] != ["of", "an", "hour"] or rest[0] not in {"quarter", "quarters"}:
        return None
    return ["45" if rest[0] == "quarters" else "15", "minutes"], 4 + skipped


def _choice(words: Sequence[str]) -> Rewritten:
    """Write "a day or two" and "between 3 and 5 days ago" as a number from … to."""
    match words[1:]:
        case [("a" | "an"), unit, "or", "two", *_] if unit in UNITS:
            return ["1", "-", "2", f"{unit}s"], 4
        case [unit, "or", "two", *_] if unit in UNITS and words[0] in {"last", "past"}:
            return ["1", "-", "2", f"{unit}s"], 3
        case [("between" | "from"), one, ("and" | "to" | "-"), other, unit, ("ago" | "back"), *_]:
            low, high = sorted([_digits(one) or 0, _digits(other) or 0])
            return ([str(low), "-", str(high), unit, "ago"], 6) if low and unit in UNITS else None
    return None


def _hour(words: Sequence[str]) -> Rewritten:
    """Write "half past three", "a quarter to four" and "3ish" in digits."""
    first = words[1]
    if match := _ISH.fullmatch(first):
        return (["around", match[1]] if words[0] not in {"around", "about"} else [match[1]]), 1
    article = int(first == "a")
    match words[1 + article :]:
        case [part, ("past" | "to" | "after" | "before") as side, hour, *_] if part in _FRACTIONS:
            number = _digits(hour)
            is_known = part in {"half", "quarter"} or (words[0] == "at" and side in {"past", "to"})
            if number is None or number > 12 or not is_known:
                return None
            minutes = _FRACTIONS[part]
            if side in {"to", "before"}:
                number, minutes = (number - 2) % 12 + 1, 60 - minutes
            return [f"{number}:{minutes:02}"], 3 + article
    return None


def _date(words: Sequence[str]) -> Rewritten:
    """Write dates and parts of a year that are one word, or begin with the year, with the year last."""
    before, first, *others = words
    if match := _MONTH_OF_YEAR.fullmatch(first):
        month, year = int(match[1] or match[4]), match[2] or match[3]
        return ([f"{year}-{month:02}"], 1) if before in TELLING and 1 <= month <= 12 else None
    if match := _QUARTER.fullmatch(first):
        year = match[3] and (match[3] if len(match[3]) == 4 else f"'{match[3]}")
        quarter = f"q{match[1] or match[2]}"
        return ([quarter, year] if year else [quarter], 1) if year or match[2] else None
    if len(first) == 4 and first.isdigit() and others:
        if others[0] in MONTH_NUMBERS:
            count = 2 + (len(others) > 1 and _day(others[1]))
            return [*others[: count - 1], first], count
        if _QUARTER.fullmatch(others[0]):
            return [others[0], first], 2
    return None


def _week_number(words: Sequence[str]) -> Rewritten:
    """Write "CW42", "W42", "calendar week 42" and "wk 42" as "week 42"."""
    before, first, *others = words
    match = _WEEK.fullmatch(first)
    if match and (first.startswith("cw") or before in TELLING):
        return ["week", match[1]], 1
    if first in {"calendar", "iso"} and others[:1] == ["week"]:
        return ["week"], 2
    return (["week"], 1) if first in {"cw", "wk"} and others and others[0].isdigit() else None


def _until_now(words: Sequence[str]) -> Rewritten:
    """Write "year to date" and "YTD" as "so far this year", "recent days" as "last few days"."""
    first, second, third, *_ = [*words[1:], "", "", ""]
    if first in _TO_DATE:
        return ["earlier", "this", _TO_DATE[first]], 1
    if first in UNITS and (second, third) == ("to", "date"):
        return ["earlier", "this", first], 3
    if (first, second) == ("so", "far") and third in {"today", "this"}:
        return ["earlier"], 2
    if first == "recent" and second in UNITS and second.endswith("s"):
        return ["last", "few", second], 2
    return None


def _referring(words: Sequence[str]) -> Rewritten:
    """Write "the week just gone" and "Friday last" as "last …", "the same day last year" as "this day last year"."""
    first, second, third, *_ = [*words[1:], "", "", ""]
    is_name = first in UNITS or first in _NAMES or first in DAY_PARTS
    if is_name and (second, third) in {("just", "gone"), ("just", "past")}:
        return ["previous", first], 3
    is_before = third in UNITS or third in _NAMES
    if first in _NAMES and second in {"last", "past"} and not is_before:
        return ["last", first], 2
    if first == "same" and second in UNITS.keys() | {"time"} and third in {"last", "yesterday"}:
        return ["this", second], 2
    if (first, second) == ("up", "until") or ((first, second) == ("up", "to") and third):
        return ["until"], 2
    return None


def _thing(words: Sequence[str]) -> Rewritten:
    """Write "first thing on Monday morning" and "the small hours of this morning" as parts of a day."""
    first, second, *others = [*words[1:], ""]
    if second == "of" and first in _ENDS_OF_DAY:
        the = int(others[:1] == ["the"])
        is_dated = others[the + 1 : the + 2] and others[the + 1] in _DATED
        return ([_ENDS_OF_DAY[first]], 3 + the) if others[the : the + 1] == ["day"] and is_dated else None
    name = _THINGS.get((first, second))
    if name is None:
        return None
    for place, text in enumerate(others[:4]):
        if text == "morning" and name != "last-thing":
            before = ["today" if one == "this" else one for one in others[:place]]
            return [name, *before], place + 3
        if text not in _BETWEEN_PARTS | {"of"} and text not in WEEKDAY_NUMBERS:
            break
    return [name], 2


def _part_of_day(words: Sequence[str]) -> Rewritten:
    """Write "late yesterday evening" as "yesterday late-evening"."""
    first, *others = words[1:]
    if first not in {"early", "mid", "late"}:
        return None
    skipped = int(others[:1] == ["-"])
    for place, text in enumerate(others[skipped : skipped + 4], skipped):
        if text in DAY_PARTS:
            name = f"{first}-{text}"
            return ([*others[skipped:place], name], place + 2) if name in DAY_PARTS else None
        if text not in _BETWEEN_PARTS and text not in WEEKDAY_NUMBERS:
            break
    if (first, others[skipped : skipped + 1]) == ("mid", ["week"]):
        return ["midweek"], skipped + 2
    return None


_THINGS: Final = {
    ("first", "thing"): "first-thing",
    ("last", "thing"): "last-thing",
    ("small", "hours"): "small-hours",
    ("early", "hours"): "small-hours",
}
_ENDS_OF_DAY: Final = {"end": "last-thing", "start": "first-thing", "beginning": "first-thing"}
_RULES: Final[tuple[Rule, ...]] = (
    _whole_number,
    same,
    preposition,
    hour_in_words,
    unit_in_words,
    week_of_month,
    night,
    elapsed,
    _quarters,
    _fraction,
    _choice,
    _hour,
    _date,
    _week_number,
    _until_now,
    _referring,
    _thing,
    _part_of_day,
)


def _local_moment(zone: dt.tzinfo | None, words: Sequence[str]) -> Rewritten:
    """Write a time stamp with an offset from UTC as a clock of the owner showed it."""
    if zone is None or not _MOMENT.fullmatch(words[1]):
        return None
    try:
        moment = dt.datetime.fromisoformat(words[1].upper()).astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return [f"{moment:%Y-%m-%dt%H:%M}"], 1


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else NUMBERS.get(text)


def _day(text: str) -> bool:
    number = ordinal_of(text) or (_digits(text) if text.isdigit() else None)
    return number is not None and number <= 31
