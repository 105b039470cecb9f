"""Sign-ins for the generated requests: every cloud has an issuer, and the owner has just signed in on its devices."""

from functools import cache
from typing import Any, Final

from tests.security.matrix.clouds import Served
from tests.support.loopback_issuer import LoopbackIssuer, SigningKey
from tests.support.wire_device import WireDevice, b64

from satchel_wire.binding import bind_nonce

REFRESHED: Final = 4
"""How many devices, the first ones, sign in again: those whose tokens the suites use."""


@cache
def issuer() -> LoopbackIssuer:
    """Return the issuer of all clouds, which runs until the end of the tests."""
    return LoopbackIssuer([SigningKey.new("ES256")]).__enter__()


def proof(cloud: Served, **changes: Any) -> dict[str, str]:  # noqa: ANN401  any claims
    """Return the message of a valid sign-in at a cloud, with changed claims."""
    nonce = cloud.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"]
    now = cloud.now_s()
    times = {"iat": now, "exp": now + 600, "auth_time": now}
    claims = {"nonce": bind_nonce(cloud.origin, nonce), **times, **changes}
    return {"id_token": issuer().id_token(**claims), "nonce": nonce}


def claim(cloud: Served) -> WireDevice:
    """Sign in with a code of the operator, which makes the account the owner, and return the device."""
    message = {**proof(cloud), "label": b64(b"label"), "code": cloud.operators_code()}
    answer = cloud.stranger.call("POST", "/v1/sign-in", message)
    assert answer.status == 201, answer.body
    device = cloud.stranger
    device.token, device.id = answer.json()["token"], answer.json()["device_id"]
    return device


def sign_in_again(cloud: Served) -> None:
    """Sign in on the devices whose tokens the suites use, for what needs a fresh sign-in."""
    for device in cloud.devices[:REFRESHED]:
        answer = device.call("POST", "/v1/sign-in/fresh", proof(cloud))
        assert answer.status in (200, 401), answer.body
