"""`satchel-infra serve`: make a cloud for each owner who signs in, and take it down."""

import argparse
from importlib.util import find_spec
from typing import Final

from satchel_infra.commands.arguments import Commands, add_command, load, open_provisioner
from satchel_infra.errors import MissingExtraError

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
    """Serve until a signal stops it."""
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
    server.run()
    return 0
