"""`satchel crash`: look at the reports of unexpected exceptions, send one by hand, or delete them."""

from collections.abc import Iterator
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import NumberType
from satchel.cli.commands.home.telemetry import sendable_endpoint
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import Column, format_count
from satchel.errors import NotFoundError, RefusedError
from satchel.telemetry.crash_files import (
    KeptReport,
    clear_reports,
    delete_report,
    list_reports,
    read_report,
)
from satchel_wire.telemetry import CRASH_REPORTS

COLUMNS: Final = (
    Column("NO", right=True, dim=True),
    Column("DAY", dim=True),
    Column("COMMAND"),
    Column("EXCEPTION"),
    Column("AT", shrinks=True),
)
NUMBER: Final = NumberType(999_999_999)


@group(
    "crash",
    examples=[
        ("satchel crash list", "the reports on this device"),
        ("satchel crash show", "print the whole newest report"),
        ("satchel crash send 3", "show report 3, ask, and send it"),
        ("satchel crash clear", "delete all of them"),
    ],
)
def crash() -> None:
    """Look at reports of crashes, send one by hand, or delete them.

    If you have agreed (satchel telemetry on), an unexpected exception leaves a report on this device: its
    type, the places in satchel's own code, and versions. The report holds no message, no path and nothing
    from your Pieces.
    """


@crash.subcommand("list", examples=[("satchel crash list", "newest last")])
@pass_app
def list_(app: App, /) -> None:
    """List the reports, newest last."""
    found = list_reports(app.home)
    app.out.table(lambda: {"reports": [_fields(each) for each in found]}, COLUMNS, _rows(found))
    if not found:
        app.out.note("no crash reports")


@crash.subcommand("show", examples=[("satchel crash show 3", "the number is in the first column")])
@click.argument("number", type=NUMBER, metavar="[NUMBER]", required=False)
@pass_app
def show(app: App, /, *, number: int | None) -> None:
    """Print a whole report as it would be sent; by default the newest."""
    app.out.write(_find(app, number).data.decode("ascii"))


@crash.subcommand("send", examples=[("satchel crash send", "show the newest, ask, and send it")])
@click.argument("number", type=NUMBER, metavar="[NUMBER]", required=False)
@pass_app
def send(app: App, /, *, number: int | None) -> None:
    """Show a report, ask, send it to the endpoint of satchel telemetry, and delete it.

    It works only on a terminal, not in a script or a scheduled task.
    """
    endpoint = sendable_endpoint(app)
    found = _find(app, number)
    app.out.notice(found.data.decode("ascii"))
    if not app.out.confirm(f"Send this, and nothing else, to {endpoint.origin}?"):
        raise RefusedError("nothing was sent", hint="only yes sends it")
    endpoint.deliver(app.issuer_transport(), CRASH_REPORTS, "crash-report", found.data)
    delete_report(app.home, found.number)
    document = {"number": found.number, "endpoint": str(endpoint.origin), "size_bytes": len(found.data)}
    app.out.answer(document, f"sent report {found.number} to {endpoint.origin}")


@crash.subcommand("clear", examples=[("satchel crash clear", "delete every report")])
@pass_app
def clear(app: App, /) -> None:
    """Delete every report."""
    count = clear_reports(app.home)
    app.out.answer({"deleted": count}, f"deleted {format_count(count, 'report')}")


def _find(app: App, number: int | None) -> KeptReport:
    if number is not None:
        return read_report(app.home, number)
    found = list_reports(app.home)
    if not found:
        raise NotFoundError(
            "there are no crash reports", hint="they are kept with consent only: satchel telemetry"
        )
    return found[-1]


def _rows(found: list[KeptReport]) -> Iterator[tuple[str, ...]]:
    for each in found:
        report, first = each.report, each.report.exceptions[0]
        yield str(each.number), report.day, report.command, first.type, _place(each)


def _fields(found: KeptReport) -> dict[str, Any]:
    return {
        "number": found.number,
        "day": found.report.day,
        "command": found.report.command,
        "exception": found.report.exceptions[0].type,
        "at": _place(found) or None,
    }


def _place(found: KeptReport) -> str:
    """Return the innermost place in satchel's own code."""
    return next(iter(found.report.exceptions[0].frames[-1:]), "")
