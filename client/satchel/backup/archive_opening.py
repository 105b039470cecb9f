"""Opening archives, which may be hostile and far away.

Nothing of an archive is used before it authenticates: age first (every byte that is read), then the zip's directory,
then the manifest's MAC, then the block map and the frames against the manifest's digests. The order of checks is in
docs/spec/archive.md, "Reading".

Each read may be a request to a distant cloud. Opening takes many small reads at the beginning (age's header) and near
the end (the manifest, the directory, age's last chunk), so a small archive is fetched whole, and of a large one both
ends are fetched and cached. A chain may have many archives, so a cache can be released until it is needed again.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from satchel.age.reader import SealedFile
from satchel.archive.blockmap import RUN_BYTES, BlockMap
from satchel.archive.contents import Contents, entry_data, read_contents, read_entry
from satchel.archive.destination import ArchiveReader
from satchel.archive.digests import Digests
from satchel.archive.frames import unpack
from satchel.archive.manifest import Manifest, SignedManifest, open_manifest
from satchel.errors import IntegrityError
from satchel.keys.derive import OwnerKeys

END_BYTES: Final = 256 * 2**10
"""How much of each end is cached: enough for the directory and manifest of 2 GiB of frames."""

_HINT: Final = "restore from another backup: satchel backups"


class Readable(Protocol):
    """The part of a reader that opening an archive needs."""

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes."""
        ...


class CachedEnds:
    """A reader that fetches each end of an archive once. Thread-safe."""

    def __init__(self, reader: Readable) -> None:
        self._reader = reader
        self.size_bytes: Final = reader.size_bytes
        self._ends: dict[tuple[int, int], bytes] = {}

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes."""
        for start, end in self._spans():
            if start <= offset and offset + length <= end:
                cached = self._ends.get((start, end))
                if cached is None:
                    cached = self._ends[start, end] = self._reader.read_at(start, end - start)
                return cached[offset - start : offset - start + length]
        return self._reader.read_at(offset, length)

    def _spans(self) -> tuple[tuple[int, int], ...]:
        size = self.size_bytes
        if size <= 2 * END_BYTES:
            return ((0, size),)
        return ((0, END_BYTES), (size - END_BYTES, size))


class LazyReader:
    """A reader that opens its archive at the first read, and again after `release`.

    Thread-safe, but no thread may be reading while another releases it.
    """

    def __init__(self, open_reader: Callable[[], ArchiveReader]) -> None:
        self._open_reader = open_reader
        self._lock = threading.Lock()
        self._open: tuple[ArchiveReader, CachedEnds] | None = None
        self._size_bytes: int | None = None

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        return self._ends().size_bytes

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes. IntegrityError if the archive's length has changed."""
        return self._ends().read_at(offset, length)

    def release(self) -> None:
        """Close the archive and drop what is cached."""
        with self._lock:
            if self._open is not None:
                reader, self._open = self._open[0], None
                reader.__exit__(None, None, None)

    def _ends(self) -> CachedEnds:
        with self._lock:
            if self._open is None:
                reader = self._open_reader()
                self._size_bytes = self._size_bytes or reader.size_bytes
                if reader.size_bytes != self._size_bytes:
                    reader.__exit__(None, None, None)
                    raise IntegrityError("an archive changed while it was read", hint="try again")
                self._open = (reader, CachedEnds(reader))
            return self._open[1]


class OpenedArchive(msgspec.Struct, frozen=True):
    """An authenticated archive. Its frames are checked as they are read."""

    sealed: SealedFile
    contents: Contents
    signed: SignedManifest

    @property
    def manifest(self) -> Manifest:
        """The authenticated manifest."""
        return self.signed.manifest

    def of_memory(self) -> "OpenedArchive":
        """Return the archive as if the memory were its only database; one without blocks if it has no memory."""
        signed = SignedManifest(self.manifest.of_memory(), self.signed.digest)
        return OpenedArchive(self.sealed, self.contents.of_memory(), signed)

    def read_frames(self, first: int, stop: int) -> bytes:
        """Read the entries of consecutive frames at once, for `unpack_frame`."""
        entries = self.contents.frames
        return self.sealed.read_at(
            entries[first].offset, entries[stop - 1].end_offset - entries[first].offset
        )

    def unpack_frame(self, number: int, raw: memoryview, digests: Digests) -> bytes:
        """Expand a frame from the bytes of its entry. IntegrityError if it does not match the manifest."""
        entry = self.contents.frames[number]
        blocks = unpack(entry_data(raw, entry), entry.size_bytes, f"frame {number}")
        if digests.frame(blocks).hex() != self.manifest.frames.digests[number]:
            raise IntegrityError(
                f"frame {number} of archive {self.manifest.archive!r} does not match its manifest",
                hint=_HINT,
            )
        return blocks

    def read_map(self, own_blocks: Sequence[int], digests: Digests) -> BlockMap:
        """Read and check the block map. `own_blocks` are those of this archive, then of the borrowed ones."""
        entry, facts = self.contents.block_map, self.manifest.map
        if entry is None or entry.size_bytes != facts.runs * RUN_BYTES:
            raise IntegrityError("the block map of the archive has a wrong length", hint=_HINT)
        records = unpack(read_entry(self.sealed.read_at, entry), entry.size_bytes, "the block map")
        if digests.map(records).hex() != facts.digest:
            raise IntegrityError("the block map of the archive does not match its manifest", hint=_HINT)
        block_map = BlockMap.from_bytes(records)
        block_map.check(self.manifest.database.blocks, own_blocks)
        return block_map


def open_archive(reader: Readable, keys: OwnerKeys, archive_id: str | None) -> OpenedArchive:
    """Open an archive, and check who wrote it and, unless `archive_id` is None, which one it is.

    IntegrityError if it is not sealed to the owner, truncated, changed, or written by someone else.
    """
    sealed = SealedFile(reader.read_at, reader.size_bytes, [keys.identity])
    contents = read_contents(sealed.read_at, sealed.size)
    raw = read_entry(sealed.read_at, contents.manifest)
    mac = read_entry(sealed.read_at, contents.mac)
    signed = open_manifest(raw, mac, keys.manifest_key)
    manifest = signed.manifest
    if archive_id is not None and manifest.archive != archive_id:
        raise IntegrityError(
            f"archive {archive_id!r} was replaced by another one, {manifest.archive!r}", hint=_HINT
        )
    opened = OpenedArchive(sealed, contents, signed)
    memory = opened.of_memory()
    if (
        contents.blocks != manifest.frames.blocks
        or memory.contents.blocks != memory.manifest.frames.blocks
        or (contents.memory_map is None) != (manifest.memory_facts is None)
    ):
        raise IntegrityError("the frames of the archive differ from its manifest", hint=_HINT)
    return opened
