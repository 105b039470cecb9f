"""`satchel connect`: connect this device to the owner's cloud, by signing in or with a pairing code."""

import datetime as dt
import platform
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.options import command, device_flow_option, pass_app
from satchel.cli.terminal.text import format_moment
from satchel.cloud import pairing
from satchel.cloud.connection import is_connected, read_connection
from satchel.cloud.pairing import Proof
from satchel.cloud.problems import FreshSignInError, WrongCodeError, WrongSignInError
from satchel.errors import UnreachableError, UsageError
from satchel.outgoing.address import Origin

if TYPE_CHECKING:
    from satchel.age import X25519Recipient
    from satchel.cli.provisioning import Made
    from satchel.cloud.connection import Connection
    from satchel.signin.flow import Offer
    from satchel_wire.messages import SignInResponse

CLAIM_HINT = (
    "add --sign-in --pair CODE; the cloud printed a code at its first start, and so does satchel-service pair"
)


@command(
    "connect",
    examples=[
        ("satchel connect https://cloud.example.com", "sign in, or type a pairing code, as the cloud wants"),
        (
            "satchel connect https://cloud.example.com --pair K7QF-M2XD",
            "with a pairing code, without a browser",
        ),
        ("satchel connect https://cloud.example.com --device-flow", "sign in on another device"),
        ("satchel connect https://satchel.example.org", "let a provisioner make a cloud of your own"),
        ("satchel connect https://new.example.com --moved", "follow your cloud to its new address"),
    ],
)
@click.argument("url", metavar="URL")
@click.option("--pair", "code", metavar="CODE", help="Connect with this one-time pairing code.")
@click.option("--sign-in", is_flag=True, help="With --pair: also sign in, and make your account the owner.")
@device_flow_option
@click.option(
    "--label", metavar="NAME", help="This device's name on your other devices (default: host name)."
)
@click.option(
    "--domain",
    metavar="NAME",
    help="The domain of a provisioner's clouds, if it is not under the URL's host.",
)
@click.option("--allow-http", is_flag=True, help="Allow a URL without TLS.")
@click.option(
    "--moved", is_flag=True, help="Your cloud has moved to URL: keep this device's access, do not ask."
)
@pass_app
def connect(
    app: App,
    /,
    *,
    url: str,
    code: str | None,
    sign_in: bool,
    device_flow: bool,
    label: str | None,
    domain: str | None,
    allow_http: bool,
    moved: bool,
) -> None:
    """Connect this device to your cloud.

    If your cloud has an issuer, this opens your browser so that you can sign in. Otherwise it asks for a
    pairing code, which you get from the log of a new cloud, from `satchel-service pair`, or from `satchel
    devices add` on a connected device. This device's name is encrypted so that only your devices can read it.
    Signing in never decrypts anything; only your recovery words do.

    If URL is a provisioner's, you sign in there, and it creates a cloud of your own. Every device that
    connects with the same account joins the same cloud. If your cloud has moved to URL, satchel asks, then
    keeps this device's access.
    """
    name = platform.node() if label is None else label
    origin = Origin.parse(url, allow_http=allow_http)
    options = {
        "--pair": code,
        "--sign-in": sign_in,
        "--device-flow": device_flow,
        "--label": label,
        "--domain": domain,
    }
    given = [option for option, value in options.items() if value not in (None, False)]
    if moved and given:
        raise UsageError(
            f"--moved keeps this device's access and name, so it cannot be combined with {', '.join(given)}",
            hint=f"satchel connect {origin} --moved",
        )
    is_connected_elsewhere = is_connected(app.home) and read_connection(app.home).origin != origin
    if moved or (is_connected_elsewhere and not given):
        from satchel.cli.following import follow_moved  # noqa: PLC0415  rarely needed

        follow_moved(app, origin, is_agreed=moved, allow_http=allow_http)
        return
    pairing.require_unconnected(app.home)
    connecting = Connecting(app, origin, name, allow_http=allow_http)
    if connecting.is_at_provisioner():
        _require_no_code(origin, code)
        connecting.make_cloud(domain, by_device_flow=device_flow)
        return
    if domain is not None:
        raise UsageError(
            f"{str(origin)!r} is a cloud, not a provisioner",
            hint="leave out --domain: it connects to this cloud",
        )
    if code is not None and not (sign_in or device_flow):
        connecting.pair(code)
    else:
        connecting.sign_in(code, by_device_flow=device_flow, must_sign_in=sign_in or device_flow)


def _require_no_code(origin: Origin, code: str | None) -> None:
    if code is not None:
        raise UsageError(
            f"{str(origin)!r} is a provisioner, which takes no pairing code",
            hint="leave out --pair and sign in; a code of satchel devices add is for your cloud's own address",
        )


