"""`satchel doctor`: is all well, and what to do where it is not."""

import datetime as dt
from typing import TYPE_CHECKING, Final

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.output import Column

if TYPE_CHECKING:
    from satchel.cli.diagnostics import Finding

COLUMNS: Final = (Column("CHECK"), Column("RESULT"), Column("WHAT WAS FOUND"))


@command(
    "doctor",
    examples=[
        ("satchel doctor", "check everything"),
        ("satchel doctor --deep", "read all of the store"),
    ],
)
@click.option("--deep", is_flag=True, help="Read every content of every revision, too.")
@pass_app
def doctor(app: App, /, *, deep: bool) -> None:
    """Check that all is well, and say what to do where it is not.

    Looks at the home and its permissions, the store, the index, the keys, the free disk and the clock.
    The exit code is 0 unless something failed.
    """
    from satchel.cli.diagnostics import run_checks  # noqa: PLC0415

    findings = list(run_checks(app, dt.datetime.now(dt.UTC), deep=deep))
    failed = [each for each in findings if each.verdict == "failed"]
    app.out.table(
        lambda: {"healthy": not failed, "checks": [_fields(each) for each in findings]},
        COLUMNS,
        ((each.name, each.verdict, each.detail) for each in findings),
    )
    for each in findings:
        if each.hint:
            app.out.note(f"{each.name}: {each.hint}")
    if failed:
        raise click.exceptions.Exit(max(each.exit_code for each in failed))


def _fields(finding: "Finding") -> dict[str, str]:
    return {
        "name": finding.name,
        "verdict": finding.verdict,
        "detail": finding.detail,
        "hint": finding.hint,
    }
