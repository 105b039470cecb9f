"""`satchel-service`: serve the cloud, make a pairing code, or recover a moment. The only place that reads the environment."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from satchel_service.settings import Settings, SettingsError

USAGE: Final = """\
satchel-service            serve the cloud; settings come from the environment (docs/reference/settings.md)
satchel-service pair       make a fresh one-time pairing code, whether the service runs or not
satchel-service recover --at TIME --into DIR
                           write the database as it was at a time, such as 2026-11-22T06:15:00Z, into a directory
satchel-service openapi    print the description of the interface
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    command = list(sys.argv[1:] if arguments is None else arguments)
    os.umask(0o077)
    try:
        return run(command)
    except SettingsError as exc:
        sys.stderr.write(f"satchel-service: {exc}\n")
        return 2


def run(command: Sequence[str]) -> int:
    """Run the command that was named."""
    match command:
        case []:
            return serve(Settings.read(os.environ))
        case ["pair"]:
            return pair(Settings.read(os.environ))
        case ["recover", "--at", time, "--into", folder] | ["recover", "--into", folder, "--at", time]:
            return recover(Settings.read(os.environ), time, Path(folder))
        case ["openapi"]:
            return openapi()
        case ["--help" | "-h" | "help"]:
            sys.stdout.write(USAGE)
            return 0
        case _:
            sys.stderr.write(USAGE)
            return 2


def serve(settings: Settings) -> int:
    """Serve until a signal ends it."""
    from satchel_service.server.gunicorn_server import Server  # noqa: PLC0415  only this command needs gunicorn
    from satchel_service.storage.opening import open_storage  # noqa: PLC0415

    open_storage(settings, os.urandom)  # a location that cannot be is refused before anything starts
    Server(settings).run()
    return 0


def pair(settings: Settings) -> int:
    """Leave a grant for a fresh code in the storage and print the code."""
    from satchel_service.devices.codes import create_grant  # noqa: PLC0415
    from satchel_service.storage import StorageError  # noqa: PLC0415
    from satchel_service.storage.opening import open_storage  # noqa: PLC0415

    try:
        storage = open_storage(settings, os.urandom)
        storage.prepare()
        code = create_grant(storage, os.urandom(8), time.time_ns() // 1_000_000)
    except StorageError as exc:
        sys.stderr.write(f"satchel-service: cannot leave a pairing code in {settings.storage!r}: {exc}\n")
        return 1
    sys.stdout.write(f"pairing code: {code.text}\n")
    return 0


def recover(settings: Settings, time_text: str, folder: Path) -> int:
    """Write the database of a moment into a directory and print where it is and what its last change was."""
    from satchel_service.lifecycle.recovery import RecoveryError, parse_time, recover_into  # noqa: PLC0415

    try:
        recovered = recover_into(settings, parse_time(time_text), folder)
    except RecoveryError as exc:
        sys.stderr.write(f"satchel-service: cannot recover: {exc}\n")
        return 1
    sys.stdout.write(f"{recovered.path}: the database as of {recovered.at.isoformat()}\n")
    return 0


def openapi() -> int:
    """Print the OpenAPI document."""
    from satchel_service.web.openapi import document  # noqa: PLC0415

    sys.stdout.buffer.write(document())
    return 0
