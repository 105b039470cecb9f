"""`satchel-infra telemetry`: serve an organisation's endpoint, and report what it counted."""

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from satchel_infra.commands.arguments import Commands, add_json, print_json
from satchel_infra.errors import ConfigurationError, NoSuchCloudError
from satchel_infra.running import require_packages, run_until_stopped

DIRECTORY_VARIABLE: Final = "SATCHEL_TELEMETRY_DIRECTORY"
NEEDED: Final = ("apsw", "gunicorn", "starlette")
MONTH: Final = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


def add_telemetry(commands: Commands) -> None:
    """Add the command and its two subcommands."""
    command = commands.add_parser(
        "telemetry", help="count the telemetry that people send by hand, for an organisation"
    )
    subcommands = command.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    serving = _add(
        subcommands, "serve", "serve an endpoint", "telemetry serve --directory /var/lib/satchel-telemetry"
    )
    serving.set_defaults(run=serve)
    reporting = _add(subcommands, "report", "print the counts of a month", "telemetry report --month 2026-11")
    reporting.add_argument(
        "--month", metavar="YYYY-MM", help="the month, in UTC; the default is the current one"
    )
    add_json(reporting)
    reporting.set_defaults(run=report)


def _add(subcommands: Commands, name: str, help_: str, example: str) -> argparse.ArgumentParser:
    command = subcommands.add_parser(name, help=help_, epilog=f"example: satchel-infra {example}")
    command.add_argument(
        "--directory",
        metavar="DIR",
        help=f"where the counts are; the default is the directory that {DIRECTORY_VARIABLE} names",
    )
    return command


def _directory(options: argparse.Namespace) -> Path:
    directory = options.directory or options.environ.get(DIRECTORY_VARIABLE, "")
    if not directory:
        raise ConfigurationError(
            "no directory is named", hint=f"use --directory DIR, or set {DIRECTORY_VARIABLE}"
        )
    require_packages(NEEDED)
    return Path(directory)


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal stops it. Return 1 if no worker can start; the worker has printed why."""
    directory = _directory(options)
    from satchel_infra.telemetry.server import TelemetryServer  # noqa: PLC0415  needs gunicorn

    server = TelemetryServer(directory, options.environ)
    return run_until_stopped(server)


def report(options: argparse.Namespace) -> int:
    """Print the counts of a month."""
    directory = _directory(options)
    from satchel_infra.telemetry.counts import FILE_NAME, Counts  # noqa: PLC0415  needs apsw
    from satchel_infra.telemetry.report import lines_of, report_of  # noqa: PLC0415

    now = datetime.now(UTC)
    month = options.month or f"{now:%Y-%m}"
    if not MONTH.fullmatch(month):
        raise ConfigurationError(f"{month!r} is not a month", hint="write it as 2026-11")
    if not (directory / FILE_NAME).is_file():
        raise ConfigurationError(f"there are no counts in {str(directory)!r}", hint="check --directory")
    with Counts.open(directory) as counts:
        counts.forget_past(now)
        found, months = counts.month(month), counts.months()
    if found is None:
        raise NoSuchCloudError(
            f"nothing was counted in {month}", hint=f"months with counts: {', '.join(months) or 'none'}"
        )
    shown = report_of(found)
    if options.json:
        print_json(shown)
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines_of(shown)))
    return 0
