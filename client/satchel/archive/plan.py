"""Many ranges of blocks in little memory: eight bytes each, whatever the store's size.

Deciding what a backup sends: from the blocks that changed to a block map and the frames to pack.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.frames import frame_sizes
from satchel.archive.limits import MAX_BORROWED, MAX_RUNS


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


Kind = Literal["full", "incremental"]

DEAD_SHARE: Final = 0.5
"""When more than this share of the blocks that a chain keeps is of no use any more, start afresh."""


@dataclass(frozen=True, slots=True)
class Borrowed:
    """An archive that blocks are borrowed from."""

    id: str
    manifest: str
    """SHA-256 of its manifest's exact bytes, in hex."""
    blocks: int
    """How many blocks its own frames hold."""


@dataclass(frozen=True, slots=True)
class Known:
    """The last backup that is known here: where each of its blocks lies."""

    block_map: BlockMap
    """Its sources number `archives` from 0."""
    archives: tuple[Borrowed, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the archive will hold."""

    kind: Kind
    block_map: BlockMap
    borrowed: tuple[Borrowed, ...]
    """Sources 1, 2, … of the map."""
    new: Extents
    """The blocks to pack."""


def full_plan(blocks: int) -> Plan:
    """Plan an archive that holds every block and borrows none."""
    block_map = BlockMap()
    block_map.append(Run(0, blocks, 0, 0))
    new = Extents()
    new.append(0, blocks)
    return Plan("full", block_map, (), new)


def plan_backup(blocks: int, changed: Iterable[Extent], known: Known, kept: Collection[str]) -> Plan:
    """Plan a backup of a database of `blocks` blocks.

    `changed` ascends and holds every block that is not as it was in the known backup, those beyond its
    end included. Blocks in archives that are not `kept` any more are sent again. Falls back to a full
    archive when more than half of what the chain keeps would be dead, or the chain or the map too long.
    """
    block_map = BlockMap()
    new = Extents()
    numbers: dict[int, int] = {}
    for extent, run in _places(blocks, changed, known.block_map):
        if run is None or known.archives[run.source].id not in kept:
            block_map.append(Run(extent.start, extent.blocks, 0, new.blocks))
            new.append(extent.start, extent.blocks)
        else:
            number = numbers.setdefault(run.source, len(numbers) + 1)
            first = run.first + extent.start - run.start
            block_map.append(Run(extent.start, extent.blocks, number, first))
    borrowed = tuple(known.archives[source] for source in numbers)
    is_long = len(borrowed) > MAX_BORROWED or len(block_map) > MAX_RUNS
    if is_long or not borrowed or _is_mostly_dead(blocks, new.blocks, borrowed):
        return full_plan(blocks)
    return Plan("incremental", block_map, borrowed, new)


def frames_of(new: Extents) -> Iterator[tuple[Extent, ...]]:
    """Cut the blocks to pack into frames."""
    sizes = frame_sizes(new.blocks)
    frame: list[Extent] = []
    room = next(sizes, 0)
    for extent in new:
        start, blocks = extent
        while blocks:
            taken = min(blocks, room)
            frame.append(Extent(start, taken))
            start, blocks, room = start + taken, blocks - taken, room - taken
            if not room:
                yield tuple(frame)
                frame, room = [], next(sizes, 0)


def _places(blocks: int, changed: Iterable[Extent], known: BlockMap) -> Iterator[tuple[Extent, Run | None]]:
    """Cut the database where a block changed or its place does: with None for what changed."""
    runs = iter(known)
    run = next(runs, None)
    at = 0
    for start, count in _with_end(changed, blocks):
        while at < start:
            while run is not None and run.start + run.blocks <= at:
                run = next(runs, None)
            if run is None:
                yield Extent(at, start - at), None
                at = start
                break
            end = min(start, run.start + run.blocks)
            yield Extent(at, end - at), run
            at = end
        if count:
            yield Extent(start, count), None
            at = start + count


def _with_end(changed: Iterable[Extent], blocks: int) -> Iterator[Extent]:
    for start, count in changed:
        if start < blocks:
            yield Extent(start, min(count, blocks - start))
    yield Extent(blocks, 0)


def _is_mostly_dead(blocks: int, new_blocks: int, borrowed: Iterable[Borrowed]) -> bool:
    held = new_blocks + sum(archive.blocks for archive in borrowed)
    return held - blocks > DEAD_SHARE * held
