"""Signing in without a browser on this device (RFC 8628): the person enters a short code on another one.

A stranger can send somebody such a code of the stranger's own device. So it is used only where the owner asks for it,
and never without a warning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from satchel.errors import RefusedError
from satchel.outgoing.failures import NoResponseError
from satchel.signin.authorization import IssuerRefusedError, request_parameters
from satchel.signin.endpoints import Client, Tokens, ask_for_tokens, decode, failure_of, post_form
from satchel.signin.issuer import check_endpoint

if TYPE_CHECKING:
    from satchel.outgoing.address import Origin
    from satchel.outgoing.transport import Transport
    from satchel.signin.issuer import Metadata
    from satchel_wire.messages import SignInInfo

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_S: Final = 1800
"""No code is waited for longer, whatever the issuer says."""

SLOWER_S: Final = 5
LONGEST_INTERVAL_S: Final = 60

WARNING: Final = (
    "Enter this code only because you started this sign-in yourself, just now, on this device. "
    "Never enter a code that somebody sent you: it would sign them in as you."
)


class _Begun(msgspec.Struct, frozen=True, kw_only=True):
    device_code: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
    user_code: Annotated[str, msgspec.Meta(pattern=r"^[!-~](?:[ -~]{0,38}[!-~])?\Z")]
    verification_uri: str
    expires_in: Annotated[float, msgspec.Meta(ge=1)]
    interval: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the person must enter, where, and for how long the code works."""

    address: str
    user_code: str
    expires_in_s: float
    interval_s: float
    device_code: str = field(repr=False)


def begin(
    metadata: "Metadata", info: "SignInInfo", nonce: str, transport: "Transport", cloud: "Origin"
) -> DeviceCode:
    """Ask the issuer for a code. Raise RefusedError if it offers none."""
    if metadata.device_authorization_endpoint is None:
        raise RefusedError(
            f"the issuer {metadata.issuer!r} does not offer the device flow",
            hint="sign in with a browser, or connect with a pairing code: satchel connect URL --pair CODE",
        )
    form = request_parameters(info, nonce) | Client.of(info).fields()
    response = post_form(metadata.device_authorization_endpoint, form, transport)
    if response.status != 200:
        raise failure_of(response, metadata.issuer)
    begun = decode(response, _Begun, metadata.issuer)
    check_endpoint(begun.verification_uri, "verification_uri", metadata.issuer, cloud)
    return DeviceCode(
        begun.verification_uri,
        begun.user_code,
        min(begun.expires_in, LONGEST_S),
        min(max(begun.interval, 1), LONGEST_INTERVAL_S),
        begun.device_code,
    )


def wait_for_tokens(
    code: DeviceCode,
    metadata: "Metadata",
    client: Client,
    transport: "Transport",
    *,
    wait: Callable[[float], object],
    clock: Callable[[], float],
) -> Tokens:
    """Ask until the person has entered the code. Raise RefusedError if it was denied, or nobody entered it in time."""
    form = {"grant_type": GRANT, "device_code": code.device_code, **client.fields()}
    interval_s, end = code.interval_s, clock() + code.expires_in_s
    while clock() + interval_s < end:
        wait(interval_s)
        try:
            return ask_for_tokens(metadata, transport, form)
        except IssuerRefusedError as exc:
            if exc.code == "slow_down":
                interval_s = min(interval_s + SLOWER_S, LONGEST_INTERVAL_S)
            elif exc.code != "authorization_pending":
                raise
        except NoResponseError:  # RFC 8628, 3.5: ask less often, do not give up
            interval_s = min(interval_s * 2, LONGEST_INTERVAL_S)
    raise RefusedError(
        f"nobody entered the code within {round(code.expires_in_s / 60) or 1} minutes", hint="start again"
    )
