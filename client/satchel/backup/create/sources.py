"""One database on its way into an archive: the store, or the memory.

source = Source(snapshot, known, names, digests)
source.compare(progress)                    # only with known blocks
packing = source.pack(inventory.archives)
"""

from collections.abc import Collection
from typing import Generic, NamedTuple

from satchel.archive.digests import Digests
from satchel.archive.manifest import SignedManifest
from satchel.archive.plan import Borrowed, full_plan, join_borrowed, plan_backup
from satchel.archive.summary import Summary
from satchel.backup.create.packing import ChangedBlocks, WholeDatabase
from satchel.backup.create.snapshot import Facts, MemoryCounts, Snapshot, StoreFacts
from satchel.backup.local.known_blocks import KnownBlocks, KnownBlocksWriter
from satchel.backup.scan import Scan, scan
from satchel.progress import Progress

AnyPacking = ChangedBlocks | WholeDatabase


class Source(Generic[Facts]):
    """A snapshot, what is known of its last backup, and the new names of its blocks."""

    def __init__(
        self,
        snapshot: Snapshot[Facts],
        known: KnownBlocks | None,
        names: KnownBlocksWriter,
        digests: Digests,
    ) -> None:
        self.snapshot: Snapshot[Facts] = snapshot
        self.known = known
        self._names = names
        self._digests = digests
        self._found: Scan | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether it was compared, and is as it was backed up."""
        return (
            self._found is not None
            and self.known is not None
            and self.known.matches(self._found.changed, self.snapshot.blocks)
        )

    def compare(self, progress: Progress) -> None:
        """Name every block and compare it with the known ones, if there are any."""
        if self.known is None:
            return
        with progress.phase("comparing", self.snapshot.size_bytes) as advance:
            self._found = scan(
                self.snapshot,
                digests=self._digests,
                known=self.known,
                append=self._names.append,
                advance=advance,
            )

    def pack(self, kept: Collection[str]) -> AnyPacking:
        """Pack what changed; if it was not compared, pack everything and name it in the same pass.

        `kept` are the archives that blocks can be borrowed from.
        """
        if self.known is None or self._found is None:
            return WholeDatabase(self.snapshot, self._digests, append=self._names.append)
        plan = plan_backup(self.snapshot.blocks, self._found.changed, self.known.places, kept)
        return ChangedBlocks(plan, self._found.root, self.snapshot, self._digests)

    def pack_all(self) -> AnyPacking:
        """Pack everything, whether it was compared or not."""
        if self._found is None:
            return WholeDatabase(self.snapshot, self._digests, append=self._names.append)
        return ChangedBlocks(full_plan(self.snapshot.blocks), self._found.root, self.snapshot, self._digests)

    def finish(self, packing: AnyPacking, signed: SignedManifest) -> None:
        """Complete the names of the blocks with the archive that they belong to."""
        manifest = signed.manifest
        own = Borrowed(manifest.archive, signed.digest, packing.plan.new.blocks)
        archives = (own, *packing.plan.borrowed)
        self._names.finish(manifest.store, packing.plan.block_map, archives, is_second=manifest.is_second)


class Packed(NamedTuple):
    """What an archive will hold. The plan of the memory has the borrowed archives of both."""

    store: AnyPacking
    memory: AnyPacking | None


class Sources(NamedTuple):
    """A store, and a memory if there is one to back up."""

    store: Source[StoreFacts]
    memory: Source[MemoryCounts] | None

    def compare(self, progress: Progress) -> None:
        """Compare both with what is known of them."""
        self.store.compare(progress)
        if self.memory is not None:
            self.memory.compare(progress)

    def is_in(self, summary: Summary) -> bool:
        """Whether the backup with this summary, the last one, has everything as it is now."""
        has_memory = self.memory is None or (summary.has_memory and self.memory.is_unchanged)
        return self.store.is_unchanged and has_memory

    def pack(self, kept: Collection[str]) -> Packed:
        """Pack both for one archive, which borrows from a limited number of those that are `kept`."""
        if self.memory is None:
            return Packed(self.store.pack(kept), None)
        store, memory = self.store.pack(kept), self.memory.pack(kept)
        joined = join_borrowed(store.plan, memory.plan)
        if joined is None:
            return Packed(self.store.pack_all(), self.memory.pack_all())
        memory.plan = joined
        return Packed(store, memory)

    def is_second(self, packed: Packed) -> bool:
        """Whether an archive has to be of version 2: it has a memory, or borrows from one that may be of version 2."""
        known = self.store.known
        borrows = known is not None and known.is_second and bool(packed.store.plan.borrowed)
        return packed.memory is not None or borrows

    def finish(self, packed: Packed, signed: SignedManifest) -> None:
        """Complete the names of the blocks with the archive that they belong to."""
        self.store.finish(packed.store, signed)
        if self.memory is not None and packed.memory is not None:
            self.memory.finish(packed.memory, signed)
