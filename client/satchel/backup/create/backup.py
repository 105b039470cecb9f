"""`satchel backup`: name the blocks, plan, seal, and hand the archive over.

The archive is sealed into the home's outbox first and synced there, so that sending it can be interrupted
and go on later, by another process too.
"""

import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from satchel.archive.destination import BorrowedArchiveGoneError, Destination, Inventory, SealedArchive
from satchel.archive.digests import Digests
from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.manifest import Manifest, SignedManifest
from satchel.archive.plan import Borrowed, plan_backup
from satchel.archive.summary import Summary
from satchel.backup.create.packing import ChangedBlocks, Packing, WholeDatabase
from satchel.backup.create.scan import Scan, scan
from satchel.backup.create.sealing import Heading, label_of, seal_archive, seal_summary, summary_of
from satchel.backup.create.snapshot import Snapshot, snapshot_of
from satchel.backup.listing import Context, highest_sequence, open_summaries, unseal_summary
from satchel.backup.local.file_destination import check_target
from satchel.backup.local.known_blocks import KnownBlocks, KnownBlocksWriter, open_known
from satchel.backup.local.outbox import Outbox
from satchel.backup.local.places import Places, Sequences, require_store, working_in
from satchel.errors import IntegrityError
from satchel.local_files import DurableFile, remove, replace
from satchel.version import VERSION

ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class BackupWish:
    """How a backup is wanted. `expires` None keeps it until it is deleted."""

    device: str
    expires: datetime | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class BackupDone:
    """A backup that is kept now."""

    summary: Summary
    expires: datetime | None
    size_bytes: int
    """The sealed archive: what went to the destination."""
    seconds: float


def back_up(context: Context, destination: Destination, wish: BackupWish) -> BackupDone:
    """Back a home's store up.

    An archive that waits in the outbox is sent first; if the store is still as it was then, that is the
    backup. No store: NotFoundError. What the destination raises passes through; the archive then waits.
    """
    started = time.monotonic()
    require_store(context.home)
    with working_in(context.home) as places:
        return _Backup(context, places, wish, started).to(destination)


def back_up_to_file(context: Context, path: Path, wish: BackupWish) -> BackupDone:
    """Back a home's store up into a file that stands alone; replaces an earlier backup in one step."""
    started = time.monotonic()
    require_store(context.home)
    check_target(path, context.keys)
    with working_in(context.home) as places:
        return _Backup(context, places, wish, started).to_file(path)


