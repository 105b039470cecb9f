"""Sign-ins for the generated requests: every cloud has an issuer, and the owner has just signed in on its devices."""

from functools import cache
from typing import Any, Final

from tests.security.matrix.clouds import Served
from tests.support.loopback_issuer import LoopbackIssuer, SigningKey
from tests.support.wire_device import WireDevice, b64

REFRESHED: Final = 4
"""How many devices, the first ones, sign in again: those whose tokens the suites use."""


@cache
def issuer() -> LoopbackIssuer:
    """Return the issuer of all clouds, which runs until the end of the tests."""
    return LoopbackIssuer([SigningKey.new("ES256")]).__enter__()


def id_token(cloud: Served, **changes: Any) -> str:  # noqa: ANN401  any claims
    """Return a valid ID token for a cloud, with changes."""
    nonce = cloud.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"]
    now = cloud.now_s()
    times = {"iat": now, "exp": now + 600, "auth_time": now}
    return issuer().id_token(**{"nonce": nonce, **times, **changes})


def claim(cloud: Served) -> WireDevice:
    """Sign in with a code of the operator, which makes the account the owner, and return the device."""
    message = {"id_token": id_token(cloud), "label": b64(b"label"), "code": cloud.operators_code()}
    answer = cloud.stranger.call("POST", "/v1/sign-in", message)
    assert answer.status == 201, answer.body
    device = cloud.stranger
    device.token, device.id = answer.json()["token"], answer.json()["device_id"]
    return device


def sign_in_again(cloud: Served) -> None:
    """Sign in on the devices whose tokens the suites use, for what needs a fresh sign-in."""
    for device in cloud.devices[:REFRESHED]:
        answer = device.call("POST", "/v1/sign-in/fresh", {"id_token": id_token(cloud)})
        assert answer.status in (200, 401), answer.body