class Connecting:
    """Connects one device. The keys are opened first, so that no code or sign-in is wasted without them."""

    def __init__(self, app: App, origin: Origin, name: str, *, allow_http: bool) -> None:
        self._app = app
        self._client = app.dial(origin)
        self._name = name
        self._allow_http = allow_http
        self._provisioner: Origin | None = None
        self._recipient: X25519Recipient = app.owner().recipient

    def is_at_provisioner(self) -> bool:
        """Return whether the address is a provisioner's."""
        from satchel.cloud.provisioner import is_provisioner  # noqa: PLC0415  as below

        return is_provisioner(self._client)

    def make_cloud(self, domain: str | None, *, by_device_flow: bool) -> None:
        """Let the provisioner make or find the owner's cloud, and connect to that."""
        from satchel.cli.provisioning import CloudMaking, require_cloud_of  # noqa: PLC0415  as below

        provisioner = self._client.origin
        made = CloudMaking(self._app, provisioner).make(domain=domain, by_device_flow=by_device_flow)
        self._app.out.notice(f"your cloud is at {made.origin}")
        self._provisioner = provisioner
        self._client = self._app.dial(made.origin, is_patient=True, named_by=provisioner)
        offer = require_cloud_of(self._client, made)
        if not self._use_login(""):
            self._sign_in_at(offer, "", by_device_flow=by_device_flow, after=made)

    def pair(self, code: str) -> None:
        """Connect with a pairing code."""
        connected = pairing.connect(
            self._app.home,
            self._app.vault(),
            self._client,
            code,
            self._name,
            owner=self._recipient,
            allow_http=self._allow_http,
        )
        self._report(connected)

    def sign_in(self, code: str | None, *, by_device_flow: bool, must_sign_in: bool) -> None:
        """Sign in where the cloud has an issuer; otherwise ask for a pairing code."""
        from satchel.cli.signing_in import offer_of, require_offer  # noqa: PLC0415  pairing does not need it

        offer = (require_offer if must_sign_in else offer_of)(self._app, self._client)
        if offer is None:
            self.pair(_ask_for_code(self._app))
            return
        if offer.info.needs_code and code is None:
            code = _ask_to_claim(self._app)
        if self._use_login(code or ""):
            return
        self._sign_in_at(offer, code or "", by_device_flow=by_device_flow)

    def _use_login(self, code: str) -> bool:
        """Connect with an earlier sign-in. Return False if there is none that the cloud accepts."""
        pending = self._app.accounts().take_pending(self._client.origin, dt.datetime.now(dt.UTC))
        if pending is None:
            return False
        try:
            self._exchange(Proof(pending.id_token, pending.nonce), code)
        except (WrongSignInError, FreshSignInError):
            self._app.out.note("the earlier sign-in has expired")
            return False
        except (UnreachableError, WrongCodeError):
            self._app.accounts().save_pending(pending)
            raise
        return True

    def _sign_in_at(
        self,
        offer: "Offer",
        code: str,
        *,
        by_device_flow: bool,
        after: "Made | None" = None,
    ) -> None:
        """Sign in and connect; `after` a sign-in at the provisioner, which said what a sign-in does."""
        from satchel.cli.signing_in import SigningIn  # noqa: PLC0415  as above

        signing_in = SigningIn(self._app, self._client, offer)
        signed_in = signing_in.sign_in(
            by_device_flow=by_device_flow,
            is_second=after is not None,
            notices=None if after is None else ["signing in at the cloud"],
        )
        try:
            made = self._exchange(Proof(signed_in.token.value, signed_in.nonce), code)
        except (UnreachableError, WrongCodeError):  # the token was not used
            until = signing_in.keep(signed_in)
            if after is None:  # otherwise the provisioner asks for a sign-in first
                self._app.out.note(f"until {format_moment(until)}, this can be repeated without a browser")
            raise
        if after is not None:
            signed_in = after.with_refresh_token(signed_in, offer)
        signing_in.remember(signed_in, has_second_factor=made.mfa)

    def _exchange(self, proof: Proof, code: str) -> "SignInResponse":
        connected, made = pairing.connect_signed_in(
            self._app.home,
            self._app.vault(),
            self._client,
            proof,
            self._name,
            owner=self._recipient,
            code=code,
            allow_http=self._allow_http,
            provisioner=self._provisioner,
        )
        self._report(connected, subject=made.subject)
        if made.claimed:
            self._app.out.note(f"the account {made.subject!r} now owns this cloud")
        return made

    def _report(self, connected: "Connection", *, subject: str | None = None) -> None:
        signed_in = {} if subject is None else {"subject": subject}
        self._app.out.answer(
            {
                "url": str(connected.origin),
                "device_id": connected.device_id,
                "provisioner": str(connected.provisioner) if connected.provisioner else None,
                **signed_in,
            },
            f"connected to {connected.origin} as {self._name or connected.device_id[:8]!r}",
        )
        self._app.out.note("next: satchel backup")


def _ask_for_code(app: App) -> str:
    """Ask for the pairing code; it may be typed in any case."""
    if not app.out.can_ask:
        raise UsageError(
            "a pairing code is needed, and there is no terminal to ask on",
            hint="add --pair CODE; satchel-service pair prints a code, and so does satchel devices add",
        )
    code = app.out.ask("pairing code: ")
    if not code:
        raise UsageError("no pairing code was typed", hint="satchel-service pair prints one")
    return code


def _ask_to_claim(app: App) -> str:
    """Ask for a code of the operator, which makes the account of this sign-in the owner of the cloud."""
    if not app.out.can_ask:
        raise UsageError(
            "this cloud has no owner yet, and its first sign-in needs its operator's code", hint=CLAIM_HINT
        )
    app.out.notice(
        "this cloud has no owner yet: the account that you sign in with will own it. That needs the operator's "
        "code, which the cloud printed when it first started."
    )
    code = app.out.ask("the operator's code: ")
    if not code:
        raise UsageError("no code was typed", hint="satchel-service pair prints one")
    return code
