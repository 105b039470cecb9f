"""Asking a provisioner for the owner's cloud, and for its removal, as commands do it.

    making = CloudMaking(app, provisioner)
    made = making.make(domain=None)              # signs in, waits, and checks where the cloud is
    making.remove(connection)                    # signs in afresh, and waits until nothing of the cloud is left

Both may be stopped at any moment: the provisioner keeps nothing between requests, and the command continues when it runs
again.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.signing_in import DECRYPTS_NOTHING, SigningIn, offer_of
from satchel.cloud.problems import MovedError
from satchel.cloud.provisioner import Place, Provisioner, World, cloud_of, follow, is_provisioner
from satchel.errors import NotFoundError, RefusedError, SatchelError, UnreachableError, UsageError
from satchel.signin.flow import Offer
from satchel_wire.capabilities import Capability
from satchel_wire.provisioning import CloudRequest

if TYPE_CHECKING:
    from satchel.cli.terminal.output import Output
    from satchel.cloud.api_client import ApiClient
    from satchel.cloud.connection import Connection
    from satchel.outgoing.address import Origin
    from satchel.signin.flow import SignedIn
    from satchel_wire.provisioning import CloudProgress

STOPPING: Final = "this can take minutes; if you stop it, run the same command again: it continues"

BROWSER_TWICE: Final = (
    "after you have signed in, your browser opens once more, for the cloud itself; that asks for no password"
)
CODE_TWICE: Final = "after you have signed in, you enter a second code, for the cloud itself"


@dataclass(frozen=True, slots=True)
class Made:
    """The owner's cloud, and the sign-in at the provisioner that it was made for."""

    origin: "Origin"
    offer: Offer
    signed_in: "SignedIn"

    def with_refresh_token(self, later: "SignedIn", offer: Offer) -> "SignedIn":
        """Return a later sign-in at the cloud, with the refresh token of this one if it has none of its own."""
        if later.refresh_token is not None or offer.info.client_id != self.offer.info.client_id:
            return later
        return replace(later, refresh_token=self.signed_in.refresh_token)


def require_cloud_of(client: "ApiClient", made: Made) -> Offer:
    """Return where the owner signs in at a cloud that a provisioner has made.

    Raise RefusedError unless it is a cloud of the provisioner's issuer that already knows its owner.
    """
    if is_provisioner(client):
        raise _unfit(client, "is a provisioner itself")
    info = client.sign_in_info()
    if info is None:
        raise _unfit(client, "has no sign-in")
    if info.issuer != made.offer.info.issuer:
        raise _unfit(client, f"wants you to sign in at another issuer, {info.issuer[:200]!r}")
    if info.needs_code:
        raise _unfit(client, "has no owner")
    return Offer(info, made.offer.metadata)


def _unfit(client: "ApiClient", why: str) -> RefusedError:
    return RefusedError(
        f"the cloud {str(client.origin)!r} that the provisioner names {why}",
        hint="this device is not connected; ask the provisioner's operator",
    )


def _request(signed_in: "SignedIn") -> CloudRequest:
    return CloudRequest(id_token=signed_in.token.value, nonce=signed_in.nonce)


