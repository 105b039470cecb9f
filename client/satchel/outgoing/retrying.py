"""Retries with exponential backoff and full jitter, for requests that may be repeated, within a time limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.transport import Request, Response, Transport

TOO_MANY_REQUESTS: Final = 429  # the request was not processed, so it is safe to repeat
RETRYABLE: Final = frozenset({408, TOO_MANY_REQUESTS, 500, 502, 503, 504})
"""Statuses of a server that is overloaded, starting or being replaced."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to retry. The upper bound of a wait doubles from `first_s` to `longest_s`."""

    attempts: int
    first_s: float
    longest_s: float
    longest_retry_after_s: float
    """Give up at once if the server's Retry-After exceeds this."""
    response_timeout_s: float
    """The longest wait for a response, or for its next bytes."""
    give_up_s: float
    """Do not retry once this long has passed since the first request."""

    def longest_wait_s(self, failures: int) -> float:
        """Return the upper bound of the wait after this many failures."""
        return min(self.longest_s, self.first_s * 2.0 ** (failures - 1))


# A person waits for the response. A sleeping cloud has time to wake (platforms hold requests for about 10 s
# meanwhile); an unreachable one is reported after at most 3 s of waits, a silent one after a minute.
INTERACTIVE: Final = RetryPolicy(
    attempts=4,
    first_s=0.4,
    longest_s=2.0,
    longest_retry_after_s=2.0,
    response_timeout_s=30.0,
    give_up_s=30.0,
)
# Something is asked in passing, and the command goes on without a response.
BRIEF: Final = RetryPolicy(
    attempts=1,
    first_s=0.0,
    longest_s=0.0,
    longest_retry_after_s=0.0,
    response_timeout_s=5.0,
    give_up_s=5.0,
)
# Uploads and downloads that take minutes survive a restart of the cloud or the network: 35 s of waits.
TRANSFER: Final = RetryPolicy(
    attempts=10,
    first_s=0.4,
    longest_s=5.0,
    longest_retry_after_s=30.0,
    response_timeout_s=120.0,
    give_up_s=300.0,
)


class RetryingTransport:
    """A transport that retries. `wait` sleeps for some seconds, `draw` returns a number in [0, 1], `clock` the time in seconds."""

    def __init__(
        self,
        inner: Transport,
        policy: RetryPolicy,
        *,
        wait: Callable[[float], object],
        draw: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._wait = wait
        self._draw = draw
        self._clock = clock

    def send(self, request: Request) -> Response:
        """Send until the response is not retryable; the last attempt's outcome is final."""
        deadline = self._clock() + self._policy.give_up_s
        for failures in range(1, self._policy.attempts):
            try:
                response = self._inner.send(request)
            except NoResponseError as error:
                if (error.was_sent and not request.is_repeatable) or self._clock() >= deadline:
                    raise
                retry_after_s = 0.0
            else:
                if not _may_retry(request, response):
                    return response
                retry_after_s = _retry_after_s(response)
                if retry_after_s > self._policy.longest_retry_after_s or self._clock() >= deadline:
                    return response
            self._wait(max(retry_after_s, self._draw() * self._policy.longest_wait_s(failures)))
        return self._inner.send(request)


def _may_retry(request: Request, response: Response) -> bool:
    if response.status not in RETRYABLE:
        return False
    return request.is_repeatable or response.status == TOO_MANY_REQUESTS


def _retry_after_s(response: Response) -> float:
    """Return the seconds in Retry-After; 0 if it is absent or a date."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
