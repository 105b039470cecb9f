"""A time phrase, such as "Tuesday morning last week": what was said, and the span that it means at a given time.

What is said is an anchor, which is a span already ("last week"), and rules that choose from the calendar inside it
("Tuesday"), or before now if there is no anchor. So whatever is ambiguous is resolved to the latest time in the past.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from satchel.memory.time_expressions.spans import DAY, FIRST, Span, Unit, add, backwards, unit_of

Rule = Literal["half", "quarter", "season", "month", "day", "weekday"]
Wrap = Callable[[Span], "Span | None"]

# From the largest to the smallest, with the unit of the calendar that each chooses.
_UNIT_OF_RULE: Final[dict[Rule, Unit]] = {
    "half": "half",
    "quarter": "quarter",
    "season": "month",
    "month": "month",
    "day": "day",
    "weekday": "day",
}
_SIZES: Final[tuple[Unit, ...]] = (
    "minute",
    "hour",
    "day",
    "weekend",
    "week",
    "month",
    "quarter",
    "half",
    "year",
)
_NOON: Final = 12
_PAST_YEARS: Final = 30
_AFTERNOON: Final = range(1, 7)  # hours that mean the afternoon if nothing tells: "yesterday at 3"
_MARGINS: Final[dict[Unit, dt.timedelta]] = {
    "minute": dt.timedelta(minutes=10),
    "hour": dt.timedelta(hours=1),
    "day": 2 * DAY,
    "weekend": 2 * DAY,
    "week": 3 * DAY,
    "month": 10 * DAY,
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, as it was said. `half` is "am", "pm" or empty."""

    hour: int
    minute: int | None = None
    half: str = ""
    is_24_hours: bool = False

    def on(self, day: Span) -> Span:
        """Return an hour, or a quarter of one if minutes were said, that begins at this time of a day."""
        hour = self.hour
        if self.half:
            hour = hour % 12 + (12 if self.half == "pm" else 0)
        elif not self.is_24_hours and hour in _AFTERNOON:
            hour += 12
        start = day.start + dt.timedelta(hours=hour, minutes=self.minute or 0)
        return Span(start, start + dt.timedelta(minutes=60 if self.minute is None else 15))


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was said.

    `hours` is a part of a day. A strict rule skips the unit that holds the present ("last March" in March). `is_now`
    allows today for a weekday ("this Tuesday"). `is_about` tells that its time of day is vague. `bare` is a number that the other end of a range explains. Wraps are
    applied at the end, the last one first ("the end of …", "the week of …").
    """

    anchor: Span | None = None
    unit: Unit = "year"  # of the anchor
    rules: Mapping[Rule, int] = field(default_factory=dict)
    hours: tuple[int, int] | None = None
    clock: Clock | None = None
    bare: int | None = None
    is_strict: bool = False
    is_now: bool = False
    is_about: bool = False
    wraps: tuple[Wrap, ...] = ()

    @property
    def has_date(self) -> bool:
        """Whether a date is said, and not only a time of day."""
        return self.anchor is not None or bool(self.rules)

    @property
    def has_time(self) -> bool:
        """Whether a time of day is said."""
        return self.clock is not None or self.hours is not None

    @property
    def finest(self) -> Unit:
        """The smallest unit that is said."""
        if self.has_time:
            return "hour"
        units = [*(_UNIT_OF_RULE[rule] for rule in self.rules), *([self.unit] if self.anchor else [])]
        return min(units, key=_SIZES.index, default="day")

    @property
    def is_instant(self) -> bool:
        """Whether it means a moment, at which a range begins or ends."""
        return self.clock is not None

    def wrapped(self, wrap: Wrap) -> "Phrase":
        """Return the phrase with one more wrap around it."""
        return replace(self, wraps=(wrap, *self.wraps))

    def and_also(self, other: "Phrase") -> "Phrase | None":
        """Return what both say together; None if both say the same kind of thing, or exclude each other."""
        if (
            set(self.rules) & set(other.rules)
            or (self.clock and other.clock)
            or (self.hours and other.hours)
            or other.wraps
        ):
            return None
        anchor, unit = self.anchor or other.anchor, self.unit if self.anchor else other.unit
        if self.anchor and other.anchor:
            anchor = self.anchor.common(other.anchor)
            unit = min(self.unit, other.unit, key=_SIZES.index)
            if anchor is None:
                return None
        return Phrase(
            anchor,
            unit,
            {**self.rules, **other.rules},
            self.hours or other.hours,
            self.clock or other.clock,
            None,
            self.is_strict or other.is_strict,
            self.is_now or other.is_now,
            self.is_about or other.is_about,
            self.wraps,
        )

    def span(self, now: dt.datetime) -> Span | None:
        """Return the span that it means; None if there is none, as for 31 February."""
        found = self._timed(now)
        for wrap in reversed(self.wraps):
            found = wrap(found) if found else None
        return found

    def inheriting(self, other: "Phrase") -> "Phrase":
        """Return the phrase with the larger parts of another: the month and the year for a day, the date for a time."""
        size = _SIZES.index(self.finest) if self.has_date or self.has_time else 0
        larger = {rule: value for rule, value in other.rules.items() if self._lacks(rule, size)}
        keeps = self.anchor is None and other.anchor is not None and _SIZES.index(other.unit) > size
        return replace(
            self,
            anchor=other.anchor if keeps else self.anchor,
            unit=other.unit if keeps else self.unit,
            rules={**larger, **self.rules},
            is_strict=self.is_strict or (other.is_strict and not self.has_date),
        )

    def around(self, span: Span) -> Span:
        """Return its span as "around" widens it; around a time of day is an hour before until an hour after it."""
        if self.clock is not None:
            span = Span(span.start, span.start)
        return span.widened(_MARGINS.get(self.finest, 30 * DAY))

    def _lacks(self, rule: Rule, size: int) -> bool:
        return rule not in self.rules and _SIZES.index(_UNIT_OF_RULE[rule]) > size

    def _timed(self, now: dt.datetime) -> Span | None:
        if not self.has_time:
            return self._date(now) if self.has_date else None
        if not self.has_date:
            today = self._at_time(unit_of(now, "day"))
            return today if today.start <= now else self._at_time(unit_of(now - DAY, "day"))
        date = self._date(now)
        return None if date is None else self._at_time(date)

    def _at_time(self, date: Span) -> Span:
        """Return the time of day on the last day of a date that has it; "last night" has two days.

        A longer date has many such times: "one morning last week" is all of that week.
        """
        if date.length > 2 * DAY:
            return date
        day = unit_of(date.end - dt.timedelta(microseconds=1), "day")
        found = self._on(day)
        earlier = self._on(unit_of(date.start, "day"))
        return found if found.start < date.end or earlier.start < date.start else earlier

    def _on(self, day: Span) -> Span:
        first, last = self.hours or (0, 24)
        if self.clock is not None:
            is_later = first >= _NOON and not self.clock.half and self.clock.hour < _NOON
            return (replace(self.clock, half="pm") if is_later else self.clock).on(day)
        return Span(day.start + dt.timedelta(hours=first), day.start + dt.timedelta(hours=last))

    def _date(self, now: dt.datetime) -> Span | None:
        if not self.rules:
            return self.anchor
        found = self._chosen(self.rules, now)
        if found is None and {"day", "weekday"} <= set(self.rules):  # a date with a wrong weekday
            found = self._chosen({rule: n for rule, n in self.rules.items() if rule != "weekday"}, now)
        return found

    def _chosen(self, rules: Mapping[Rule, int], now: dt.datetime) -> Span | None:
        """Return the latest unit of the calendar for which all rules hold."""
        unit = min((_UNIT_OF_RULE[rule] for rule in rules), key=_SIZES.index)
        within = self.anchor or Span(
            max(FIRST, add(now, -_PAST_YEARS, "year")), now + dt.timedelta(microseconds=1)
        )
        latest = unit_of(now, unit).end
        is_past = self.is_strict or (set(rules) == {"weekday"} and self.anchor is None and not self.is_now)
        later = None
        for one in backwards(within, unit):
            if not all(_holds(rule, value, one.start) for rule, value in rules.items()):
                continue
            span = Span(one.start, add(one.start, 3, "month")) if "season" in rules else one
            if span.end < latest or (span.start < latest and not is_past):
                return span
            later = span
        return later if self.anchor else None  # "Friday this week" on a Tuesday is to come


def _holds(rule: Rule, value: int, start: dt.datetime) -> bool:
    match rule:
        case "half":
            return (start.month - 1) // 6 + 1 == value
        case "quarter":
            return (start.month - 1) // 3 + 1 == value
        case "season" | "month":
            return start.month == value
        case "day":
            return start.day == value
        case "weekday":
            return start.weekday() == value
