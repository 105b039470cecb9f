"""`satchel-infra`: create, find, update and remove clouds, and print deployments. Only it reads the environment."""

import argparse
import os
import sys
from collections.abc import Sequence

from satchel_infra.commands.clouds import add_clouds
from satchel_infra.commands.doctor import add_doctor
from satchel_infra.commands.moves import add_move
from satchel_infra.commands.rollout import add_rollout
from satchel_infra.commands.serve import add_serve
from satchel_infra.errors import InfraError
from satchel_infra.planning.command import add_plan
from satchel_infra.rendering.command import add_render
from satchel_infra.telemetry.command import add_telemetry
from satchel_service.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 wrong usage, or the one of its error."""
    options = make_parser().parse_args(arguments)
    options.environ = dict(os.environ)
    try:
        return int(options.run(options))
    except SettingsError as exc:
        sys.stderr.write(f"satchel-infra: {exc}\n")
        return 2
    except InfraError as exc:
        sys.stderr.write(f"satchel-infra: {exc}\nhint: {exc.hint}\n")
        return exc.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("satchel-infra: interrupted\nhint: the same command continues where it stopped\n")
        return 1


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    top = argparse.ArgumentParser(
        prog="satchel-infra",
        description="create and keep personal clouds, on one machine or for a million people",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_clouds(commands)
    add_rollout(commands)
    add_move(commands)
    add_doctor(commands)
    add_serve(commands)
    add_render(commands)
    add_plan(commands)
    add_telemetry(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
