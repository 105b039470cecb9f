"""Waiting for something to become true, without guessing how long it takes."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.005  # between two questions, so that what is waited for gets the processor


def wait_until(holds: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> None:
    """Ask again and again; not true in time: AssertionError."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(PAUSE_S)
