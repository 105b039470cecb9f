"""A one-line progress bar on a terminal: shown after one second, with the rate and the time left."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO

from satchel.cli.terminal.text import format_duration, format_size
from satchel.progress import Advance, Unit

DELAY_S: Final = 1.0  # shorter phases need no bar
INTERVAL_S: Final = 0.1  # ten redraws a second look smooth and cost nothing
_BAR_WIDTH: Final = 24
_CLEAR_LINE: Final = "\r\x1b[K"


@dataclass(slots=True)
class _Phase:
    """The state of one phase; `line` describes it."""

    label: str
    total: int | None
    unit: Unit
    began: float
    done: int = 0
    drawn: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def line(self, now: float) -> str:
        elapsed = max(now - self.began, 1e-9)
        rate = self.done / elapsed
        parts = [self.label]
        if self.total:
            fraction = min(self.done / self.total, 1.0)
            filled = int(fraction * _BAR_WIDTH)
            parts.append(f"{fraction:4.0%} {'━' * filled}{'─' * (_BAR_WIDTH - filled)}")
        parts.append(f"{self._amount(self.done)}  {self._amount(rate)}/s")
        if self.total and rate > 0:
            parts.append(f"{format_duration(max(self.total - self.done, 0) / rate)} left")
        return "  ".join(parts)

    def _amount(self, count: float) -> str:
        return format_size(count) if self.unit == "bytes" else f"{count:,.0f}"


class Meter:
    """Draws phases on standard error."""

    def __init__(self, terminal: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock

    @contextmanager
    def phase(self, label: str, total: int | None = None, *, unit: Unit = "bytes") -> Iterator[Advance]:
        """Open a phase; its line is cleared at the end."""
        phase = _Phase(label, total, unit, began=self._clock())

        def advance(amount: int) -> None:
            with phase.lock:
                phase.done += amount
                self._draw(phase)

        try:
            yield advance
        finally:
            if phase.drawn:
                self._write(_CLEAR_LINE)

    def _draw(self, phase: _Phase) -> None:
        now = self._clock()
        if now - phase.began >= DELAY_S and now - phase.drawn >= INTERVAL_S:
            phase.drawn = now
            self._write(_CLEAR_LINE + phase.line(now))

    def _write(self, text: str) -> None:
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except OSError:  # the terminal was closed; the operation continues
            return
