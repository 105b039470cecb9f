"""Making an archive's frames: of what changed, or of everything, which is named in the same reading."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from satchel.age.pipeline import ordered_map
from satchel.archive.digests import Digests
from satchel.archive.frames import Packed, frame_sizes, pack
from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.plan import Extent, Plan, frames_of, full_plan
from satchel.backup.create.scan import Keep, Named, NoKnownNames, ReadAt, Stride, batches, name


class Frame(NamedTuple):
    """A frame as it goes into the zip, with its digest in hex."""

    packed: Packed
    digest: str


class Packing(Protocol):
    """The frames of one archive."""

    @property
    def plan(self) -> Plan:
        """What the archive holds."""
        ...

    def frames(self, advance: Callable[[int], None]) -> Iterator[Frame]:
        """Read and pack, in order, once; `advance` is told the bytes packed.

        Reads in the caller's thread, packs on as many as there are cores.
        """
        ...

    @property
    def root(self) -> bytes:
        """The root of the database, once all frames have been made."""
        ...


class ChangedBlocks:
    """Packs what a plan sends of a database that was named already."""

    def __init__(self, plan: Plan, root: bytes, read_at: ReadAt, digests: Digests) -> None:
        self.plan = plan
        self.root = root
        self._read_at = read_at
        self._digests = digests

    def frames(self, advance: Callable[[int], None]) -> Iterator[Frame]:
        """Pack the blocks of the plan."""
        frames = _read(self._read_at, frames_of(self.plan.new))
        for frame in ordered_map(lambda blocks: _make(blocks, self._digests), frames):
            advance(frame.packed.size_bytes)
            yield frame


class WholeDatabase:
    """Names and packs every block."""

    def __init__(self, blocks: int, read_at: ReadAt, digests: Digests, keep: Keep) -> None:
        self.plan = full_plan(blocks)
        self._blocks = blocks
        self._read_at = read_at
        self._digests = digests
        self._keep = keep
        self._root = digests.root()

    @property
    def root(self) -> bytes:
        """The root, of all blocks that were packed so far."""
        return self._root.digest()

    def frames(self, advance: Callable[[int], None]) -> Iterator[Frame]:
        """Pack everything; the names go to `keep`."""
        for named, frames in ordered_map(self._work, batches(self._read_at, self._blocks, NoKnownNames())):
            self._root.update(named.names)
            self._keep(named.records)
            for frame in frames:
                advance(frame.packed.size_bytes)
                yield frame

    def _work(self, strides: list[Stride]) -> tuple[Named, list[Frame]]:
        frames = []
        for stride in strides:
            at = 0
            for blocks in frame_sizes(len(stride.data) // BLOCK_BYTES):
                frames.append(_make(stride.data[at : at + blocks * BLOCK_BYTES], self._digests))
                at += blocks * BLOCK_BYTES
        return name(strides, self._digests), frames


def _make(blocks: bytes | memoryview, digests: Digests) -> Frame:
    return Frame(pack(blocks), digests.frame(blocks).hex())


def _read(read_at: ReadAt, frames: Iterable[tuple[Extent, ...]]) -> Iterator[bytes]:
    for frame in frames:
        pieces = [read_at(start * BLOCK_BYTES, blocks * BLOCK_BYTES) for start, blocks in frame]
        yield pieces[0] if len(pieces) == 1 else b"".join(pieces)
