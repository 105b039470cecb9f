"""Signing in, step by step: ask the cloud who its issuer is, open the browser, and check what comes back."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from satchel.errors import RefusedError
from satchel.outgoing.loopback import LoopbackListener
from satchel.signin import device_flow
from satchel.signin.authorization import (
    CALLBACK,
    Attempt,
    Entropy,
    authorization_url,
    default_prompt,
    read_answer,
)
from satchel.signin.endpoints import Client, Tokens, redeem_code
from satchel.signin.id_token import Expected, IdToken, check_id_token
from satchel.signin.issuer import Metadata, discover
from satchel_wire.binding import bind_nonce

if TYPE_CHECKING:
    from satchel.cloud.api_client import ApiClient
    from satchel.outgoing.transport import Transport
    from satchel.signin.device_flow import DeviceCode
    from satchel_wire.messages import SignInInfo

BROWSER_TIMEOUT_S: Final = 600.0
LEEWAY_S: Final = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a cloud's owner signs in: what the cloud says, and what the issuer says of itself."""

    info: "SignInInfo"
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that the cloud has not seen yet."""

    token: IdToken
    nonce: str = field(repr=False)
    """The server's nonce, which goes to it beside the token."""
    refresh_token: str | None = field(repr=False)
    at: datetime
    """The cloud's time."""


@dataclass(frozen=True, slots=True)
class BoundNonce:
    """The nonces of one sign-in. A server cannot use an ID token whose nonce is bound to another server's address."""

    server: str = field(repr=False)
    """The one that the server gave."""
    bound: str = field(repr=False)
    """The one that the issuer puts into the ID token."""

    @classmethod
    def request(cls, client: "ApiClient") -> Self:
        """Get a nonce of the server and bind it to the address that this device uses."""
        nonce = client.sign_in_nonce().nonce
        return cls(nonce, bind_nonce(str(client.origin), nonce))


@dataclass(frozen=True, slots=True)
class World:
    """What signing in needs of the world. Tests replace parts of it."""

    open_browser: Callable[[str], None]
    show: Callable[[str], None]
    """Show a line to the person at the terminal."""
    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    entropy: Entropy = os.urandom
    timeout_s: float = BROWSER_TIMEOUT_S


def find_offer(client: "ApiClient", transport: "Transport") -> Offer | None:
    """Return where the owner of a cloud signs in, or None if the cloud has no issuer. Opens and creates nothing."""
    info = client.sign_in_info()
    return None if info is None else Offer(info, discover(info.issuer, client.origin, transport))


def sign_in(
    offer: Offer,
    client: "ApiClient",
    transport: "Transport",
    world: World,
    *,
    by_device_flow: bool = False,
    as_another: bool = False,
    is_second: bool = False,
) -> SignedIn:
    """Sign in and return the checked ID token. The person has signed in at the issuer within the cloud's `max_age_s`.

    With `as_another`, the issuer asks who the person is, even if it knows; with `is_second`, the person has just
    signed in there, and the issuer asks nothing that it need not. Raise RefusedError if the issuer or the person
    refuses, nobody signs in in time, or the answer is not authentic; UnreachableError if the cloud or the issuer
    cannot be reached.
    """
    run = _by_device_flow if by_device_flow else _by_browser
    prompt = offer.metadata.prompt_for_another if as_another else default_prompt(offer.info)
    if is_second:
        prompt = ""
    signed_in = run(offer, client, transport, world, prompt)
    if not _is_stale(signed_in, offer.info.max_age_s):
        return signed_in
    if by_device_flow or not offer.metadata.can_ask_again:
        raise _not_fresh(offer)
    world.show("the issuer did not ask you to sign in again; asking once more")
    signed_in = run(offer, client, transport, world, "login")
    if _is_stale(signed_in, offer.info.max_age_s):
        raise _not_fresh(offer)
    return signed_in


def _by_browser(
    offer: Offer, client: "ApiClient", transport: "Transport", world: World, prompt: str
) -> SignedIn:
    info, metadata = offer.info, offer.metadata
    nonce = BoundNonce.request(client)
    attempt = Attempt.create(nonce.bound, world.entropy)
    with LoopbackListener(
        ports=info.redirect_ports, path=CALLBACK, is_expected=attempt.is_answered_by
    ) as listener:
        url = authorization_url(metadata, info, attempt, listener.url, prompt=prompt)
        world.show(f"opening your browser; if none opens, go to:\n{url}")
        world.open_browser(url)
        answer = listener.wait(world.timeout_s)
        redirect_uri = listener.url
    if answer is None:
        raise RefusedError(
            f"nobody signed in within {round(world.timeout_s / 60)} minutes",
            hint="try again; on a computer without a browser: --device-flow, or a pairing code with --pair CODE",
        )
    code = read_answer(answer, metadata)
    tokens = redeem_code(
        metadata, Client.of(info), transport, code=code, verifier=attempt.verifier, redirect_uri=redirect_uri
    )
    return _checked(tokens, offer, nonce, client, world)


def _by_device_flow(
    offer: Offer, client: "ApiClient", transport: "Transport", world: World, prompt: str
) -> SignedIn:
    del prompt  # the flow has none
    nonce = BoundNonce.request(client)
    code = device_flow.begin(offer.metadata, offer.info, nonce.bound, transport, client.origin)
    world.show(_instructions(code))
    tokens = device_flow.wait_for_tokens(
        code, offer.metadata, Client.of(offer.info), transport, wait=world.wait, clock=world.clock
    )
    return _checked(tokens, offer, nonce, client, world)


def _instructions(code: "DeviceCode") -> str:
    return f"on any device, open {code.address}\nand enter the code {code.user_code}\n{device_flow.WARNING}"


def _checked(
    tokens: Tokens, offer: Offer, nonce: "BoundNonce", client: "ApiClient", world: World
) -> SignedIn:
    info = offer.info
    if tokens.id_token is None:
        raise RefusedError(
            f"the issuer {info.issuer!r} gave no ID token",
            hint="the cloud's operator must check SATCHEL_OIDC_SCOPES, which must contain openid",
        )
    expected = Expected(offer.metadata.issuer, info.audience, info.client_id, nonce.bound)
    # The cloud's time: a wrong clock of this device must not matter.
    now = world.now() - (client.clock_offset or timedelta())
    token = check_id_token(tokens.id_token, expected, now)
    return SignedIn(token, nonce.server, tokens.refresh_token, now)


def _is_stale(signed_in: SignedIn, max_age_s: int) -> bool:
    age_s = signed_in.token.claims.age_s(signed_in.at)
    return age_s is None or age_s > max_age_s + LEEWAY_S


def _not_fresh(offer: Offer) -> RefusedError:
    return RefusedError(
        f"the issuer {offer.metadata.issuer!r} does not say that you have just signed in",
        hint="sign out at the issuer in your browser, then try again; an operator's code works too: --pair or --code CODE",
    )
