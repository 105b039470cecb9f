"""Which requests are retried, how often, and after which waits."""

import contextlib
from dataclasses import dataclass, field

import pytest

from satchel.errors import UnreachableError
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.retrying import INTERACTIVE, RETRYABLE, TRANSFER, RetryingTransport
from satchel.outgoing.transport import Request, Response

OK = Response(200, {}, b"")
GET = Request("GET", "http://127.0.0.1/x")
OPEN = Request("POST", "http://127.0.0.1/x", is_repeatable=False)


@dataclass
class Scripted:
    """Returns responses from a list, and raises errors in it."""

    script: list[Response | UnreachableError]
    waits: list[float] = field(default_factory=list)
    sent: int = 0
    now: float = 0.0
    takes_s: float = 0.0

    def send(self, _request: Request, /) -> Response:
        self.sent += 1
        self.now += self.takes_s
        said = self.script.pop(0)
        if isinstance(said, UnreachableError):
            raise said
        return said

    def retrying(self, *, draw: float = 1.0) -> RetryingTransport:
        return RetryingTransport(
            self, INTERACTIVE, wait=self.waits.append, draw=lambda: draw, clock=lambda: self.now
        )


def lost(*, was_sent: bool) -> NoResponseError:
    return NoResponseError("no answer", hint="", was_sent=was_sent)


def busy(status: int, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


def test_a_successful_response_is_final() -> None:
    inner = Scripted([OK])
    assert inner.retrying().send(GET) is OK
    assert inner.waits == []


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_repeatable_request_is_retried_without_a_response(was_sent: bool) -> None:
    inner = Scripted([lost(was_sent=was_sent), lost(was_sent=was_sent), OK])
    assert inner.retrying().send(GET) is OK


@pytest.mark.parametrize("status", sorted(RETRYABLE))
def test_a_repeatable_request_is_retried_on_a_busy_server(status: int) -> None:
    inner = Scripted([busy(status), OK])
    assert inner.retrying().send(GET) is OK


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 501, 507])
def test_a_refusal_is_not_retried(status: int) -> None:
    inner = Scripted([busy(status)])
    assert inner.retrying().send(GET).status == status


def test_an_opening_that_may_have_arrived_is_not_retried() -> None:
    inner = Scripted([lost(was_sent=True), OK])
    with pytest.raises(NoResponseError):
        inner.retrying().send(OPEN)
    assert inner.sent == 1


@pytest.mark.parametrize("status", sorted(RETRYABLE - {429}))
def test_an_opening_is_not_retried_on_a_busy_server(status: int) -> None:
    inner = Scripted([busy(status), OK])
    assert inner.retrying().send(OPEN).status == status


def test_an_opening_that_certainly_did_not_arrive_is_retried() -> None:
    inner = Scripted([lost(was_sent=False), busy(429), OK])
    assert inner.retrying().send(OPEN) is OK


def test_retries_are_limited() -> None:
    inner = Scripted([lost(was_sent=True)] * 10)
    with pytest.raises(NoResponseError):
        inner.retrying().send(GET)
    assert inner.sent == INTERACTIVE.attempts


def test_waits_have_a_growing_bound_and_full_jitter() -> None:
    highest, lowest = Scripted([busy(503)] * 10), Scripted([busy(503)] * 10)
    highest.retrying(draw=1.0).send(GET)
    lowest.retrying(draw=0.0).send(GET)
    assert highest.waits == [0.4, 0.8, 1.6]
    assert lowest.waits == [0.0, 0.0, 0.0]
    assert sum(TRANSFER.longest_wait_s(failed) for failed in range(1, TRANSFER.attempts)) < 45


def test_retry_after_is_respected() -> None:
    inner = Scripted([busy(503, retry_after="2"), busy(503, retry_after="soon"), OK])
    inner.retrying(draw=0.0).send(GET)
    assert inner.waits == [2.0, 0.0]


def test_a_long_retry_after_ends_the_retries() -> None:
    inner = Scripted([busy(429, retry_after="60"), OK])
    assert inner.retrying().send(GET).status == 429
    assert inner.waits == []


@pytest.mark.parametrize("failure", [lost(was_sent=True), busy(503)], ids=["silent", "busy"])
def test_slow_failures_are_retried_less_often(failure: Response | UnreachableError) -> None:
    inner = Scripted([failure] * 10, takes_s=INTERACTIVE.response_timeout_s)
    with contextlib.suppress(NoResponseError):
        inner.retrying().send(GET)
    assert inner.sent == 1


def test_an_untrusted_certificate_is_not_retried() -> None:
    inner = Scripted([UnreachableError("the certificate is not trusted"), OK])
    with pytest.raises(UnreachableError, match="certificate"):
        inner.retrying().send(GET)
    assert inner.sent == 1
