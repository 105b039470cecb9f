"""How an archive's own blocks are cut into frames: every frame has an odd number of blocks.

FRAME_BLOCKS each, then the rest; an even rest gives its last block a frame of its own. The reason is
libarchive (seen in 3.6.2, reported of 3.7.7): it takes a zstd entry for cut off when the entry ends just
where a buffer of 256 KiB is full. zstd cuts at multiples of 8 KiB and a buffer holds an even number of
blocks, so an odd frame never ends there, however the zip is read.
"""

from collections.abc import Iterator
from typing import NamedTuple

from satchel.archive.limits import FRAME_BLOCKS


class Spot(NamedTuple):
    """Where an own block is: in which frame, at which block of it, and how many there are from it on."""

    frame: int
    first: int
    left: int


def frame_sizes(own_blocks: int) -> Iterator[int]:
    """Yield how many blocks each frame holds."""
    whole, rest = divmod(own_blocks, FRAME_BLOCKS)
    for _ in range(whole):
        yield FRAME_BLOCKS
    if rest % 2:
        yield rest
    elif rest:
        yield rest - 1
        yield 1


def frame_count(own_blocks: int) -> int:
    """Return how many frames there are."""
    whole, rest = divmod(own_blocks, FRAME_BLOCKS)
    return whole + (0 if not rest else 1 if rest % 2 else 2)


def spot_of(own_block: int, own_blocks: int) -> Spot:
    """Find the frame of an own block."""
    frame, first = divmod(own_block, FRAME_BLOCKS)
    rest = min(own_blocks - frame * FRAME_BLOCKS, FRAME_BLOCKS)
    if rest % 2:
        return Spot(frame, first, rest - first)
    if first == rest - 1:
        return Spot(frame + 1, 0, 1)
    return Spot(frame, first, rest - 1 - first)
