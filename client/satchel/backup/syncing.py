"""Taking Pieces from backups into the store without replacing anything: `restore --merge`, `--piece`, and `sync`.

    merged = merge_backup(context, selection)
    result = sync(context, destination, BackupOptions("laptop"), this)

A backup is read page by page, so only the ids of its revisions and what the store lacks are fetched. Merging the same
backup again changes nothing, and each merge is one transaction: a sync that is killed anywhere can be run again.
"""

import time
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from satchel.archive.destination import Destination
from satchel.archive.manifest import Manifest
from satchel.archive.summary import Summary
from satchel.backup import Context
from satchel.backup.create.backup import BackupOptions, BackupResult, back_up
from satchel.backup.listing import BackupEntry, ReadableEntry, ThisDevice, open_summaries
from satchel.backup.local.merged import merged_archives, record_merged
from satchel.backup.local.places import locked_home, require_store
from satchel.backup.reading.reader import reading
from satchel.backup.restore.restore import Selection, select_entry
from satchel.errors import RefusedError, SatchelError, UnreachableError
from satchel.merging import MergeResult, merge, plan_merge
from satchel.store import Store
from satchel.store.naming import id_with_prefix

MAX_OTHERS: Final = 64
"""Backups that one sync merges: an owner has fewer devices. A cloud that makes up more can only make a sync longer."""


class MergedBackup(msgspec.Struct, frozen=True):
    """A backup that was merged, or that would be."""

    manifest: Manifest
    result: MergeResult
    pieces: tuple[str, ...] | None
    """The ids of the Pieces that were asked for; None for all."""
    fetched_bytes: int
    seconds: float


class FailedMerge(msgspec.Struct, frozen=True):
    """A backup of another device that could not be merged."""

    summary: Summary
    error: SatchelError


class SyncResult(msgspec.Struct, frozen=True):
    """What a sync did, or would do."""

    merged: tuple[MergedBackup, ...]
    known: tuple[Summary, ...]
    """The newest backups of other devices that were merged before."""
    failed: tuple[FailedMerge, ...]
    backup: BackupResult | None
    """None if nothing was backed up, because this was only a plan."""


def merge_backup(
    context: Context, selection: Selection, *, pieces: Collection[str] | None = None, is_plan: bool = False
) -> MergedBackup:
    """Take the Pieces and the history of a backup into the home's store; all or nothing.

    With `pieces`, ids or their beginnings, only those are taken, as they are in the backup, even if they were removed
    or edited here since: NotFoundError if the backup lacks one. With `is_plan`, only say what would be done.
    """
    started = time.monotonic()
    require_store(context.home)
    with (
        locked_home(context.home),
        reading(context) as session,
        session.open(selection) as backup,
        Store.open(context.home, clock=context.clock, entropy=context.entropy) as store,
        backup.plain() as other,
    ):
        chosen = (
            None if pieces is None else tuple(dict.fromkeys(id_with_prefix(other, each) for each in pieces))
        )
        if is_plan:
            result = plan_merge(store, other, pieces=chosen)
        else:
            result = merge(store, other, pieces=chosen, clock=context.clock, entropy=context.entropy)
            if chosen is None:
                archive = backup.manifest.archive
                record_merged(context.home, store.store_id, store.change_counter, archive)
        fetched = session.fetched_bytes
    return MergedBackup(backup.manifest, result, chosen, fetched, time.monotonic() - started)


def sync(
    context: Context,
    destination: Destination,
    options: BackupOptions,
    this: ThisDevice,
    *,
    is_plan: bool = False,
) -> SyncResult:
    """Merge the newest backup of every other device, then back up.

    A backup that cannot be merged does not keep the others from being merged, nor the store from being backed up.
    UnreachableError ends the sync at once: it can be run again.
    """
    require_store(context.home)
    entries = open_summaries(destination.inventory().backups, context.keys)
    known, waiting = _split(context, newest_of_others(entries, this))
    merged: list[MergedBackup] = []
    failed: list[FailedMerge] = []
    for each in waiting:
        try:
            with select_entry(destination, each.entry) as selection:
                merged.append(merge_backup(context, selection, is_plan=is_plan))
        except (UnreachableError, RefusedError):
            raise
        except SatchelError as exc:
            failed.append(FailedMerge(each.summary, exc))
    backup = None if is_plan else back_up(context, destination, options)
    return SyncResult(tuple(merged), tuple(each.summary for each in known), tuple(failed), backup)


def newest_of_others(entries: Iterable[BackupEntry], this: ThisDevice) -> list[ReadableEntry]:
    """Return the newest backup of each store of each other device, newest first."""
    newest: dict[tuple[str | None, ...], ReadableEntry] = {}
    for entry in entries:
        if entry.summary is None:
            continue
        each = ReadableEntry(entry, entry.summary)
        if this.made(each):
            continue
        key = (entry.stored.device, each.summary.device, each.summary.store)
        if key not in newest or _order(each) > _order(newest[key]):
            newest[key] = each
    found = sorted(newest.values(), key=lambda each: each.summary.created, reverse=True)
    return found[:MAX_OTHERS]


def _order(each: ReadableEntry) -> tuple[object, ...]:
    return each.summary.sequence, each.summary.created


def _split(context: Context, others: list[ReadableEntry]) -> tuple[list[ReadableEntry], list[ReadableEntry]]:
    """Divide backups into those that were merged before and those that were not."""
    with Store.open(context.home, read_only=True) as store:
        merged = merged_archives(context.home, store.store_id, store.change_counter)
    known = [each for each in others if each.summary.archive in merged]
    return known, [each for each in others if each.summary.archive not in merged]
