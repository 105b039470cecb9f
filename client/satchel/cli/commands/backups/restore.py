"""`satchel restore` and `satchel verify`: restore a backup, or prove that it can be restored."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import click

from satchel.backup import Context
from satchel.backup.restore.restore import RestoreResult, Selection, select_backup, select_file
from satchel.backup.restore.restore import restore as restore_backup
from satchel.backup.restore.restore import verify as verify_backup
from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_duration, format_moment

LATEST: Final = "latest"

backup_argument = click.argument("choice", metavar="[ID]", default=LATEST)
from_option = click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the backup from a file instead of the cloud.",
)


@command(
    "restore",
    examples=[
        ("satchel restore", "restore the latest backup from your cloud"),
        ("satchel restore 5be0 --into /tmp/then", "restore an earlier one into another directory"),
        ("satchel restore --from /media/stick/satchel.age", "restore from a file; needs no cloud"),
    ],
)
@backup_argument
@from_option
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Restore into this directory instead of the home.",
)
@click.option("--allow-older", is_flag=True, help="Accept a backup older than the newest one seen here.")
@pass_app
def restore(app: App, /, *, choice: str, source: Path | None, into: Path | None, allow_older: bool) -> None:
    """Restore the latest backup, or the one whose id starts with ID.

    The backup is checked completely before it replaces the store, and the previous store is kept next to
    the new one. A backup older than the newest one seen on this device is refused, because a compromised
    cloud could present it as the latest; --allow-older accepts it.
    """
    context = app.backup_context()
    target = into.absolute() if into is not None else None
    with _open_backup(app, context, choice, source) as archive:
        result = restore_backup(context, archive, into=target, allow_older=allow_older)
    app.out.answer(_fields(result), _sentence(result))
    if result.previous_store is not None:
        app.out.note(f"the previous store is kept as {result.previous_store}")


@command(
    "verify",
    examples=[
        ("satchel verify", "verify the latest backup in your cloud"),
        ("satchel verify --from /media/stick/satchel.age", "verify a backup in a file"),
    ],
)
@backup_argument
@from_option
@pass_app
def verify(app: App, /, *, choice: str, source: Path | None) -> None:
    """Prove that a backup can be restored: the latest, or the one whose id starts with ID.

    The backup is read, decrypted and opened as in a restore, in the home's work directory, then removed.
    The store is not changed.
    """
    context = app.backup_context()
    with _open_backup(app, context, choice, source) as archive:
        result = verify_backup(context, archive)
    manifest = result.manifest
    app.out.answer(
        {
            "id": manifest.archive,
            "created": manifest.created,
            "pieces": manifest.pieces,
            "seconds": round(result.seconds, 3),
        },
        f"backup {manifest.archive[:8]} of {format_moment(manifest.created)} can be restored: "
        f"{format_count(manifest.pieces, 'Piece')}, {format_duration(result.seconds)}",
    )


def _open_backup(
    app: App, context: Context, choice: str, source: Path | None
) -> AbstractContextManager[Selection]:
    """Open the backup in a file, or the chosen one of the cloud."""
    if source is None:
        return select_backup(app.backup_destination(is_patient=True), context, choice)
    if choice != LATEST:
        raise click.UsageError("a file holds one backup: name an ID or --from FILE, not both")
    return select_file(source.absolute())


def _fields(result: RestoreResult) -> dict[str, object]:
    manifest = result.manifest
    return {
        "id": manifest.archive,
        "created": manifest.created,
        "pieces": manifest.pieces,
        "home": result.home,
        "kept": result.previous_store,
        "seconds": round(result.seconds, 3),
    }


def _sentence(result: RestoreResult) -> str:
    manifest = result.manifest
    return (
        f"restored {format_count(manifest.pieces, 'Piece')} from {format_moment(manifest.created)} "
        f"({manifest.device or 'another device'}) to {result.home} in {format_duration(result.seconds)}"
    )
