"""`satchel devices`: list the devices connected to the owner's cloud, add one, or revoke one."""

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.step_up import with_step_up
from satchel.cli.terminal.text import Column, format_moment
from satchel.cloud.pairing import NamedDevice, find_device, named_devices

COLUMNS = (
    Column("ID"),
    Column("NAME", shrinks=True),
    Column("CONNECTED", dim=True),
    Column("LAST SEEN", dim=True),
    Column(""),
)


@group(
    "devices",
    examples=[
        ("satchel devices", "list all devices"),
        ("satchel devices add", "print a pairing code for another device"),
        ("satchel devices revoke 3f9a", "revoke a device's access"),
    ],
    alone=True,
)
@pass_app
def devices(app: App, /) -> None:
    """List the devices connected to your cloud, add one, or revoke one."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    listed = named_devices(app.cloud(), app.owner().identity)
    app.out.table(lambda: {"devices": [_fields(device) for device in listed]}, COLUMNS, map(_row, listed))


@devices.subcommand("add", examples=[("satchel devices add", "then type the code on the other device")])
@pass_app
def add(app: App, /) -> None:
    """Print a one-time pairing code for another device.

    If your cloud has an issuer, you sign in again first.
    """
    client = app.cloud()
    code = with_step_up(app, client, client.new_pairing)
    app.out.answer(
        {"code": code.code, "expires": code.expires, "url": str(client.origin)}, code.code, brief=code.code
    )
    app.out.note(
        f"valid until {format_moment(code.expires)}; on the other device, after satchel recovery use, run:"
    )
    app.out.note(f"  satchel connect {client.origin} --pair {code.code}")


@devices.subcommand("revoke", examples=[("satchel devices revoke 3f9a", "the start of an id is enough")])
@click.argument("device", metavar="ID")
@pass_app
def revoke(app: App, /, *, device: str) -> None:
    """Revoke a device's access to the cloud at once.

    If your cloud has an issuer, you sign in again first.
    """
    client = app.cloud()
    found = find_device(client.devices(), device)
    with_step_up(app, client, lambda: client.revoke_device(found.id))
    app.out.answer({"device_id": found.id}, f"revoked device {found.id[:8]}")
    if found.current:
        app.out.note("that was this device; next: satchel disconnect --forget")


def _fields(device: NamedDevice) -> dict[str, object]:
    return {
        "id": device.id,
        "label": device.label,
        "created": device.created,
        "last_seen": device.last_seen,
        "current": device.is_current,
    }


def _row(device: NamedDevice) -> tuple[str, ...]:
    times = (format_moment(device.created), format_moment(device.last_seen))
    return (device.id[:8], device.label, *times, "this device" if device.is_current else "")
