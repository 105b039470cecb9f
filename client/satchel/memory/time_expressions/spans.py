"""Spans of wall-clock time: days, weeks, months, quarters and years of the calendar, and arithmetic with them.

All times here are naive: what a clock on the wall shows. `zones` turns them into moments. Weeks begin on Monday.
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["minute", "hour", "day", "week", "weekend", "month", "quarter", "half", "year"]

DAY: Final = dt.timedelta(days=1)
WEEK: Final = dt.timedelta(days=7)
FIRST: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001  wall-clock time
_MONTHS: Final[dict[Unit, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_EXACT: Final[dict[Unit, dt.timedelta]] = {
    "minute": dt.timedelta(minutes=1),
    "hour": dt.timedelta(hours=1),
    "day": DAY,
    "week": WEEK,
    "weekend": WEEK,
}
SATURDAY: Final = 5
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time from `start` until just before `end`.

    `is_elapsed` tells that its ends are hours or minutes away from now, whether clocks were changed or not.
    """

    start: dt.datetime
    end: dt.datetime
    is_elapsed: bool = False

    @property
    def length(self) -> dt.timedelta:
        """How long it is."""
        return self.end - self.start

    def common(self, other: "Span") -> "Span | None":
        """Return the part that both share; None if there is none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def widened(self, by: dt.timedelta) -> "Span":
        """Return the span with as much more on both sides."""
        return Span(self.start - by, self.end + by)

    def part(self, first: float, last: float) -> "Span":
        """Return a part of it, from one fraction of its length to another, in whole months or days if it has several."""
        months = _whole_months(self)
        if months and all(abs(months * at - round(months * at)) < _ROUNDING for at in (first, last)):
            return Span(
                add(self.start, round(months * first), "month"),
                add(self.start, round(months * last), "month"),
            )
        start, end = self.start + self.length * first, self.start + self.length * last
        return Span(_day_of(start), _day_of(end)) if self.length >= 3 * DAY else Span(start, end)


def _whole_months(span: Span) -> int:
    """Return how many whole months a span has; 0 if it does not consist of months."""
    if span.start != unit_of(span.start, "month").start or span.end != unit_of(span.end, "month").start:
        return 0
    return (span.end.year - span.start.year) * 12 + span.end.month - span.start.month


def unit_of(moment: dt.datetime, unit: Unit) -> Span:
    """Return the unit of the calendar that holds a time. For a weekend: that of its week, or the one before it."""
    match unit:
        case "minute" | "hour":
            start = moment.replace(second=0, microsecond=0, minute=0 if unit == "hour" else moment.minute)
            return Span(start, start + _EXACT[unit])
        case "day":
            return Span(_day_of(moment), _day_of(moment) + DAY)
        case "week":
            start = _day_of(moment) - moment.weekday() * DAY
            return Span(start, start + WEEK)
        case "weekend":
            start = _day_of(moment) - (moment.weekday() - SATURDAY) % 7 * DAY
            return Span(start, start + 2 * DAY)
        case _:
            months = _MONTHS[unit]
            first = _day_of(moment).replace(day=1, month=(moment.month - 1) // months * months + 1)
            return Span(first, add(first, months, "month"))


def add(moment: dt.datetime, count: float, unit: Unit) -> dt.datetime:
    """Return the time so many units later, on the same day of the month or the last one that it has.

    Raise OverflowError outside the calendar.
    """
    if unit in _EXACT:
        return moment + count * _EXACT[unit]
    months = round(count * _MONTHS[unit])
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError
    return moment.replace(
        year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1])
    )


def backwards(span: Span, unit: Unit) -> Iterator[Span]:
    """Yield the units of the calendar that begin in a span, the last one first."""
    current = unit_of(span.end - dt.timedelta(microseconds=1), unit)
    while current.end > span.start:
        if current.start >= span.start:
            yield current
        current = unit_of(current.start - dt.timedelta(microseconds=1), unit)


def week_of_year(year: int, number: int) -> Span | None:
    """Return a week by its number (ISO 8601); None if the year has no such week."""
    try:
        start = dt.datetime.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    return Span(start, start + WEEK)


def _day_of(moment: dt.datetime) -> dt.datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
