"""`satchel backup`: read the store at one moment, seal what changed, and hand the archive to a destination.

The archive is sealed into the home's outbox and becomes durable there while it is sent, so that an interrupted
upload can be resumed, by another process too. The destination's inventory is read while the store is scanned.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from satchel.archive.destination import BorrowedArchiveGoneError, Destination, Inventory, SealedArchive
from satchel.archive.digests import Digests
from satchel.archive.limits import BLOCK_BYTES, MAX_SEQUENCE
from satchel.archive.manifest import Manifest, SignedManifest
from satchel.archive.summary import Summary
from satchel.backup import Context
from satchel.backup.archive_opening import open_archive
from satchel.backup.create.packing import Packing, WholeDatabase
from satchel.backup.create.sealing import (
    ManifestHeader,
    SealedMemory,
    label_of,
    seal_archive,
    seal_summary,
    summary_of,
)
from satchel.backup.create.snapshot import (
    Facts,
    MemoryCounts,
    Snapshot,
    StoreFacts,
    open_memory_snapshot,
    open_snapshot,
)
from satchel.backup.create.sources import Source, Sources
from satchel.backup.listing import highest_sequence, open_summaries
from satchel.backup.local.file_destination import check_target
from satchel.backup.local.known_blocks import KnownBlocks, KnownBlocksWriter, open_known_blocks
from satchel.backup.local.outbox import Outbox
from satchel.backup.local.places import Places, locked_home, require_store
from satchel.backup.local.previous_stores import prune_previous_stores
from satchel.backup.local.record import MadeBackup, record_backup
from satchel.backup.local.sequences import SequenceRecord, Series, series_of_cloud, series_of_file
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import DurableFile, SourceFile, remove, replace, sync_file
from satchel.version import VERSION

Result = TypeVar("Result")

ID_BYTES: Final = 16
NOTHING: Final = nullcontext()


class BackupOptions(msgspec.Struct, frozen=True):
    """Options of a backup.

    It ends at `expires` or after `lifetime_s` seconds; with neither, the destination's retention decides, unless `hold`
    keeps it until it is deleted. `full` borrows nothing. With `memory`, the memory is backed up too, if there is one.
    """

    device: str
    expires: datetime | None = None
    full: bool = False
    lifetime_s: int | None = None
    hold: bool = False
    memory: bool = False


class BackupResult(msgspec.Struct, frozen=True):
    """A stored backup."""

    summary: Summary
    expires: datetime | None
    size_bytes: int
    """The size of the sealed archive."""
    seconds: float


def back_up(context: Context, destination: Destination, options: BackupOptions) -> BackupResult:
    """Back up a home's store.

    An archive waiting in the outbox is sent first; if the store has not changed since, that is the backup.
    No store: NotFoundError. Errors of the destination pass through, and the archive waits in the outbox.
    """
    started = time.monotonic()
    require_store(context.home)
    with locked_home(context.home) as places:
        return _Backup(context, places, options, started).run(destination)


def back_up_to_file(context: Context, path: Path, options: BackupOptions) -> BackupResult:
    """Back up a home's store into one self-contained file, replacing an earlier backup there in one step."""
    started = time.monotonic()
    require_store(context.home)
    check_target(path, context.keys)
    with locked_home(context.home) as places:
        return _Backup(context, places, options, started).run_to_file(path)


