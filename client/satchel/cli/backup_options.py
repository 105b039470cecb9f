"""What the commands on backups share."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from satchel.backup import Context
    from satchel.backup.restore.restore import Selection

LATEST = "latest"

choice_argument = click.argument("choice", metavar="[ID]", default=LATEST)
from_option = click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the backup in a file instead of the cloud.",
)


def context_of(app: App) -> "Context":
    """Return what the operations on backups work with."""
    from satchel.backup import Context  # noqa: PLC0415  costs SQLite and cryptography

    return Context(app.home, app.owner(), progress=app.out.progress())


def chosen(
    app: App, context: "Context", choice: str, source: Path | None
) -> "AbstractContextManager[Selection]":
    """Open the backup that is meant: the one in a file, or one of the cloud's."""
    from satchel.backup.restore.restore import select_backup, select_file  # noqa: PLC0415  costs SQLite

    if source is not None:
        if choice != LATEST:
            raise click.UsageError("a file holds one backup: name an ID or --from FILE, not both")
        return select_file(source.absolute())
    from satchel.cloud.destination import CloudDestination  # noqa: PLC0415  costs urllib3

    return select_backup(CloudDestination(app.cloud(is_patient=True)), context, choice)
