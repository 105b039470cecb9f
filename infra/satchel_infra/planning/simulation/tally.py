"""What happened: acts, requests, starts, waiting, and the time that instances were awake, busy and billed."""

from collections import Counter
from typing import Final

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
MS_US: Final = 1000


class Tally:
    """The counts of some clouds over a number of hours. Times are whole microseconds.

    Instances that are still awake at the end are counted up to the end. `waits_ms` counts the
    acts that waited by their milliseconds, rounded up.
    """

    def __init__(self, hours: int) -> None:
        self.hours = hours
        self.end_us = hours * HOUR_US
        self.acts = 0
        self.requests = 0
        self.cold_starts = 0
        self.waited_us = 0
        self.awake_us = 0
        self.busy_us = 0
        self.billed_us = 0
        self.waits_ms: Counter[int] = Counter()
        self.acts_by_hour = [0] * hours
        self.starts_by_hour = [0] * hours
        self.awake_us_by_hour = [0] * hours
        self._changes_by_minute = [0] * (hours * 60 + 1)

    def started(self, time_us: int) -> None:
        """Count the start of an instance."""
        self.cold_starts += 1
        self.starts_by_hour[time_us // HOUR_US] += 1

    def served(self, acts: int, requests: int) -> None:
        """Count acts, whose hours are counted in `acts_by_hour`, and their requests."""
        self.acts += acts
        self.requests += requests

    def waited(self, waited_us: int) -> None:
        """Count an act that waited."""
        self.waited_us += waited_us
        self.waits_ms[-(-waited_us // MS_US)] += 1

    def busy(self, from_us: int, until_us: int, billed_in_us: int) -> None:
        """Count a time in which requests were in progress; it is billed in whole units."""
        spent = until_us - from_us
        self.busy_us += spent
        self.billed_us += -(-spent // billed_in_us) * billed_in_us

    def stopped(self, began_us: int, stops_us: int) -> None:
        """Count an instance that was awake from one time to another."""
        until = min(stops_us, self.end_us)
        self.awake_us += until - began_us
        self._changes_by_minute[-(-began_us // MINUTE_US)] += 1
        self._changes_by_minute[-(-until // MINUTE_US)] -= 1
        while began_us < until:
            hour = began_us // HOUR_US
            edge = min(until, (hour + 1) * HOUR_US)
            self.awake_us_by_hour[hour] += edge - began_us
            began_us = edge

    def add(self, other: "Tally") -> None:
        """Add the counts of other clouds over the same hours."""
        for name in ("acts", "requests", "cold_starts", "waited_us", "awake_us", "busy_us", "billed_us"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.waits_ms += other.waits_ms
        for name in ("acts_by_hour", "starts_by_hour", "awake_us_by_hour", "_changes_by_minute"):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, [one + another for one, another in zip(mine, theirs, strict=True)])

    def wait_ms(self, share: float) -> int:
        """Return the wait in milliseconds that this share of the acts does not exceed. No acts wait 0 ms."""
        left = share * self.acts - (self.acts - self.waits_ms.total())
        if left <= 0:
            return 0
        for wait in sorted(self.waits_ms):
            left -= self.waits_ms[wait]
            if left <= 0:
                return wait
        return max(self.waits_ms, default=0)

    @property
    def awake_mean(self) -> float:
        """How many instances are awake on average."""
        return self.awake_us / self.end_us

    @property
    def awake_peak(self) -> int:
        """The most instances that are awake at the start of any minute."""
        most = now = 0
        for change in self._changes_by_minute:
            now += change
            most = max(most, now)
        return most

    def awake_by_hour(self) -> list[float]:
        """Return how many instances are awake on average in each hour."""
        return [each / HOUR_US for each in self.awake_us_by_hour]
