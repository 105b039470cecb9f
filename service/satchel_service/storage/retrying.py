"""Asking again, for what may be done twice: reads, listings, deletes, replacements. Never around a create."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from satchel_service.storage.connections import UnansweredError

T = TypeVar("T")

ATTEMPTS: Final = 4
FIRST_PAUSE_S: Final = 0.1
MOST_PAUSE_S: Final = 2.0  # a request waits behind this; its client can wait longer than we should


class Retrying:
    """Calls until an answer comes, a few times, waiting longer each time with full jitter."""

    def __init__(
        self, pause: Callable[[float], None] = time.sleep, jitter: Callable[[], float] = random.random
    ) -> None:
        self._pause = pause
        self._jitter = jitter

    def __call__(self, call: Callable[[], T]) -> T:
        """Return what the call returns; after the last attempt its UnansweredError is the caller's."""
        for attempt in range(ATTEMPTS - 1):
            try:
                return call()
            except UnansweredError as exc:
                longest = exc.retry_after_s or FIRST_PAUSE_S * 2**attempt
                self._pause(min(longest, MOST_PAUSE_S) * (0.5 + self._jitter() / 2))
        return call()
