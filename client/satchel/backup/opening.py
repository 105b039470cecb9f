"""Opening an archive that may be hostile: nothing of it is used before it authenticates.

age first (every byte that is read), then the zip's directory, then the manifest's MAC; then the map and
the frames against the manifest's digests. The order of checks is docs/spec/archive.md, section "Reading".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from satchel.age.reader import SealedFile
from satchel.archive.blockmap import RUN_BYTES, BlockMap
from satchel.archive.contents import Contents, entry_data, read_contents, read_entry
from satchel.archive.digests import Digests
from satchel.archive.frames import unpack
from satchel.archive.manifest import Manifest, SignedManifest, open_manifest
from satchel.backup.reading import Readable
from satchel.errors import IntegrityError
from satchel.keys.derive import OwnerKeys

_HINT = "restore from another backup: satchel backups"


@dataclass(frozen=True, slots=True)
class OpenedArchive:
    """An archive whose owner wrote it; its frames are checked as they are read."""

    sealed: SealedFile
    contents: Contents
    signed: SignedManifest

    @property
    def manifest(self) -> Manifest:
        """The manifest, authenticated."""
        return self.signed.manifest

    def read_frames(self, first: int, stop: int) -> bytes:
        """Read the bytes of consecutive frames' entries in one go, for `unpack_frame`."""
        entries = self.contents.frames
        return self.sealed.read_at(
            entries[first].offset, entries[stop - 1].end_offset - entries[first].offset
        )

    def unpack_frame(self, number: int, raw: memoryview, digests: Digests) -> bytes:
        """Expand one frame out of its entry's bytes. IntegrityError unless it is what the manifest says."""
        entry = self.contents.frames[number]
        blocks = unpack(entry_data(raw, entry), entry.size_bytes, f"frame {number}")
        if digests.frame(blocks).hex() != self.manifest.frames.digests[number]:
            raise IntegrityError(
                f"frame {number} of archive {self.manifest.archive!r} is not what its manifest says",
                hint=_HINT,
            )
        return blocks

    def read_map(self, own_blocks: Sequence[int], digests: Digests) -> BlockMap:
        """Read and check the block map; `own_blocks` are those of this archive and of the borrowed ones."""
        entry, facts = self.contents.block_map, self.manifest.map
        if entry.size_bytes != facts.runs * RUN_BYTES:
            raise IntegrityError("the block map of the archive has a wrong length", hint=_HINT)
        records = unpack(read_entry(self.sealed.read_at, entry), entry.size_bytes, "the block map")
        if digests.map(records).hex() != facts.digest:
            raise IntegrityError("the block map of the archive is not what its manifest says", hint=_HINT)
        block_map = BlockMap.from_bytes(records)
        block_map.check(self.manifest.database.blocks, own_blocks)
        return block_map


def open_archive(reader: Readable, keys: OwnerKeys, archive_id: str | None) -> OpenedArchive:
    """Open an archive and check who wrote it and, unless `archive_id` is None, that it is the one asked for.

    Not sealed to the owner, cut, changed, or written by somebody else: IntegrityError.
    """
    sealed = SealedFile(reader.read_at, reader.size_bytes, [keys.identity])
    contents = read_contents(sealed.read_at, sealed.size)
    raw = read_entry(sealed.read_at, contents.manifest)
    mac = read_entry(sealed.read_at, contents.mac)
    signed = open_manifest(raw, mac, keys.manifest_key)
    manifest = signed.manifest
    if archive_id is not None and manifest.archive != archive_id:
        raise IntegrityError(
            f"archive {archive_id!r} was replaced by another, {manifest.archive!r}", hint=_HINT
        )
    if contents.blocks != manifest.frames.blocks:
        raise IntegrityError("the archive holds other frames than its manifest says", hint=_HINT)
    return OpenedArchive(sealed, contents, signed)
