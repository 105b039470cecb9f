"""A certified provider replaces its keys and keeps the old ones for a while; the cloud's clock is the test's."""

import pytest
from tests.oidc.code_flow import tokens_of
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.support.asgi import Answer
from tests.support.sign_in_proofs import IN_PROCESS
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_wire.binding import bind_nonce

Proof = dict[str, str]


@pytest.fixture
def cloud(make_cloud: MakeCloud, provider: Issuer) -> InProcess:
    return make_cloud(
        SATCHEL_OIDC_ISSUER=provider.url, SATCHEL_OIDC_CLIENT_ID="satchel", SATCHEL_OWNER_SUBJECT="ada"
    )


def sign_in(cloud: InProcess, provider: Issuer) -> Proof:
    nonce = cloud.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"]
    bound = bind_nonce(IN_PROCESS, nonce)
    return {"id_token": tokens_of(provider, "satchel", bound, Person())["id_token"], "nonce": nonce}


def send(cloud: InProcess, proof: Proof) -> Answer:
    return cloud.stranger.call("POST", "/v1/sign-in", proof)


def advance(cloud: InProcess, provider: Issuer, seconds: int) -> None:
    cloud.clock.advance(seconds=seconds)
    provider.set_clock(seconds)


def key_requests(provider: Issuer) -> int:
    return sum(line == "GET /jwks" for line in provider.requests())


@pytest.mark.parametrize("keep_old", [True, False])
def test_a_token_of_a_new_key_is_accepted_after_a_minute_at_most(
    cloud: InProcess, provider: Issuer, keep_old: bool
) -> None:
    assert send(cloud, sign_in(cloud, provider)).status == 201
    before = sign_in(cloud, provider)
    provider.rotate_keys(keep_old=keep_old)
    after = sign_in(cloud, provider)
    assert send(cloud, after).problem == "unavailable", "the keys were fetched seconds ago"
    assert send(cloud, before).status == 201, "its key is known"
    advance(cloud, provider, 61)
    assert send(cloud, after).status == 201, "the same token"
    assert key_requests(provider) == 2


def test_a_token_of_a_key_that_the_provider_dropped_is_refused(cloud: InProcess, provider: Issuer) -> None:
    assert send(cloud, sign_in(cloud, provider)).status == 201
    dropped = sign_in(cloud, provider)
    provider.rotate_keys()
    advance(cloud, provider, 61)
    assert send(cloud, sign_in(cloud, provider)).status == 201
    assert send(cloud, dropped).status in (403, 503)
    advance(cloud, provider, 130)
    assert send(cloud, dropped).problem == "wrong-sign-in"
