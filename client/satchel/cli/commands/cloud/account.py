"""`satchel login`, `account` and `logout`: the owner's account at the issuer that the cloud trusts."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.options import command, device_flow_option, pass_app
from satchel.cli.signing_in import (
    DECRYPTS_NOTHING,
    SigningIn,
    require_offer,
    sign_in_afresh,
)
from satchel.cli.step_up import with_step_up
from satchel.cli.terminal.text import Column, format_moment
from satchel.cloud.connection import is_connected, read_connection
from satchel.cloud.pairing import named_devices
from satchel.cloud.provisioner import is_provisioner
from satchel.errors import RefusedError, SatchelError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel.signin.account import Account
from satchel.signin.refreshing import refresh_account, revoke_refresh_token
from satchel_wire.capabilities import Capability
from satchel_wire.messages import Account as CloudAccount
from satchel_wire.messages import OwnerRequest

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel.cloud.pairing import NamedDevice

COLUMNS = (Column("", dim=True), Column("", shrinks=True))
NO_ACCOUNT = CloudAccount(
    issuer=None, subject=None, owner_is_set_by_operator=False, requires_mfa=False, fresh_until=None, mfa=None
)


@command(
    "login",
    examples=[
        ("satchel login https://cloud.example.com", "sign in; then satchel connect asks for nothing"),
        ("satchel login", "sign in again, before a command that needs a fresh sign-in"),
        ("satchel login --device-flow", "on a computer without a browser"),
    ],
)
@click.argument("url", metavar="[URL]", required=False)
@device_flow_option
@click.option("--allow-http", is_flag=True, help="Allow a URL without TLS.")
@pass_app
def login(app: App, /, *, url: str | None, device_flow: bool, allow_http: bool) -> None:
    """Sign in at the issuer of your cloud, without connecting.

    Signing in creates nothing in the cloud. For a few minutes, satchel connect can use this sign-in, and on a
    connected device, commands that need a fresh sign-in can. Signing in never decrypts anything; only your
    recovery words do.
    """
    origin = _origin(app, url, allow_http=allow_http)
    if is_connected(app.home) and read_connection(app.home).origin == origin:
        until = sign_in_afresh(app, app.cloud(), by_device_flow=device_flow)
        account = app.accounts().read()
    else:
        account, until = _log_in(app, origin, by_device_flow=device_flow)
    app.out.answer(
        {
            "url": str(origin),
            "issuer": account.issuer if account else None,
            "subject": account.subject if account else None,
            "second_factor": account.has_second_factor if account else None,
            "until": until,
        },
        f"signed in as {account.subject if account else '?'!r} until {format_moment(until)}",
    )
    if not is_connected(app.home):
        app.out.note(f"next, before then: satchel connect {origin}")


def _origin(app: App, url: str | None, *, allow_http: bool) -> Origin:
    if url is not None:
        return Origin.parse(url, allow_http=allow_http)
    if not is_connected(app.home):
        raise UsageError("name the cloud to sign in at", hint="satchel login URL")
    return read_connection(app.home).origin


def _log_in(app: App, origin: Origin, *, by_device_flow: bool) -> tuple[Account, datetime]:
    client = app.dial(origin)
    if is_provisioner(client):
        raise UsageError(
            f"{str(origin)!r} is a provisioner", hint=f"connect, which signs you in: satchel connect {origin}"
        )
    offer = require_offer(app, client)
    signing_in = SigningIn(app, client, offer)
    signed_in = signing_in.sign_in(by_device_flow=by_device_flow)
    account = signing_in.remember(signed_in)
    until = signing_in.keep(signed_in)
    return account, until


@command(
    "account",
    examples=[
        ("satchel account", "show who you are signed in as, and your devices"),
        ("satchel account --refresh", "ask the issuer whether the sign-in still holds"),
        ("satchel account --change-owner", "make another account the owner of the cloud"),
    ],
)
@click.option("--refresh", "refreshes", is_flag=True, help="Ask the issuer, with the refresh token.")
@click.option("--change-owner", is_flag=True, help="Sign in again, then as the new owner.")
@click.option("--yes", is_flag=True, help="With --change-owner: do not ask.")
@pass_app
def account(app: App, /, *, refreshes: bool, change_owner: bool, yes: bool) -> None:
    """Show the account at the issuer: who you are signed in as, how, and your devices.

    Signing in proves to the cloud who you are. It never decrypts anything; only your recovery words do.
    """
    if refreshes and change_owner:
        raise UsageError("--refresh and --change-owner do different things", hint="choose one of the two")
    known = _refresh(app) if refreshes else app.accounts().read()
    if not is_connected(app.home) and not change_owner:
        _show_local(app, known)
        return
    client = app.cloud()
    provisioner = read_connection(app.home).provisioner
    if change_owner:
        _change_owner(app, client, yes=yes)
        known = app.accounts().read()
    held = client.account() if client.supports(Capability.SIGN_IN) else NO_ACCOUNT
    devices = named_devices(client, app.owner().identity)
    document = {
        "url": str(client.origin),
        "provisioner": str(provisioner) if provisioner else None,
        "issuer": held.issuer,
        "subject": held.subject,
        "owner_is_set_by_operator": held.owner_is_set_by_operator,
        "requires_second_factor": held.requires_mfa,
        "second_factor": held.mfa,
        "fresh_until": held.fresh_until,
        **_local_fields(known),
        "devices": [{"id": each.id, "label": each.label, "current": each.is_current} for each in devices],
    }
    rows = _rows(held, known, devices, str(client.origin))
    if provisioner is not None:
        rows.insert(1, ("made by", str(provisioner)))
    app.out.table(lambda: document, COLUMNS, rows)
    app.out.note(DECRYPTS_NOTHING)


def _show_local(app: App, known: Account | None) -> None:
    if known is None:
        raise RefusedError("you are not signed in", hint="satchel connect URL, or satchel login URL")
    document = {
        "url": known.cloud,
        "provisioner": None,
        "issuer": known.issuer,
        "subject": known.subject,
        "owner_is_set_by_operator": None,
        "requires_second_factor": None,
        "second_factor": known.has_second_factor,
        "fresh_until": None,
        **_local_fields(known),
        "devices": None,
    }
    rows = [
        ("cloud", f"{known.cloud}, not connected"),
        ("issuer", known.issuer),
        ("account", known.subject),
        ("second factor", _factor(known.has_second_factor)),
        ("signed in", format_moment(known.signed_in)),
    ]
    app.out.table(lambda: document, COLUMNS, rows)


def _local_fields(known: Account | None) -> dict[str, object]:
    return {
        "signed_in": known.signed_in if known else None,
        "refresh_token": bool(known and known.refresh_entry),
    }


def _rows(
    held: CloudAccount, known: Account | None, devices: "list[NamedDevice]", cloud: str
) -> list[tuple[str, str]]:
    setter = ", set by the operator" if held.owner_is_set_by_operator else ""
    required = ", required" if held.requires_mfa else ""
    fresh = f"until {format_moment(held.fresh_until)}" if held.fresh_until else "no"
    return [
        ("cloud", cloud),
        ("issuer", held.issuer or "none: devices connect with pairing codes"),
        ("owner", f"{held.subject}{setter}" if held.subject else "none yet"),
        ("second factor", f"{_factor(held.mfa)}{required}"),
        ("signed in", format_moment(known.signed_in) if known else "not on this device"),
        ("fresh sign-in", fresh),
        ("refresh token", "in the keyring" if known and known.refresh_entry else "none"),
        ("devices", ", ".join(each.label or each.id[:8] for each in devices)),
    ]


def _factor(has_one: bool | None) -> str:  # noqa: FBT001  what the issuer said
    return {True: "yes", False: "no", None: "unknown"}[has_one]


def _refresh(app: App) -> Account:
    """Exchange the refresh token, and record what the issuer says now."""
    account, reason = refresh_account(app.accounts(), app.issuer_transport())
    if reason:
        app.out.note(f"the issuer's new refresh token was not kept: {reason}")
    return account


def _change_owner(app: App, client: "CloudClient", *, yes: bool) -> None:
    """Sign in as the present owner, then as the next, who becomes the owner."""
    if not app.out.can_ask and not yes:
        raise UsageError("changing the owner needs a confirmation", hint="add --yes")
    if not yes and not app.out.confirm(
        "make another account the owner? You sign in twice: as the present owner, then as the new one."
    ):
        raise UsageError("cancelled; nothing was changed")
    if client.account().fresh_until is None:
        sign_in_afresh(app, client)
    app.out.notice("now sign in as the new owner")
    signing_in = SigningIn(app, client, require_offer(app, client))
    signed_in = signing_in.sign_in(as_another=True)
    request = OwnerRequest(id_token=signed_in.token.value, nonce=signed_in.nonce)
    changed = with_step_up(app, client, lambda: client.change_owner(request))
    signing_in.remember(signed_in)
    app.out.notice(f"the owner of the cloud is now {changed.subject!r}")


@command(
    "logout",
    examples=[("satchel logout", "forget the account; the device stays connected")],
)
@pass_app
def logout(app: App, /) -> None:
    """Forget the account on this device, and revoke its refresh token at the issuer.

    The device stays connected to the cloud; to end that, use satchel disconnect. You stay signed in at the
    issuer in your browser.
    """
    accounts = app.accounts()
    known = accounts.read()
    token = accounts.refresh_token(known) if known else None
    accounts.forget()
    if known is None:
        raise RefusedError("you are not signed in on this device", hint="satchel account shows the account")
    revoked = _revoke(app, known, token.value) if token else None
    stays = is_connected(app.home)
    app.out.answer(
        {"issuer": known.issuer, "subject": known.subject, "revoked": revoked, "connected": stays},
        f"forgot the account {known.subject!r} at {known.issuer}",
    )
    if revoked is False:
        app.out.note("the issuer cannot revoke refresh tokens; this one was deleted from the keyring")
    if stays:
        app.out.note("this device stays connected; satchel disconnect ends that")


def _revoke(app: App, known: Account, token: str) -> bool:
    """Revoke a refresh token. Return False if the issuer cannot; raise an error that says what was done if it fails."""
    try:
        return revoke_refresh_token(known, token, app.issuer_transport())
    except SatchelError as exc:
        kind = UnreachableError if isinstance(exc, UnreachableError) else RefusedError
        raise kind(
            f"forgot the account, but could not revoke the refresh token: {exc.message}",
            hint="end the session in your account at the issuer",
        ) from exc
