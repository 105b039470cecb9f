"""A cloud whose owner signs in at an issuer on loopback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.support.asgi import Answer
from tests.support.loopback_issuer import LoopbackIssuer
from tests.support.sign_in_proofs import IN_PROCESS, Nonces
from tests.support.wire_device import WireDevice, b64
from tests.unit.service.conftest import InProcess, MakeCloud

MakeSignIn = Callable[..., "SigningIn"]


@dataclass
class SigningIn:
    """A cloud with an issuer. Tokens are dated by the cloud's clock."""

    cloud: InProcess
    issuer: LoopbackIssuer
    origin: str = IN_PROCESS
    nonces: Nonces = field(init=False)

    def __post_init__(self) -> None:
        self.nonces = Nonces(self.origin, self.server_nonce)

    def server_nonce(self) -> str:
        """Request a nonce of the cloud."""
        return str(self.cloud.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"])

    def nonce(self) -> str:
        """Request a nonce, and return it bound to the cloud's address."""
        return self.nonces.request()

    def proof(self, token: str = "", *, code: str = "", **changes: Any) -> dict[str, object]:  # noqa: ANN401
        """Return the message that proves a sign-in with a token, or with a valid one with changes."""
        return self.nonces.proof(token or self.id_token(**changes), **({"code": code} if code else {}))

    def id_token(self, **changes: Any) -> str:  # noqa: ANN401  any claims
        """Return a valid ID token with changes."""
        return self.issuer.id_token(**{"nonce": self.nonce(), **changes})

    def sign_in(self, token: str = "", *, code: str = "", **changes: Any) -> Answer:  # noqa: ANN401
        """Sign in with a token, or with a valid one with changes."""
        message = {**self.proof(token, code=code, **changes), "label": b64(b"label")}
        return self.cloud.stranger.call("POST", "/v1/sign-in", message)

    def claim(self, **changes: Any) -> WireDevice:  # noqa: ANN401
        """Sign in with a code of the operator and return the new device."""
        return self.device(self.sign_in(code=self.cloud.operators_code(), **changes))

    def device(self, answer: Answer) -> WireDevice:
        """Return the device of an answer to a sign-in."""
        assert answer.status == 201, answer.body
        device = WireDevice(self.cloud.stranger._send, answer.json()["token"])
        device.id = answer.json()["device_id"]
        return device

    def step_up(self, device: WireDevice, token: str = "", *, code: str = "", **changes: Any) -> Answer:  # noqa: ANN401
        """Sign in again on a device."""
        return device.call("POST", "/v1/sign-in/fresh", self.proof(token, code=code, **changes))


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with LoopbackIssuer() as running:
        yield running


@pytest.fixture
def make_sign_in(issuer: LoopbackIssuer, make_cloud: MakeCloud) -> MakeSignIn:
    """Return a function that starts a cloud with this issuer and these settings."""

    def make(**env: str) -> SigningIn:
        cloud = make_cloud(**issuer.settings, **env)
        issuer.now = lambda: cloud.clock() / 1000
        return SigningIn(cloud, issuer)

    return make


@pytest.fixture
def signing_in(make_sign_in: MakeSignIn) -> SigningIn:
    """A new cloud with an issuer, one paired device and no owner yet."""
    return make_sign_in()
