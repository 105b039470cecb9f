"""`satchel telemetry`: agree to counts, look at them, send them by hand, or delete them."""

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import click

from satchel.cli.app import App
from satchel.cli.consent_question import note_asked
from satchel.cli.options import group, pass_app
from satchel.cli.registry import COMMANDS
from satchel.cli.settings_file import SETTINGS, read_settings, write_settings
from satchel.errors import RefusedError, SatchelError, UsageError
from satchel.telemetry.consent import is_on, turn_off, turn_on
from satchel.telemetry.crash_files import list_reports
from satchel.telemetry.facts import gather_facts
from satchel.telemetry.waiting import opened
from satchel_wire.telemetry import DOCUMENTS

if TYPE_CHECKING:
    from satchel.telemetry.sending import Endpoint

ENDPOINT: Final = "telemetry.endpoint"
NONE: Final = "none"


@group(
    "telemetry",
    examples=[
        ("satchel telemetry", "whether it is on, and what waits"),
        ("satchel telemetry on", "agree to counts and crash reports, on this device"),
        ("satchel telemetry show", "print exactly what would be sent"),
        ("satchel telemetry send", "send it now; nothing is sent without you"),
        ("satchel telemetry off", "delete the counts, the id and the crash reports"),
    ],
    alone=True,
)
@pass_app
def telemetry(app: App, /) -> None:
    """Agree to counts of your commands, look at them, send them by hand, or delete them.

    Without your consent, satchel counts and writes nothing. With it, the counts stay on this device until you
    send them yourself, to an endpoint that you set. A personal cloud cannot be that endpoint.
    """
    if click.get_current_context().invoked_subcommand is None:
        _print_status(app)


@telemetry.subcommand("status", examples=[("satchel telemetry status", "the same as satchel telemetry")])
@pass_app
def status(app: App, /) -> None:
    """Show whether telemetry is on, its endpoint, and the number of crash reports."""
    _print_status(app)


@telemetry.subcommand("on", examples=[("satchel telemetry on", "count commands from now on")])
@pass_app
def on(app: App, /) -> None:
    """Agree: count commands, and keep reports of crashes, on this device."""
    if app.environment.no_tracking:
        raise RefusedError(
            f"{app.environment.no_tracking} is set, so telemetry stays off", hint="unset it, then try again"
        )
    is_new = turn_on(app.home)
    note_asked(app.home)
    text = "telemetry is on: commands are counted on this device" if is_new else "telemetry was on already"
    app.out.answer({"is_on": True, "is_new": is_new}, text)
    if is_new:
        app.out.note(
            "nothing is sent unless you run satchel telemetry send; satchel telemetry show prints all of it"
        )


@telemetry.subcommand("off", examples=[("satchel telemetry off", "delete everything that was counted")])
@pass_app
def off(app: App, /) -> None:
    """Stop counting, and delete the counts, the id and the crash reports."""
    was_on = turn_off(app.home)
    if app.home.is_dir():
        note_asked(app.home)
    text = (
        "telemetry is off: the counts, the id and the crash reports are deleted"
        if was_on
        else "telemetry was off already"
    )
    app.out.answer({"is_on": False, "was_on": was_on}, text)


@telemetry.subcommand("show", examples=[("satchel telemetry show", "the whole document")])
@pass_app
def show(app: App, /) -> None:
    """Print the whole document, byte for byte as it would be sent."""
    with opened(app.home) as waiting:
        data = waiting.document(_today(), gather_facts(app.home), COMMANDS)
    app.out.write(data.decode("ascii"))


