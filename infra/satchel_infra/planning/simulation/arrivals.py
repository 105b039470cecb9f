"""The arrivals at one cloud: backups and shares by its owner, views by readers."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from satchel_infra.planning.simulation import rhythm
from satchel_infra.planning.tables import Table

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3600 * SECOND_US

BACKUP, SHARE, VIEW = range(3)
KINDS: Final = 3
ACTS: Final = ("backup", "share", "view")


@dataclass(frozen=True, slots=True)
class Act:
    """What one act asks of its cloud: requests, the time that they take the caller, the time of the instance."""

    requests: int
    caller_us: int
    work_us: int


def acts(table: Table) -> tuple[Act, ...]:
    """Return the acts by kind."""
    calls = [table[f"{act}.calls"].value for act in ACTS]
    calls[VIEW] += table["view.page_calls"].value
    per_call_us = table["month.call_s"].value * SECOND_US
    work_us = table["instance.work_s"].value * SECOND_US
    return tuple(Act(round(each), round(each * per_call_us), round(each * work_us)) for each in calls)


@dataclass(frozen=True, slots=True)
class Stream:
    """Arrivals of one source: how many are expected by hour, and how many of them are of the first kind."""

    expected: Sequence[float]
    kind: int
    other: int
    share_of_kind: float


def poisson_times(random: Random, expected: Sequence[float]) -> Iterator[int]:
    """Yield the times of a Poisson process in order, in microseconds.

    `expected` is its cumulative mean by hour. Unit-rate arrivals are mapped through the inverse of that curve, which
    is exact for rates that are constant within each hour.
    """
    passed, hour, last = 0.0, 0, len(expected) - 1
    while True:
        passed += random.expovariate(1.0)
        if passed >= expected[last]:
            return
        hour = bisect_right(expected, passed, hour) - 1
        part = (passed - expected[hour]) / (expected[hour + 1] - expected[hour])
        yield hour * HOUR_US + int(part * HOUR_US)


def arrivals(random: Random, streams: Sequence[Stream]) -> list[int]:
    """Return the arrivals of every stream in order. Each is its time × KINDS + its kind, in microseconds."""
    found = []
    for stream in streams:
        for time_us in poisson_times(random, stream.expected):
            kind = stream.kind if random.random() < stream.share_of_kind else stream.other
            found.append(time_us * KINDS + kind)
    found.sort()
    return found


class Streams:
    """The streams of clouds by use and time zone; curves are shared between clouds."""

    def __init__(self, table: Table, weeks: int) -> None:
        self._table = table
        self._weeks = weeks
        self._owners: dict[tuple[str, int], Stream] = {}
        self._readers: dict[str, Stream] = {}

    def of(self, use: str, zone: int) -> list[Stream]:
        """Return the streams of a cloud."""
        if (use, zone) not in self._owners:
            self._owners[use, zone] = self._owner(use, zone)
        if use not in self._readers:
            per_hour = self._per_hour(use, "views")
            curve = rhythm.expected(rhythm.EVERYWHERE, per_hour, self._weeks)
            self._readers[use] = Stream(curve, VIEW, VIEW, 1.0)
        return [self._owners[use, zone], self._readers[use]]

    def viral(self, views: int, start_hour: int, half_life_hours: float) -> Stream:
        """Return the stream of a share that spreads."""
        return Stream(rhythm.viral(views, start_hour, half_life_hours, self._weeks), VIEW, VIEW, 1.0)

    def _owner(self, use: str, zone: int) -> Stream:
        backups, shares = self._per_hour(use, "backups"), self._per_hour(use, "shares")
        both = backups + shares
        curve = rhythm.expected(zone, both, self._weeks)
        return Stream(curve, BACKUP, SHARE, backups / both if both else 1.0)

    def _per_hour(self, use: str, what: str) -> float:
        return self._table[f"{use}.{what}"].value / self._table["month.hours"].value
