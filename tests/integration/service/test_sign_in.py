"""A running cloud and a certified provider: each algorithm, rotation of keys, clocks, second factors, step-up.

The client's side is tested in `tests/integration/cloud`; here every request is sent as on the wire.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.integration.service.conftest import Connect
from tests.oidc.code_flow import tokens_of
from tests.oidc.issuer import ANOTHER_APP, CLIENTS, RESOURCE, SECOND_FACTOR, Issuer
from tests.oidc.user_agent import Person
from tests.support.asgi import Answer
from tests.support.service import ServiceProcess
from tests.support.sign_in_proofs import Nonces
from tests.support.wire_device import WireDevice


@dataclass
class Signing:
    """A cloud as a process whose owner signs in at an issuer."""

    service: ServiceProcess
    issuer: Issuer
    stranger: WireDevice
    client: str
    nonces: Nonces = field(init=False)

    def __post_init__(self) -> None:
        def ask() -> str:
            return str(self.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"])

        self.nonces = Nonces(self.service.url, ask)

    def tokens(
        self, person: Person | None = None, issuer: Issuer | None = None, **parameters: str
    ) -> dict[str, str]:
        """Sign in at the issuer and return its tokens."""
        client = parameters.pop("client_id", self.client)
        return tokens_of(
            issuer or self.issuer, client, self.nonces.request(), person or Person(), **parameters
        )

    def sign_in(self, token: str = "", code: str = "") -> Answer:
        """Send an ID token, or a new one."""
        message = self.proof(token, **({"code": code} if code else {}))
        return self.stranger.call("POST", "/v1/sign-in", message)

    def proof(self, token: str = "", **more: str) -> dict[str, object]:
        """Return the message that proves a sign-in with a token, or with a new one."""
        return self.nonces.proof(token or self.tokens()["id_token"], **more)

    def device(self, answer: Answer) -> WireDevice:
        """Return the device of an answer."""
        assert answer.status == 201, answer.body
        device = WireDevice(self.stranger._send, answer.json()["token"])
        device.id = answer.json()["device_id"]
        return device


Start = Callable[..., Signing]


@pytest.fixture
def start(tmp_path: Path, provider: Issuer, connect: Connect) -> Iterator[Start]:
    """Return a function that starts a cloud for a client of the provider."""
    running: list[ServiceProcess] = []

    def begin(client: str = "satchel", **settings: str) -> Signing:
        env = {"SATCHEL_OIDC_ISSUER": provider.url, "SATCHEL_OIDC_CLIENT_ID": client, **settings}
        service = ServiceProcess(tmp_path / f"cloud-{len(running)}", env)
        running.append(service)
        service.start()
        return Signing(service, provider, connect(service), client)

    yield begin
    for service in running:
        service.kill()


@pytest.mark.parametrize("algorithm", CLIENTS)
def test_the_console_code_and_a_sign_in_claim_a_new_cloud(start: Start, algorithm: str) -> None:
    signing = start(CLIENTS[algorithm])
    answer = signing.sign_in(code=signing.service.pairing_code)
    device = signing.device(answer)
    assert {name: answer.json()[name] for name in ("subject", "mfa", "claimed")} == {
        "subject": "ada",
        "mfa": False,
        "claimed": True,
    }
    assert device.call("POST", "/v1/pairings").status == 201
    assert signing.sign_in(signing.tokens(Person("eve"))["id_token"]).problem == "not-owner"


def test_tokens_for_others_are_refused(start: Start, other_provider: Issuer) -> None:
    signing = start(SATCHEL_OWNER_SUBJECT="ada")
    assert signing.sign_in().status == 201
    another_app = signing.tokens(client_id=ANOTHER_APP)["id_token"]
    access = signing.tokens(resource=RESOURCE)["access_token"]
    other_issuer = signing.tokens(issuer=other_provider)["id_token"]
    details = []
    for token in (another_app, access, other_issuer):
        answer = signing.sign_in(token)
        assert answer.problem == "wrong-sign-in"
        details.append(answer.json()["detail"].partition(" ")[0])
    assert details == ["aud", "the", "iss"]
    assert "typ" in signing.sign_in(access).json()["detail"]
    assert signing.service.log().count(access) == 0


def test_new_keys_of_the_provider_are_found(start: Start, provider: Issuer) -> None:
    """A restart in between keeps the keys; the unknown one is fetched at once, as none was for a minute."""
    signing = start(SATCHEL_OWNER_SUBJECT="ada")
    assert signing.sign_in().status == 201
    requests = [line for line in provider.requests() if line.endswith("/jwks")]
    assert len(requests) == 1
    signing.service.restart()
    assert signing.sign_in().status == 201
    assert len([line for line in provider.requests() if line.endswith("/jwks")]) == 1, (
        "kept across the restart"
    )
    provider.rotate_keys()
    token = signing.tokens()["id_token"]
    answer = signing.sign_in(token)
    assert (answer.status, answer.problem) == (503, "unavailable"), "keys were fetched seconds ago"
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_a_provider_that_is_down_is_unavailable_and_then_works(start: Start, provider: Issuer) -> None:
    signing = start(SATCHEL_OWNER_SUBJECT="ada")
    token = signing.tokens()["id_token"]
    provider.fail({"/jwks": 500})
    answer = signing.sign_in(token)
    assert (answer.status, answer.problem) == (503, "unavailable")
    assert 0 < int(answer.headers["retry-after"]) <= 15


@pytest.mark.parametrize(
    ("offset_s", "problem"), [(-55, ""), (50, ""), (-3700, "wrong-sign-in"), (130, "wrong-sign-in")]
)
def test_the_clocks_of_provider_and_cloud_may_differ_by_a_minute(
    start: Start, provider: Issuer, offset_s: int, problem: str
) -> None:
    signing = start(SATCHEL_OWNER_SUBJECT="ada")
    provider.set_clock(offset_s)
    answer = signing.sign_in()
    assert answer.problem == problem, answer.body


def test_a_required_second_factor(start: Start) -> None:
    signing = start(SATCHEL_OWNER_SUBJECT="ada", SATCHEL_OIDC_REQUIRE_MFA="true")
    assert signing.sign_in().problem == "second-factor"
    both = signing.tokens(Person(has_second_factor=True), acr_values=SECOND_FACTOR)
    answer = signing.sign_in(both["id_token"])
    assert answer.json()["mfa"] is True
    account = signing.device(answer).call("GET", "/v1/account").json()
    assert (account["requires_mfa"], account["mfa"]) == (True, True)


def test_an_acr_of_the_settings_is_a_second_factor(start: Start) -> None:
    signing = start(SATCHEL_OWNER_SUBJECT="ada", SATCHEL_OIDC_ACR_VALUES="urn:test:password")
    assert signing.sign_in(signing.tokens(acr_values="urn:test:password")["id_token"]).json()["mfa"] is True


def test_step_up_and_passing_the_cloud_on(start: Start, provider: Issuer) -> None:
    signing = start()
    paired = signing.stranger
    assert paired.pair(signing.service.pairing_code).status == 201
    assert paired.call("POST", "/v1/pairings").problem == "fresh-sign-in"
    code = signing.service.new_pairing_code()
    fresh = signing.proof(code=code)
    assert paired.call("POST", "/v1/sign-in/fresh", fresh).status == 200
    assert paired.call("POST", "/v1/pairings").status == 201
    passed = paired.call("PUT", "/v1/owner", signing.proof(signing.tokens(Person("grace"))["id_token"]))
    assert passed.json()["subject"] == "grace"
    assert paired.call("POST", "/v1/sign-in/fresh", signing.proof()).problem == "not-owner"
    assert signing.service.log().count("grace") == 0


def test_the_owner_erases_the_cloud_with_a_sign_in(start: Start) -> None:
    signing = start(SATCHEL_OWNER_SUBJECT="ada")
    device = signing.device(signing.sign_in())
    device.backup(b"sealed")
    device.share(b"body")
    answer = device.call("POST", "/v1/cloud/erase", {}, headers={"Satchel-Capabilities": "sign-in"})
    assert answer.json()["remaining_objects"] == 0
    left = [path for path in signing.service.folder.rglob("*") if path.is_file()]
    assert {path.relative_to(signing.service.folder).parts[0] for path in left} <= {"database", "reserve"}
    assert device.call("GET", "/v1/status").problem == "not-signed-in"


def test_a_missing_file_of_certificate_authorities_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = {
        "SATCHEL_OIDC_ISSUER": "https://issuer.example.com",
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
        "SATCHEL_OIDC_CA_BUNDLE": str(tmp_path / "absent.pem"),
    }
    service = ServiceProcess(tmp_path / "cloud", settings)
    service.spawn()
    assert service.wait() == 2
    assert re.fullmatch(
        r"satchel-service: SATCHEL_OIDC_CA_BUNDLE is '.*absent.pem'; name a file that exists\n",
        service.errors.read_text(),
    )
