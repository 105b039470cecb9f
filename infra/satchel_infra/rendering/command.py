"""`satchel-infra render TARGET`: print a deployment. It does not use the network and changes nothing.

A target is a module with HELP, `add_options` and `render`. Its options come beside `--set`, which every target takes.
"""

import argparse
import sys
from collections.abc import Mapping
from typing import Final, Protocol

from satchel_infra.rendering import box, cloudrun, compose, knative, systemd
from satchel_infra.rendering.environment import check_environment, parse_assignment


class Target(Protocol):
    """What a module of a target has."""

    @property
    def HELP(self) -> str:  # noqa: N802  a constant of the module
        """What `render --help` says about it."""
        ...

    def add_options(self, command: argparse.ArgumentParser) -> None:
        """Add the options of this target."""
        ...

    def render(self, options: argparse.Namespace, environment: Mapping[str, str]) -> str:
        """Return the text for the given options and the settings that differ from their defaults."""
        ...


TARGETS: Final[Mapping[str, Target]] = {
    "systemd": systemd,
    "compose": compose,
    "box": box,
    "cloudrun": cloudrun,
    "knative": knative,
}


def add_render(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and one subcommand for each target."""
    command = commands.add_parser(
        "render",
        help="print a deployment",
        epilog="example: satchel-infra render systemd --set SATCHEL_PUBLIC_URL=https://satchel.example.org",
    )
    command.set_defaults(run=run_render)
    targets = command.add_subparsers(dest="target", required=True, metavar="TARGET")
    for name, target in TARGETS.items():
        parser = targets.add_parser(name, help=target.HELP)
        parser.add_argument(
            "--set",
            dest="setting",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a setting of the service; repeatable",
        )
        target.add_options(parser)


def run_render(options: argparse.Namespace) -> int:
    """Print the text of the chosen target. Raise SettingsError for an invalid setting."""
    chosen = dict(parse_assignment(text) for text in options.setting)
    sys.stdout.write(TARGETS[options.target].render(options, check_environment(chosen)))
    return 0
