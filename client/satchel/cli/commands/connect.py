"""`satchel connect`: pair this device with the owner's cloud."""

import platform

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app


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
    from satchel.cloud.address import Origin  # noqa: PLC0415

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
