"""`satchel disconnect`: leave the cloud, or delete all that it holds."""

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.errors import UsageError


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
        connection.forget(app.home, app.vault())
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
