"""Signing in at a cloud's issuer from a command: what the person sees, and what this home remembers.

signing_in = SigningIn(app, client, offer)
signed_in = signing_in.sign_in()             # opens the browser
signing_in.remember(signed_in)
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.errors import RefusedError
from satchel.signin import flow
from satchel.signin.account import Account, PendingSignIn
from satchel.signin.browser import open_browser
from satchel_wire.messages import FreshSignInRequest

if TYPE_CHECKING:
    from datetime import datetime

    from satchel.cloud.api_client import ApiClient
    from satchel.cloud.client import CloudClient
    from satchel.outgoing.address import Origin
    from satchel.signin.flow import Offer, SignedIn

LONGEST_S: Final = 3600
"""No sign-in is kept longer for `satchel connect`, whatever the cloud says."""

DECRYPTS_NOTHING: Final = "signing in decrypts nothing: only your recovery words do"
NO_ISSUER: Final = "has no sign-in"


class SigningIn:
    """Signs in at the issuer of one cloud or provisioner."""

    def __init__(self, app: App, client: "ApiClient", offer: "Offer") -> None:
        self._app = app
        self._client = client
        self._offer = offer
        self._transport = app.issuer_transport()

    def sign_in(
        self,
        *,
        by_device_flow: bool = False,
        as_another: bool = False,
        is_second: bool = False,
        notices: Sequence[str] | None = None,
    ) -> "SignedIn":
        """Tell what will happen, let the person sign in, and return the checked ID token.

        With `as_another`, the issuer asks who the person is, even if it knows. `is_second`: the person has just signed
        in there. `notices` replace the description of a sign-in at a cloud.
        """
        for line in describe(self._offer, str(self._client.origin)) if notices is None else notices:
            self._app.out.notice(line)
        world = flow.World(
            open_browser=lambda url: open_browser(url, self._app.environment.variables),
            show=self._app.out.notice,
        )
        return flow.sign_in(
            self._offer,
            self._client,
            self._transport,
            world,
            by_device_flow=by_device_flow,
            as_another=as_another,
            is_second=is_second,
        )

    def remember(
        self, signed_in: "SignedIn", *, has_second_factor: bool | None = None, cloud: "Origin | None" = None
    ) -> Account:
        """Record the account, and the refresh token in the keyring. Tell if it is not kept.

        `has_second_factor` is the cloud's judgement; without it, the issuer's claim counts. `cloud` is the owner's
        cloud where the sign-in was at its provisioner.
        """
        info, claims = self._offer.info, signed_in.token.claims
        account = Account(
            cloud=str(cloud or self._client.origin),
            issuer=info.issuer,
            client_id=info.client_id,
            client_secret=info.client_secret,
            subject=claims.sub,
            signed_in=signed_in.at,
            has_second_factor=claims.has_second_factor if has_second_factor is None else has_second_factor,
        )
        reason = self._app.accounts().save(account, signed_in.refresh_token)
        if reason:
            self._app.out.note(f"the issuer's refresh token was not kept: {reason}")
        return account

    def keep(self, signed_in: "SignedIn") -> "datetime":
        """Keep a sign-in for `satchel connect`, and return until when."""
        claims = signed_in.token.claims
        left_s = min(self._offer.info.max_age_s, LONGEST_S) - (claims.age_s(signed_in.at) or 0)
        until = signed_in.at + timedelta(seconds=max(0, left_s))
        pending = PendingSignIn(
            cloud=str(self._client.origin),
            issuer=claims.iss,
            subject=claims.sub,
            id_token=signed_in.token.value,
            nonce=signed_in.nonce,
            until=until,
        )
        self._app.accounts().save_pending(pending)
        return until


def describe(offer: "Offer", cloud: str) -> list[str]:
    """Return what a person should know before signing in."""
    info = offer.info
    factor = ", and requires a second factor" if info.requires_mfa else ""
    return [
        f"the cloud {cloud} wants you to sign in at {info.issuer} as the application {info.client_id!r}{factor}",
        f"the issuer learns that you sign in here and is asked for: {' '.join(info.scopes)}",
        "the cloud learns the id of your account, and when and how you signed in",
        DECRYPTS_NOTHING,
    ]


def offer_of(app: App, client: "ApiClient") -> "Offer | None":
    """Return where the owner of a cloud signs in, or None if the cloud has no issuer."""
    return flow.find_offer(client, app.issuer_transport())


def require_offer(app: App, client: "CloudClient") -> "Offer":
    """Return where the owner of a cloud signs in. Raise RefusedError if the cloud has no issuer."""
    offer = offer_of(app, client)
    if offer is None:
        raise RefusedError(
            f"the cloud at {str(client.origin)!r} {NO_ISSUER}",
            hint="connect with a pairing code instead: satchel connect URL --pair CODE",
        )
    return offer


def sign_in_afresh(app: App, client: "CloudClient", *, by_device_flow: bool = False) -> "datetime":
    """Sign in again on a connected device, and return until when the cloud counts it as fresh."""
    signing_in = SigningIn(app, client, require_offer(app, client))
    signed_in = signing_in.sign_in(by_device_flow=by_device_flow)
    request = FreshSignInRequest(id_token=signed_in.token.value, nonce=signed_in.nonce)
    fresh = client.sign_in_afresh(request)
    signing_in.remember(signed_in)
    return fresh.until
