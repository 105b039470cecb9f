"""Waves of a rollout: a canary, then 1%, 10%, all; and the rate at which clouds are changed."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from satchel_infra.errors import ConfigurationError

STANDARD: Final = "1,1%,10%,100%"
MAX_WAVES: Final = 20
_SIZE: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,3})?)(?P<percent>%?)")
HINT: Final = f"write growing numbers of clouds or percentages, such as {STANDARD}"


class WaveSize(NamedTuple):
    """How many clouds have the new release after a wave: a number, or a share of all."""

    number: int = 0
    share: Fraction | None = None

    def count(self, total: int) -> int:
        """Return the number for so many clouds, rounded up."""
        wanted = (
            self.number if self.share is None else -(-total * self.share.numerator // self.share.denominator)
        )
        return min(total, max(1, wanted)) if total else 0


def parse_waves(text: str) -> tuple[WaveSize, ...]:
    """Read sizes such as `1,1%,10%,100%`. Raise ConfigurationError. The last wave is always all clouds."""
    sizes = [_parse_size(word.strip(), text) for word in text.split(",")]
    if len(sizes) > MAX_WAVES:
        raise ConfigurationError(f"--waves has {len(sizes)} waves; the maximum is {MAX_WAVES}", hint=HINT)
    return (*sizes, WaveSize(share=Fraction(1)))


def _parse_size(word: str, text: str) -> WaveSize:
    match = _SIZE.fullmatch(word)
    if match is None or ("." in match["number"] and not match["percent"]):
        raise ConfigurationError(f"--waves is {text!r}", hint=HINT)
    if not match["percent"]:
        return WaveSize(number=int(match["number"]))
    share = Fraction(match["number"]) / 100
    if not 0 < share <= 1:
        raise ConfigurationError(f"--waves is {text!r}", hint=HINT)
    return WaveSize(share=share)


def plan_waves(sizes: Sequence[WaveSize], total: int, done: int) -> list[int]:
    """Return how many clouds each wave that is left changes. `done` of all clouds have the new release already."""
    waves = []
    for size in sizes:
        wanted = size.count(total)
        if wanted > done:
            waves.append(wanted - done)
            done = wanted
    return waves


class Pace:
    """Spaces calls from any thread evenly, at a rate."""

    def __init__(
        self,
        per_minute: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._gap_s = 60.0 / per_minute
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_s = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may begin."""
        with self._lock:
            now = self._monotonic()
            begin = max(now, self._next_s)
            self._next_s = begin + self._gap_s
        if begin > now:
            self._sleep(begin - now)
