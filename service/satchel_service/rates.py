"""Rate limiting of failed attempts: token buckets in memory, bounded in number.

A bucket holds up to `burst` attempts and gains one every `refill_ms` milliseconds. Only failures take from it.
"""

from collections import OrderedDict
from typing import NamedTuple

from satchel_service.problems import ProblemError
from satchel_service.times import Clock
from satchel_wire.problems import ProblemCode


class Rate(NamedTuple):
    """The parameters of a bucket."""

    burst: int
    refill_ms: int


class AttemptLimiter:
    """One bucket per key. Beyond `max_keys` buckets, the least recently used is dropped."""

    def __init__(self, rate: Rate, clock: Clock, max_keys: int = 10_000) -> None:
        self._rate = rate
        self._clock = clock
        self._max_keys = max_keys
        self._full_at: OrderedDict[str, int] = OrderedDict()  # when each bucket will be full again

    def check(self, key: str) -> None:
        """Raise a `too-many` problem if the bucket of `key` is empty."""
        wait_ms = self.wait_ms(key)
        if wait_ms > 0:
            raise ProblemError(
                ProblemCode.TOO_MANY, "too many wrong attempts", retry_after_s=-(-wait_ms // 1000)
            )

    def wait_ms(self, key: str) -> int:
        """Return the time until the bucket of `key` has an attempt, in milliseconds; 0 or less if it has one now."""
        return self._missing_ms(key) - (self._rate.burst - 1) * self._rate.refill_ms

    def record_failure(self, key: str) -> None:
        """Take one attempt from the bucket of `key`."""
        self._full_at[key] = self._clock() + self._missing_ms(key) + self._rate.refill_ms
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._max_keys:
            self._full_at.popitem(last=False)

    def _missing_ms(self, key: str) -> int:
        """Return the time until the bucket is full: at most that of an empty one, however the clock is set back."""
        now = self._clock()
        return min(max(0, self._full_at.get(key, now) - now), self._rate.burst * self._rate.refill_ms)
