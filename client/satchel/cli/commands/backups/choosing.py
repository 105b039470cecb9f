"""Choosing a backup on the command line: the latest, one by its id, of a device, or in a file."""

import platform
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import click

from satchel.backup import Context
from satchel.backup.listing import ThisDevice
from satchel.backup.restore.restore import Selection, select_backup, select_file
from satchel.cli.app import App
from satchel.cloud.connection import read_connection

LATEST: Final = "latest"

backup_argument = click.argument("choice", metavar="[ID]", default=LATEST)
from_option = click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the backup from a file instead of the cloud.",
)
device_option = click.option("--device", metavar="NAME", help="Take the latest backup of the named device.")


def open_backup(
    app: App, context: Context, choice: str, source: Path | None, *, device: str | None = None
) -> AbstractContextManager[Selection]:
    """Open the backup in a file, or the chosen one of the cloud."""
    if device is not None and (choice != LATEST or source is not None):
        raise click.UsageError("--device chooses a backup: name it, an ID or --from FILE, not several")
    if source is None:
        cloud = app.backup_destination(is_patient=True)
        return select_backup(cloud, context, choice, this=this_device(app), device=device)
    if choice != LATEST:
        raise click.UsageError("a file holds one backup: name an ID or --from FILE, not both")
    return select_file(source.absolute())


def this_device(app: App) -> ThisDevice:
    """Return what tells this device's backups from those of others: its name, and its id in the cloud."""
    return ThisDevice(platform.node(), device_id=read_connection(app.home).device_id)
