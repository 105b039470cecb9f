"""Naming every block of a database, with a shortcut for spans that are as they were in the last backup."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from satchel.age.pipeline import ordered_map
from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.extents import Extents
from satchel.archive.limits import BLOCK_BYTES, SPAN_BLOCKS

STRIDE_BLOCKS: Final = 256
"""Blocks named in one piece of work (1 MiB)."""

STRIDE_SPANS: Final = STRIDE_BLOCKS // SPAN_BLOCKS
_SPAN_BYTES: Final = SPAN_BLOCKS * BLOCK_BYTES


class StrideNames(NamedTuple):
    """The span digests and the block names of one stride, each one after the other."""

    spans: bytes
    names: bytes


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


@dataclass(frozen=True, slots=True)
class Scan:
    """What naming every block gave."""

    root: bytes
    changed: Extents
    """The blocks whose names differ from the known ones, those beyond their end included."""


def scan(
    read_at: Callable[[int, int], bytes],
    blocks: int,
    *,
    digests: Digests,
    known: KnownNames,
    keep: Callable[[StrideNames], None],
    advance: Callable[[int], None],
) -> Scan:
    """Name every block. `keep` gets the names stride by stride; `advance` is told the bytes.

    Reads and calls back in the caller's thread; digests on as many threads as there are cores.
    """
    changed = Extents()
    root = digests.root()
    strides = _strides(read_at, blocks, known)
    for stride in ordered_map(lambda stride: _name(stride, digests), strides):
        root.update(stride.found.names)
        keep(stride.found)
        for block in stride.changed:
            changed.append(block, 1)
        advance(stride.size_bytes)
    return Scan(root.digest(), changed)


class _Stride(NamedTuple):
    start: int
    data: bytes
    known: StrideNames


class _Named(NamedTuple):
    found: StrideNames
    changed: list[int]
    size_bytes: int


def _strides(read_at: Callable[[int, int], bytes], blocks: int, known: KnownNames) -> Iterator[_Stride]:
    for start in range(0, blocks, STRIDE_BLOCKS):
        count = min(STRIDE_BLOCKS, blocks - start)
        data = read_at(start * BLOCK_BYTES, count * BLOCK_BYTES)
        yield _Stride(start, data, known.stride(start // STRIDE_BLOCKS))


def _name(stride: _Stride, digests: Digests) -> _Named:
    view = memoryview(stride.data)
    spans: list[bytes] = []
    names: list[bytes] = []
    changed: list[int] = []
    for number, at in enumerate(range(0, len(view), _SPAN_BYTES)):
        span = view[at : at + _SPAN_BYTES]
        digest = digests.span(span)
        first = number * SPAN_BLOCKS
        old = stride.known.names[first * NAME_BYTES : (first + SPAN_BLOCKS) * NAME_BYTES]
        is_same = digest == stride.known.spans[number * NAME_BYTES : (number + 1) * NAME_BYTES]
        found = old if is_same else digests.names(span)
        if not is_same:
            changed.extend(stride.start + first + place for place in _differing(found, old))
        spans.append(digest)
        names.append(found)
    return _Named(StrideNames(b"".join(spans), b"".join(names)), changed, len(view))


def _differing(found: bytes, old: bytes) -> Iterator[int]:
    for at in range(0, len(found), NAME_BYTES):
        if found[at : at + NAME_BYTES] != old[at : at + NAME_BYTES]:
            yield at // NAME_BYTES
