"""How often wrong attempts are answered: token buckets, kept in memory and bounded in number.

A bucket holds `burst` attempts and gains one every `refill_ms`. Only wrong attempts take from it.
"""

from collections import OrderedDict
from typing import NamedTuple

from satchel_service.environment import Clock
from satchel_service.problems import ProblemError
from satchel_wire.problems import ProblemCode


class Rate(NamedTuple):
    """The parameters of a bucket."""

    burst: int
    refill_ms: int


class AttemptLimiter:
    """One bucket per key; the least recently used is forgotten when there are more than `keys`."""

    def __init__(self, rate: Rate, clock: Clock, keys: int = 10_000) -> None:
        self._rate = rate
        self._clock = clock
        self._keys = keys
        self._full_at: OrderedDict[str, int] = OrderedDict()  # when each bucket will be full again

    def admit(self, key: str) -> None:
        """Refuse with `too-many` while the bucket of `key` is empty."""
        over_ms = self.over_ms(key)
        if over_ms > 0:
            raise ProblemError(
                ProblemCode.TOO_MANY, "too many wrong attempts", retry_after_s=-(-over_ms // 1000)
            )

    def over_ms(self, key: str) -> int:
        """Return how long the bucket of `key` stays empty, in milliseconds; 0 or less when it is not."""
        now = self._clock()
        missing_ms = self._full_at.get(key, now) - now
        return missing_ms - (self._rate.burst - 1) * self._rate.refill_ms

    def failed(self, key: str) -> None:
        """Take one attempt from the bucket of `key`."""
        self._full_at[key] = max(self._full_at.get(key, 0), self._clock()) + self._rate.refill_ms
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._keys:
            self._full_at.popitem(last=False)