class CloudMaking:
    """Makes and removes the owner's cloud at one provisioner."""

    def __init__(self, app: App, provisioner: "Origin") -> None:
        self._app = app
        self._origin = provisioner
        self._client: Provisioner = app.provisioner(provisioner)

    def make(self, *, domain: str | None, by_device_flow: bool = False) -> Made:
        """Sign in, ask for the owner's cloud, wait until it serves, and return it.

        `domain` is where the owner expects the clouds, if not under the provisioner's own host. Raise RefusedError if
        the provisioner names an address that it must not name, or that the owner does not accept.
        """
        offer = self._offer()
        signing_in = SigningIn(self._app, self._client, offer)
        notices = [*self._what_is_made(domain, by_device_flow=by_device_flow), *self._who_learns_what(offer)]
        signed_in = signing_in.sign_in(by_device_flow=by_device_flow, notices=notices)
        self._app.out.notice(STOPPING)
        progress = self._client.request_cloud(_request(signed_in))
        if progress.state == "removing":
            self._finish_removal(progress)
        made = follow(self._client, progress, "ready", self._world())
        place = cloud_of(made, self._origin)
        require_accepted(self._app.out, self._origin, place, domain)
        return Made(place.origin, offer, signed_in)

    def remove(self, connection: "Connection", *, by_device_flow: bool = False) -> bool:
        """Sign in afresh and take the owner's cloud down. Return False if the provisioner has none any more.

        Raise RefusedError, removing nothing, if somebody other than the cloud's owner signs in.
        """
        owner = self._owner_of(connection)
        offer = self._offer_for_removal()
        signing_in = SigningIn(self._app, self._client, offer)
        notices = [
            f"the provisioner {self._origin} takes down {connection.origin}: its address first, then its data",
            *self._who_learns_what(offer),
        ]
        signed_in = signing_in.sign_in(by_device_flow=by_device_flow, notices=notices)
        self._require_owner(signed_in.token.claims.sub, owner)
        signing_in.remember(signed_in, cloud=connection.origin)
        self._app.out.notice(STOPPING)
        try:
            progress = self._client.remove_cloud(_request(signed_in))
        except NotFoundError:
            return False
        _require_same(progress, connection)
        follow(self._client, progress, "gone", self._world())
        return True

    def _world(self) -> World:
        return World(show=self._app.out.notice)

    def _offer(self) -> Offer:
        offer = offer_of(self._app, self._client)
        if offer is None:
            raise RefusedError(
                f"the provisioner {str(self._origin)!r} has no sign-in",
                hint="ask its operator to set an issuer",
            )
        return offer

    def _offer_for_removal(self) -> Offer:
        """Return where to sign in. An error says that nothing was deleted."""
        try:
            if is_provisioner(self._app.dial(self._origin)):
                return self._offer()
        except UnreachableError as exc:
            raise UnreachableError(f"{exc.message}; nothing was deleted", hint=exc.hint) from exc
        raise RefusedError(
            f"there is no provisioner at {str(self._origin)!r} any more; nothing was deleted",
            hint="ask the operator of the cloud to remove it",
        )

    def _what_is_made(self, domain: str | None, *, by_device_flow: bool) -> list[str]:
        where = domain or self._origin.host
        return [
            f"{self._origin} makes a cloud of your own at an address under {where}, or finds the one that you have",
            CODE_TWICE if by_device_flow else BROWSER_TWICE,
        ]

    def _who_learns_what(self, offer: Offer) -> list[str]:
        info = offer.info
        factor = ", and requires a second factor" if info.requires_mfa else ""
        return [
            f"it wants you to sign in at {info.issuer} as the application {info.client_id!r}{factor}",
            f"the issuer learns that you sign in here and is asked for: {' '.join(info.scopes)}",
            "the provisioner learns the id of your account, and when and how you signed in; it gets no key and no data",
            DECRYPTS_NOTHING,
        ]

    def _finish_removal(self, progress: "CloudProgress") -> None:
        """Complete the removal of an earlier cloud, which somebody stopped."""
        self._app.out.notice("your earlier cloud is being removed; finishing that first")
        follow(self._client, progress, "gone", self._world())
        raise RefusedError(
            "the earlier cloud is removed now", hint="run the command again to make a new cloud"
        )

    def _owner_of(self, connection: "Connection") -> str | None:
        """Return the account that owns the cloud: as the cloud says, else as this device remembers."""
        try:
            client = self._app.cloud(is_brief=True)
            if client.supports(Capability.SIGN_IN):
                return client.account().subject
        except MovedError as exc:  # the provisioner would remove only what the cloud has left behind
            raise MovedError(f"{exc.message}; nothing was deleted", hint=exc.hint) from exc
        except SatchelError:  # it may be half removed
            pass
        known = self._app.accounts().read()
        return known.subject if known is not None and known.cloud == str(connection.origin) else None

    def _require_owner(self, subject: str, owner: str | None) -> None:
        if owner == subject:
            return
        if owner is not None:
            raise RefusedError(
                f"you signed in as {subject!r}, but the cloud belongs to {owner!r}; nothing was deleted",
                hint="sign out at the issuer in your browser, then run the command again",
            )
        question = f"the owner of this cloud is unknown. Remove the cloud of the account {subject!r}?"
        if not self._app.out.can_ask or not self._app.out.confirm(question):
            raise RefusedError(
                f"it is unknown whether the cloud belongs to {subject!r}; nothing was deleted",
                hint="run the command on a terminal, or when the cloud can be reached",
            )


def require_accepted(out: "Output", provisioner: "Origin", place: Place, domain: str | None) -> None:
    """Raise RefusedError or UsageError unless the owner expects a cloud at this place, or confirms it now."""
    expected = place.is_under_provisioner if domain is None else _is_under(place.origin, domain)
    if expected:
        return
    under = domain or provisioner.host
    if domain is not None or not out.can_ask:
        raise RefusedError(
            f"the provisioner {str(provisioner)!r} names a cloud at {str(place.origin)!r}, "
            f"which is not under {under!r}",
            hint="nothing was sent there; if its clouds are meant to be there, name their domain: --domain NAME",
        )
    if not out.confirm(f"your cloud is at {place.origin}, which is not under {under}. Connect to it?"):
        raise UsageError("cancelled; the cloud exists, but this device is not connected")


def _require_same(progress: "CloudProgress", connection: "Connection") -> None:
    """Raise RefusedError if a removal is about a cloud other than this device's."""
    label = connection.origin.host.partition(".")[0]
    if connection.origin.is_loopback or label == progress.name:
        return
    raise RefusedError(
        f"the provisioner is about to remove the cloud {progress.name!r}, but this device's is {label!r}",
        hint="nothing more was sent to it; ask its operator",
    )


def _is_under(origin: "Origin", domain: str) -> bool:
    return origin.host.endswith(f".{domain.lower().strip('.')}")
