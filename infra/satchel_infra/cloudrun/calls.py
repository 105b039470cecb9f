"""Calls of Google's APIs: repeated while they are refused for a moment, and their errors translated.

The one module that knows Google's exceptions. Every call is safe to repeat: what a lost response did is found again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from satchel_infra.errors import DeniedError, FailedError, InfraError, QuotaError, UnavailableError, one_line
from satchel_infra.platform import Report

T = TypeVar("T")

DENIED_HINT: Final = "see the roles that the provisioner needs in docs/guides/cloud-run.md"
QUOTA_HINT: Final = "raise the quota of the project, or add a generation of shards"
AGAIN_HINT: Final = "run the same command again: it continues where it stopped"
FAILED_HINT: Final = "see the logs of the service in the Google Cloud console"
RATE_REASONS: Final = frozenset({"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded"})


class AbsentError(FailedError):
    """What the call names does not exist."""


class TakenError(FailedError):
    """It exists already, or changed since it was read."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often calls are repeated and how long anything may take, in seconds."""

    request_s: float = 30.0
    tries: int = 5
    first_wait_s: float = 0.5  # then twice as long each time: 7.5 s in all
    poll_s: float = 1.0
    operation_s: float = 420.0  # Cloud Run gives a container 4 minutes to start
    settling_s: float = 120.0  # "changes usually take effect within 2 minutes", says IAM's documentation
    erase_s: float = 900.0


class Calls:
    """Makes calls at a pace."""

    def __init__(self, pace: Pace, sleep: Callable[[float], None] = time.sleep) -> None:
        self.pace = pace
        self.sleep = sleep
        self.clock = time.monotonic
        self.wall_clock = time.time

    def make(self, what: str, call: Callable[[], T]) -> T:
        """Return the result of a call, which is repeated while the API is unavailable or limits the rate.

        `what` completes "cannot …" in errors. Raise AbsentError, TakenError or the InfraError that fits.
        """
        wait_s = self.pace.first_wait_s
        for _ in range(self.pace.tries - 1):
            try:
                return self.once(what, call)
            except UnavailableError:
                self.sleep(wait_s)
                wait_s *= 2
        return self.once(what, call)

    def once(self, what: str, call: Callable[[], T]) -> T:
        """Return the result of a call, or raise its error translated."""
        try:
            return call()
        except (api.GoogleAPICallError, auth.GoogleAuthError, requests.RequestException) as exc:
            raise translate(what, exc) from exc

    def settle(self, what: str, call: Callable[[], T], is_settling: Callable[[Exception], bool]) -> T:
        """Make a call, and repeat it while it fails with an error that passes when a change has spread."""
        until = self.clock() + self.pace.settling_s
        while True:
            try:
                return self.make(what, call)
            except InfraError as exc:
                if not is_settling(exc) or self.clock() >= until:
                    raise
            self.sleep(self.pace.poll_s)

    def wait(self, what: str, is_done: Callable[[], bool], limit_s: float, report: Report) -> None:
        """Poll until something is done, and report that. Raise UnavailableError after a time."""
        until = self.clock() + limit_s
        while not self.make(what, is_done):
            if self.clock() >= until:
                raise UnavailableError(f"cannot {what} within {limit_s:.0f} s", hint=AGAIN_HINT)
            report(f"wait for Cloud Run to {what}")
            self.sleep(self.pace.poll_s)

    def pause(self, why: str, length_s: float, report: Report) -> None:
        """Wait for a time, and report why."""
        until = self.clock() + length_s
        while self.clock() < until:
            report(why)
            self.sleep(self.pace.poll_s)


def translate(what: str, exc: Exception) -> Exception:
    """Return the error that stands for one of Google's."""
    message = f"cannot {what}: {one_line(getattr(exc, 'message', None) or str(exc))}"
    match exc:
        case api.NotFound():
            return AbsentError(message, hint=FAILED_HINT)
        case api.Conflict() | api.PreconditionFailed():
            return TakenError(message, hint=FAILED_HINT)
        case api.Forbidden() | api.Unauthorized() | auth.GoogleAuthError() if not is_transport(exc):
            return DeniedError(message, hint=DENIED_HINT)
        case api.TooManyRequests() if not is_rate(exc):
            return QuotaError(message, hint=QUOTA_HINT)
        case api.TooManyRequests() | api.ServerError() | requests.RequestException() | auth.TransportError():
            return UnavailableError(message, hint=AGAIN_HINT)
        case _:
            return FailedError(message, hint=FAILED_HINT)


def is_transport(exc: Exception) -> bool:
    """Return whether signing in failed in transit, not because it was refused."""
    return isinstance(exc, auth.TransportError) or bool(getattr(exc, "retryable", False))


def is_rate(exc: api.GoogleAPICallError) -> bool:
    """Return whether a limit is on a rate, which passes, and not on a number of resources."""
    reasons = {exc.reason, *(error.get("reason") for error in exc.errors if isinstance(error, dict))}
    return bool(reasons & RATE_REASONS) or "per minute" in str(exc.message)