class _Backup:
    """One run of the command."""

    def __init__(self, context: Context, places: Places, wish: BackupWish, started: float) -> None:
        self._context = context
        self._places = places
        self._wish = wish
        self._started = started
        self._digests = Digests(context.keys.block_key)
        self._sequences = Sequences(places.sequences)
        self._outbox = Outbox(places.outbox)

    def to(self, destination: Destination) -> BackupDone:
        """Back up to a destination that keeps many archives."""
        sent = self._send_waiting(destination)
        inventory = destination.inventory()
        try:
            return self._make(destination, inventory, sent, full=self._wish.full)
        except BorrowedArchiveGoneError:  # it ended between the listing and now
            return self._make(destination, inventory, None, full=True)

    def to_file(self, path: Path) -> BackupDone:
        """Back up into one file."""
        part = path.with_name(f".{path.name}.part")
        remove(part)
        try:
            with self._snapshot() as snapshot:
                sequence = self._sequences.highest(snapshot.facts.store_id) + 1
                heading = self._heading(self._new_id(), sequence, None)
                packing = WholeDatabase(snapshot.blocks, snapshot.read_at, self._digests, keep=lambda _: None)
                manifest = self._seal(part, heading, packing, snapshot).manifest
            size_bytes = part.stat().st_size
            replace(part, path)
        except BaseException:
            remove(part)
            raise
        self._sequences.saw(manifest.store, sequence)
        return BackupDone(summary_of(manifest), None, size_bytes, self._seconds())

    # -- sending ------------------------------------------------------------------------------

    def _send_waiting(self, destination: Destination) -> BackupDone | None:
        """Send what an earlier run sealed, unless it is of no use any more."""
        archive = self._outbox.waiting()
        if archive is None:
            return None
        if self._wish.full or not self._is_of_use(archive, destination):
            self._outbox.drop(archive.id)
            return None
        try:
            return self._send(archive, destination)
        except BorrowedArchiveGoneError:
            return None

    def _is_of_use(self, archive: SealedArchive, destination: Destination) -> bool:
        """Whether it is this owner's, has not ended, and what it borrows from is still there."""
        try:
            unseal_summary(archive.id, archive.summary, self._context.keys)
        except IntegrityError:
            return False
        if archive.expires is not None and archive.expires <= self._context.clock():
            return False
        return destination.inventory().archives.issuperset(archive.needs)

    def _send(self, archive: SealedArchive, destination: Destination) -> BackupDone:
        summary = unseal_summary(archive.id, archive.summary, self._context.keys)
        try:
            with self._context.progress.phase("sending", archive.size_bytes) as advance:
                kept = destination.store(archive, sent=advance)
        except BorrowedArchiveGoneError:
            self._outbox.drop(archive.id)
            raise
        self._outbox.done(archive.id, self._places.known_blocks)
        self._sequences.saw(summary.store, summary.sequence)
        return BackupDone(summary, kept.expires, archive.size_bytes, self._seconds())

    # -- making an archive --------------------------------------------------------------------

    def _make(
        self, destination: Destination, inventory: Inventory, sent: BackupDone | None, *, full: bool
    ) -> BackupDone:
        archive_id = self._new_id()
        path, blocks = (self._places.work / f"{archive_id}{suffix}" for suffix in (".age", ".blocks"))
        with self._snapshot() as snapshot, ExitStack() as held:
            known = open_known(self._places.known_blocks, self._digests, snapshot.facts.store_id)
            if known is not None:
                held.enter_context(known)
            names = KnownBlocksWriter(held.enter_context(DurableFile(blocks)), snapshot.blocks, self._digests)
            found = None if known is None or full else self._scan(snapshot, known, names)
            if sent and known and found and known.is_still(found.changed, snapshot.blocks):
                return sent
            heading = self._heading(archive_id, self._next_sequence(snapshot, inventory), known)
            packing = self._packing(snapshot, names, known, found, inventory)
            signed = self._seal(path, heading, packing, snapshot)
            own = Borrowed(archive_id, signed.digest, packing.plan.new.blocks)
            names.finish(signed.manifest.store, packing.plan.block_map, (own, *packing.plan.borrowed))
        archive = self._describe(path, signed.manifest)
        return self._send(self._outbox.add(archive, blocks), destination)

    def _snapshot(self) -> AbstractContextManager[Snapshot]:
        return snapshot_of(self._context.home, self._places.work / "copy.db")

    def _scan(self, snapshot: Snapshot, known: KnownBlocks, names: KnownBlocksWriter) -> Scan:
        with self._context.progress.phase("comparing", snapshot.size_bytes) as advance:
            return scan(
                snapshot.read_at,
                snapshot.blocks,
                digests=self._digests,
                known=known,
                keep=names.keep,
                advance=advance,
            )

    def _packing(
        self,
        snapshot: Snapshot,
        names: KnownBlocksWriter,
        known: KnownBlocks | None,
        found: Scan | None,
        inventory: Inventory,
    ) -> Packing:
        """Pack what changed, or where nothing was compared, everything, which is named meanwhile."""
        if known is None or found is None:
            return WholeDatabase(snapshot.blocks, snapshot.read_at, self._digests, keep=names.keep)
        plan = plan_backup(snapshot.blocks, found.changed, known.places, inventory.archives)
        return ChangedBlocks(plan, found.root, snapshot.read_at, self._digests)

    def _seal(self, path: Path, heading: Heading, packing: Packing, snapshot: Snapshot) -> SignedManifest:
        phase = self._context.progress.phase("sealing", packing.plan.new.blocks * BLOCK_BYTES)
        with DurableFile(path) as file, phase as advance:
            signed = seal_archive(
                file,
                heading,
                packing,
                snapshot,
                keys=self._context.keys,
                entropy=self._context.entropy,
                advance=advance,
            )
            file.sync()
        return signed

    def _new_id(self) -> str:
        return self._context.entropy(ID_BYTES).hex()

    def _heading(self, archive_id: str, sequence: int, known: KnownBlocks | None) -> Heading:
        return Heading(
            archive=archive_id,
            sequence=sequence,
            created=_to_milliseconds(self._context.clock()),
            device=label_of(self._wish.device),
            satchel=VERSION,
            previous=known.last if known is not None else None,
        )

    def _next_sequence(self, snapshot: Snapshot, inventory: Inventory) -> int:
        """Return a sequence above all that this home or, as far as it authenticates, the destination knows."""
        store_id = snapshot.facts.store_id
        listed = highest_sequence(open_summaries(inventory.backups, self._context.keys), store_id)
        return max(self._sequences.highest(store_id), listed) + 1

    def _describe(self, path: Path, manifest: Manifest) -> SealedArchive:
        return SealedArchive(
            id=manifest.archive,
            path=path,
            size_bytes=path.stat().st_size,
            needs=tuple(ref.archive for ref in manifest.borrowed),
            expires=self._wish.expires,
            summary=seal_summary(summary_of(manifest), self._context.keys, self._context.entropy),
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._started


def _to_milliseconds(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
