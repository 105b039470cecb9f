"""`satchel-infra serve`: make a cloud for each owner who signs in, and take it down."""

import argparse
import os
from importlib.util import find_spec
from typing import Final

from satchel_infra.commands.arguments import Commands, add_command, load, open_provisioner
from satchel_infra.errors import MissingExtraError

NEEDED: Final = ("gunicorn", "starlette", "joserfc")
FAILED: Final = 1  # gunicorn's own code, 3, means "not found" here


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
    for package in NEEDED:
        if find_spec(package) is None:
            raise MissingExtraError(
                f"the package {package!r} is missing",
                hint="install it: pipx install --force 'satchel[service]'",
            )
    from satchel_infra.provisioning.platforms import check_platforms  # noqa: PLC0415
    from satchel_infra.serving.server import ProvisionerServer  # noqa: PLC0415  needs gunicorn

    server = ProvisionerServer(configuration, options.environ)
    open_provisioner(options, configuration).records.probe()
    check_platforms(configuration)
    supervisor = os.getpid()
    try:
        server.run()
    except SystemExit as exc:
        if os.getpid() != supervisor:  # a worker, whose exit code is for gunicorn's supervisor
            raise
        return FAILED if exc.code else 0
    return 0
