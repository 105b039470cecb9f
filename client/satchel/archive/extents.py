"""Many ranges of blocks in little memory: eight bytes each, whatever the store's size."""

from array import array
from collections.abc import Iterator
from typing import NamedTuple


class Extent(NamedTuple):
    """So many consecutive blocks of the database from `start`."""

    start: int
    blocks: int


class Extents:
    """Ascending extents; neighbours are joined."""

    __slots__ = ("_pairs", "blocks")

    def __init__(self) -> None:
        self._pairs = array("I")
        self.blocks = 0
        """How many blocks there are in all."""

    def __len__(self) -> int:
        return len(self._pairs) // 2

    def __iter__(self) -> Iterator[Extent]:
        numbers = iter(self._pairs)
        return map(Extent, numbers, numbers)

    def append(self, start: int, blocks: int) -> None:
        """Add blocks that come after all others."""
        self.blocks += blocks
        if self._pairs and self._pairs[-2] + self._pairs[-1] == start:
            self._pairs[-1] += blocks
        else:
            self._pairs.extend((start, blocks))
