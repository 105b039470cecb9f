"""An issuer that lies: its metadata, tokens and device codes, and every kind of whole answer."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import msgspec
import pytest
from tests.security.evil_server.addresses import ADDRESSES
from tests.security.evil_server.answers import KINDS, redirect
from tests.security.evil_server.conftest import BRIEF_S, PATIENCE_S
from tests.security.evil_server.issuer import NONCE, EvilIssuer
from tests.security.evil_server.mutations import apply, fields_of, mutations_of
from tests.security.evil_server.server import NOTHING, OtherOrigin
from tests.support.asgi import Answer
from tests.support.recorders import InMemory

from satchel.cloud.client import CloudClient
from satchel.errors import SatchelError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import HttpTransport, Proxies, Request, Response
from satchel.signin import device_flow, endpoints, id_token
from satchel.signin.flow import SignedIn, World, find_offer, sign_in
from satchel.signin.issuer import Metadata
from satchel_wire.messages import SignInInfo, SignInNonce

CLOUD: Final = Origin.parse("http://127.0.0.1:9")
ANSWERS: Final[dict[str, type[msgspec.Struct]]] = {
    "metadata": Metadata,
    "tokens": endpoints._Tokens,
    "device": device_flow._Begun,
}
REFUSED: Final = frozenset({4, 6})


class CloudInMemory:
    """Answers what a cloud answers before a device has a token."""

    def __init__(self, issuer: str) -> None:
        self._info = SignInInfo(
            issuer=issuer,
            client_id="satchel",
            audience="satchel",
            client_secret=None,
            scopes=("openid",),
            acr_values=(),
            requires_mfa=False,
            needs_code=False,
            max_age_s=300,
            redirect_ports=(),
        )

    def send(self, request: Request) -> Response:
        now = datetime.now(UTC)
        message: object = self._info
        if request.method == "POST":
            message = SignInNonce(nonce=NONCE, expires=now)
        headers = {"date": format_datetime(now, usegmt=True)}
        return Response(200, headers, msgspec.json.encode(message))


class Person:
    """Signs in at the evil issuer, with a browser or a code."""

    def __init__(self, issuer: EvilIssuer, patience_s: float) -> None:
        self.issuer = issuer
        self.transport = HttpTransport(
            user_agent="satchel/1", proxies=Proxies(), recorder=InMemory(), read_timeout_s=patience_s
        )
        self._time = 0.0

    def sign_in(self, *, by_device_flow: bool, **browser: str | None) -> int:
        """Return the exit code with which a command would end."""
        try:
            self._sign_in(by_device_flow=by_device_flow, **browser)
        except SatchelError as exc:
            return exc.exit_code
        return 0

    def _sign_in(self, *, by_device_flow: bool, **browser: str | None) -> SignedIn:
        client = CloudClient(CLOUD, CloudInMemory(self.issuer.url))

        def browse(url: str) -> None:
            threading.Thread(target=lambda: self.issuer.answer_browser(url, **browser), daemon=True).start()

        offer = find_offer(client, self.transport)
        assert offer is not None
        timeout_s = BRIEF_S if browser else PATIENCE_S  # the device ignores some answers, and waits in vain
        world = World(
            open_browser=browse, show=lambda _: None, wait=self._wait, clock=self._clock, timeout_s=timeout_s
        )
        return sign_in(offer, client, self.transport, world, by_device_flow=by_device_flow)

    def _wait(self, seconds: float) -> None:
        self._time += seconds

    def _clock(self) -> float:
        return self._time


@pytest.fixture(scope="module")
def issuer() -> Iterator[EvilIssuer]:
    with EvilIssuer() as server:
        yield server


@pytest.fixture
def person(request: pytest.FixtureRequest, issuer: EvilIssuer) -> Iterator[Person]:
    made = Person(issuer, BRIEF_S if "_brief" in request.fixturenames else PATIENCE_S)
    yield made
    made.transport.close()
    issuer.alter, issuer.endpoint = None, ""
    issuer.claims = lambda claims: claims


@pytest.mark.parametrize("by_device_flow", [False, True], ids=["browser", "code"])
def test_an_honest_issuer_signs_the_person_in(person: Person, by_device_flow: bool) -> None:
    assert person.sign_in(by_device_flow=by_device_flow) == 0


@pytest.mark.parametrize("endpoint", ANSWERS)
def test_a_changed_field_is_refused_or_does_no_harm(person: Person, endpoint: str) -> None:
    kind, found = ANSWERS[endpoint], []
    person.issuer.endpoint = endpoint
    for field in fields_of(kind):
        for mutation in mutations_of(field):
            body = apply(person.issuer.document(endpoint), field, mutation)
            person.issuer.alter = lambda _seen, _answer, body=body: Answer(200, {}, body)
            code = person.sign_in(by_device_flow=True)
            if code not in (REFUSED if not _is_decodable(body, kind) else REFUSED | {0}):
                found.append(f"{field.place}: {mutation.kind}: {code}")
    assert not found, "\n".join(found)


def test_a_changed_claim_is_refused_or_does_no_harm(person: Person) -> None:
    found = []
    for field in fields_of(id_token.Claims):
        for mutation in mutations_of(field):
            payload = apply(person.issuer.honest_claims(), field, mutation)
            person.issuer.claims = lambda _, payload=payload: payload  # type: ignore[misc]
            code = person.sign_in(by_device_flow=True)
            if code not in (REFUSED if not _is_decodable(payload, id_token.Claims) else REFUSED | {0}):
                found.append(f"{field.place}: {mutation.kind}: {code}")
    assert not found, "\n".join(found)


WRONG: Final[dict[str, dict[str, Any]]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "evil", "azp": None},
    "another application": {"azp": "evil"},
    "several audiences without an application": {"aud": ["satchel", "evil"], "azp": None},
    "another nonce": {"nonce": "evil"},
    "no nonce": {"nonce": None},
    "an expired token": {"exp": 1_000_000_000},
    "a token of the future": {"iat": 32_000_000_000, "exp": 33_000_000_000},
    "a sign-in of long ago": {"auth_time": 1_000_000_000},
    "no time of the sign-in": {"auth_time": None},
}


@pytest.mark.parametrize("by_device_flow", [False, True], ids=["browser", "code"])
@pytest.mark.parametrize("name", WRONG)
def test_a_token_for_somebody_else_is_refused(person: Person, name: str, by_device_flow: bool) -> None:
    person.issuer.claims = lambda claims: {**claims, **WRONG[name]}
    assert person.sign_in(by_device_flow=by_device_flow) == 4


@pytest.mark.usefixtures("_brief")
@pytest.mark.parametrize("endpoint", ANSWERS)
def test_an_answer_that_no_issuer_gives_is_refused(person: Person, endpoint: str) -> None:
    found = []
    person.issuer.endpoint = endpoint
    for kind in KINDS:
        if kind.is_endless and endpoint != "metadata":
            continue
        person.issuer.alter = kind.change
        code = person.sign_in(by_device_flow=True)
        if code not in (REFUSED | {0} if kind.is_harmless or kind.group == "bodies" else REFUSED):
            found.append(f"{kind.name}: {code}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("endpoint", ANSWERS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(person: Person, other: OtherOrigin, endpoint: str, status: int) -> None:
    other.seen.clear()
    person.issuer.endpoint, person.issuer.alter = endpoint, redirect(status, f"{other.url}/stolen").change
    assert person.sign_in(by_device_flow=True) == 6
    assert other.seen == []


def _endpoints() -> list[str]:
    return [each.name for each in fields_of(Metadata) if each.name.endswith("_endpoint")]


@pytest.mark.parametrize("name", ["issuer", *_endpoints()])
def test_no_address_of_the_metadata_gets_a_secret_it_should_not(
    person: Person, other: OtherOrigin, name: str
) -> None:
    person.issuer.endpoint = "metadata"
    own, foreign = person.issuer.url.removeprefix("http://"), other.url.removeprefix("http://")
    for address in ADDRESSES:
        url, other.answer = address.url.format(own=own, other=foreign), NOTHING
        other.seen.clear()
        person.issuer.alter = lambda _seen, answer, url=url: _with(answer, name, url)
        code = person.sign_in(by_device_flow=True)
        assert code in REFUSED | {0}, address.name
        assert not [each for each in other.seen if not address.is_reached], address.name
        assert not [each for each in other.seen if b"refresh" in each.body or each.token], address.name


def _with(answer: Answer, name: str, value: str) -> Answer:
    document = msgspec.json.decode(answer.body) | {name: value}
    return Answer(200, answer.headers, msgspec.json.encode(document))


BROWSER: Final[dict[str, dict[str, str | None]]] = {
    "another state": {"state": "evil"},
    "no state": {"state": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "no code": {"code": None},
    "an empty code": {"code": ""},
    "an enormous code": {"code": "x" * 50_000},
    "an error": {"error": "access_denied", "error_description": "\x1b[2J" * 1_000},
}


@pytest.mark.parametrize("name", BROWSER)
def test_a_wrong_answer_of_the_browser_is_refused(person: Person, name: str) -> None:
    person.issuer.seen.clear()
    assert person.sign_in(by_device_flow=False, **BROWSER[name]) in REFUSED
    assert not [each for each in person.issuer.seen if each.path == "/token"]


PENDING: Final = b'{"error":"authorization_pending"}'


def test_a_code_that_nobody_enters_is_not_waited_for_for_ever(person: Person) -> None:
    person.issuer.endpoint = "tokens"
    person.issuer.alter = lambda *_: Answer(400, {}, PENDING)
    assert person.sign_in(by_device_flow=True) == 4
    slow = b'{"error":"slow_down"}'
    person.issuer.seen.clear()
    person.issuer.alter = lambda *_: Answer(400, {}, slow)
    assert person.sign_in(by_device_flow=True) == 4
    assert len(person.issuer.seen) < 100


def _is_decodable(body: bytes, kind: type[msgspec.Struct]) -> bool:
    try:
        msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError):
        return False
    return True