class _Backup:
    """One run of the command."""

    def __init__(self, context: Context, places: Places, options: BackupOptions, started: float) -> None:
        self._context = context
        self._places = places
        self._options = options
        self._started = started
        self._digests = Digests(context.keys.block_key)
        self._sequences = SequenceRecord(places.sequences)
        self._outbox = Outbox(places.outbox)

    def run(self, destination: Destination) -> BackupResult:
        """Back up to a destination that stores many archives."""
        inventory = _start(destination.inventory)
        sent = self._send_waiting(destination, inventory)
        try:
            return self._create(destination, inventory, sent, full=self._options.full)
        except BorrowedArchiveGoneError:  # it expired after the inventory was read
            return self._create(destination, inventory, None, full=True)

    def run_to_file(self, path: Path) -> BackupResult:
        """Back up into one file."""
        part = path.with_name(f".{path.name}.part")
        remove(part)
        try:
            with self._snapshot() as snapshot, self._memory_snapshot() as remembered:
                sequence = _after(self._sequences.highest(snapshot.facts.store_id))
                header = self._header(self._new_id(), sequence, None, is_second=remembered is not None)
                packing = WholeDatabase(snapshot, self._digests, append=lambda _: None)
                memory = None
                if remembered is not None:
                    packed = WholeDatabase(remembered, self._digests, append=lambda _: None)
                    memory = SealedMemory(packed, remembered)
                signed = self._seal(part, header, packing, snapshot, memory)
            size_bytes = part.stat().st_size
            sync_file(part)
            replace(part, path)
        except BaseException:
            remove(part)
            raise
        result = BackupResult(summary_of(signed.manifest), None, size_bytes, self._seconds())
        self._record(signed, series_of_file(path), result)
        return result

    # -- sending ------------------------------------------------------------------------------

    def _send_waiting(self, destination: Destination, inventory: Future[Inventory]) -> BackupResult | None:
        """Send the archive in the outbox, or discard it if it is of no use any more."""
        archive = self._outbox.waiting()
        if archive is None:
            return None
        signed = self._usable_manifest(archive, inventory.result())
        if signed is None or self._options.full:
            self._outbox.discard(archive.id)
            return None
        try:
            return self._send(archive, signed, destination)
        except BorrowedArchiveGoneError:
            return None

    def _usable_manifest(self, archive: SealedArchive, inventory: Inventory) -> SignedManifest | None:
        """Return its manifest; None if it is damaged, has expired, or an archive it needs is gone."""
        if archive.expires is not None and archive.expires <= self._context.clock():
            return None
        if not inventory.archives.issuperset(archive.needs):
            return None
        try:
            with SourceFile(archive.path) as reader:
                return open_archive(reader, self._context.keys, archive.id).signed
        except (IntegrityError, NotFoundError):
            return None

    def _send(
        self,
        archive: SealedArchive,
        signed: SignedManifest,
        destination: Destination,
        meanwhile: AbstractContextManager[None] = NOTHING,
    ) -> BackupResult:
        try:
            with meanwhile, self._context.progress.phase("sending", archive.size_bytes) as advance:
                stored = destination.store(archive, sent=advance)
        except BorrowedArchiveGoneError:
            self._outbox.discard(archive.id)
            raise
        self._outbox.complete(archive.id, self._places)
        summary = summary_of(signed.manifest)
        result = BackupResult(summary, stored.expires, archive.size_bytes, self._seconds())
        self._record(signed, series_of_cloud(destination.name), result)
        return result

    def _record(self, signed: SignedManifest, series: Series, result: BackupResult) -> None:
        """Remember a backup that its destination has stored."""
        self._sequences.update(signed.manifest, signed.digest, series)
        manifest = signed.manifest
        made = MadeBackup(
            place=series.key,
            archive=manifest.archive,
            store=manifest.store,
            sequence=manifest.sequence,
            device=manifest.device,
            pieces=manifest.pieces,
            size_bytes=result.size_bytes,
            created=manifest.created,
            confirmed=_to_milliseconds(self._context.clock()),
            expires=result.expires,
            has_memory=manifest.memory_facts is not None,
        )
        record_backup(self._places.home, made)
        prune_previous_stores(self._places.home, self._context.clock())

    @contextmanager
    def _committing(self, archive: SealedArchive) -> Iterator[None]:
        """Make an archive durable in the outbox meanwhile, so that it waits there if it cannot be sent."""
        committed = _start(lambda: self._outbox.commit(archive))
        try:
            yield
        finally:
            committed.exception()  # waits; an archive that was sent need not be durable here

    # -- creating an archive ------------------------------------------------------------------

    def _create(
        self,
        destination: Destination,
        inventory: Future[Inventory],
        sent: BackupResult | None,
        *,
        full: bool,
    ) -> BackupResult:
        """Create an archive and send it; return `sent` if nothing has changed since."""
        archive_id = self._new_id()
        path, blocks, remembered = (
            self._places.work / f"{archive_id}{suffix}" for suffix in (".age", ".blocks", ".memory")
        )
        with self._snapshot() as snapshot, self._memory_snapshot() as memory_snapshot, ExitStack() as held:
            sources = self._sources(snapshot, memory_snapshot, blocks, remembered, held)
            if not full:
                sources.compare(self._context.progress)
            if sent and sources.is_in(sent.summary):
                return sent
            listed = inventory.result()
            if sent is not None:
                listed = listed.with_archive(sent.summary.archive)
            packed = sources.pack(listed.archives)
            is_second = sources.is_second(packed)
            sequence = self._next_sequence(snapshot, listed)
            header = self._header(archive_id, sequence, sources.store.known, is_second=is_second)
            memory = (
                SealedMemory(packed.memory, memory_snapshot) if packed.memory and memory_snapshot else None
            )
            signed = self._seal(path, header, packed.store, snapshot, memory)
            sources.finish(packed, signed)
        described = self._describe(path, signed.manifest)
        archive = self._outbox.add(described, blocks, remembered if memory is not None else None)
        return self._send(archive, signed, destination, self._committing(archive))

    def _snapshot(self) -> AbstractContextManager[Snapshot[StoreFacts]]:
        return open_snapshot(self._context.home, self._places.work / "copy.db")

    def _memory_snapshot(self) -> AbstractContextManager[Snapshot[MemoryCounts] | None]:
        """Open a snapshot of the memory, if it is asked for and there is one."""
        if not self._options.memory or not self._places.memory.is_file():
            return nullcontext()
        return open_memory_snapshot(self._context.home, self._places.work / "memory-copy.db")

    def _sources(
        self,
        snapshot: Snapshot[StoreFacts],
        memory: Snapshot[MemoryCounts] | None,
        blocks: Path,
        memory_blocks: Path,
        held: ExitStack,
    ) -> Sources:
        store_id = snapshot.facts.store_id

        def source(of: Snapshot[Facts], known_path: Path, names_path: Path) -> Source[Facts]:
            known = open_known_blocks(known_path, self._digests, store_id)
            if known is not None:
                held.enter_context(known)
            names = KnownBlocksWriter(held.enter_context(DurableFile(names_path)), of.blocks, self._digests)
            return Source(of, known, names, self._digests)

        remembered = source(memory, self._places.known_memory, memory_blocks) if memory is not None else None
        return Sources(source(snapshot, self._places.known_blocks, blocks), remembered)

    def _seal(
        self,
        path: Path,
        header: ManifestHeader,
        packing: Packing,
        snapshot: Snapshot[StoreFacts],
        memory: SealedMemory | None,
    ) -> SignedManifest:
        """Seal an archive into a new file, which is not durable yet."""
        blocks = packing.plan.new.blocks + (memory.packing.plan.new.blocks if memory else 0)
        phase = self._context.progress.phase("sealing", blocks * BLOCK_BYTES)
        with DurableFile(path) as file, phase as advance:
            return seal_archive(
                file,
                header,
                packing,
                snapshot,
                keys=self._context.keys,
                entropy=self._context.entropy,
                advance=advance,
                memory=memory,
            )

    def _new_id(self) -> str:
        return self._context.entropy(ID_BYTES).hex()

    def _header(
        self, archive_id: str, sequence: int, known: KnownBlocks | None, *, is_second: bool
    ) -> ManifestHeader:
        return ManifestHeader(
            archive=archive_id,
            sequence=sequence,
            created=_to_milliseconds(self._context.clock()),
            device=label_of(self._options.device),
            satchel=VERSION,
            previous=known.last if known is not None else None,
            is_second=is_second,
        )

    def _next_sequence(self, snapshot: Snapshot[StoreFacts], inventory: Inventory) -> int:
        """Return a sequence above every one known here or, where it authenticates, to the destination."""
        store_id = snapshot.facts.store_id
        listed = highest_sequence(open_summaries(inventory.backups, self._context.keys), store_id)
        return _after(max(self._sequences.highest(store_id), listed))

    def _describe(self, path: Path, manifest: Manifest) -> SealedArchive:
        return SealedArchive(
            id=manifest.archive,
            path=path,
            size_bytes=path.stat().st_size,
            needs=tuple(ref.archive for ref in manifest.borrowed),
            expires=self._options.expires,
            summary=seal_summary(summary_of(manifest), self._context.keys, self._context.entropy),
            lifetime_s=self._options.lifetime_s,
            hold=self._options.hold,
            has_memory=manifest.memory_facts is not None,
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._started


def _after(sequence: int) -> int:
    """Return the next number of a store's backups. SatchelError if there is none."""
    if sequence >= MAX_SEQUENCE:
        raise SatchelError(
            f"the store has used the last number of a backup, {MAX_SEQUENCE:,}",
            hint="a backup of it states that number: find it with satchel backups --json, and remove it",
        )
    return sequence + 1


def _to_milliseconds(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _start(work: Callable[[], Result]) -> Future[Result]:
    """Run work in a thread that does not keep the process alive."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as exc:  # noqa: BLE001  raised where the result is asked for
            future.set_exception(exc)

    threading.Thread(target=run, daemon=True).start()
    return future
