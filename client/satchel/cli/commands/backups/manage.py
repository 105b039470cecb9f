"""`satchel backups`: what the cloud keeps, and ending a backup early."""

from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.output import Column
from satchel.cli.terminal.units import format_moment, format_size

if TYPE_CHECKING:
    from satchel.backup.listing import BackupEntry

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
        ("satchel backups", "list them"),
        ("satchel backups rm 5be0", "delete one"),
    ],
    alone=True,
)
@pass_app
def backups(app: App, /) -> None:
    """List the backups in your cloud: what each weighs there, and how much of the store was new in it."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    from satchel.backup.listing import list_backups  # noqa: PLC0415  costs SQLite
    from satchel.cli.backup_options import context_of  # noqa: PLC0415
    from satchel.cloud.destination import CloudDestination  # noqa: PLC0415  costs urllib3

    found = list_backups(context_of(app), CloudDestination(app.cloud()))
    app.out.table(lambda: {"backups": [_fields(entry) for entry in found]}, COLUMNS, map(_row, found))


@backups.subcommand("rm", examples=[("satchel backups rm 5be0", "the beginning of its id suffices")])
@click.argument("backup", metavar="ID")
@pass_app
def rm(app: App, /, *, backup: str) -> None:
    """Delete a backup. What later backups borrow from it stays with them."""
    from satchel.backup.listing import delete_backup  # noqa: PLC0415  costs SQLite
    from satchel.cli.backup_options import context_of  # noqa: PLC0415
    from satchel.cloud.destination import CloudDestination  # noqa: PLC0415  costs urllib3

    entry = delete_backup(context_of(app), CloudDestination(app.cloud()), backup)
    app.out.answer({"id": entry.stored.id}, f"deleted backup {entry.stored.id[:8]}")


def _fields(entry: "BackupEntry") -> dict[str, object]:
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


def _row(entry: "BackupEntry") -> tuple[str, ...]:
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
