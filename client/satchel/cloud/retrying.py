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
    answer_s: float
    """How long one request waits for its answer, or for the next bytes of it."""
    give_up_s: float
    """After this long since the first request, a failure is the last."""

    def ceiling(self, failed: int) -> float:
        """Return the longest wait in seconds after so many failures."""
        return min(self.longest_s, self.first_s * 2.0 ** (failed - 1))


# A person waits for the answer: a sleeping cloud may wake (a platform holds requests for about 10 s meanwhile, design.md
# section 7), a dead one is told from it after at most 3 s of waits, a silent one after a minute.
BRIEF: Final = Patience(
    attempts=4, first_s=0.4, longest_s=2.0, longest_asked_s=2.0, answer_s=30.0, give_up_s=30.0
)
# An upload or a download of minutes outlives a restart of the cloud, or of a network: 35 s of waits.
LONG: Final = Patience(
    attempts=10, first_s=0.4, longest_s=5.0, longest_asked_s=30.0, answer_s=120.0, give_up_s=300.0
)


class Retrying:
    """A transport that asks again. `wait` takes seconds, `draw` gives a number from 0 to 1, `clock` seconds."""

    def __init__(
        self,
        inner: Transport,
        patience: Patience,
        *,
        wait: Callable[[float], object],
        draw: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._inner = inner
        self._patience = patience
        self._wait = wait
        self._draw = draw
        self._clock = clock

    def send(self, request: Request) -> Response:
        """Send until there is an answer that is not "busy"; the last one counts, whatever it is."""
        give_up = self._clock() + self._patience.give_up_s
        for failed in range(1, self._patience.attempts):
            try:
                response = self._inner.send(request)
            except NoAnswerError as error:
                if (error.was_sent and not request.is_repeatable) or self._clock() >= give_up:
                    raise
                asked_s = 0.0
            else:
                if response.status not in BUSY or not (
                    request.is_repeatable or response.status == TURNED_AWAY
                ):
                    return response
                asked_s = _asked_for(response)
                if asked_s > self._patience.longest_asked_s or self._clock() >= give_up:
                    return response
            self._wait(max(asked_s, self._draw() * self._patience.ceiling(failed)))
        return self._inner.send(request)


def _asked_for(response: Response) -> float:
    """Return the seconds that the server asks to wait; a date, which it may also give, counts as none."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
