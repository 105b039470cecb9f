"""`satchel-infra serve`: make a cloud for each owner who signs in, and take it down."""

import argparse
from typing import Final

from satchel_infra.commands.arguments import Commands, add_command, load, open_provisioner
from satchel_infra.running import require_packages, run_until_stopped

NEEDED: Final = ("gunicorn", "starlette", "joserfc")


def add_serve(commands: Commands) -> None:
    """Add the command."""
    command = add_command(
        commands,
        "serve",
        "make a cloud for each owner who signs in",
        "serve --config /etc/satchel/infra.toml",
    )
    command.set_defaults(run=serve)


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal stops it. Return 1 if no worker can start; the worker has printed why."""
    configuration = load(options)
    require_packages(NEEDED)
    from satchel_infra.provisioning.platforms import check_platforms  # noqa: PLC0415
    from satchel_infra.serving.server import ProvisionerServer  # noqa: PLC0415  needs gunicorn

    server = ProvisionerServer(configuration, options.environ)
    open_provisioner(options, configuration).records.probe()
    check_platforms(configuration)
    return run_until_stopped(server)
