"""`satchel devices`: the computers that are connected to the owner's cloud."""

from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.output import Column
from satchel.cli.terminal.units import format_moment

if TYPE_CHECKING:
    from satchel.cloud.pairing import NamedDevice

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
        ("satchel devices", "list them"),
        ("satchel devices add", "a pairing code for another computer"),
        ("satchel devices revoke 3f9a", "end a device's access"),
    ],
    alone=True,
)
@pass_app
def devices(app: App, /) -> None:
    """List the devices that are connected to your cloud, add one, or end one's access."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    from satchel.cloud.pairing import named_devices  # noqa: PLC0415  costs urllib3

    found = named_devices(app.cloud(), app.owner().identity)
    app.out.table(lambda: {"devices": [_fields(device) for device in found]}, COLUMNS, map(_row, found))


@devices.subcommand("add", examples=[("satchel devices add", "then type the code on the other computer")])
@pass_app
def add(app: App, /) -> None:
    """Print a one-time pairing code for another computer."""
    client = app.cloud()
    code = client.new_pairing()
    app.out.answer(
        {"code": code.code, "expires": code.expires, "url": str(client.origin)}, code.code, brief=code.code
    )
    app.out.note(
        f"good until {format_moment(code.expires)}; on the other computer, after satchel recovery use:"
    )
    app.out.note(f"  satchel connect {client.origin} --pair {code.code}")


@devices.subcommand("revoke", examples=[("satchel devices revoke 3f9a", "the beginning of its id suffices")])
@click.argument("device", metavar="ID")
@pass_app
def revoke(app: App, /, *, device: str) -> None:
    """End a device's access to the cloud at once."""
    from satchel.cloud.pairing import find_device  # noqa: PLC0415  costs urllib3

    client = app.cloud()
    found = find_device(client.devices(), device)
    client.revoke_device(found.id)
    app.out.answer({"device_id": found.id}, f"revoked device {found.id[:8]}")
    if found.current:
        app.out.note("that was this device; next: satchel disconnect --forget")


def _fields(device: "NamedDevice") -> dict[str, object]:
    return {
        "id": device.id,
        "label": device.label,
        "created": device.created,
        "last_seen": device.last_seen,
        "current": device.is_current,
    }


def _row(device: "NamedDevice") -> tuple[str, ...]:
    seen = (format_moment(device.created), format_moment(device.last_seen))
    return (device.id[:8], device.label, *seen, "this device" if device.is_current else "")
