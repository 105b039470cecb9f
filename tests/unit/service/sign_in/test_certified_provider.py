"""A certified provider replaces its keys and keeps the old ones for a while; the cloud's clock is the test's."""

import pytest
from tests.oidc.code_flow import tokens_of
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.support.asgi import Answer
from tests.unit.service.conftest import InProcess, MakeCloud


@pytest.fixture
def cloud(make_cloud: MakeCloud, provider: Issuer) -> InProcess:
    return make_cloud(
        SATCHEL_OIDC_ISSUER=provider.url, SATCHEL_OIDC_CLIENT_ID="satchel", SATCHEL_OWNER_SUBJECT="ada"
    )


def id_token(cloud: InProcess, provider: Issuer) -> str:
    nonce = cloud.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"]
    return tokens_of(provider, "satchel", nonce, Person())["id_token"]


def send(cloud: InProcess, token: str) -> Answer:
    return cloud.stranger.call("POST", "/v1/sign-in", {"id_token": token})


def advance(cloud: InProcess, provider: Issuer, seconds: int) -> None:
    cloud.clock.advance(seconds=seconds)
    provider.set_clock(seconds)


def key_requests(provider: Issuer) -> int:
    return sum(line == "GET /jwks" for line in provider.requests())


@pytest.mark.parametrize("keep_old", [True, False])
def test_a_token_of_a_new_key_is_accepted_after_a_minute_at_most(
    cloud: InProcess, provider: Issuer, keep_old: bool
) -> None:
    assert send(cloud, id_token(cloud, provider)).status == 201
    before = id_token(cloud, provider)
    provider.rotate_keys(keep_old=keep_old)
    after = id_token(cloud, provider)
    assert send(cloud, after).problem == "unavailable", "the keys were fetched seconds ago"
    assert send(cloud, before).status == 201, "its key is known"
    advance(cloud, provider, 61)
    assert send(cloud, after).status == 201, "the same token"
    assert key_requests(provider) == 2


def test_a_token_of_a_key_that_the_provider_dropped_is_refused(cloud: InProcess, provider: Issuer) -> None:
    assert send(cloud, id_token(cloud, provider)).status == 201
    dropped = id_token(cloud, provider)
    provider.rotate_keys()
    advance(cloud, provider, 61)
    assert send(cloud, id_token(cloud, provider)).status == 201
    assert send(cloud, dropped).status in (403, 503)
    advance(cloud, provider, 130)
    assert send(cloud, dropped).problem == "wrong-sign-in"
