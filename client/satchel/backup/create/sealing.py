"""Writing an archive: blocks into frames, frames into a zip, the zip into an age file.

The file is written in the caller's thread; reading, compressing and encrypting run on as many threads as there are
cores. Only a few frames are in memory at once.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from satchel.age.writer import SealWriter, seal, sealed_size
from satchel.archive.contents import (
    MAC_NAME,
    MANIFEST_NAME,
    MAP_NAME,
    MEMORY_MAP_NAME,
    PADDING_NAME,
    frame_name,
    memory_frame_name,
)
from satchel.archive.digests import Digests
from satchel.archive.frames import pack
from satchel.archive.limits import FORMAT, MAX_LABEL_CHARS, SECOND_FORMAT
from satchel.archive.manifest import (
    ArchiveRef,
    DatabaseFacts,
    FrameFacts,
    Manifest,
    MapFacts,
    MemoryFacts,
    SignedManifest,
    manifest_mac,
    open_manifest,
)
from satchel.archive.padme import choose_padding
from satchel.archive.plan import Plan
from satchel.archive.summary import Summary, new_bytes_of, signed_summary
from satchel.archive.zipwriter import ZipWriter
from satchel.backup.create.packing import Packing
from satchel.backup.create.snapshot import MemoryCounts, Snapshot, StoreFacts
from satchel.keys.derive import OwnerKeys
from satchel.local_files import DurableFile
from satchel.pieces.model import Entropy
from satchel.zip_records import ZSTD


class ManifestHeader(msgspec.Struct, frozen=True):
    """The fields of a manifest that do not follow from the archive's contents."""

    archive: str
    sequence: int
    created: datetime
    device: str
    satchel: str
    previous: ArchiveRef | None
    is_second: bool = False
    """Whether it is of version 2: it has a memory, or borrows from an archive of version 2."""


class SealedMemory(msgspec.Struct, frozen=True):
    """A memory to add to an archive. Its plan has the borrowed archives of the store's plan, and then its own."""

    packing: Packing
    snapshot: Snapshot[MemoryCounts]


def seal_archive(
    file: DurableFile,
    header: ManifestHeader,
    packing: Packing,
    snapshot: Snapshot[StoreFacts],
    *,
    keys: OwnerKeys,
    entropy: Entropy,
    advance: Callable[[int], None],
    memory: SealedMemory | None = None,
) -> SignedManifest:
    """Write an archive into a new file, without syncing it. `advance` counts the bytes packed."""
    digests = Digests(keys.block_key)
    with SealWriter(file, [keys.recipient], entropy=entropy) as sealed:  # type: ignore[arg-type]  # only write is used
        writer = ZipWriter(sealed)
        frames = _add_frames(writer, packing, frame_name, advance)
        block_map = _add_map(writer, MAP_NAME, packing.plan, digests)
        remembered = _add_memory(writer, memory, digests, advance) if memory else None
        plan = memory.packing.plan if memory else packing.plan
        manifest = Manifest(
            format=SECOND_FORMAT if header.is_second else FORMAT,
            archive=header.archive,
            store=snapshot.facts.store_id,
            sequence=header.sequence,
            created=header.created,
            device=header.device,
            satchel=header.satchel,
            schema=snapshot.facts.schema,
            pieces=snapshot.facts.pieces,
            previous=header.previous,
            database=_database(snapshot, packing),
            frames=frames,
            map=block_map,
            memory=remembered if header.is_second else msgspec.UNSET,
            borrowed=tuple(ArchiveRef(archive=b.id, manifest=b.manifest) for b in plan.borrowed),
        )
        raw = manifest.to_bytes()
        writer.add_stored(MANIFEST_NAME, raw)
        writer.add_stored(MAC_NAME, mac := manifest_mac(raw, keys.manifest_key))
        writer.add_padding(PADDING_NAME, lambda length: _padding(length, keys))
        writer.finish()
    return open_manifest(raw, mac, keys.manifest_key)


def summary_of(manifest: Manifest) -> Summary:
    """Return the summary of an archive."""
    memory = manifest.memory_facts
    blocks = manifest.frames.blocks + (memory.frames.blocks if memory else 0)
    return Summary(
        format="satchel-summary/1",
        archive=manifest.archive,
        store=manifest.store,
        sequence=manifest.sequence,
        created=manifest.created,
        kind="incremental" if manifest.borrowed else "full",
        device=manifest.device,
        pieces=manifest.pieces,
        new_bytes=new_bytes_of(blocks, has_memory=memory is not None),
    )


def seal_summary(summary: Summary, keys: OwnerKeys, entropy: Entropy) -> bytes:
    """Seal a summary; the result has at most `SUMMARY_LIMIT_BYTES`."""
    return seal(signed_summary(summary, keys.manifest_key), [keys.recipient], entropy=entropy)


def label_of(name: str) -> str:
    """Return a device's name as valid UTF-8 within the limit of a label."""
    return name.encode("utf-8", "replace").decode("utf-8")[:MAX_LABEL_CHARS]


def _add_frames(
    writer: ZipWriter, packing: Packing, name_of: Callable[[int], str], advance: Callable[[int], None]
) -> FrameFacts:
    digests: list[str] = []
    for number, (packed, digest) in enumerate(packing.frames(advance)):
        writer.add_compressed(
            name_of(number), ZSTD, packed.data, size_bytes=packed.size_bytes, checksum=packed.checksum
        )
        digests.append(digest)
    return FrameFacts(blocks=packing.plan.new.blocks, digests=tuple(digests))


def _add_map(writer: ZipWriter, name: str, plan: Plan, digests: Digests) -> MapFacts:
    records = plan.block_map.to_bytes()
    packed = pack(records)
    writer.add_compressed(name, ZSTD, packed.data, size_bytes=len(records), checksum=packed.checksum)
    return MapFacts(runs=len(plan.block_map), digest=digests.map(records).hex())


def _add_memory(
    writer: ZipWriter, memory: SealedMemory, digests: Digests, advance: Callable[[int], None]
) -> MemoryFacts:
    frames = _add_frames(writer, memory.packing, memory_frame_name, advance)
    block_map = _add_map(writer, MEMORY_MAP_NAME, memory.packing.plan, digests)
    return MemoryFacts(
        schema=memory.snapshot.facts.schema,
        events=memory.snapshot.facts.events,
        database=_database(memory.snapshot, memory.packing),
        frames=frames,
        map=block_map,
    )


def _database(snapshot: Snapshot[StoreFacts] | Snapshot[MemoryCounts], packing: Packing) -> DatabaseFacts:
    return DatabaseFacts(
        size_bytes=snapshot.size_bytes, block_bytes=4096, blocks=snapshot.blocks, root=packing.root.hex()
    )


def _padding(zip_length: Callable[[int], int], keys: OwnerKeys) -> int:
    return choose_padding(lambda padding: sealed_size(zip_length(padding), [keys.recipient]))
