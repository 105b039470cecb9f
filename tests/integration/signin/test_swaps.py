"""A device that is deceived, or lies: the cloud accepts tokens of its own issuer, application and request only."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest
import urllib3
from tests.integration.signin.conftest import SignedDevice
from tests.oidc.issuer import ANOTHER_APP, Issuer
from tests.oidc.user_agent import UserAgent
from tests.support.recorders import InMemory
from tests.support.service import ServiceProcess

from satchel.cloud.client import CloudClient
from satchel.cloud.problems import WrongSignInError
from satchel.errors import RefusedError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import HttpTransport, Proxies
from satchel.signin.flow import Offer, SignedIn, World, find_offer, sign_in
from satchel.signin.issuer import discover
from satchel_wire.messages import SignInRequest

Alter = Callable[[Offer], Offer]


class Liar:
    """A client of a cloud that signs in elsewhere, or as another application, with the cloud's nonce."""

    def __init__(self, cloud: ServiceProcess) -> None:
        self.transport = HttpTransport(
            user_agent="test", proxies=Proxies(), recorder=InMemory(), read_timeout_s=20
        )
        self.client = CloudClient(Origin.parse(cloud.url), self.transport)

    def sign_in(self, alter: Alter) -> SignedIn:
        offer = find_offer(self.client, self.transport)
        assert offer is not None
        agent = UserAgent()
        world = World(open_browser=lambda url: _later(agent, url), show=lambda _text: None)
        return sign_in(alter(offer), self.client, self.transport, world)

    def offer_of(self, issuer: Issuer) -> Alter:
        """Return what a device would believe that takes another issuer for the cloud's."""
        metadata = discover(issuer.url, self.client.origin, self.transport)
        return lambda offer: Offer(msgspec.structs.replace(offer.info, issuer=issuer.url), metadata)


def _later(agent: UserAgent, url: str) -> None:
    def visit() -> None:
        with suppress(urllib3.exceptions.HTTPError):  # the test may have ended meanwhile
            agent.sign_in(url)

    threading.Thread(target=visit, daemon=True).start()


def request_of(signed_in: SignedIn) -> SignInRequest:
    return SignInRequest(id_token=signed_in.token.value, nonce=signed_in.nonce)


def test_a_token_of_another_issuer_is_refused_by_the_cloud(
    cloud: ServiceProcess, device: SignedDevice, other_provider: Issuer
) -> None:
    """The other issuer has an account of the same name and a client of the same id."""
    liar = Liar(cloud)
    signed_in = liar.sign_in(liar.offer_of(other_provider))
    assert signed_in.token.claims.sub == "ada"
    with pytest.raises(WrongSignInError):
        liar.client.sign_in(request_of(signed_in))


def test_a_token_for_another_application_is_refused_by_the_cloud(
    cloud: ServiceProcess, device: SignedDevice
) -> None:
    liar = Liar(cloud)

    def as_another(offer: Offer) -> Offer:
        info = msgspec.structs.replace(offer.info, client_id=ANOTHER_APP, audience=ANOTHER_APP)
        return replace(offer, info=info)

    signed_in = liar.sign_in(as_another)
    with pytest.raises(WrongSignInError):
        liar.client.sign_in(request_of(signed_in))


def test_a_token_works_once_and_at_one_cloud(
    cloud: ServiceProcess, device: SignedDevice, provider: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    liar = Liar(cloud)
    request = request_of(liar.sign_in(lambda offer: offer))
    settings = {
        "SATCHEL_OIDC_ISSUER": provider.url,
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
        "SATCHEL_OWNER_SUBJECT": "ada",
    }
    with ServiceProcess(tmp_path_factory.mktemp("second") / "cloud", settings) as second:
        with pytest.raises(WrongSignInError):
            Liar(second).client.sign_in(request)
        liar.client.sign_in(request)
        with pytest.raises(WrongSignInError):
            liar.client.sign_in(request)


def test_a_cloud_whose_issuer_calls_itself_otherwise_signs_nobody_in(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer, other_provider: Issuer
) -> None:
    provider.change_metadata(issuer=other_provider.url)
    said = alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code, code=4)
    assert "names another issuer" in said
    assert alone.desktop.opened == []


def test_a_code_that_goes_to_another_issuer_is_worth_nothing(
    cloud: ServiceProcess, device: SignedDevice, provider: Issuer, other_provider: Issuer
) -> None:
    """Metadata whose token endpoint leads to another issuer: PKCE and the code bind the exchange to one."""
    provider.change_metadata(token_endpoint=f"{other_provider.url}/token")
    liar = Liar(cloud)
    with pytest.raises(RefusedError):
        liar.sign_in(lambda offer: offer)
