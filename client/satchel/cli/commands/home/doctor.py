"""`satchel doctor`: check for problems and suggest fixes."""

import datetime as dt
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.diagnostics import Finding, run_checks
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column

COLUMNS: Final = (Column("CHECK"), Column("RESULT"), Column("DETAIL"))


@command(
    "doctor",
    examples=[
        ("satchel doctor", "run all checks"),
        ("satchel doctor --deep", "also read the whole store"),
    ],
)
@click.option("--deep", is_flag=True, help="Also read every content of every revision.")
@pass_app
def doctor(app: App, /, *, deep: bool) -> None:
    """Check for problems and suggest fixes.

    Checks the home and its permissions, the store, the index, the keys, the settings, the free disk space
    and the clock. The exit code is 0 unless a check fails.
    """
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


def _fields(finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "verdict": finding.verdict,
        "detail": finding.detail,
        "hint": finding.hint,
    }
