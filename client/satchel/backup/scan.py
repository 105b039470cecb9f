"""Naming every block of a database, with a shortcut for spans that are as they were in the last backup.

A stride is as many blocks as a full frame has, so that naming and packing can share one reading.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from satchel.age.pipeline import ordered_map
from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.extents import Extents
from satchel.archive.limits import BLOCK_BYTES, FRAME_BLOCKS, SPAN_BLOCKS

STRIDE_BLOCKS: Final = FRAME_BLOCKS
STRIDE_SPANS: Final = STRIDE_BLOCKS // SPAN_BLOCKS
SPAN_BYTES: Final = SPAN_BLOCKS * BLOCK_BYTES

ReadAt = Callable[[int, int], bytes]


class StrideNames(NamedTuple):
    """The span digests and the block names of one stride, each one after the other."""

    spans: bytes
    names: bytes


Keep = Callable[[StrideNames], None]


class KnownNames(Protocol):
    """The names of an earlier state."""

    def stride(self, number: int) -> StrideNames:
        """Return a stride's names; shorter, or empty, where that state ended."""
        ...


class NothingKnown:
    """The names before the first backup."""

    def stride(self, number: int) -> StrideNames:  # noqa: ARG002  the protocol's
        """Return nothing."""
        return StrideNames(b"", b"")


class Stride(NamedTuple):
    """Blocks as they are now, with their names as they were."""

    start: int
    data: bytes
    known: StrideNames


class NamedStride(NamedTuple):
    """The names of a stride, and the blocks whose names are others than before."""

    found: StrideNames
    changed: list[int]


class Scan(NamedTuple):
    """What naming every block gave."""

    root: bytes
    changed: Extents
    """The blocks whose names differ from the known ones, those beyond their end included."""


def scan(
    read_at: ReadAt,
    blocks: int,
    *,
    digests: Digests,
    known: KnownNames,
    keep: Keep,
    advance: Callable[[int], None],
) -> Scan:
    """Name every block. `keep` gets the names stride by stride; `advance` is told the bytes.

    Reads and calls back in the caller's thread; digests on as many threads as there are cores.
    """
    changed = Extents()
    root = digests.root()
    for named in ordered_map(lambda stride: name(stride, digests), strides(read_at, blocks, known)):
        root.update(named.found.names)
        keep(named.found)
        for block in named.changed:
            changed.append(block, 1)
        advance(len(named.found.names) // NAME_BYTES * BLOCK_BYTES)
    return Scan(root.digest(), changed)


def strides(read_at: ReadAt, blocks: int, known: KnownNames) -> Iterator[Stride]:
    """Read a database from front to back."""
    for start in range(0, blocks, STRIDE_BLOCKS):
        count = min(STRIDE_BLOCKS, blocks - start)
        data = read_at(start * BLOCK_BYTES, count * BLOCK_BYTES)
        yield Stride(start, data, known.stride(start // STRIDE_BLOCKS))


def name(stride: Stride, digests: Digests) -> NamedStride:
    """Name the blocks of a stride; those of an unchanged span keep the names they had."""
    view = memoryview(stride.data)
    spans: list[bytes] = []
    names: list[bytes] = []
    changed: list[int] = []
    for number, at in enumerate(range(0, len(view), SPAN_BYTES)):
        span = view[at : at + SPAN_BYTES]
        digest = digests.span(span)
        first = number * SPAN_BLOCKS
        old = stride.known.names[first * NAME_BYTES : (first + SPAN_BLOCKS) * NAME_BYTES]
        is_same = digest == stride.known.spans[number * NAME_BYTES : (number + 1) * NAME_BYTES]
        found = old if is_same else digests.names(span)
        if not is_same:
            changed.extend(stride.start + first + place for place in _differing(found, old))
        spans.append(digest)
        names.append(found)
    return NamedStride(StrideNames(b"".join(spans), b"".join(names)), changed)


def _differing(found: bytes, old: bytes) -> Iterator[int]:
    for at in range(0, len(found), NAME_BYTES):
        if found[at : at + NAME_BYTES] != old[at : at + NAME_BYTES]:
            yield at // NAME_BYTES
