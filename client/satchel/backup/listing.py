"""`satchel backups`: what a destination keeps, as its owner sees it; and ending a backup early."""

from satchel.archive.destination import Destination
from satchel.backup.context import Context
from satchel.backup.summaries import BackupEntry, choose_backup, open_summaries


def list_backups(context: Context, destination: Destination) -> list[BackupEntry]:
    """List the live backups, newest first."""
    return open_summaries(destination.inventory().backups, context.keys)


def delete_backup(context: Context, destination: Destination, choice: str) -> BackupEntry:
    """Delete the backup whose id begins so. NotFoundError, or UsageError if several do.

    What later backups borrow from its archive stays with them.
    """
    entry = choose_backup(list_backups(context, destination), choice, None)
    destination.delete(entry.kept.id)
    return entry
