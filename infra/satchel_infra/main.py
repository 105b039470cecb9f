"""`satchel-infra`: print what deploys a cloud. Nothing here reaches a network or changes a machine."""

import argparse
import sys
from collections.abc import Sequence

from satchel_infra.rendering import compose, environment, unit
from satchel_service.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 wrong usage."""
    options = parser().parse_args(arguments)
    try:
        chosen = dict(assignment(text) for text in options.setting)
        sys.stdout.write(render(options, environment(chosen)))
    except SettingsError as exc:
        sys.stderr.write(f"satchel-infra: {exc}\n")
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    top = argparse.ArgumentParser(prog="satchel-infra", description="print what deploys a cloud of one's own")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "render",
        help="print a deployment",
        epilog="example: satchel-infra render systemd --set SATCHEL_PUBLIC_URL=https://satchel.example.org",
    )
    command.add_argument("target", choices=("systemd", "compose"), help="what will run it")
    command.add_argument(
        "--set", dest="setting", action="append", default=[], metavar="NAME=VALUE", help="a setting"
    )
    command.add_argument(
        "--command", dest="program", default="/usr/local/bin/satchel-service", help="for systemd"
    )
    command.add_argument("--image", default="satchel-service", help="for compose")
    command.add_argument("--port", type=int, default=8080, help="for compose: the port on loopback")
    return top


def render(options: argparse.Namespace, variables: dict[str, str]) -> str:
    """The text of the chosen deployment."""
    if options.target == "systemd":
        return unit(variables, command=options.program)
    return compose(variables, image=options.image, port=options.port)


def assignment(text: str) -> tuple[str, str]:
    """Split NAME=VALUE; SettingsError when it is not of that form."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"{text!r} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