@telemetry.subcommand("send", examples=[("satchel telemetry send", "send the document once")])
@pass_app
def send(app: App, /) -> None:
    """Send the document to the endpoint that you have set, and start counting from zero.

    It works only on a terminal, not in a script or a scheduled task. At most one document is sent a day.
    """
    endpoint = sendable_endpoint(app)
    today = _today()
    with opened(app.home) as waiting:
        if waiting.sent_on(today) == today:
            raise RefusedError(
                "a document was already sent today", hint="later counts are kept; send them tomorrow"
            )
        data = waiting.freeze(today, gather_facts(app.home), COMMANDS)
        endpoint.deliver(app.issuer_transport(), DOCUMENTS, "telemetry", data)
        waiting.delivered(today)
    document = {"endpoint": str(endpoint.origin), "size_bytes": len(data)}
    app.out.answer(document, f"sent {len(data):,} bytes to {endpoint.origin}")


@telemetry.subcommand(
    "endpoint",
    examples=[
        ("satchel telemetry endpoint", "show where documents go"),
        ("satchel telemetry endpoint https://telemetry.example.org", "send them to your organisation"),
        ("satchel telemetry endpoint none", "send them nowhere"),
    ],
)
@click.argument("url", metavar="[URL]", required=False)
@pass_app
def endpoint(app: App, /, *, url: str | None) -> None:
    """Show or set where documents go; `none` for nowhere, which is the default."""
    chosen = endpoint_setting(app)
    if url is not None:
        chosen = NONE if url == NONE else str(_parse_endpoint(app, url).origin)
        settings = {name: value for name, value in read_settings(app.home).items() if name != ENDPOINT}
        write_settings(app.home, settings if chosen == NONE else {**settings, ENDPOINT: chosen})
    shown = None if chosen == NONE else chosen
    text = f"the endpoint is {chosen}" if shown else "there is no endpoint: nothing can be sent"
    app.out.answer({"endpoint": shown}, text, brief=chosen)


def endpoint_setting(app: App) -> str:
    """Return the address of the endpoint that the owner has set, or NONE."""
    return read_settings(app.home).get(ENDPOINT, SETTINGS[ENDPOINT].default)


def sendable_endpoint(app: App) -> "Endpoint":
    """Return the endpoint. Raise RefusedError unless telemetry is on and the command runs on a terminal."""
    if app.environment.no_tracking:
        raise RefusedError(
            f"{app.environment.no_tracking} is set, so nothing is sent", hint="unset it, then try again"
        )
    if not is_on(app.home):
        raise RefusedError(
            "telemetry is off: there is nothing to send", hint="turn it on: satchel telemetry on"
        )
    if not app.streams.can_ask:
        raise RefusedError(
            "only a person on a terminal sends this, never a script or a scheduled task",
            hint="run it by hand on a terminal",
        )
    chosen = endpoint_setting(app)
    if chosen == NONE:
        raise UsageError(
            "there is no endpoint to send to", hint="set one: satchel telemetry endpoint https://HOST"
        )
    return _parse_endpoint(app, chosen)


def _parse_endpoint(app: App, text: str) -> "Endpoint":
    from satchel.telemetry.sending import Endpoint  # noqa: PLC0415  its HTTP library costs over 20 ms

    return Endpoint.parse(text, app.home)


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def _print_status(app: App) -> None:
    document = _status(app)
    lines = [f"telemetry      {'on' if document['is_on'] else 'off'}"]
    if document["no_tracking"]:
        lines.append(f"               {document['no_tracking']} is set: nothing is asked, counted or sent")
    lines.append(f"endpoint       {document['endpoint'] or 'none: nothing can be sent'}")
    if document["is_on"]:
        lines.append(f"last sent      {document['sent'] or 'never'}")
        lines.append(f"crash reports  {document['crash_reports']}")
    app.out.answer(document, "\n".join(lines))


def _status(app: App) -> dict[str, Any]:
    chosen = endpoint_setting(app)
    sent = ""
    if is_on(app.home):
        with suppress(SatchelError), opened(app.home) as waiting:
            sent = waiting.sent_on(_today())
    return {
        "is_on": is_on(app.home),
        "no_tracking": app.environment.no_tracking or None,
        "endpoint": None if chosen == NONE else chosen,
        "sent": sent or None,
        "crash_reports": len(list_reports(app.home)),
    }
