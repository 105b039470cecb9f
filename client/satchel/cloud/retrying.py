"""Asking again: only what may be repeated, after growing and random waits (full jitter), for a bounded time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from satchel.cloud.transport import NoAnswerError, Request, Response, Transport

# Answers of a server that waited in vain, or is overloaded, or waking, or being replaced; the request had no lasting effect that a
# repetition would not have as well.
BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
TURNED_AWAY: Final = 429  # the one of them that says the request was not begun


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long. The waits' ceilings double from `first_s` up to `longest_s`."""

    attempts: int
    first_s: float
    longest_s: float
    longest_asked_s: float
    """Of a server's Retry-After; who is asked to wait longer gives up at once."""

    def ceiling(self, failed: int) -> float:
        """Return the longest wait in seconds after so many failures."""
        return min(self.longest_s, self.first_s * 2.0 ** (failed - 1))


# A person waits for the answer: at most 3 s of waiting. An upload or download of minutes outlives a restart: 30 s.
BRIEF: Final = Patience(attempts=4, first_s=0.4, longest_s=2.0, longest_asked_s=2.0)
LONG: Final = Patience(attempts=10, first_s=0.4, longest_s=5.0, longest_asked_s=30.0)


class Retrying:
    """A transport that asks again. `wait` takes seconds, `draw` gives a number from 0 to 1."""

    def __init__(
        self,
        inner: Transport,
        patience: Patience,
        *,
        wait: Callable[[float], object],
        draw: Callable[[], float],
    ) -> None:
        self._inner = inner
        self._patience = patience
        self._wait = wait
        self._draw = draw

    def send(self, request: Request) -> Response:
        """Send until there is an answer that is not "busy"; the last one counts, whatever it is."""
        for failed in range(1, self._patience.attempts):
            try:
                response = self._inner.send(request)
            except NoAnswerError as error:
                if error.was_sent and not request.is_repeatable:
                    raise
                asked_s = 0.0
            else:
                if response.status not in BUSY or not (
                    request.is_repeatable or response.status == TURNED_AWAY
                ):
                    return response
                asked_s = _asked_for(response)
                if asked_s > self._patience.longest_asked_s:
                    return response
            self._wait(max(asked_s, self._draw() * self._patience.ceiling(failed)))
        return self._inner.send(request)


def _asked_for(response: Response) -> float:
    """Return the seconds that the server asks to wait; a date, which it may also give, counts as none."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
