"""Listing, selecting and deleting the backups of a destination.

Only sealed summaries are trusted. Times and sizes that a destination reports are not authenticated.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

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


class ReadableEntry(NamedTuple):
    """A backup whose summary authenticates."""

    entry: BackupEntry
    summary: Summary


class ThisDevice(msgspec.Struct, frozen=True):
    """What tells the backups of this device from those of others."""

    label: str | None
    """The name that it gives its backups; None to take every backup as its own."""
    archives: frozenset[str] = frozenset()
    """Ids of the backups that it has made or restored."""
    device_id: str | None = None
    """Its id in the cloud, which tells it from another one with the same name."""

    def made(self, each: ReadableEntry) -> bool:
        """Whether this device made or restored a backup."""
        if self.label is None or each.entry.stored.id in self.archives:
            return True
        reported = each.entry.stored.device
        if reported is not None and self.device_id is not None:
            return reported == self.device_id
        return each.summary.device == self.label


ANY_DEVICE: Final = ThisDevice(None)


class Choice(msgspec.Struct, frozen=True):
    """A backup that was chosen from a list."""

    entry: BackupEntry
    is_named: bool
    """Whether the owner named it by its id."""
    newer: BackupEntry | None = None
    """A newer backup of the same store that another device made."""


def list_backups(context: Context, destination: Destination) -> list[BackupEntry]:
    """List the live backups, newest first."""
    return open_summaries(destination.inventory().backups, context.keys)


def delete_backups(context: Context, destination: Destination, choices: Iterable[str]) -> list[BackupEntry]:
    """Delete the backups whose ids begin with the choices, and return them.

    If one names no backup (NotFoundError) or several (UsageError), delete none. Blocks that later backups borrow from
    them are kept.
    """
    entries = choose_backups(list_backups(context, destination), choices)
    for entry in entries:
        destination.delete(entry.stored.id)
    return entries


def choose_backups(entries: list[BackupEntry], choices: Iterable[str]) -> list[BackupEntry]:
    """Return the backups whose ids begin with the choices, each once."""
    chosen = [choose_backup(entries, choice, None) for choice in choices]
    return list({entry.stored.id: entry for entry in chosen}.values())


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
    """Return the backup that `choice` names, as `choose` does on a device that takes every backup as its own."""
    return choose(entries, choice, local).entry


def choose(
    entries: list[BackupEntry],
    choice: str,
    local: LocalStore | None,
    this: ThisDevice = ANY_DEVICE,
    device: str | None = None,
) -> Choice:
    """Return the backup that `choice` names: `latest`, or the beginning of an id.

    `latest` is the newest backup that this device made or restored of the local store, or else the newest of that
    store. Without a local store, or if that is empty and was never backed up, it is of the store backed up last. With
    `device`, it is the newest backup of the device with this name or id. Times and sequences come from the summaries.
    """
    if choice != LATEST:
        found = by_prefix(
            entries,
            choice,
            id_of=lambda entry: entry.stored.id,
            what="backup",
            command="satchel backups",
        )
        return Choice(found, is_named=True)
    readable = [ReadableEntry(entry, entry.summary) for entry in entries if entry.summary is not None]
    if entries and not readable:
        raise IntegrityError(
            "no backup has a summary that authenticates",
            hint="they belong to another owner or were changed; to try one anyway: satchel restore ID",
        )
    if device is not None:
        return Choice(_newest(_of_device(readable, device)).entry, is_named=False)
    candidates = _of_store(readable, local)
    own = [each for each in candidates if this.made(each)]
    chosen = _newest(own or candidates)
    newest = _newest(candidates)
    return Choice(chosen.entry, is_named=False, newer=newest.entry if newest is not chosen else None)


def _of_store(readable: list[ReadableEntry], local: LocalStore | None) -> list[ReadableEntry]:
    """Return the backups to choose the latest of: those of one store."""
    found = [each for each in readable if local is not None and each.summary.store == local.store_id]
    if not found and (not readable or (local is not None and local.pieces)):
        raise NotFoundError(
            "this store has no backup yet", hint="make one, or name one of another store: satchel backups"
        )
    if not found:
        newest = max(readable, key=lambda each: each.summary.created).summary.store
        found = [each for each in readable if each.summary.store == newest]
    return found


def _of_device(readable: list[ReadableEntry], device: str) -> list[ReadableEntry]:
    found = [each for each in readable if each.summary.device.casefold() == device.casefold()]
    if not found:
        names = sorted({each.summary.device for each in readable})
        raise NotFoundError(
            f"no device with the name {device!r} has made a backup",
            hint="devices with backups: " + ", ".join(map(repr, names)),
        )
    return found


def _newest(entries: list[ReadableEntry]) -> ReadableEntry:
    return max(entries, key=lambda each: (each.summary.sequence, each.summary.created))


def _open(stored: StoredBackup, keys: OwnerKeys) -> Summary | None:
    try:
        return unseal_summary(stored.id, stored.summary, keys)
    except IntegrityError:
        return None
