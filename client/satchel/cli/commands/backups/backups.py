"""`satchel backups`: list the backups in the owner's cloud and delete them."""

import click

from satchel.backup.listing import BackupEntry, delete_backup, list_backups
from satchel.cli.app import App
from satchel.cli.commands.backups.reading import diff, ls, show
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import Column, format_moment, format_size

COLUMNS = (
    Column("ID"),
    Column("CREATED"),
    Column("SIZE", right=True),
    Column("NEW", right=True),
    Column("PIECES", right=True),
    Column("DEVICE", shrinks=True),
    Column("EXPIRES", dim=True),
)


@group(
    "backups",
    examples=[
        ("satchel backups", "list all backups"),
        ("satchel backups ls 5be0", "list the Pieces of a backup"),
        ("satchel backups rm 5be0", "delete a backup"),
    ],
    alone=True,
)
@pass_app
def backups(app: App, /) -> None:
    """List the backups in your cloud: the size of each, and how much of it was new data."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    entries = list_backups(app.backup_context(), app.backup_destination())
    app.out.table(lambda: {"backups": [_fields(entry) for entry in entries]}, COLUMNS, map(_row, entries))


@backups.subcommand("rm", examples=[("satchel backups rm 5be0", "the start of an id is enough")])
@click.argument("backup", metavar="ID")
@pass_app
def rm(app: App, /, *, backup: str) -> None:
    """Delete a backup. Later backups keep the data that they share with it."""
    entry = delete_backup(app.backup_context(), app.backup_destination(), backup)
    app.out.answer({"id": entry.stored.id}, f"deleted backup {entry.stored.id[:8]}")


for command in (show, ls, diff):
    backups.add_command(command)


def _fields(entry: BackupEntry) -> dict[str, object]:
    stored, summary = entry.stored, entry.summary
    return {
        "id": stored.id,
        "created": summary.created if summary else stored.created,
        "expires": stored.expires,
        "size_bytes": stored.size_bytes,
        "new_bytes": summary.new_bytes if summary else None,
        "pieces": summary.pieces if summary else None,
        "device": summary.device if summary else None,
        "kind": summary.kind if summary else None,
        "store_id": summary.store if summary else None,
        "authentic": summary is not None,
    }


def _row(entry: BackupEntry) -> tuple[str, ...]:
    stored, summary = entry.stored, entry.summary
    return (
        stored.id[:8],
        format_moment(summary.created if summary else stored.created),
        format_size(stored.size_bytes),
        format_size(summary.new_bytes) if summary else "?",
        f"{summary.pieces:,}" if summary else "?",
        summary.device if summary else "(does not authenticate with these keys)",
        format_moment(stored.expires) if stored.expires else "never",
    )
