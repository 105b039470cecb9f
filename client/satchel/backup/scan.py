"""Naming the blocks of a database, with a shortcut for spans that have not changed since the last backup.

A stride is as long as a full frame, so that naming and packing share one reading. Every thread reads into a
buffer of its own: no memory is allocated for the data, and the interpreter lock is free while it is read and
hashed.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from satchel.age.pipeline import ordered_map
from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.limits import BLOCK_BYTES, FRAME_BLOCKS, SPAN_BLOCKS
from satchel.archive.plan import Extents

STRIDE_BLOCKS: Final = FRAME_BLOCKS
STRIDE_SPANS: Final = STRIDE_BLOCKS // SPAN_BLOCKS
STRIDE_BYTES: Final = STRIDE_BLOCKS * BLOCK_BYTES
SPAN_BYTES: Final = SPAN_BLOCKS * BLOCK_BYTES

BATCH_STRIDES: Final = 4
"""Strides in one task (4 MiB): with fewer, threads spend their time on handing over."""

AppendNames = Callable[[bytes], None]
"""Takes the records of the next strides: of each its span digests, then its block names."""


class BlockSource(Protocol):
    """A database to read. Thread-safe."""

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        ...

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill a buffer."""
        ...


class StrideNames(NamedTuple):
    """The span digests and the block names of one stride, each concatenated."""

    spans: bytes
    names: bytes


_NO_NAMES: Final = StrideNames(b"", b"")


class KnownNames(Protocol):
    """The names of an earlier state. Thread-safe."""

    def stride(self, number: int) -> StrideNames:
        """Return a stride's names; fewer, or none, beyond the end of that state."""
        ...


class NoKnownNames:
    """The names before the first backup."""

    def stride(self, number: int) -> StrideNames:  # noqa: ARG002  the protocol's
        """Return none."""
        return _NO_NAMES


class NamedStride(NamedTuple):
    """A stride's names, and which of its blocks have changed."""

    names: StrideNames
    changed: list[int]


class Scan(NamedTuple):
    """The result of naming a whole database."""

    root: bytes
    changed: Extents
    """Blocks whose names differ from the known ones, and blocks beyond the end of the known state."""


class StrideReader:
    """Reads strides, each thread into its own buffer."""

    def __init__(self, source: BlockSource) -> None:
        self._source = source
        self._buffers = threading.local()

    def batches(self) -> Iterator[range]:
        """Divide the stride numbers into tasks."""
        strides = -(-self._source.blocks // STRIDE_BLOCKS)
        for first in range(0, strides, BATCH_STRIDES):
            yield range(first, min(first + BATCH_STRIDES, strides))

    def read(self, number: int) -> memoryview:
        """Read a stride. The view is valid until this thread reads the next one."""
        if not hasattr(self._buffers, "stride"):
            self._buffers.stride = memoryview(bytearray(STRIDE_BYTES))
        start = number * STRIDE_BLOCKS
        blocks = min(STRIDE_BLOCKS, self._source.blocks - start)
        buffer: memoryview = self._buffers.stride[: blocks * BLOCK_BYTES]
        self._source.read_into(start * BLOCK_BYTES, buffer)
        return buffer


def scan(
    source: BlockSource,
    *,
    digests: Digests,
    known: KnownNames,
    append: AppendNames,
    advance: Callable[[int], None],
) -> Scan:
    """Name every block, on as many threads as there are cores. `advance` counts bytes.

    `append` and `advance` are called in the caller's thread.
    """
    reader = StrideReader(source)

    def work(batch: range) -> list[NamedStride]:
        return [name_stride(number, reader.read(number), known.stride(number), digests) for number in batch]

    changed = Extents()
    root = digests.root()
    for batch in ordered_map(work, reader.batches()):
        for named in batch:
            root.update(named.names.names)
            append(named.names.spans + named.names.names)
            for block in named.changed:
                changed.append(block, 1)
            advance(len(named.names.names) // NAME_BYTES * BLOCK_BYTES)
    return Scan(root.digest(), changed)


def name_all(source: BlockSource, digests: Digests, append_names: Callable[[bytes], None]) -> bytes:
    """Name every block in this thread and return the root. `append_names` takes the names of each stride."""
    reader = StrideReader(source)
    root = digests.root()
    for batch in reader.batches():
        for number in batch:
            names = digests.names(reader.read(number))
            root.update(names)
            append_names(names)
    return root.digest()


def name_stride(number: int, data: memoryview, known: StrideNames, digests: Digests) -> NamedStride:
    """Name the blocks of a stride. Blocks of an unchanged span keep their known names."""
    spans: list[bytes] = []
    names: list[bytes] = []
    changed: list[int] = []
    for place, at in enumerate(range(0, len(data), SPAN_BYTES)):
        span = data[at : at + SPAN_BYTES]
        digest = digests.span(span)
        first = place * SPAN_BLOCKS
        old = known.names[first * NAME_BYTES : (first + SPAN_BLOCKS) * NAME_BYTES]
        if digest == known.spans[place * NAME_BYTES : (place + 1) * NAME_BYTES]:
            names.append(old)
        else:
            names.append(found := digests.names(span))
            start = number * STRIDE_BLOCKS + first
            changed += [start + block for block in _differing(found, old)]
        spans.append(digest)
    return NamedStride(StrideNames(b"".join(spans), b"".join(names)), changed)


def _differing(found: bytes, old: bytes) -> Iterator[int]:
    for at in range(0, len(found), NAME_BYTES):
        if found[at : at + NAME_BYTES] != old[at : at + NAME_BYTES]:
            yield at // NAME_BYTES
