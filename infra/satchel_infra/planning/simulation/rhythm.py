"""When people use their clouds: the rhythm of a day and a week, in the time zones that they live in.

The weights are assumptions. They describe developers: working hours, a dip at noon, less at the weekend.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

HOURS_PER_WEEK: Final = 168

DAY: Final = (1, 1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 13, 9, 12, 14, 14, 13, 11, 8, 7, 7, 6, 4, 2)
"""How busy each hour of a day is, local time, from midnight."""

WEEK: Final = (10, 11, 11, 11, 9, 4, 4)
"""How busy each day is, from Monday."""

ZONES: Final = {-8: 0.15, -5: 0.25, 0: 0.15, 1: 0.20, 5: 0.10, 8: 0.15}
"""The share of owners by hours east of Greenwich."""

EVERYWHERE: Final = "everywhere"
"""The readers of shares: people of every zone at once."""

Place = int | str


def week(place: Place) -> list[float]:
    """Return how busy each hour of a week is there, from Monday 0:00 UTC. The mean is 1."""
    if isinstance(place, str):
        mixed = [0.0] * HOURS_PER_WEEK
        for zone, share in ZONES.items():
            mixed = [sum_ + share * each for sum_, each in zip(mixed, week(zone), strict=True)]
        return mixed
    local = [day * hour for day in WEEK for hour in DAY]
    mean = sum(local) / HOURS_PER_WEEK
    return [local[(hour + place) % HOURS_PER_WEEK] / mean for hour in range(HOURS_PER_WEEK)]


def expected(place: Place, per_hour: float, weeks: int) -> list[float]:
    """Return how many arrivals are expected until the start of each hour, and until the end of the last."""
    return [0.0, *accumulate(per_hour * each for each in week(place) * weeks)]


def flat(per_hour: float, weeks: int) -> list[float]:
    """Return the same without any rhythm."""
    return [per_hour * hour for hour in range(weeks * HOURS_PER_WEEK + 1)]


def viral(views: float, start_hour: int, half_life_hours: float, weeks: int) -> list[float]:
    """Return the same for a share that spreads at an hour and then fades, halving every few hours."""
    hours = range(weeks * HOURS_PER_WEEK + 1)
    return [views * (1 - 0.5 ** (max(0, hour - start_hour) / half_life_hours)) for hour in hours]


def peak_over_mean(expected_by_hour: Sequence[float]) -> float:
    """Return the busiest hour over the mean of all."""
    hours = [after - before for before, after in pairwise(expected_by_hour)]
    return max(hours) * len(hours) / sum(hours)
