"""Waiting for a condition, with a time limit."""

import time
from collections.abc import Callable
from typing import Final

INTERVAL_S: Final = 0.005
TIMEOUT_S: Final = 30.0


def wait_until(holds: Callable[[], bool], *, timeout_s: float = TIMEOUT_S) -> None:
    """Poll until the condition holds. Raise AssertionError after the timeout."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"not true after {timeout_s} s"
        time.sleep(INTERVAL_S)
