"""`satchel connect` and `satchel disconnect`: pair this device with the owner's cloud, or leave it."""

import platform
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.operators_code import operators_code
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count
from satchel.cloud import connection, pairing
from satchel.errors import SatchelError, UsageError
from satchel.outgoing.address import Origin

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient


@command(
    "connect",
    examples=[
        ("satchel connect https://cloud.example.com", "connect; it asks for the pairing code"),
        ("satchel connect https://cloud.example.com --pair K7QF-M2XD", "connect without being asked"),
    ],
)
@click.argument("url", metavar="URL")
@click.option("--pair", "code", metavar="CODE", help="The one-time pairing code, instead of being asked.")
@click.option(
    "--label", metavar="NAME", help="This device's name on your other devices (default: host name)."
)
@click.option("--allow-http", is_flag=True, help="Allow a URL without TLS.")
@pass_app
def connect(app: App, /, *, url: str, code: str | None, label: str | None, allow_http: bool) -> None:
    """Connect this device to your cloud.

    Get a pairing code from the cloud's log at its first start, from `satchel-service pair`, or from
    `satchel devices add` on a connected device. Only the code and this device's name are sent, and the
    name is encrypted so that only your devices can read it.
    """
    name = platform.node() if label is None else label
    origin = Origin.parse(url, allow_http=allow_http)
    connected = pairing.connect(
        app.home,
        app.vault(),
        origin,
        code or _ask_for_code(app),
        name,
        owner=app.owner().recipient,
        dial=app.dial,
        allow_http=allow_http,
    )
    app.out.answer(
        {"url": str(connected.origin), "device_id": connected.device_id},
        f"connected to {connected.origin} as {name or connected.device_id[:8]!r}",
    )
    app.out.note("next: satchel backup")


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


@command(
    "disconnect",
    examples=[
        ("satchel disconnect", "end this device's access; the cloud keeps its data"),
        ("satchel disconnect --erase-cloud", "first delete every backup, share and device in the cloud"),
    ],
)
@click.option("--erase-cloud", is_flag=True, help="Delete everything in the cloud, for good.")
@click.option(
    "--code",
    metavar="CODE",
    help="With --erase-cloud: a pairing code from satchel-service pair on the cloud.",
)
@click.option("--forget", is_flag=True, help="Only forget the cloud on this device, without contacting it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def disconnect(app: App, /, *, erase_cloud: bool, code: str | None, forget: bool, yes: bool) -> None:
    """Disconnect this device from your cloud.

    This revokes the device's access and forgets the cloud on this device. Your Pieces stay on it. Backups and
    links stay in the cloud: a link works until it ends or you revoke it on another device.
    """
    if forget and erase_cloud:
        raise UsageError(
            "--forget does not contact the cloud, so it cannot erase it", hint="choose one of the two"
        )
    if forget:
        connection.delete_connection(app.home, app.vault())
        app.out.answer(
            {"url": None, "device_id": None}, "forgot the cloud; revoke this device on another device"
        )
        return
    current = connection.read_connection(app.home)
    client = app.cloud()
    stays = "" if erase_cloud else _what_stays(client)
    if not yes:
        _confirm(app, str(current.origin), stays, erase_cloud=erase_cloud)
    given = operators_code(app, client, code) if erase_cloud else ""
    pairing.disconnect(app.home, app.vault(), client, erase_cloud=erase_cloud, code=given)
    done = "erased and disconnected from" if erase_cloud else "disconnected from"
    app.out.answer({"url": str(current.origin), "device_id": current.device_id}, f"{done} {current.origin}")
    if yes and stays:
        app.out.note(stays)


def _what_stays(client: "CloudClient") -> str:
    """Describe what disconnecting leaves in the cloud; empty if the cloud cannot tell."""
    try:
        live = sum(share.state == "live" for share in client.shares())
        backups = len(client.backups().backups)
    except SatchelError:  # disconnecting reports it
        return ""
    kept = f"{format_count(backups, 'backup')} and {format_count(live, 'live link')} stay in the cloud"
    return f"{kept}; satchel shares revoke ends a link" if live else kept


def _confirm(app: App, url: str, stays: str, *, erase_cloud: bool) -> None:
    """Ask before disconnecting; without a terminal, require --yes."""
    if not app.out.can_ask:
        what = (
            "erasing the cloud cannot be undone"
            if erase_cloud
            else stays or "the cloud keeps backups and links"
        )
        raise UsageError(
            f"{what}, and there is no terminal to ask on", hint="add --yes to disconnect without asking"
        )
    if stays:
        app.out.notice(stays)
    what = f"delete every backup and share at {url} for good" if erase_cloud else f"disconnect from {url}"
    if not app.out.confirm(f"{what}?"):
        raise UsageError("cancelled; nothing was changed")
