"""Signing in with a code on another device (RFC 8628), at a certified provider."""

import re
import time
from collections.abc import Callable

import pytest
from tests.oidc.issuer import SECOND_FACTOR, Issuer
from tests.oidc.user_agent import Person, UserAgent
from tests.unit.signin.conftest import BOUND, Desk

from satchel.errors import RefusedError
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.transport import Request, Response


@pytest.fixture
def entering(desk: Desk, provider: Issuer) -> Callable[[Person], None]:
    """Return a function that lets a person enter the code that was shown, at the device's first wait."""

    def prepare(person: Person) -> None:
        def enter() -> None:
            code = re.search(r"the code (\S+)", desk.shown[-1])
            address = re.search(r"open (\S+)", desk.shown[-1])
            assert code is not None
            assert address is not None
            UserAgent(person).sign_in(f"{address[1]}?user_code={code[1]}")
            desk.on_wait = lambda: None

        desk.on_wait = enter

    return prepare


def test_a_code_entered_elsewhere_signs_in(desk: Desk, entering: Callable[[Person], None]) -> None:
    desk.change(acr_values=[SECOND_FACTOR])
    entering(Person(has_second_factor=True))
    claims = desk.sign_in(by_device_flow=True).token.claims
    assert (claims.sub, claims.nonce, claims.acr) == ("ada", BOUND, SECOND_FACTOR)
    assert claims.has_second_factor


def test_the_warning_is_shown_with_the_code(desk: Desk, entering: Callable[[Person], None]) -> None:
    entering(Person())
    desk.sign_in(by_device_flow=True)
    assert "Never enter a code that somebody sent you" in desk.shown[-1]
    assert desk.pages == [], "no browser is opened"


def test_a_refusal_ends_the_wait(desk: Desk, entering: Callable[[Person], None]) -> None:
    entering(Person(refuses=True))
    with pytest.raises(RefusedError, match="denied or cancelled"):
        desk.sign_in(by_device_flow=True)


def test_an_issuer_that_drops_the_nonce_is_explained(
    desk: Desk, provider: Issuer, entering: Callable[[Person], None]
) -> None:
    provider.drop_device_nonce()
    entering(Person())
    with pytest.raises(RefusedError, match="its nonce is missing") as caught:
        desk.sign_in(by_device_flow=True)
    assert "use a browser" in caught.value.hint


def test_an_issuer_without_the_flow_is_named(desk: Desk, provider: Issuer) -> None:
    provider.change_metadata(device_authorization_endpoint=None)
    with pytest.raises(RefusedError, match="does not offer the device flow"):
        desk.sign_in(by_device_flow=True)


def test_a_code_that_nobody_enters_expires(desk: Desk, provider: Issuer) -> None:
    provider.set_device_flow(interval_s=1, lifetime_s=3)
    desk.on_wait = lambda: time.sleep(1)
    with pytest.raises(RefusedError, match=r"nobody entered the code|not entered in time"):
        desk.sign_in(by_device_flow=True)


class Interrupting:
    """A transport whose token requests fail as scripted, then reach the issuer."""

    def __init__(self, inner: object, failures: list[bytes | None]) -> None:
        self._inner = inner
        self._failures = failures

    def send(self, request: Request) -> Response:
        if request.url.endswith("/token") and self._failures:
            failure = self._failures.pop(0)
            if failure is None:
                raise NoResponseError("lost", hint="", was_sent=True)
            return Response(400, {}, failure)
        return self._inner.send(request)  # type: ignore[attr-defined,no-any-return]


def test_slow_down_and_lost_answers_make_the_device_ask_less_often(
    desk: Desk, entering: Callable[[Person], None]
) -> None:
    entering(Person())
    slow, pending = b'{"error": "slow_down"}', b'{"error": "authorization_pending"}'
    desk.transport = Interrupting(desk.transport, [pending, slow, None, None, pending])  # type: ignore[assignment]
    assert desk.sign_in(by_device_flow=True).token.claims.sub == "ada"
    assert desk.waited == [5, 5, 10, 20, 40, 40]
