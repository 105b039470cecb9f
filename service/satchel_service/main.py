"""`satchel-service`: serve a cloud and administer it. Only this module reads environment variables."""

import gc
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from satchel_service.settings import Settings, SettingsError, shorten

USAGE: Final = """\
satchel-service            serve the cloud; settings are environment variables (docs/reference/settings.md)
satchel-service pair [--revoke-others]
                           create a one-time pairing code; works whether or not the service is running. With
                           --revoke-others, the device that it pairs is the only one: for a stolen device
satchel-service check-storage
                           check every promise of the storage that the service relies on
satchel-service check-health
                           ask the service that runs with the same settings whether it is ready, for platforms
satchel-service recover --at TIME --into DIR
                           write the database as of a time, such as 2026-11-22T06:15:00Z, into a directory
satchel-service move --to STORAGE --url URL [--settings FILE] [--undo | --finish]
                           move the cloud to another storage; the service keeps running until its log is closed
satchel-service openapi    print the OpenAPI document of the interface
"""

# installed with the extras of the distribution
EXTRA: Final = frozenset({"gunicorn", "starlette", "boto3", "joserfc"})
NOT_INSTALLED: Final = (
    "satchel-service: the package {package!r} is missing; the service needs more than the command satchel\n"
    "hint: install it with its extra: pipx install --force 'satchel[service]' (with s3:// storage: 'satchel[service,s3]')\n"
)
HEALTH_S: Final = 8.0  # less than the image's time limit for its health check
EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what to connect to instead
EXPERIMENTAL: Final = (
    "satchel-service: Google Cloud Storage is experimental and was never tested against the live service; "
    "run `satchel-service check-storage` first\n"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    command = list(sys.argv[1:] if arguments is None else arguments)
    os.umask(0o077)
    try:
        return run(command)
    except SettingsError as exc:
        sys.stderr.write(f"satchel-service: {exc}\n")
        return 2
    except ModuleNotFoundError as exc:
        package = (exc.name or "").partition(".")[0]
        if package not in EXTRA:
            raise
        sys.stderr.write(NOT_INSTALLED.format(package=package))
        return 1


def run(command: Sequence[str]) -> int:
    """Run the given command and return its exit code."""
    plain: dict[tuple[str, ...], Callable[[Settings], int]] = {
        (): serve,
        ("pair",): pair,
        ("pair", "--revoke-others"): partial(pair, revokes_others=True),
        ("check-storage",): check_storage,
        ("check-health",): check_health,
    }
    if tuple(command) in plain:
        return plain[tuple(command)](Settings.read(os.environ))
    match command:
        case ["recover", "--at", time, "--into", folder] | ["recover", "--into", folder, "--at", time]:
            return recover(Settings.read(os.environ), time, Path(folder))
        case ["move", *options]:
            from satchel_service.moving.command import run as move  # noqa: PLC0415

            return move(options, os.environ)
        case ["openapi"]:
            return openapi()
        case ["--help" | "-h" | "help"]:
            sys.stdout.write(USAGE)
            return 0
        case _:
            sys.stderr.write(USAGE)
            return 2


def serve(settings: Settings) -> int:
    """Serve until stopped by a signal."""
    gc.disable()  # until the server is ready; see `gunicorn_server.enable_gc`
    from satchel_service.server.cloud_server import CloudServer  # noqa: PLC0415  only this command needs gunicorn
    from satchel_service.storage.opening import open_storage  # noqa: PLC0415

    open_storage(settings, os.urandom)  # refuses an invalid location before anything starts
    if settings.oidc_ca_bundle and not Path(settings.oidc_ca_bundle).is_file():
        raise SettingsError(
            f"SATCHEL_OIDC_CA_BUNDLE is {shorten(settings.oidc_ca_bundle)}; name a file that exists"
        )
    if settings.oidc_issuer and find_spec("joserfc") is None:  # it is imported at the first sign-in
        raise ModuleNotFoundError(name="joserfc")
    if settings.storage.startswith("gs:"):
        sys.stderr.write(EXPERIMENTAL)
    CloudServer(settings).run()
    return 0


def pair(settings: Settings, *, revokes_others: bool = False) -> int:
    """Create a pairing code as a grant in the storage and print it. Refuse if the cloud has moved away."""
    from satchel_service.devices.codes import create_grant  # noqa: PLC0415
    from satchel_service.lifecycle.waking import find_closed  # noqa: PLC0415
    from satchel_service.storage import StorageError  # noqa: PLC0415
    from satchel_service.storage.opening import open_storage  # noqa: PLC0415

    try:
        storage = open_storage(settings, os.urandom)
        storage.prepare()
        closed = find_closed(settings, storage)
        if closed is not None:
            hint = closed.hint or "run satchel-service pair with the settings of the new cloud"
            sys.stderr.write(
                f"satchel-service: cannot create a pairing code: {closed.message}\nhint: {hint}\n"
            )
            return 1
        now = time.time_ns() // 1_000_000
        code = create_grant(storage, os.urandom(8), now, revokes_others=revokes_others)
    except StorageError as exc:
        sys.stderr.write(f"satchel-service: cannot store a pairing code in {settings.storage!r}: {exc}\n")
        return 1
    sys.stdout.write(f"pairing code: {code.text}\n")
    return 0


def check_storage(settings: Settings) -> int:
    """Check every promise of the storage in a temporary folder and print one line for each."""
    from satchel_service.storage.checks import PAGE_OBJECTS, run_checks  # noqa: PLC0415
    from satchel_service.storage.opening import is_directory, local_folder, open_storage  # noqa: PLC0415

    folder, failed = f"check-storage-{os.urandom(8).hex()}/", 0
    storage = open_storage(settings, os.urandom, folder=folder, page_objects=PAGE_OBJECTS)
    try:
        for outcome in run_checks(storage):
            failed += bool(outcome.problem)
            text = f"failed  {outcome.promise}: {outcome.problem} (hint: {outcome.hint})"
            sys.stdout.write(f"{text if outcome.problem else f'ok      {outcome.promise}'}\n")
            sys.stdout.flush()
    finally:
        if is_directory(settings.storage):
            shutil.rmtree(local_folder(settings.storage) / folder, ignore_errors=True)
    return 1 if failed else 0


def check_health(settings: Settings) -> int:
    """Ask the service on this machine whether it is ready; say why it is not."""
    from http.client import HTTPConnection, HTTPException  # noqa: PLC0415  only this command needs it

    host = EVERY_ADDRESS.get(settings.bind, settings.bind)
    connection = HTTPConnection(host, settings.port, timeout=HEALTH_S)
    try:
        connection.request("GET", "/ready")
        status = connection.getresponse().status
    except (OSError, HTTPException) as exc:
        sys.stderr.write(f"satchel-service: no answer from {host} port {settings.port}: {exc}\n")
        return 1
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        sys.stderr.write(f"satchel-service: not ready; /ready answers {status}\n")
    return int(status != HTTPStatus.OK)


def recover(settings: Settings, time_text: str, folder: Path) -> int:
    """Write the database as of a time into a directory and print its path and the time of its last change."""
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
