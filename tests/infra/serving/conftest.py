"""A provisioner in process, whose owners sign in at an issuer on loopback, over clouds in memory."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.infra.provisioning.deployment import KEY, Place
from tests.support.asgi import Answer, Call, Loopback
from tests.support.loopback_issuer import LoopbackIssuer
from tests.support.sign_in_proofs import Nonces
from tests.support.waiting import wait_until

from satchel_infra.configuration import Access
from satchel_infra.errors import UnavailableError
from satchel_infra.names import Owner, identify
from satchel_infra.serving.application import make_application
from satchel_infra.serving.endpoints import Serving
from satchel_infra.serving.server import read_settings
from satchel_infra.serving.sign_ins import SignIns
from satchel_infra.serving.tickets import NONCE_CONTEXT, derive_key
from satchel_infra.serving.work import Work
from satchel_service.logs import JsonLog
from satchel_service.web.middleware import RequestObserver

PUBLIC_URL = "https://satchel.example.org"


@dataclass
class Service:
    """A running provisioner."""

    loopback: Loopback
    issuer: LoopbackIssuer
    place: Place
    log: io.BytesIO
    work: Work
    nonces: Nonces = field(init=False)

    def __post_init__(self) -> None:
        self.nonces = Nonces(PUBLIC_URL, self.server_nonce)

    def call(self, method: str, path: str, message: object = None, **headers: str) -> Answer:
        """Send a request. Nothing that identifies the account or proves a sign-in may be logged."""
        body = b"" if message is None else json.dumps(message).encode()
        sent = {"content-type": "application/json", "content-length": str(len(body)), **headers}
        answer = self.loopback.call(Call(method, path, sent, (body,)))
        for secret in (b"auth0|ada", KEY.hex().encode(), *self._secrets(message)):
            assert secret not in self.log.getvalue()
        return answer

    @staticmethod
    def _secrets(message: object) -> Iterator[bytes]:
        if isinstance(message, dict):
            yield from (str(value).encode() for value in message.values() if len(str(value)) > 20)

    def server_nonce(self) -> str:
        return str(self.call("POST", "/v1/sign-in/nonce").json()["nonce"])

    def id_token(self, **changes: Any) -> str:  # noqa: ANN401  any claims
        return self.issuer.id_token(**{"nonce": self.nonces.request(), "sub": "auth0|ada", **changes})

    def proof(self, token: str = "", **changes: Any) -> dict[str, object]:  # noqa: ANN401
        return self.nonces.proof(token or self.id_token(**changes))

    def request(self, token: str = "", **changes: Any) -> Answer:  # noqa: ANN401
        return self.call("POST", "/v1/clouds", self.proof(token, **changes))

    def remove(self, token: str = "", **changes: Any) -> Answer:  # noqa: ANN401
        return self.call("POST", "/v1/clouds/removal", self.proof(token, **changes))

    def advance(self, ticket: str) -> Answer:
        return self.call("POST", "/v1/clouds/advance", {"ticket": ticket})

    def follow(self, answer: Answer) -> dict[str, Any]:
        """Advance until the state is a final one."""
        assert answer.status in (200, 202), answer.body
        progress: dict[str, Any] = answer.json()

        def has_ended() -> bool:
            nonlocal progress
            if progress["state"] not in ("creating", "removing"):
                return True
            following = self.advance(progress["ticket"])
            assert following.status == 200, following.body
            progress = following.json()
            return False

        wait_until(has_ended)
        return progress

    def owner(self, subject: str = "auth0|ada") -> Owner:
        return identify(KEY, issuer=self.issuer.url, subject=subject)

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


MakeService = Callable[..., Service]


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with LoopbackIssuer() as running:
        yield running


@pytest.fixture
def make_service(place: Place, issuer: LoopbackIssuer) -> Iterator[MakeService]:
    """Return a function that starts a provisioner: another process over the same clouds."""
    started = []
    given: dict[str, str] = {}  # every provisioner knows the nonces of the others

    def make(*generations: str, access: Access | None = None, work_s: float = 20.0, **env: str) -> Service:
        settings = {**issuer.settings, **{k: v for k, v in env.items() if k.startswith("SATCHEL_OIDC")}}
        provisioner = place.provisioner(*generations, access=access, settings=settings)
        configuration = provisioner.configuration
        own = read_settings(configuration, {"SATCHEL_PUBLIC_URL": PUBLIC_URL, **env})
        issuer.now = lambda: place.now / 1000
        stream = io.BytesIO()
        log = JsonLog(stream, "info", lambda: datetime.now(UTC))
        nonce_key = derive_key(KEY, NONCE_CONTEXT, issuer.url)
        sign_ins = SignIns(own, configuration.access, nonce_key, place.clock)
        work = Work(provisioner, KEY, log, work_s=work_s)
        app = make_application(Serving(provisioner, sign_ins, work, own.public_url))
        observed = RequestObserver(app, log, own, (UnavailableError,))
        loopback = Loopback(observed)
        loopback.__enter__()
        started.append((loopback, work))
        service = Service(loopback, issuer, place, stream, work)
        service.nonces.given = given
        return service

    yield make
    for loopback, work in started:
        work.close()
        loopback.__exit__(None, None, None)


@pytest.fixture
def service(make_service: MakeService) -> Service:
    return make_service()


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))
