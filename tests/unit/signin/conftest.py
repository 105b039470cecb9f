"""Signing in at the real provider, for a cloud that answers from memory."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Page, UserAgent
from tests.support.recorders import InMemory

from satchel.cloud.client import CloudClient
from satchel.keys.systemkeyring import SystemKeyring
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import HttpTransport, Proxies, Request, Response
from satchel.signin.flow import Offer, SignedIn, World, find_offer, sign_in
from satchel_wire.binding import bind_nonce
from satchel_wire.messages import SignInInfo, SignInNonce

CLOUD = Origin.parse("http://127.0.0.1:9")
NONCE = "a-nonce-of-the-cloud"
BOUND = bind_nonce(str(CLOUD), NONCE)


@dataclass
class CloudInMemory:
    """The two operations of a cloud that signing in uses before it has a token."""

    info: SignInInfo
    offset: timedelta = timedelta()
    """How far the cloud's clock is ahead."""

    def send(self, request: Request) -> Response:
        now = datetime.now(UTC) + self.offset
        message: object = self.info
        if request.method == "POST":
            message = SignInNonce(nonce=NONCE, expires=now + timedelta(minutes=30))
        return Response(200, {"date": format_datetime(now, usegmt=True)}, msgspec.json.encode(message))


def info_of(issuer: str, **changes: object) -> SignInInfo:
    members: dict[str, object] = {
        "issuer": issuer, "client_id": "satchel", "audience": "satchel", "client_secret": None, "scopes": ("openid",),
        "acr_values": (), "requires_mfa": False, "needs_code": False, "max_age_s": 300, "redirect_ports": (),
    }  # fmt: skip
    return msgspec.convert(members | changes, SignInInfo)


@dataclass
class Desk:
    """A device and its owner, who signs in at an issuer for a cloud."""

    cloud: CloudInMemory
    agent: UserAgent = field(default_factory=UserAgent)
    shown: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    browse: Callable[[str], object] | None = None
    timeout_s: float = 60.0
    waited: list[float] = field(default_factory=list)
    on_wait: Callable[[], object] = lambda: None
    device_offset: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.transport = HttpTransport(
            user_agent="test", proxies=Proxies(), recorder=InMemory(), read_timeout_s=20
        )
        self.client = CloudClient(CLOUD, self.cloud, now=self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.device_offset

    def offer(self) -> Offer:
        found = find_offer(self.client, self.transport)
        assert found is not None
        return found

    def sign_in(self, *, by_device_flow: bool = False, as_another: bool = False) -> SignedIn:
        world = World(
            open_browser=self._open,
            show=self._show,
            wait=self._wait,
            now=self.now,
            timeout_s=self.timeout_s,
        )
        return sign_in(
            self.offer(),
            self.client,
            self.transport,
            world,
            by_device_flow=by_device_flow,
            as_another=as_another,
        )

    def change(self, **changes: object) -> None:
        self.cloud.info = info_of(self.cloud.info.issuer, **changes)

    def _open(self, url: str) -> None:
        def run() -> None:
            found = (self.browse or self.agent.sign_in)(url)
            if isinstance(found, Page):
                self.pages.append(found)

        threading.Thread(target=run, daemon=True).start()

    def _show(self, text: str) -> None:
        self.shown.append(text)

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.on_wait()


class MemoryKeyring(SystemKeyring):
    """A keyring in memory."""

    def __init__(self) -> None:
        super().__init__(is_on=True)
        self.held: dict[str, str] = {}

    def store(self, name: str, secret: str) -> None:
        self.held[name] = secret

    def find(self, name: str) -> str | None:
        return self.held.get(name)

    def delete(self, name: str) -> None:
        self.held.pop(name, None)


@pytest.fixture
def desk(provider: Issuer) -> Desk:
    return Desk(CloudInMemory(info_of(provider.url)))
