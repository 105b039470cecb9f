"""What the commands that serve have in common: settings, packages, and running until a signal."""

import os
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Final, Protocol

from satchel_infra.errors import MissingExtraError

SERVER_SETTINGS: Final = (
    "SATCHEL_PUBLIC_URL",
    "SATCHEL_HSTS",
    "SATCHEL_BIND",
    "PORT",
    "SATCHEL_CONNECTIONS",
    "SATCHEL_IDLE_EXIT_S",
    "SATCHEL_TRUSTED_PROXIES",
    "SATCHEL_LOG_LEVEL",
)
"""The environment variables of a server, as those of a cloud."""

FAILED: Final = 1  # gunicorn's own code, 3, means "not found" here


class Server(Protocol):
    """A server of gunicorn."""

    def run(self) -> None:
        """Serve until a signal, then raise SystemExit."""


def require_packages(names: Iterable[str]) -> None:
    """Raise MissingExtraError if a package is not installed."""
    for name in names:
        if find_spec(name) is None:
            raise MissingExtraError(
                f"the package {name!r} is missing", hint="install it: pipx install --force 'satchel[service]'"
            )


def run_until_stopped(server: Server) -> int:
    """Serve until a signal. Return FAILED if no worker can start; the worker has printed why."""
    supervisor = os.getpid()
    try:
        server.run()
    except SystemExit as exc:
        if os.getpid() != supervisor:  # a worker, whose exit code is for gunicorn's supervisor
            raise
        return FAILED if exc.code else 0
    return 0
