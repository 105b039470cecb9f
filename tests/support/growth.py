"""Whether work grows with the length of its input, and not with its square: a ratio, which any machine has."""

import time
from collections.abc import Callable
from typing import Final

RUNS: Final = 3
TIMES_LONGER: Final = 4
MOST_TIMES: Final = 8  # in proportion it would be 4, with the square 16
UNSURE_S: Final = 0.1  # shorter times are not compared


def require_linear(work: Callable[[str], object], unit: str, length: int) -> None:
    """Do the work on a repeated unit, at the length and at a quarter of it. AssertionError if it takes far longer."""
    short, long = (unit * (size // len(unit)) for size in (length // TIMES_LONGER, length))
    short_s, long_s = _thread_s(work, short), _thread_s(work, long)
    assert long_s < MOST_TIMES * short_s + UNSURE_S, (
        f"{short_s:.3f} s, and {long_s:.3f} s for {TIMES_LONGER} times as much"
    )


def _thread_s(work: Callable[[str], object], text: str) -> float:
    """Return the shortest of a few times of the processor: what else runs only adds to it."""
    taken = []
    for _ in range(RUNS):
        started = time.thread_time()
        work(text)
        taken.append(time.thread_time() - started)
    return min(taken)
