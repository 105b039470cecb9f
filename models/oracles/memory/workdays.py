"""When a person works: mornings and afternoons between holidays, some evenings, few weekends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

FRIDAY: Final = 4
EVENINGS: Final = 0.09  # of the working days
WEEKENDS: Final = 0.07  # of the days of weekends
SICK: Final = 0.015
VACATIONS: Final = 2  # in each half of a year
PUBLIC: Final = frozenset({(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Work without a long pause, between two instants in the person's own zone."""

    start: datetime
    end: datetime


def stretches(chance: Random, first: date, days: int, zone: ZoneInfo) -> Iterator[Stretch]:
    """Yield the stretches of a number of days, in order."""
    away = _vacations(chance, first, days)
    for number in range(days):
        day = first + timedelta(days=number)
        if day in away or (day.month, day.day) in PUBLIC or chance.random() < SICK:
            continue
        yield from _of_weekend(chance, day, zone) if day.weekday() > FRIDAY else _of_day(chance, day, zone)


def _vacations(chance: Random, first: date, days: int) -> set[date]:
    away: set[date] = set()
    for _ in range(max(1, VACATIONS * days // 182)):
        start = first + timedelta(days=chance.randrange(max(1, days - 10)))
        away |= {start + timedelta(days=one) for one in range(chance.choice((1, 2, 5, 5, 9)))}
    return away


def _of_weekend(chance: Random, day: date, zone: ZoneInfo) -> Iterator[Stretch]:
    if chance.random() < WEEKENDS:
        yield _stretch(day, chance.uniform(10, 20), chance.uniform(0.5, 2.5), zone)


def _of_day(chance: Random, day: date, zone: ZoneInfo) -> Iterator[Stretch]:
    start = chance.gauss(9.1, 0.5)
    lunch, pause = chance.gauss(12.4, 0.3), chance.uniform(0.6, 1.2)
    end = chance.gauss(16.2 if day.weekday() == FRIDAY else 17.6, 0.6)
    yield _stretch(day, start, lunch - start, zone)
    yield _stretch(day, lunch + pause, end - lunch - pause, zone)
    if chance.random() < EVENINGS:
        yield _stretch(day, chance.uniform(20.3, 21.5), chance.uniform(0.4, 1.8), zone)


def _stretch(day: date, start_h: float, hours: float, zone: ZoneInfo) -> Stretch:
    """Return a stretch in local time, even on the day of a clock change."""
    start = datetime.combine(day, time(), zone) + timedelta(hours=start_h)
    return Stretch(start, start + timedelta(hours=max(hours, 0.2)))
