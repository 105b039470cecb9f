"""`satchel restore` and `satchel verify`: everything is checked before the store is replaced.

Both open and authenticate the archives, assemble the database in the home's work directory, compare its root and
inspect it. `verify` then removes it, and `restore` makes it the store, once its caller has approved what would be lost.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from satchel.archive.destination import ArchiveReader, Destination
from satchel.archive.manifest import Manifest, SignedManifest
from satchel.backup import Context
from satchel.backup.archive_opening import CachedEnds, OpenedArchive, open_archive
from satchel.backup.comparing import Losses, heads, losses, open_live
from satchel.backup.listing import (
    ANY_DEVICE,
    LATEST,
    BackupEntry,
    LocalStore,
    ThisDevice,
    choose,
    open_summaries,
)
from satchel.backup.local.file_destination import check_source, open_file_archive, refuse_borrowed
from satchel.backup.local.places import Places, locked_home
from satchel.backup.local.previous_stores import (
    bring_logs,
    memory_kept_with,
    prune_previous_stores,
    store_to_bring_back,
)
from satchel.backup.local.record import Proof, record_proof
from satchel.backup.local.sequences import SequenceRecord, Series, series_of_cloud, series_of_file
from satchel.backup.restore.assembly import Chain, OpenOther, open_chain
from satchel.backup.restore.database import assemble_database
from satchel.backup.restore.guard import Finding, History, check_expected, joined
from satchel.backup.restore.inspection import inspect_database, open_inspected
from satchel.backup.restore.memory import (
    AssembledMemory,
    MemoryLosses,
    RestoredMemory,
    assemble_memory,
    bring_memory,
    compare_memories,
    make_memory,
)
from satchel.backup.restore.replacement import replace_store
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import SourceFile, make_directory, rename
from satchel.pieces.model import Clock, utc_now
from satchel.store import Store


class Selection(msgspec.Struct, frozen=True):
    """An archive to read, the id it must have (None for any), and how to open those it borrows from."""

    reader: ArchiveReader
    archive_id: str | None
    open_other: OpenOther
    series: Series
    is_choice: bool = False
    """Whether the owner named this backup by its id; otherwise it was presented as the one to take."""
    path: Path | None = None
    """Where it is, if it is in a file."""
    newer: BackupEntry | None = None
    """A newer backup of the same store that another device made."""

    def open(self, context: Context) -> OpenedArchive:
        """Open and authenticate the archive. IntegrityError, with the reason, if that fails."""
        reader = CachedEnds(self.reader)
        if self.path is not None:
            return open_file_archive(reader, context.keys, self.path)
        return open_archive(reader, context.keys, self.archive_id)


class Offer(msgspec.Struct, frozen=True):
    """A backup that has authenticated, and what the home that it would be restored to knows of it."""

    manifest: Manifest
    series: Series
    home: Path
    replaces: bool
    """Whether there is a store that it would replace, other than an empty one."""
    is_known: bool
    """Whether the home knows a number of the series, with which it could tell an older backup from the latest."""
    finding: Finding | None
    """A reason to doubt it, which the owner has accepted by naming the backup or by --allow-older."""
    newer: BackupEntry | None
    """A newer backup of the same store that another device made."""


class Approval(Protocol):
    """Decides whether a restore goes on. Each method raises to end it; nothing has been changed then."""

    def begin(self, offer: Offer) -> None:
        """See a backup that has authenticated, before it is fetched."""
        ...

    def replace(self, offer: Offer, losses: Losses | None) -> None:
        """See what replacing the store would lose, before it is replaced; None if the store cannot be read.

        Called only if `offer.replaces`.
        """
        ...

    def takes_memory(self, offer: Offer) -> bool:
        """Decide whether the memory in a backup that has one is restored too."""
        ...

    def replace_memory(self, offer: Offer, losses: MemoryLosses | None) -> None:
        """See what replacing the memory would lose, before it is replaced; None if it cannot be read.

        Called only if there is a memory to replace, other than one without events.
        """
        ...

    def ready(self) -> None:
        """Know that all is fetched, checked and approved, before anything is replaced."""
        ...


class Approved:
    """Approves every restore."""

    def begin(self, offer: Offer) -> None:
        """Approve."""

    def replace(self, offer: Offer, losses: Losses | None) -> None:
        """Approve."""

    def takes_memory(self, offer: Offer) -> bool:  # noqa: ARG002  the protocol's
        """Leave the memory out."""
        return False

    def replace_memory(self, offer: Offer, losses: MemoryLosses | None) -> None:
        """Approve."""

    def ready(self) -> None:
        """Approve."""


APPROVED: Final = Approved()


class RestoreResult(msgspec.Struct, frozen=True):
    """A restored store."""

    manifest: Manifest
    home: Path
    previous_store: Path | None
    """Where the store that was there before is kept."""
    losses: Losses | None
    """What the store that was there before had that the backup does not have; None if nothing was replaced."""
    seconds: float
    memory: RestoredMemory | None = None
    """The memory, if it was restored too."""


class UndoResult(msgspec.Struct, frozen=True):
    """A store that was brought back."""

    pieces: int | None
    """How many Pieces it has; None if it cannot be read."""
    previous_store: Path | None
    """Where the store that was there before is kept."""
    brings_memory: bool = False
    """Whether the memory that the restore replaced was brought back too."""


class VerifyResult(msgspec.Struct, frozen=True):
    """A backup that has proved restorable."""

    manifest: Manifest
    seconds: float


@contextmanager
def select_backup(
    destination: Destination,
    context: Context,
    choice: str = LATEST,
    *,
    this: ThisDevice = ANY_DEVICE,
    device: str | None = None,
) -> Iterator[Selection]:
    """Open a backup of a destination: `latest`, or the one whose id begins with `choice`.

    The latest of `this` device is preferred; `device` names another one.
    """
    entries = open_summaries(destination.inventory().backups, context.keys)
    local = local_store(context.home)
    archives = _archives_seen(context.home, local) if local else frozenset[str]()
    chosen = choose(entries, choice, local, msgspec.structs.replace(this, archives=archives), device)
    is_choice = chosen.is_named or device is not None
    with select_entry(destination, chosen.entry, is_choice=is_choice) as selection:
        yield msgspec.structs.replace(selection, newer=chosen.newer)


@contextmanager
def select_entry(
    destination: Destination, entry: BackupEntry, *, is_choice: bool = False
) -> Iterator[Selection]:
    """Open a listed backup."""
    with destination.open(entry.stored.id) as reader:
        series = series_of_cloud(destination.name)
        yield Selection(reader, entry.stored.id, destination.open, series, is_choice)


@contextmanager
def select_file(path: Path) -> Iterator[Selection]:
    """Open the archive in a file."""
    check_source(path)
    with SourceFile(path) as reader:
        yield Selection(reader, None, refuse_borrowed, series_of_file(path), path=path)


def restore(
    context: Context,
    selection: Selection,
    *,
    into: Path | None = None,
    allow_older: bool = False,
    approval: Approval = APPROVED,
) -> RestoreResult:
    """Restore a backup as the store of the home, or of the directory `into`, and keep the store that was there.

    IntegrityError, and nothing is changed, if anything is wrong with the archive, or if it is not the one to expect
    here (`guard`), unless its owner named it or `allow_older`. Errors of the approval pass through.
    """
    started = time.monotonic()
    target = Places(into or context.home)
    with locked_home(target.home), ExitStack() as readers:
        archive = selection.open(context)
        records = [SequenceRecord(places.sequences) for places in {Places(context.home), target}]
        offer = _offer(archive.signed, selection, records, target.home)
        if offer.finding is not None and not (allow_older or selection.is_choice):
            raise offer.finding.error()
        approval.begin(offer)
        takes_memory = offer.manifest.memory_facts is not None and approval.takes_memory(offer)
        chain = open_chain(archive, selection.open_other, context.keys, readers)
        database, blocks = assemble(context, chain, target)
        lost = _losses(target.home, database) if offer.replaces else None
        if offer.replaces:
            approval.replace(offer, lost)
        restored = _assemble_memory(context, chain, target, offer, approval) if takes_memory else None
        approval.ready()
        previous = replace_store(target, database, context.clock())
        memory = None
        if restored is not None:
            memory = make_memory(target, restored, context.clock(), previous)
        for record in records:
            record.update(archive.manifest, archive.signed.digest, selection.series)
        if selection.archive_id is not None:  # later backups cannot borrow from an archive in a file
            make_directory(target.known_blocks.parent)
            rename(blocks, target.known_blocks)
            if restored is not None:
                rename(restored.blocks, target.known_memory)
        prune_previous_stores(target.home, context.clock())
    return RestoreResult(archive.manifest, target.home, previous, lost, time.monotonic() - started, memory)


def _assemble_memory(
    context: Context, chain: Chain, target: Places, offer: Offer, approval: Approval
) -> AssembledMemory:
    """Assemble the memory, and have its replacing approved."""
    restored = assemble_memory(context, chain, target)
    losses = compare_memories(target.home, restored.database)
    if target.memory.exists() and (losses is None or losses.events):
        approval.replace_memory(offer, losses)
    return restored


def undo_restore(home: Path, *, clock: Clock = utc_now) -> UndoResult:
    """Bring back the store that the last restore of a home replaced, and keep the one that is there now.

    So is the memory, if that restore replaced it too.

    Undoing twice redoes the restore. NotFoundError if no store is kept.
    """
    with locked_home(home) as places:
        kept = store_to_bring_back(home)
        memory = memory_kept_with(kept)
        previous = replace_store(places, kept, clock())
        bring_logs(kept, places.store)
        if memory is not None:
            bring_memory(places, memory, clock(), previous)
        prune_previous_stores(home, clock())
    found = local_store(home)
    return UndoResult(found.pieces if found else None, previous, memory is not None)


def verify(context: Context, selection: Selection) -> VerifyResult:
    """Prove that a backup can be restored, without restoring it, and record that. IntegrityError if it cannot."""
    started = time.monotonic()
    with locked_home(context.home) as places, ExitStack() as readers:
        archive = selection.open(context)
        chain = open_chain(archive, selection.open_other, context.keys, readers)
        assemble(context, chain, places)
        if archive.manifest.memory_facts is not None:
            assemble_memory(context, chain, places)
        record_proof(context.home, _proof(context, archive.manifest, selection.series))
    return VerifyResult(archive.manifest, time.monotonic() - started)


def assemble(context: Context, chain: Chain, target: Places) -> tuple[Path, Path]:
    """Assemble the store and its known blocks in the work directory, check them and sync the database."""
    manifest = chain.archives[0].manifest
    database, blocks = target.work / "store.db", target.work / "blocks"
    assemble_database(context, chain, database, blocks, lambda: inspect_database(database, manifest))
    return database, blocks


def local_store(home: Path) -> LocalStore | None:
    """Return the store in a home, or None if none can be opened."""
    try:
        with Store.open(home, read_only=True) as store:
            return LocalStore(store.store_id, store.count())
    except SatchelError:
        return None


def _archives_seen(home: Path, local: LocalStore) -> frozenset[str]:
    seen = SequenceRecord(Places(home).sequences).seen(local.store_id)
    return frozenset(each.archive for each in seen)


def _offer(signed: SignedManifest, selection: Selection, records: list[SequenceRecord], home: Path) -> Offer:
    store_id = signed.manifest.store
    known = joined([History(record.seen(store_id), record.highest(store_id)) for record in records])
    return Offer(
        signed.manifest,
        selection.series,
        home,
        replaces=_replaces(home),
        is_known=known.knows(selection.series),
        finding=check_expected(signed, known, selection.series),
        newer=selection.newer,
    )


def _replaces(home: Path) -> bool:
    found = local_store(home)
    return found.pieces > 0 if found is not None else Places(home).store.exists()


def _losses(home: Path, restored: Path) -> Losses | None:
    """Compare the store in a home with the one that would replace it; None if the store cannot be read."""
    other = open_inspected(restored)
    try:
        with open_live(home) as live:
            return losses(live, heads(other))
    except (IntegrityError, NotFoundError):
        return None
    finally:
        other.close()


def _proof(context: Context, manifest: Manifest, series: Series) -> Proof:
    return Proof(
        place=series.key,
        archive=manifest.archive,
        store=manifest.store,
        created=manifest.created,
        proven=context.clock(),
        checked=manifest.pieces,
        pieces=manifest.pieces,
        is_whole=True,
    )
