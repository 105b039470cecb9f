"""`satchel connect`: pair this device with the owner's cloud.

`satchel disconnect`: leave the cloud, or delete all that it holds.
"""

import platform

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.errors import UsageError


@command(
    "connect",
    examples=[
        ("satchel connect https://cloud.example.com --pair K7QF-M2XD", "connect with a code from the cloud"),
    ],
)
@click.argument("url", metavar="URL")
@click.option("--pair", "code", metavar="CODE", required=True, help="The one-time pairing code.")
@click.option("--label", metavar="NAME", help="What your other devices call this one (its host name).")
@click.option("--allow-http", is_flag=True, help="Take an address without encryption on the way.")
@pass_app
def connect(app: App, /, *, url: str, code: str, label: str | None, allow_http: bool) -> None:
    """Connect this device to your cloud.

    The code comes from the cloud itself when it starts for the first time, from `satchel-service pair`,
    or from `satchel devices add` on a device that is connected already. Nothing is sent but the code and
    the device's name, and the name is sealed so that only your devices can read it.
    """
    from satchel.cloud import pairing  # noqa: PLC0415  costs urllib3
    from satchel.outgoing.address import Origin  # noqa: PLC0415

    name = platform.node() if label is None else label
    made = pairing.connect(
        app.home,
        app.vault(),
        Origin.parse(url, allow_http=allow_http),
        code,
        name,
        owner=app.owner().recipient,
        dial=app.dial,
        allow_http=allow_http,
    )
    app.out.answer(
        {"url": str(made.origin), "device_id": made.device_id},
        f"connected to {made.origin} as {name or made.device_id[:8]!r}",
    )
    app.out.note("next: satchel backup")


@command(
    "disconnect",
    examples=[
        ("satchel disconnect", "end this device's access; what the cloud holds stays"),
        ("satchel disconnect --erase-cloud", "delete every backup, share and device in the cloud first"),
    ],
)
@click.option("--erase-cloud", is_flag=True, help="Delete everything that the cloud holds.")
@click.option("--forget", is_flag=True, help="Forget the cloud on this device alone, without asking it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def disconnect(app: App, /, *, erase_cloud: bool, forget: bool, yes: bool) -> None:
    """Disconnect this device from your cloud.

    The device's access ends in the cloud, and this device forgets the cloud. Your Pieces stay.
    """
    from satchel.cloud import connection, pairing  # noqa: PLC0415  costs urllib3

    if forget and erase_cloud:
        raise UsageError(
            "--forget asks the cloud for nothing, so it cannot erase it", hint="choose one of the two"
        )
    if forget:
        connection.delete_connection(app.home, app.vault())
        app.out.answer(
            {"url": None, "device_id": None}, "forgot the cloud; revoke this device from another one"
        )
        return
    left = connection.read_connection(app.home)
    client = app.cloud()
    if not yes:
        _ask(app, str(left.origin), erase_cloud=erase_cloud)
    pairing.disconnect(app.home, app.vault(), client, erase_cloud=erase_cloud)
    done = "erased and left" if erase_cloud else "left"
    app.out.answer({"url": str(left.origin), "device_id": left.device_id}, f"{done} {left.origin}")


def _ask(app: App, where: str, *, erase_cloud: bool) -> None:
    """Ask whether it is meant; without anybody to ask, erasing needs --yes."""
    if not app.out.can_ask:
        if erase_cloud:
            raise UsageError(
                "erasing the cloud cannot be undone, and there is no terminal to ask on", hint="add --yes"
            )
        return
    what = f"delete every backup and share at {where} for good" if erase_cloud else f"leave {where}"
    if not app.out.confirm(f"{what}?"):
        raise UsageError("nothing was changed")
