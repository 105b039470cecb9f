"""Expressions of time, and the ranges that each can mean.

    for said in said_times(now):
        said.kind, said.slots, said.ranges           # "weekday-part", {"weekday": "Tuesday", "part": "afternoon"}, …

The words are in a table of phrases. A phrase with several readings ("last Tuesday") has a range for each, the most
usual first. Parts of a day or a month have no exact ends, so a range counts as right if it overlaps a reading enough.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from models.evaluation.memory.judging import Range

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
NUMBERS: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
PARTS: Final = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 23)}


@dataclass(frozen=True, slots=True)
class Said:
    """One expression of a time: the kind of its phrases, the words in them, and its ranges in milliseconds."""

    kind: str
    slots: Mapping[str, str]
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class _Clock:
    now: datetime
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.now.tzinfo, ZoneInfo):
            raise TypeError("the time of a question needs a ZoneInfo")
        object.__setattr__(self, "zone", self.now.tzinfo)

    @property
    def today(self) -> date:
        return self.now.date()

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    def at(self, day: date, hour: float = 0) -> int:
        """Return an hour of local time in milliseconds."""
        wall = datetime.combine(day, time()) + timedelta(hours=hour)
        return int(wall.replace(tzinfo=self.zone).timestamp() * 1000)

    def days(self, first: date, last: date) -> Range:
        """Return the whole days, both included, but nothing after now."""
        return self.at(first), min(self.at(last + timedelta(days=1)), self.now_ms)

    def hours(self, day: date, start: float, end: float) -> Range:
        return self.at(day, start), min(self.at(day, end), self.now_ms)

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


def said_times(now: datetime) -> Iterator[Said]:
    """Yield the expressions of times before `now`, whose time zone is a ZoneInfo."""
    clock = _Clock(now)
    for kinds in (_near, _weekdays, _weeks, _spans, _months, _dates, _hours):
        for one in kinds(clock):
            if all(start < end for start, end in one.ranges):
                yield one


def _near(clock: _Clock) -> Iterator[Said]:
    yesterday = clock.day(1)
    yield Said("today", {}, (clock.days(clock.today, clock.today),))
    if clock.now.hour >= 12:
        yield Said("this-morning", {}, (clock.hours(clock.today, 6, 12),))
    yield Said("yesterday", {}, (clock.days(yesterday, yesterday),))
    yield Said("day-before-yesterday", {}, (clock.days(clock.day(2), clock.day(2)),))
    night = (clock.at(yesterday, 18), min(clock.at(clock.today, 4), clock.now_ms))
    yield Said(
        "last-night",
        {},
        (
            night,
            clock.hours(yesterday, 18, 24),
            clock.hours(yesterday, 20, 30),
            clock.hours(yesterday, 19, 24),
        ),
    )
    for part, (start, end) in PARTS.items():
        yield Said("yesterday-part", {"part": part}, (clock.hours(yesterday, start, end),))
    before, after = ((6, 12), (7, 12.5), (0, 12)), ((12, 18), (13, 18), (13, 24), (12, 24))
    yield Said("before-lunch", {}, tuple(clock.hours(yesterday, *one) for one in before))
    yield Said("after-lunch", {}, tuple(clock.hours(yesterday, *one) for one in after))
    few = ((2, 2), (3, 2), (3, 1), (3, 3), (4, 2), (4, 3), (5, 2), (5, 3), (4, 1))
    yield Said(
        "couple-of-days", {}, tuple(clock.days(clock.day(one), clock.day(other)) for one, other in few)
    )
    for ago in range(2, 10):
        yield Said(
            "days-ago", {"n": str(ago), "number": NUMBERS[ago]}, (clock.days(clock.day(ago), clock.day(ago)),)
        )


def _weekdays(clock: _Clock) -> Iterator[Said]:
    monday = clock.day(clock.today.weekday() + 7)
    for ago in range(1, 7):
        day = clock.day(ago)
        name = {"weekday": WEEKDAYS[day.weekday()], "short": WEEKDAYS[day.weekday()][:3]}
        before = monday + timedelta(days=day.weekday())
        yield Said("weekday", name, (clock.days(day, day),))
        yield Said("last-weekday", name, (clock.days(day, day), clock.days(before, before)))
        yield Said("weekday-of-last-week", name, (clock.days(before, before),))
        for part, (start, end) in PARTS.items():
            yield Said("weekday-part", {**name, "part": part}, (clock.hours(day, start, end),))
        yield Said("since-weekday", name, (clock.days(day, clock.today),))
        for later in range(1, ago - 1):
            until = clock.day(later)
            if until.weekday() > day.weekday():
                yield Said(
                    "between-weekdays",
                    {**name, "other": WEEKDAYS[until.weekday()]},
                    (clock.days(day, until),),
                )


def _weeks(clock: _Clock) -> Iterator[Said]:
    monday = clock.day(clock.today.weekday())

    def week(ago: int, shift: int = 0) -> Range:
        first = monday - timedelta(days=7 * ago + shift)
        return clock.days(first, first + timedelta(days=6))

    if clock.today.weekday() > 1:
        yield Said("this-week", {}, (week(0), week(0, 1)))
        yield Said("earlier-this-week", {}, (week(0), clock.days(monday, clock.day(1))))
    workdays = clock.days(monday - timedelta(days=7), monday - timedelta(days=3))
    yield Said("last-week", {}, (week(1), week(1, 1), workdays))
    ends = tuple(
        clock.days(monday - timedelta(days=one), monday - timedelta(days=other))
        for one, other in ((4, 3), (4, 1), (3, 3), (3, 1), (5, 3))
    )
    yield Said("end-of-last-week", {}, ends)
    yield Said("week-before-last", {}, (week(2), week(2, 1)))
    for ago in range(2, 7):
        day = clock.day(7 * ago)
        around = clock.days(day - timedelta(days=3), day + timedelta(days=3))
        yield Said("weeks-ago", {"n": str(ago), "number": NUMBERS[ago]}, (week(ago), week(ago, 1), around))
    saturday = clock.day((clock.today.weekday() - 5) % 7 or 7)
    if clock.today.weekday() < 5:
        weekend = clock.days(saturday, saturday + timedelta(days=1))
        yield Said("weekend", {}, (weekend, (clock.at(saturday, -6), weekend[1])))


def _spans(clock: _Clock) -> Iterator[Said]:
    hour = 3_600_000
    for count in (2, 3, 4, 6):
        yield Said(
            "past-hours",
            {"n": str(count), "number": NUMBERS[count]},
            ((clock.now_ms - count * hour, clock.now_ms),),
        )
    for count in (3, 5, 7, 10):
        back = clock.now_ms - 24 * count * hour
        yield Said(
            "past-days",
            {"n": str(count), "number": NUMBERS[count]},
            ((back, clock.now_ms), clock.days(clock.day(count), clock.today)),
        )
    for count in (2, 3, 4, 6):
        back = clock.now_ms - 24 * 7 * count * hour
        yield Said("past-weeks", {"n": str(count), "number": NUMBERS[count]}, ((back, clock.now_ms),))


def _months(clock: _Clock) -> Iterator[Said]:
    this = clock.today.replace(day=1)
    if clock.today.day > 5:
        yield Said("this-month", {}, (clock.days(this, clock.today),))
    last = _before(this, 1)
    yield Said("last-month", {}, (_whole(clock, last),))
    for ago in range(1, 12):
        first = _before(this, ago)
        name = {
            "month": MONTHS[first.month - 1],
            "short": MONTHS[first.month - 1][:3],
            "year": str(first.year),
        }
        whole = _whole(clock, first)
        yield Said("month", name, (whole,))
        before = (_whole(clock, first.replace(year=first.year - 1)),) if first.year == this.year else ()
        yield Said("last-named-month", name, (whole, *before))
        yield Said("month-of-year", name, (whole,))
        ends = {
            "early": ((1, 10), (1, 7), (1, 14)),
            "mid": ((11, 20), (10, 20), (12, 18), (8, 22)),
            "late": ((21, 31), (20, 31), (24, 31)),
        }
        for part, readings in ends.items():
            yield Said(f"{part}-month", name, tuple(_part(clock, first, *one) for one in readings))
        monday = first - timedelta(days=first.weekday())
        yield Said(
            "first-week-of-month",
            name,
            (
                _part(clock, first, 1, 7),
                clock.days(monday, monday + timedelta(days=6)),
                clock.days(monday + timedelta(days=7), monday + timedelta(days=13))
                if first.weekday()
                else _part(clock, first, 1, 7),
            ),
        )


def _dates(clock: _Clock) -> Iterator[Said]:
    for ago in range(8, 200):
        day = clock.day(ago)
        slots = {
            "day": str(day.day),
            "nth": _ordinal(day.day),
            "month": MONTHS[day.month - 1],
            "short": MONTHS[day.month - 1][:3],
            "year": str(day.year),
            "iso": day.isoformat(),
        }
        whole = clock.days(day, day)
        yield Said("date", slots, (whole,))
        yield Said("date-of-year", slots, (whole,))
        if ago % 4 == 0:
            yield Said("since-date", slots, (clock.days(day, clock.today),))
        until = day + timedelta(days=4)
        if until.month == day.month and ago % 3 == 0:
            yield Said(
                "between-dates",
                {**slots, "until": str(until.day), "nth-until": _ordinal(until.day)},
                (clock.days(day, until),),
            )
    for ago in range(3, clock.today.day):
        day = clock.day(ago)
        yield Said("day-of-month", {"nth": _ordinal(day.day)}, (clock.days(day, day),))


def _hours(clock: _Clock) -> Iterator[Said]:
    for ago in range(1, 6):
        day = clock.day(ago)
        name = "yesterday" if ago == 1 else f"on {WEEKDAYS[day.weekday()]}"
        for hour in range(9, 18):
            readings = tuple(
                clock.hours(day, hour - back, hour + forth)
                for back, forth in ((1, 1), (0.5, 0.5), (0, 1), (0.5, 1), (1.5, 1.5), (2, 2))
            )
            slots = {"when": name, "hour": _spoken(hour), "clock": f"{hour}:00"}
            yield Said("around-hour", slots, readings)
        for hour in (10, 11, 12):
            yield Said(
                "before-hour",
                {"when": name, "hour": _spoken(hour)},
                (clock.hours(day, 0, hour), clock.hours(day, 6, hour)),
            )
        for hour in (14, 15, 16):
            yield Said(
                "after-hour",
                {"when": name, "hour": _spoken(hour)},
                (clock.hours(day, hour, 24), clock.hours(day, hour, 20)),
            )


def _spoken(hour: int) -> str:
    return "noon" if hour == 12 else f"{hour} am" if hour < 12 else f"{hour - 12} pm"


def _ordinal(number: int) -> str:
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _before(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _last_day(month: date) -> date:
    return _before(month, -1) - timedelta(days=1)


def _whole(clock: _Clock, month: date) -> Range:
    return clock.days(month, _last_day(month))


def _part(clock: _Clock, month: date, first: int, last: int) -> Range:
    return clock.days(month.replace(day=first), month.replace(day=min(last, _last_day(month).day)))
