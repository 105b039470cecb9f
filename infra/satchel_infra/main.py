"""`satchel-infra`: print a deployment of a cloud. It does not use the network and changes nothing."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from satchel_infra.rendering import check_environment, render_compose, render_systemd
from satchel_service.settings import SettingsError

SYSTEM_WIDE: Final = "/usr/local/bin/satchel-service"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 wrong usage."""
    options = make_parser().parse_args(arguments)
    try:
        chosen = dict(parse_assignment(text) for text in options.setting)
        sys.stdout.write(render(options, check_environment(chosen)))
    except SettingsError as exc:
        sys.stderr.write(f"satchel-infra: {exc}\n")
        return 2
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    top = argparse.ArgumentParser(prog="satchel-infra", description="print a deployment of a personal cloud")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "render",
        help="print a deployment",
        epilog="example: satchel-infra render systemd --set SATCHEL_PUBLIC_URL=https://satchel.example.org",
    )
    command.add_argument("target", choices=("systemd", "compose"), help="the platform that runs it")
    command.add_argument(
        "--set",
        dest="setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the service; repeatable",
    )
    command.add_argument(
        "--command",
        dest="program",
        help="path of satchel-service (systemd); the default is the one installed beside this program",
    )
    command.add_argument("--image", default="satchel-service", help="image to run (compose)")
    command.add_argument(
        "--context",
        default=".",
        metavar="DIR",
        help="checkout of the project that the image is built from (compose)",
    )
    command.add_argument("--port", type=int, default=8080, help="port on the loopback address (compose)")
    return top


def render(options: argparse.Namespace, variables: dict[str, str]) -> str:
    """Return the text of the chosen deployment."""
    if options.target == "systemd":
        command, needed = find_service(options.program)
        return render_systemd(variables, command=command, needed=needed)
    return render_compose(variables, image=options.image, context=options.context, port=options.port)


def find_service(program: str | None) -> tuple[str, list[str]]:
    """Return the path of satchel-service and the directories that it runs from.

    The default is the program in this interpreter's own environment, such as the one that pipx made.
    """
    installed = Path(sys.prefix, "bin", "satchel-service")
    if program is None and installed.is_file():
        return str(installed), [sys.prefix, sys.base_prefix]
    path = Path(program or SYSTEM_WIDE)
    if not path.is_absolute():
        raise SettingsError(f"--command {program!r} is not an absolute path")
    return str(path), [str(path.resolve().parent.parent)] if path.exists() else []


def parse_assignment(text: str) -> tuple[str, str]:
    """Split NAME=VALUE. Raise SettingsError if there is no "="."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"{text!r} is not a setting; use --set NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
