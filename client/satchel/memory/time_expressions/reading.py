"""A question as words that know their places, and the numbers and dates that one word can be."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.memory.time_expressions.phrases import Clock, Phrase
from satchel.memory.time_expressions.spans import DAY, Span, unit_of, week_of_year
from satchel.memory.time_expressions.vocabulary import (
    FUNCTION_WORDS,
    MONTH_NUMBERS,
    NUMBERS,
    ORDINALS,
    POSSESSIVES,
    VAGUE,
    WEEKDAY_NUMBERS,
)

MAX_CHARS: Final = 2_000  # of a question; times further behind are not looked for
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9998  # so that a year later is in the calendar too
MAX_COUNT: Final = 10_000  # of units: "10000 days ago"

_CHUNK: Final = re.compile(r"\S+")
_OPENING: Final = "\"'([{\u201c\u2018"
_CLOSING: Final = "\"')]}\u201d\u2019.,;:?!"
# "14-Nov-2025", "14-Nov", "Nov-14"
_HYPHENED: Final = re.compile(
    r"(?=.*[0-9].*)([0-9]{1,2}|[a-z]{3,9})[-/]([a-z]{3,9}|[0-9]{1,2})(?:[-/]([0-9]{4}|[0-9]{2}))?"
)
_PAIR: Final = re.compile(r"([a-z]+|[0-9]{1,2}(?:st|nd|rd|th|am|pm)?|[0-9]{1,2}:[0-9]{2})(-|–|—)(\S+)")
_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:[tT]([0-9]{2}):([0-9]{2})(?::[0-9.]+)?z?)?)?"
)
_ISO_WEEK: Final = re.compile(r"([0-9]{4})-?w([0-9]{1,2})")
_ISO_QUARTER: Final = re.compile(r"([0-9]{4})-?q([1-4])")
_SLASHED: Final = re.compile(r"([0-9]{1,2}|[0-9]{4})/([0-9]{1,2})/([0-9]{2}|[0-9]{4})")
_DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SHORT_DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{2})")
_DASHED: Final = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")
_ISO_DAY: Final = re.compile(r"([0-9]{4})-?w([0-9]{2})-?([1-7])")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_AND_MONTH: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_CLOCK: Final = re.compile(r"([0-9]{1,2})(?::([0-9]{2})(?::[0-9]{2})?)?(am|pm|a\.m|p\.m)?")
_DOTTED_CLOCK: Final = re.compile(r"([0-9]{1,2})\.([0-9]{2})(?=am|pm)")
_SHORT_YEAR: Final = re.compile(r"['\u2019][0-9]{2}(?![0-9])")
_ORDINAL: Final = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_DECIMAL: Final = re.compile(r"[0-9]{1,3}\.[0-9]")
SHORT: Final = re.compile(r"([0-9]{1,4})([a-z]{1,3})")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case without the punctuation around it, and where it stands in the question."""

    text: str
    start: int
    end: int
    is_capital: bool = False
    ends_clause: bool = False  # a comma or the like follows


Read = tuple[Phrase, int] | None
"""A part of a time phrase and the place behind it."""


def text_at(words: Sequence[Word], at: int) -> str:
    """Return a word; empty outside the question."""
    return words[at].text if 0 <= at < len(words) else ""


def ends_here(words: Sequence[Word], at: int) -> bool:
    """Whether nothing that belongs to the words before stands at a place: the end, or another part of a sentence."""
    return at >= len(words) or (at > 0 and words[at - 1].ends_clause) or words[at].text in FUNCTION_WORDS


def words_of(question: str) -> list[Word]:
    """Split a question at blanks, and hyphens between words of time ("mid-March", "Mon-Wed", "2-4pm")."""
    found: list[Word] = []
    for match in _CHUNK.finditer(question[:MAX_CHARS]):
        core = match[0] if _SHORT_YEAR.match(match[0]) else match[0].lstrip(_OPENING)
        start = match.end() - len(core)
        bare = core.rstrip(_CLOSING)
        for suffix in POSSESSIVES:
            bare = bare.removesuffix(suffix)
        found += _parts(bare, start, ends_clause=len(core) > len(bare))
    return found


