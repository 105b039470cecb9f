"""`satchel-infra plan`: what N clouds need, how long it takes and what it costs."""

import argparse
import sys
from typing import Final

from satchel_infra.planning.plans import MOST_USERS, PLATFORMS, STORAGES
from satchel_infra.planning.usage import PROFILES

EXAMPLE: Final = "example: satchel-infra plan --users 1000000 --platform cloudrun --explain"


def add_plan(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "plan", help="print what a number of clouds needs and costs", epilog=EXAMPLE
    )
    command.set_defaults(run=run)
    add_options(command)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of the command to its parser."""
    command.add_argument("--users", type=int, metavar="N", help=f"clouds, 1 to {MOST_USERS:,}")
    command.add_argument("--platform", choices=PLATFORMS, help="one platform (default: all)")
    command.add_argument("--profile", choices=PROFILES, default="mixed", help="how owners use their clouds")
    command.add_argument(
        "--storage",
        choices=sorted({name for names in STORAGES.values() for name in names}),
        default="",
        help="what each cloud has to itself (default: the platform's own)",
    )
    command.add_argument(
        "--regions", type=int, default=10, metavar="N", help="regions of a project (cloudrun)"
    )
    command.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="ROW=VALUE",
        help="your own figure for a row of the table; repeatable",
    )
    command.add_argument("--simulate", action="store_true", help="play the arrivals of some weeks instead")
    command.add_argument(
        "--seed", type=int, default=1, metavar="S", help="a seed gives the same arrivals again"
    )
    command.add_argument("--weeks", type=int, default=4, metavar="W", help="weeks to simulate (default: 4)")
    command.add_argument(
        "--viral-views",
        type=int,
        default=0,
        metavar="V",
        help="one more cloud has a share that V people open",
    )
    command.add_argument("--explain", action="store_true", help="say how each line was computed")
    command.add_argument("--rows", action="store_true", help="list the table of limits and prices instead")
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print the answer and return 0. Raise ConfigurationError for a bad value."""
    from satchel_infra.planning.answers import answer  # noqa: PLC0415  other commands need none of it

    sys.stdout.write(answer(options))
    return 0
