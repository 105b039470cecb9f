"""Packing the frames of an archive: what has changed, or everything, which is named in the same pass."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from satchel.age.pipeline import ordered_map
from satchel.archive.digests import Digests
from satchel.archive.frames import Packed, frame_sizes, pack
from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.plan import Extent, Plan, frames_of, full_plan
from satchel.backup.scan import (
    AppendNames,
    BlockSource,
    NamedStride,
    NoKnownNames,
    StrideReader,
    name_stride,
)


class Frame(NamedTuple):
    """A packed frame, with its digest in hex."""

    packed: Packed
    digest: str


class Packing(Protocol):
    """The frames of one archive."""

    @property
    def plan(self) -> Plan:
        """What the archive holds."""
        ...

    def frames(self, advance: Callable[[int], None]) -> Iterator[Frame]:
        """Read and pack the frames in order, once, on as many threads as there are cores.

        `advance` counts the bytes packed.
        """
        ...

    @property
    def root(self) -> bytes:
        """The root of the database, once all frames are packed."""
        ...


class ChangedBlocks:
    """Packs the new blocks of a plan. The database has been named already."""

    def __init__(self, plan: Plan, root: bytes, source: BlockSource, digests: Digests) -> None:
        self.plan = plan
        self.root = root
        self._source = source
        self._digests = digests

    def frames(self, advance: Callable[[int], None]) -> Iterator[Frame]:
        """Pack the blocks of the plan."""
        for frame in ordered_map(self._pack, frames_of(self.plan.new)):
            advance(frame.packed.size_bytes)
            yield frame

    def _pack(self, extents: tuple[Extent, ...]) -> Frame:
        blocks = memoryview(bytearray(sum(extent.blocks for extent in extents) * BLOCK_BYTES))
        at = 0
        for start, count in extents:
            self._source.read_into(start * BLOCK_BYTES, blocks[at : at + count * BLOCK_BYTES])
            at += count * BLOCK_BYTES
        return _pack(blocks, self._digests)


class WholeDatabase:
    """Names and packs every block."""

    def __init__(self, source: BlockSource, digests: Digests, append: AppendNames) -> None:
        self.plan = full_plan(source.blocks)
        self._reader = StrideReader(source)
        self._digests = digests
        self._append = append
        self._root = digests.root()

    @property
    def root(self) -> bytes:
        """The root of all blocks packed so far."""
        return self._root.digest()

    def frames(self, advance: Callable[[int], None]) -> Iterator[Frame]:
        """Pack everything, and pass the names to `append`."""
        for batch in ordered_map(self._work, self._reader.batches()):
            for named, frames in batch:
                self._root.update(named.names.names)
                self._append(named.names.spans + named.names.names)
                for frame in frames:
                    advance(frame.packed.size_bytes)
                    yield frame

    def _work(self, batch: range) -> list[tuple[NamedStride, list[Frame]]]:
        return [self._pack_stride(number) for number in batch]

    def _pack_stride(self, number: int) -> tuple[NamedStride, list[Frame]]:
        data = self._reader.read(number)
        named = name_stride(number, data, NoKnownNames().stride(number), self._digests)
        frames = []
        at = 0
        for blocks in frame_sizes(len(data) // BLOCK_BYTES):
            frames.append(_pack(data[at : at + blocks * BLOCK_BYTES], self._digests))
            at += blocks * BLOCK_BYTES
        return named, frames


def _pack(blocks: memoryview, digests: Digests) -> Frame:
    return Frame(pack(blocks), digests.frame(blocks).hex())
