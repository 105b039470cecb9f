"""`satchel doctor`: check for problems and suggest fixes."""

import datetime as dt
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.diagnostics import run_checks
from satchel.cli.options import command, pass_app
from satchel.cli.protection.assessment import Finding
from satchel.cli.terminal.text import Column

COLUMNS: Final = (Column("CHECK"), Column("RESULT"), Column("DETAIL"))


@command(
    "doctor",
    examples=[
        ("satchel doctor", "run all checks"),
        ("satchel doctor --deep", "also read the whole store"),
        ("satchel doctor --offline", "do not contact the cloud"),
    ],
)
@click.option("--deep", is_flag=True, help="Also read the content of every revision.")
@pass_app
def doctor(app: App, /, *, deep: bool) -> None:
    """Check for problems and suggest fixes.

    This checks the home and its permissions, the store, the index, the keys, the settings, the clock, the
    backups, the schedules, the recovery words and the free disk space. If a cloud is connected, satchel asks
    it what it holds. The exit code is 0 unless a check fails.
    """
    findings = list(run_checks(app, dt.datetime.now(dt.UTC), deep=deep, ask_cloud=app.may_ask_in_passing()))
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
