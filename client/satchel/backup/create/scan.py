"""Naming every block of a database, with a shortcut for spans that are as they were in the last backup.

A stride is as many blocks as a full frame has, so that naming and packing can share one reading.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from satchel.age.pipeline import ordered_map
from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.limits import BLOCK_BYTES, FRAME_BLOCKS, SPAN_BLOCKS
from satchel.archive.plan import Extents

STRIDE_BLOCKS: Final = FRAME_BLOCKS
STRIDE_SPANS: Final = STRIDE_BLOCKS // SPAN_BLOCKS
SPAN_BYTES: Final = SPAN_BLOCKS * BLOCK_BYTES

BATCH_STRIDES: Final = 4
"""Strides in one piece of work (4 MiB): with smaller ones, threads spend their time handing over."""

ReadAt = Callable[[int, int], bytes]

Keep = Callable[[bytes], None]
"""Takes the records of the next strides: of each its span digests, then its block names."""


class StrideNames(NamedTuple):
    """The span digests and the block names of one stride, each one after the other."""

    spans: bytes
    names: bytes


class KnownNames(Protocol):
    """The names of an earlier state."""

    def stride(self, number: int) -> StrideNames:
        """Return a stride's names; shorter, or empty, where that state ended."""
        ...


NOTHING: Final = StrideNames(b"", b"")


class NoKnownNames:
    """The names before the first backup."""

    def stride(self, number: int) -> StrideNames:  # noqa: ARG002  the protocol's
        """Return nothing."""
        return NOTHING


class Stride(NamedTuple):
    """Blocks as they are now, with their names as they were."""

    start: int
    data: memoryview
    known: StrideNames = NOTHING


class Named(NamedTuple):
    """What naming some strides gave."""

    records: bytes
    names: bytes
    changed: list[int]
    """The blocks whose names are others than before."""


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
    """Name every block. `advance` is told the bytes.

    Reads and calls back in the caller's thread; digests on as many threads as there are cores.
    """
    changed = Extents()
    root = digests.root()
    for named in ordered_map(lambda batch: name(batch, digests), batches(read_at, blocks, known)):
        root.update(named.names)
        keep(named.records)
        for block in named.changed:
            changed.append(block, 1)
        advance(len(named.names) // NAME_BYTES * BLOCK_BYTES)
    return Scan(root.digest(), changed)


def batches(read_at: ReadAt, blocks: int, known: KnownNames) -> Iterator[list[Stride]]:
    """Read a database from front to back."""
    step = BATCH_STRIDES * STRIDE_BLOCKS
    for start in range(0, blocks, step):
        end = min(start + step, blocks)
        data = memoryview(read_at(start * BLOCK_BYTES, (end - start) * BLOCK_BYTES))
        yield [
            Stride(
                at,
                data[(at - start) * BLOCK_BYTES : (at - start + STRIDE_BLOCKS) * BLOCK_BYTES],
                known.stride(at // STRIDE_BLOCKS),
            )
            for at in range(start, end, STRIDE_BLOCKS)
        ]


def name(strides: Iterable[Stride], digests: Digests) -> Named:
    """Name the blocks of strides; those of an unchanged span keep the names they had."""
    records: list[bytes] = []
    all_names: list[bytes] = []
    changed: list[int] = []
    for stride in strides:
        spans: list[bytes] = []
        names: list[bytes] = []
        for number, at in enumerate(range(0, len(stride.data), SPAN_BYTES)):
            span = stride.data[at : at + SPAN_BYTES]
            digest = digests.span(span)
            first = number * SPAN_BLOCKS
            old = stride.known.names[first * NAME_BYTES : (first + SPAN_BLOCKS) * NAME_BYTES]
            is_same = digest == stride.known.spans[number * NAME_BYTES : (number + 1) * NAME_BYTES]
            found = old if is_same else digests.names(span)
            if not is_same:
                changed.extend(stride.start + first + place for place in _differing(found, old))
            spans.append(digest)
            names.append(found)
        records += spans + names
        all_names += names
    return Named(b"".join(records), b"".join(all_names), changed)


def _differing(found: bytes, old: bytes) -> Iterator[int]:
    for at in range(0, len(found), NAME_BYTES):
        if found[at : at + NAME_BYTES] != old[at : at + NAME_BYTES]:
            yield at // NAME_BYTES