def _parts(text: str, start: int, *, ends_clause: bool) -> list[Word]:
    lower = text.lower()
    pair = _PAIR.fullmatch(lower)
    if ".." in lower:
        left, _, right = lower.partition("..")
        cuts = (
            [(0, len(left)), (len(left), len(left) + 2), (len(left) + 2, len(lower))]
            if left and right
            else []
        )
    elif (date := _HYPHENED.fullmatch(lower)) and {date[1], date[2]} & MONTH_NUMBERS.keys():
        cuts = [date.span(group) for group in (1, 2, 3) if date[group]]
    elif (
        pair
        and not _DASHED.fullmatch(lower)
        and _may_be_time(pair[1])
        and lower not in NUMBERS
        and lower not in ORDINALS
    ):
        cuts = [pair.span(1), pair.span(2), pair.span(3)]
    else:
        cuts = []
    if lower == "fortnight":
        return [
            Word(text, start, start + len(lower), ends_clause=ends_clause and text == "weeks")
            for text in ("2", "weeks")
        ]
    if not cuts:
        return [Word(lower, start, start + len(text), text[:1].isupper(), ends_clause)]
    return [
        Word(lower[a:b], start + a, start + b, text[a : a + 1].isupper(), ends_clause and b == len(text))
        for a, b in cuts
    ]


def _may_be_time(text: str) -> bool:
    return (
        text[0].isdigit()
        or text in MONTH_NUMBERS
        or text in WEEKDAY_NUMBERS
        or text in {"mid", "early", "late"}
    )


def number_at(words: Sequence[Word], at: int) -> tuple[tuple[float, float], int] | None:
    """Read a number of units: "3", "two", "a couple of", "2-3", "two or three". Return the fewest and the most."""
    first = _number_at(words, at)
    if first is None or first[1] >= len(words) or words[first[1]].text not in {"-", "\u2013", "to", "or"}:
        return first
    second = _number_at(words, first[1] + 1)
    return ((first[0][0], second[0][1]), second[1]) if second and second[0][1] > first[0][0] else first


def _number_at(words: Sequence[Word], at: int) -> tuple[tuple[float, float], int] | None:
    texts = [word.text for word in words[at : at + 3]]
    if texts[:1] == ["half"] and texts[1:2] in (["a"], ["an"]):
        return (0.5, 0.5), at + 2
    if texts[:1] in (["a"], ["an"], ["the"]) and texts[1:2] and texts[1] in VAGUE:
        at += 1
        texts = texts[1:]
    if texts and texts[0] in VAGUE:
        return VAGUE[texts[0]], at + (2 if texts[1:2] == ["of"] else 1)
    number = _number_of(texts[0]) if texts else None
    return None if number is None else ((number, number), at + 1)


def _number_of(text: str) -> float | None:
    """Return the number that one word says."""
    if text in {"a", "an"}:
        return 1
    if text in NUMBERS:
        return NUMBERS[text]
    if _DECIMAL.fullmatch(text):
        return float(text)
    is_whole = text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if is_whole and int(text) <= MAX_COUNT else None


def ordinal_of(text: str) -> int | None:
    """Return the number of "3rd" or "third"."""
    match = _ORDINAL.fullmatch(text)
    return int(match[1]) if match else ORDINALS.get(text)


def small_number(text: str, most: int) -> int | None:
    """Return a number from 1 in at most two digits."""
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= most else None
    )


def year_of(text: str, now: dt.datetime) -> int | None:
    """Return a year of four digits that is not to come."""
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return None
    return int(text) if FIRST_YEAR <= int(text) <= now.year else None


def year_phrase(year: int) -> Phrase:
    """Return the phrase of a whole year."""
    return Phrase(unit_of(dt.datetime(year, 1, 1), "year"), "year")  # noqa: DTZ001  wall-clock time


