"""`satchel disconnect`: leave the owner's cloud, or erase it."""

from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.operators_code import operators_code
from satchel.cli.options import command, pass_app
from satchel.cli.step_up import with_step_up
from satchel.cli.terminal.text import format_count
from satchel.cloud import connection, pairing
from satchel.errors import SatchelError, UsageError

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel.cloud.connection import Connection
    from satchel.outgoing.address import Origin


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
    help="With --erase-cloud: a pairing code from satchel-service pair, instead of signing in.",
)
@click.option("--forget", is_flag=True, help="Only forget the cloud on this device, without contacting it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def disconnect(app: App, /, *, erase_cloud: bool, code: str | None, forget: bool, yes: bool) -> None:
    """Disconnect this device from your cloud.

    This revokes the device's access and forgets the cloud on this device. Your Pieces stay on the device.
    Backups and links stay in the cloud: a link works until it expires or you revoke it from another device.
    With --erase-cloud, the cloud deletes everything and counts what is left in its storage. If a provisioner
    made the cloud, you sign in again and the provisioner removes it. This device remembers your account until
    satchel logout.
    """
    if forget and erase_cloud:
        raise UsageError(
            "--forget does not contact the cloud, so it cannot erase it", hint="choose one of the two"
        )
    if code is not None and not erase_cloud:
        raise UsageError(
            "--code is for --erase-cloud only", hint="disconnecting alone takes no code: satchel disconnect"
        )
    if forget:
        connection.delete_connection(app.home, app.vault())
        app.out.answer(
            {"url": None, "device_id": None, "provisioner": None},
            "forgot the cloud; revoke this device on another device",
        )
        return
    current = connection.read_connection(app.home)
    client = app.cloud()
    if erase_cloud and current.provisioner is not None:
        _take_down(app, current, current.provisioner, code, yes=yes)
    elif erase_cloud:
        _erase(app, client, current, code, yes=yes)
    else:
        _disconnect(app, client, current, yes=yes)
    if app.accounts().read() is not None:
        app.out.note("this device remembers the account; satchel logout forgets it")


def _disconnect(app: App, client: "CloudClient", current: "Connection", *, yes: bool) -> None:
    stays = _what_stays(client)
    if not yes:
        _confirm(
            app, f"disconnect from {current.origin}", stays, stays or "the cloud keeps backups and links"
        )
    pairing.disconnect(app.home, app.vault(), client)
    app.out.answer(_fields(current), f"disconnected from {current.origin}")
    if yes and stays:
        app.out.note(stays)


def _erase(app: App, client: "CloudClient", current: "Connection", code: str | None, *, yes: bool) -> None:
    if not yes:
        what = f"delete every backup and share at {current.origin} for good"
        _confirm(app, what, "", "erasing the cloud cannot be undone")
    given = operators_code(app, client, code)
    left = with_step_up(app, client, lambda: client.erase(given))
    connection.delete_connection(app.home, app.vault())
    if left:
        raise SatchelError(
            f"erased and disconnected from {current.origin}, but {format_count(left, 'object')} "
            f"{'is' if left == 1 else 'are'} left in its storage",
            hint="ask the operator to delete the cloud's prefix or directory in the storage",
        )
    proof = "; a listing of its storage is empty" if left == 0 else ""
    app.out.answer(
        {**_fields(current), "remaining_objects": left},
        f"erased and disconnected from {current.origin}{proof}",
    )


def _take_down(
    app: App, current: "Connection", provisioner: "Origin", code: str | None, *, yes: bool
) -> None:
    """Let the provisioner remove the cloud, and forget it once nothing answers there any more."""
    if code is not None:
        raise UsageError(
            f"the provisioner {str(provisioner)!r} takes this cloud down, and takes no code",
            hint="leave out --code: you sign in instead",
        )
    if not yes:
        what = f"remove the cloud {current.origin} with every backup and share for good"
        _confirm(app, what, "", "erasing the cloud cannot be undone")
    from satchel.cli.provisioning import CloudMaking  # noqa: PLC0415  costs over 20 ms, and is rarely needed

    was_there = CloudMaking(app, provisioner).remove(current)
    if _still_serves(app):
        raise SatchelError(
            f"the provisioner {str(provisioner)!r} says that the cloud is gone, but {current.origin} still serves "
            "this device",
            hint="try again in a few minutes; if this persists, ask the provisioner's operator",
        )
    connection.delete_connection(app.home, app.vault())
    done = "removed" if was_there else "was already removed:"
    app.out.answer(
        {**_fields(current), "remaining_objects": None},
        f"{done} the cloud {current.origin}; its backups and shares are gone for good. Your Pieces stay on this device.",
    )


def _still_serves(app: App) -> bool:
    """Return whether the cloud still lets this device in."""
    try:
        app.cloud(is_brief=True).devices()
    except SatchelError:
        return False
    return True


def _fields(current: "Connection") -> dict[str, object]:
    provisioner = str(current.provisioner) if current.provisioner else None
    return {"url": str(current.origin), "device_id": current.device_id, "provisioner": provisioner}


def _what_stays(client: "CloudClient") -> str:
    """Describe what disconnecting leaves in the cloud; empty if the cloud cannot tell."""
    try:
        live = sum(share.state == "live" for share in client.shares())
        backups = len(client.backups().backups)
    except SatchelError:  # disconnecting reports it
        return ""
    kept = f"{format_count(backups, 'backup')} and {format_count(live, 'live link')} stay in the cloud"
    return f"{kept}; satchel shares revoke ends a link" if live else kept


def _confirm(app: App, what: str, notice: str, reason: str) -> None:
    """Ask before disconnecting; without a terminal, require --yes."""
    if not app.out.can_ask:
        raise UsageError(
            f"{reason}, and there is no terminal to ask on", hint="add --yes to disconnect without asking"
        )
    if notice:
        app.out.notice(notice)
    if not app.out.confirm(f"{what}?"):
        raise UsageError("cancelled; nothing was changed")
