"""Days with a name: Christmas, New Year, Easter and a few more, the latest ones in the past or those of a year."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from satchel.memory.time_expressions.phrases import Phrase
from satchel.memory.time_expressions.reading import Read, Word, ends_here, text_at, year_of
from satchel.memory.time_expressions.spans import DAY, Span
from satchel.memory.time_expressions.vocabulary import AROUND, CURRENT, PREVIOUS, TELLING

_Days = Callable[[int], tuple[dt.datetime, int]]  # of a year: the first day, and how many

_LEADING: Final = TELLING | AROUND | PREVIOUS | CURRENT | {"at", "over", "for", "and", "or"}
_THURSDAY: Final = 3
_NOVEMBER: Final = 11


def easter_sunday(year: int) -> dt.datetime:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), g = divmod(b, 4), (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return dt.datetime(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)  # noqa: DTZ001  wall-clock time


def _thanksgiving(year: int) -> tuple[dt.datetime, int]:
    first = dt.datetime(year, _NOVEMBER, 1)  # noqa: DTZ001
    return first + ((_THURSDAY - first.weekday()) % 7 + 21) * DAY, 1


def _fixed(month: int, day: int, count: int = 1) -> _Days:
    return lambda year: (dt.datetime(year, month, day), count)  # noqa: DTZ001


def _around_easter(offset: int, count: int = 1) -> _Days:
    return lambda year: (easter_sunday(year) + offset * DAY, count)


# Longer names first. Those of one common word need a word such as "at" before them.
_FEASTS: Final[tuple[tuple[tuple[str, ...], _Days], ...]] = (
    (("christmas", "eve"), _fixed(12, 24)),
    (("christmas", "day"), _fixed(12, 25)),
    (("xmas", "eve"), _fixed(12, 24)),
    (("xmas", "day"), _fixed(12, 25)),
    (("christmas",), _fixed(12, 24, 3)),
    (("xmas",), _fixed(12, 24, 3)),
    (("boxing", "day"), _fixed(12, 26)),
    (("new", "year", "eve"), _fixed(12, 31)),
    (("new", "year", "day"), _fixed(1, 1)),
    (("new", "year"), _fixed(1, 1)),
    (("good", "friday"), _around_easter(-2)),
    (("easter", "sunday"), _around_easter(0)),
    (("easter", "monday"), _around_easter(1)),
    (("easter",), _around_easter(-2, 4)),
    (("thanksgiving", "day"), _thanksgiving),
    (("thanksgiving",), _thanksgiving),
    (("valentine", "day"), _fixed(2, 14)),
    (("halloween",), _fixed(10, 31)),
)


def feast(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "at Christmas", "Christmas Eve", "over New Year", "Easter Monday 2025"."""
    for name, days in _FEASTS:
        after = at + len(name)
        if tuple(word.text for word in words[at:after]) != name:
            continue
        year = year_of(text_at(words, after), now)
        is_long = len(name) > 1 and name[0] != "new"
        if not (is_long or year or _is_time(words, at, after)):
            return None
        is_over = name == ("new", "year") and text_at(words, at - 1) == "over"
        meant = _over_new_year if is_over else days
        is_strict = text_at(words, at - 1) in PREVIOUS
        span = _of_year(meant, year) if year else _latest(meant, now, is_strict=is_strict)
        return Phrase(span, "day"), after + (year is not None)
    return None


def last_feast(words: Sequence[Word], at: int, now: dt.datetime) -> Read:
    """Read "last Easter" and "this Christmas"."""
    is_led = text_at(words, at) in PREVIOUS | CURRENT
    return feast(words, at + 1, now) if is_led else None


def _is_time(words: Sequence[Word], at: int, after: int) -> bool:
    """Whether a name tells when: "at Christmas", but not "the Christmas tree"."""
    is_led = at == 0 or text_at(words, at - 1) in _LEADING
    is_name = text_at(words, at) != "new" or words[at].is_capital
    return is_led and is_name and ends_here(words, after)


def _over_new_year(year: int) -> tuple[dt.datetime, int]:
    return dt.datetime(year, 1, 1) - DAY, 2  # noqa: DTZ001


def _of_year(days: _Days, year: int) -> Span:
    first, count = days(year)
    return Span(first, first + count * DAY)


def _latest(days: _Days, now: dt.datetime, *, is_strict: bool) -> Span:
    spans = [_of_year(days, year) for year in (now.year + 1, now.year, now.year - 1, now.year - 2)]
    return next(one for one in spans if (one.end if is_strict else one.start) <= now)
