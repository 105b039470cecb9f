"""Listing, selecting and deleting the backups of a destination.

Only sealed summaries are trusted. Times and sizes that a destination reports are not authenticated.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from satchel.age.reader import unseal
from satchel.archive.destination import Destination, StoredBackup
from satchel.archive.summary import Summary, open_summary
from satchel.backup import Context
from satchel.errors import IntegrityError, NotFoundError
from satchel.ids import by_prefix
from satchel.keys.derive import OwnerKeys

LATEST: Final = "latest"


class LocalStore(msgspec.Struct, frozen=True):
    """The store in the home."""

    store_id: str
    pieces: int


class BackupEntry(msgspec.Struct, frozen=True):
    """A backup; `summary` is None if it does not authenticate (the backup itself may be intact)."""

    stored: StoredBackup
    summary: Summary | None


def list_backups(context: Context, destination: Destination) -> list[BackupEntry]:
    """List the live backups, newest first."""
    return open_summaries(destination.inventory().backups, context.keys)


def delete_backup(context: Context, destination: Destination, choice: str) -> BackupEntry:
    """Delete the backup whose id begins with `choice`, and return it.

    None: NotFoundError. Several: UsageError. Blocks that later backups borrow from it are kept.
    """
    entry = choose_backup(list_backups(context, destination), choice, None)
    destination.delete(entry.stored.id)
    return entry


def open_summaries(backups: Iterable[StoredBackup], keys: OwnerKeys) -> list[BackupEntry]:
    """Open the summaries of backups, in the same order."""
    return [BackupEntry(stored, _open(stored, keys)) for stored in backups]


def unseal_summary(archive_id: str, sealed: bytes, keys: OwnerKeys) -> Summary:
    """Open a sealed summary. IntegrityError unless the owner wrote it for this archive."""
    return open_summary(unseal(sealed, [keys.identity]), archive_id, keys.manifest_key)


def highest_sequence(entries: Iterable[BackupEntry], store_id: str) -> int:
    """Return the highest sequence among the backups of a store; 0 if there are none."""
    summaries = (entry.summary for entry in entries)
    return max((s.sequence for s in summaries if s is not None and s.store == store_id), default=0)


def choose_backup(entries: list[BackupEntry], choice: str, local: LocalStore | None) -> BackupEntry:
    """Return the backup that `choice` names: `latest`, or the beginning of an id.

    `latest` is the newest backup of the local store. Without a local store, or if that is empty and was never
    backed up, it is the newest backup of all. Times and sequences come from the summaries.
    """
    if choice != LATEST:
        return by_prefix(
            entries,
            choice,
            id_of=lambda entry: entry.stored.id,
            what="backup",
            command="satchel backups",
        )
    readable = [(entry, entry.summary) for entry in entries if entry.summary is not None]
    if entries and not readable:
        raise IntegrityError(
            "no backup has a summary that authenticates",
            hint="they belong to another owner or were changed; to try one anyway: satchel restore ID",
        )
    candidates = [pair for pair in readable if local is not None and pair[1].store == local.store_id]
    if not candidates and (not readable or (local is not None and local.pieces)):
        raise NotFoundError(
            "this store has no backup yet", hint="make one, or name one of another store: satchel backups"
        )
    if not candidates:
        newest = max(readable, key=lambda pair: pair[1].created)[1].store
        candidates = [pair for pair in readable if pair[1].store == newest]
    return max(candidates, key=lambda pair: (pair[1].sequence, pair[1].created))[0]


def _open(stored: StoredBackup, keys: OwnerKeys) -> Summary | None:
    try:
        return unseal_summary(stored.id, stored.summary, keys)
    except IntegrityError:
        return None