def clock_of(text: str, following: str) -> tuple[Clock, int] | None:
    """Return a time of day in one word or two ("3pm", "15:30", "3 pm"), and how many it takes; no number alone."""
    match = _CLOCK.fullmatch(_DOTTED_CLOCK.sub(r"\1:\2", text))
    if match is None:
        hour = {"noon": 12, "midday": 12, "midnight": 0}.get(text)
        return None if hour is None else (Clock(hour, is_24_hours=True), 1)
    half, count = (match[3] or "").replace(".", ""), 1
    if not half and following in {"am", "pm", "a.m", "p.m", "o'clock"}:
        half, count = following.replace(".", "") if following[0] in "ap" else "", 2
    hour, minute = int(match[1]), None if match[2] is None else int(match[2])
    if hour > (12 if half else 23) or (minute or 0) > 59 or (minute is None and not half and count == 1):
        return None
    return Clock(hour, minute, half, is_24_hours=match[1].startswith("0")), count


def date_of(text: str, now: dt.datetime) -> Phrase | None:
    """Return a date in digits: ISO 8601 dates, months, weeks and quarters; 3/31/2026, 31/3/2026, 31.3.2026."""
    if match := _ISO.fullmatch(text):
        return _iso(match)
    if match := _ISO_WEEK.fullmatch(text):
        week = week_of_year(int(match[1]), int(match[2])) if _day(int(match[1]), 1, 1) else None
        return Phrase(week, "week") if week else None
    if match := _ISO_QUARTER.fullmatch(text):
        first = _day(int(match[1]), 1, 1)
        return (
            Phrase(year_phrase(int(match[1])).anchor, "year", {"quarter": int(match[2])}) if first else None
        )
    if match := _ISO_DAY.fullmatch(text):
        week = week_of_year(int(match[1]), int(match[2])) if _day(int(match[1]), 1, 1) else None
        day = week.start + (int(match[3]) - 1) * DAY if week else None
        return Phrase(Span(day, day + DAY), "day") if day else None
    if match := _DOTTED.fullmatch(text):
        return _day(int(match[3]), int(match[2]), int(match[1]))
    match = _SLASHED.fullmatch(text) or _DASHED.fullmatch(text)
    return _slashed(match, now) if match else None


def led_date_of(text: str) -> Phrase | None:
    """Return a date in digits that is one only behind a word such as "on": 20260331, 31.3.26, 3/31, 31/3."""
    if match := _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _SHORT_DOTTED.fullmatch(text):
        return _day(2000 + int(match[3]), int(match[2]), int(match[1]))
    match = _DAY_AND_MONTH.fullmatch(text)
    if match is None:
        return None
    for month, day in ((int(match[1]), int(match[2])), (int(match[2]), int(match[1]))):
        if 1 <= month <= 12 and _day(2024, month, day):
            return Phrase(rules={"month": month, "day": day})
    return None


def _iso(match: re.Match[str]) -> Phrase | None:
    year, month = int(match[1]), int(match[2])
    if match[3]:
        day = _day(year, month, int(match[3]))
        if day is None or match[4] is None:
            return day
        clock = Clock(int(match[4]), int(match[5]), "", is_24_hours=True)
        return Phrase(day.anchor, "day", clock=clock) if clock.hour < 24 and int(match[5]) < 60 else None
    first = _day(year, month, 1)
    return Phrase(unit_of(first.anchor.start, "month"), "month") if first and first.anchor else None


def _slashed(match: re.Match[str], now: dt.datetime) -> Phrase | None:
    """Read a date with slashes: the month first, unless there is no such date, or it is to come."""
    first, second, last = match[1], match[2], match[3]
    if len(first) == 4:
        return _day(int(first), int(second), int(last))
    year = int(last) if len(last) == 4 else 2000 + int(last)
    readings = [_day(year, int(first), int(second)), _day(year, int(second), int(first))]
    valid = [one for one in readings if one]
    past = [one for one in valid if one.anchor and one.anchor.start <= now]
    return next(iter(past or valid), None)


def _day(year: int, month: int, day: int) -> Phrase | None:
    try:
        start = dt.datetime(year, month, day)  # noqa: DTZ001  wall-clock time
    except ValueError:
        return None
    return Phrase(Span(start, start + DAY), "day") if FIRST_YEAR <= year <= LAST_YEAR else None
