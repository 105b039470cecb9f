"""What every operation on backups works with.

Backups as their owner sees them: what a destination reports, with the summaries opened.

`satchel backups`: what a destination keeps, as its owner sees it; and ending a backup early.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from satchel.age.reader import unseal
from satchel.archive.destination import Destination, KeptBackup
from satchel.archive.summary import Summary, open_summary
from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.keys.derive import OwnerKeys
from satchel.pieces.model import Clock, Entropy, system_entropy, utc_now
from satchel.progress import SILENT, Progress


@dataclass(frozen=True, slots=True)
class Context:
    """A home, its owner's keys, and the world as an operation may see it."""

    home: Path
    keys: OwnerKeys
    clock: Clock = utc_now
    entropy: Entropy = system_entropy
    progress: Progress = SILENT


LATEST = "latest"


@dataclass(frozen=True, slots=True)
class StoreHere:
    """The store that is in the home already."""

    store_id: str
    pieces: int


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """One backup; without a summary if that does not authenticate (the backup itself may be sound)."""

    kept: KeptBackup
    summary: Summary | None


def open_summaries(backups: Iterable[KeptBackup], keys: OwnerKeys) -> list[BackupEntry]:
    """Open the summaries of backups, in their order."""
    return [BackupEntry(kept, _open(kept, keys)) for kept in backups]


def highest_sequence(entries: Iterable[BackupEntry], store_id: str) -> int:
    """Return the highest sequence among the backups of a store; 0 if there is none."""
    summaries = (entry.summary for entry in entries)
    return max((s.sequence for s in summaries if s is not None and s.store == store_id), default=0)


def choose_backup(entries: list[BackupEntry], choice: str, here: StoreHere | None) -> BackupEntry:
    """Find the backup that is meant: `latest`, or the beginning of an id.

    `latest` is the newest of the store that is here; of the store that was backed up last where there is
    no store, or none with a Piece and a backup. Times and sequences are those in the summaries, for the
    destination's prove nothing.
    """
    if choice != LATEST:
        return _by_prefix(entries, choice)
    readable = [(entry, entry.summary) for entry in entries if entry.summary is not None]
    if entries and not readable:
        raise IntegrityError(
            "no backup there has a summary that authenticates",
            hint="they are another owner's, or were changed; or name one: satchel restore ID",
        )
    own = [pair for pair in readable if here is not None and pair[1].store == here.store_id]
    if not own and (not readable or (here is not None and here.pieces)):
        raise NotFoundError(
            "there is no backup of this store yet", hint="make one, or name one of another: satchel backups"
        )
    if not own:
        newest = max(readable, key=lambda pair: pair[1].created)[1].store
        own = [pair for pair in readable if pair[1].store == newest]
    return max(own, key=lambda pair: (pair[1].sequence, pair[1].created))[0]


def _by_prefix(entries: list[BackupEntry], prefix: str) -> BackupEntry:
    found = [entry for entry in entries if entry.kept.id.startswith(prefix.lower())]
    if not found or not prefix:
        raise NotFoundError(f"there is no backup {prefix!r}", hint="list them: satchel backups")
    if len(found) > 1:
        raise UsageError(f"{len(found)} backups begin with {prefix!r}", hint="give more of the id")
    return found[0]


def unseal_summary(archive_id: str, sealed: bytes, keys: OwnerKeys) -> Summary:
    """Open one sealed summary. IntegrityError if its owner did not write it for that archive."""
    return open_summary(unseal(sealed, [keys.identity]), archive_id, keys.manifest_key)


def _open(kept: KeptBackup, keys: OwnerKeys) -> Summary | None:
    try:
        return unseal_summary(kept.id, kept.summary, keys)
    except IntegrityError:
        return None


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
