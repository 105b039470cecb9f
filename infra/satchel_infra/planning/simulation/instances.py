"""One instance for each cloud: it starts with the first arrival, serves, and stops after a quiet time.

A request that finds no instance waits until one has started. Requests that arrive meanwhile wait for the rest of the
start. The instance works on one request at a time; callers' own time, such as an upload, overlaps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.simulation.arrivals import HOUR_US, KINDS, SECOND_US, Act
from satchel_infra.planning.simulation.tally import Tally
from satchel_infra.planning.tables import Table

BILLED_US: Final = SECOND_US // 10  # a provider rounds each busy period up to this
NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Starts:
    """The distribution of start-up times: its deciles in microseconds, straight lines between them."""

    deciles_us: tuple[int, ...]

    def draw(self, random: Random) -> int:
        """Return the time of one start."""
        place = random.random() * (len(self.deciles_us) - 1)
        below = int(place)
        low, high = self.deciles_us[below], self.deciles_us[below + 1]
        return low + int((place - below) * (high - low))

    def mean_us(self) -> float:
        """Return the mean."""
        pairs = zip(self.deciles_us, self.deciles_us[1:], strict=False)
        return sum((low + high) / 2 for low, high in pairs) / (len(self.deciles_us) - 1)


def starts(table: Table, platform: str) -> Starts:
    """Return the distribution of a platform: the measured one and what the platform adds.

    Raise ConfigurationError if the deciles do not rise.
    """
    added_s = table[f"{platform}.platform_start_s"].value
    deciles_s = [table[f"start.p{percent}"].value + added_s for percent in range(0, 101, 10)]
    if deciles_s != sorted(deciles_s):
        raise ConfigurationError("the deciles of start-up times do not rise", hint="set all rows of start.p…")
    return Starts(tuple(round(each * SECOND_US) for each in deciles_s))


def serve(
    arrivals: Sequence[int], acts: Sequence[Act], *, idle_us: int, start: Callable[[], int], tally: Tally
) -> None:
    """Serve the arrivals of one cloud in order, and count everything in the tally.

    An arrival is its time × KINDS + its kind. An instance stops `idle_us` after the last answer; an arrival at that
    moment finds no instance. This loop runs once for each arrival, so it calls the tally only where something changes.
    """
    requests = 0
    began = busy_from = busy_until = free_at = answered_at = 0
    stops_at = NEVER
    asked = [act.requests for act in acts]
    caller_us = [act.caller_us for act in acts]
    work_us = [act.work_us for act in acts]
    acts_by_hour = tally.acts_by_hour
    for arrival in arrivals:
        time_us, kind = divmod(arrival, KINDS)
        acts_by_hour[time_us // HOUR_US] += 1
        requests += asked[kind]
        if time_us > busy_until or time_us >= stops_at:
            tally.busy(busy_from, busy_until, BILLED_US)
            busy_from = time_us
        if time_us >= stops_at:
            if stops_at != NEVER:
                tally.stopped(began, stops_at)
            began = time_us
            free_at = answered_at = time_us + start()
            tally.started(time_us)
        if free_at > time_us:
            waited_us = free_at - time_us
            tally.waited(waited_us)
            free_at += work_us[kind]
            busy_until = waited_us + time_us + caller_us[kind]
        else:
            free_at = time_us + work_us[kind]
            busy_until = time_us + caller_us[kind]
        answered_at = busy_until = max(answered_at, busy_until, free_at)
        stops_at = answered_at + idle_us
    if stops_at != NEVER:
        tally.stopped(began, stops_at)
        tally.busy(busy_from, busy_until, BILLED_US)
    tally.served(len(arrivals), requests)
