"""Planning a backup: from the changed blocks to a block map and the frames to pack.

`Extents` holds ranges of blocks in eight bytes each, so that memory stays bounded for any store.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import Final, Literal, NamedTuple

import msgspec

from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.frames import frame_sizes
from satchel.archive.limits import MAX_BORROWED, MAX_RUNS

Kind = Literal["full", "incremental"]

DEAD_SHARE: Final = 0.5
"""A chain in which more than this share of the stored blocks is unused is replaced by a full archive."""


class Extent(NamedTuple):
    """Consecutive blocks of the database, from `start`."""

    start: int
    blocks: int


class Extents:
    """Ascending extents; adjacent ones are joined."""

    __slots__ = ("_pairs", "blocks")

    def __init__(self) -> None:
        self._pairs = array("I")
        self.blocks = 0
        """The total number of blocks."""

    def __len__(self) -> int:
        return len(self._pairs) // 2

    def __iter__(self) -> Iterator[Extent]:
        numbers = iter(self._pairs)
        return map(Extent, numbers, numbers)

    def append(self, start: int, blocks: int) -> None:
        """Append blocks; `start` is beyond every extent so far."""
        self.blocks += blocks
        if self._pairs and self._pairs[-2] + self._pairs[-1] == start:
            self._pairs[-1] += blocks
        else:
            self._pairs.extend((start, blocks))


class Borrowed(msgspec.Struct, frozen=True):
    """An archive that a plan borrows blocks from."""

    id: str
    manifest: str
    """SHA-256 of its manifest's exact bytes, in hex."""
    blocks: int
    """The number of its own blocks."""


class Known(msgspec.Struct, frozen=True):
    """The last backup: the position of each of its blocks."""

    block_map: BlockMap
    """Its sources are indices of `archives`."""
    archives: tuple[Borrowed, ...]


class Plan(msgspec.Struct, frozen=True):
    """The contents of the next archive."""

    kind: Kind
    block_map: BlockMap
    borrowed: tuple[Borrowed, ...]
    """Sources 1, 2, … of the block map."""
    new: Extents
    """The blocks to pack."""


def full_plan(blocks: int) -> Plan:
    """Plan a full archive."""
    block_map = BlockMap()
    block_map.append(Run(0, blocks, 0, 0))
    new = Extents()
    new.append(0, blocks)
    return Plan("full", block_map, (), new)


def plan_backup(blocks: int, changed: Iterable[Extent], known: Known, kept: Collection[str]) -> Plan:
    """Plan a backup of a database of `blocks` blocks.

    `changed` is in ascending order and holds every block that differs from the known backup or lies beyond its end.
    Blocks of archives that are no longer `kept` are sent again. The plan is a full archive if more than half of
    the chain's blocks would be unused, or if the chain or the block map would be too long.
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


def join_borrowed(first: Plan, second: Plan) -> Plan | None:
    """Return the second of two plans with the sources of both, the first's in their places; None if they are too many."""
    ids = [each.id for each in first.borrowed]
    further = [each for each in second.borrowed if each.id not in ids]
    if len(ids) + len(further) > MAX_BORROWED:
        return None
    own = {each.id: each for each in second.borrowed}
    sources = [own.get(each.id, msgspec.structs.replace(each, blocks=0)) for each in first.borrowed] + further
    numbers = {each.id: number for number, each in enumerate(sources, 1)}
    block_map = BlockMap()
    for run in second.block_map:
        source = numbers[second.borrowed[run.source - 1].id] if run.source else 0
        block_map.append(Run(run.start, run.blocks, source, run.first))
    return Plan(second.kind, block_map, tuple(sources), second.new)


def frames_of(new: Extents) -> Iterator[tuple[Extent, ...]]:
    """Divide the blocks to pack into frames."""
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
    """Divide the database into extents, each with the run it is known in, or None if it has changed."""
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
