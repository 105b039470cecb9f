"""Planning what a backup sends."""

import pytest

from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.frames import frame_count, frame_sizes, locate_block
from satchel.archive.limits import MAX_BORROWED
from satchel.archive.plan import (
    Borrowed,
    Extent,
    Extents,
    Known,
    Plan,
    frames_of,
    full_plan,
    join_borrowed,
    plan_backup,
)


def known(*sizes: int, runs: list[Run]) -> Known:
    block_map = BlockMap()
    for run in runs:
        block_map.append(run)
    return Known(block_map, tuple(Borrowed(str(n), "", size) for n, size in enumerate(sizes)))


ALL = {str(number) for number in range(100)}
FIRST = known(100, runs=[Run(0, 100, 0, 0)])


def extents(*pairs: tuple[int, int]) -> Extents:
    made = Extents()
    for start, blocks in pairs:
        made.append(start, blocks)
    return made


def test_a_full_plan_has_one_run() -> None:
    plan = full_plan(100)
    assert list(plan.block_map) == [Run(0, 100, 0, 0)]
    assert (plan.kind, plan.borrowed, list(plan.new)) == ("full", (), [Extent(0, 100)])


def test_unchanged_blocks_are_borrowed_and_changed_ones_sent() -> None:
    plan = plan_backup(100, extents((10, 2), (99, 1)), FIRST, ALL)
    assert plan.kind == "incremental"
    assert plan.borrowed == FIRST.archives
    assert list(plan.new) == [Extent(10, 2), Extent(99, 1)]
    assert list(plan.block_map) == [
        Run(0, 10, 1, 0),
        Run(10, 2, 0, 0),
        Run(12, 87, 1, 12),
        Run(99, 1, 0, 2),
    ]


def test_an_unchanged_database_sends_nothing() -> None:
    plan = plan_backup(100, extents(), FIRST, ALL)
    assert plan.new.blocks == 0
    assert list(plan.block_map) == [Run(0, 100, 1, 0)]


@pytest.mark.parametrize(("blocks", "changed"), [(110, [(100, 10)]), (90, [])])
def test_a_database_may_grow_and_shrink(blocks: int, changed: list[tuple[int, int]]) -> None:
    plan = plan_backup(blocks, extents(*changed), FIRST, ALL)
    assert plan.block_map.blocks == blocks
    assert list(plan.new) == [Extent(*pair) for pair in changed]


def test_blocks_of_an_archive_that_is_gone_are_sent_again() -> None:
    chain = known(10, 90, runs=[Run(0, 10, 0, 0), Run(10, 90, 1, 0)])
    plan = plan_backup(100, extents(), chain, {"1"})
    assert list(plan.new) == [Extent(0, 10)]
    assert [archive.id for archive in plan.borrowed] == ["1"]


def test_unused_archives_are_not_borrowed() -> None:
    chain = known(10, 90, runs=[Run(0, 10, 0, 0), Run(10, 90, 1, 0)])
    plan = plan_backup(100, extents((0, 10)), chain, ALL)
    assert [archive.id for archive in plan.borrowed] == ["1"]


def test_a_mostly_unused_chain_is_replaced_by_a_full_backup() -> None:
    chain = known(110, 100, runs=[Run(0, 100, 1, 0)])
    assert plan_backup(100, extents((0, 99)), chain, ALL).kind == "incremental"
    dead = known(120, 100, runs=[Run(0, 50, 0, 0), Run(50, 50, 1, 0)])
    assert plan_backup(100, extents(), dead, ALL).kind == "full"


def test_a_half_unused_chain_is_continued() -> None:
    chain = known(150, 50, runs=[Run(0, 50, 0, 0), Run(50, 50, 1, 0)])
    assert plan_backup(100, extents(), chain, ALL).kind == "incremental"


@pytest.mark.parametrize(("length", "kind"), [(MAX_BORROWED, "incremental"), (MAX_BORROWED + 1, "full")])
def test_a_chain_has_a_maximum_length(length: int, kind: str) -> None:
    chain = known(*[1] * length, runs=[Run(number, 1, number, 0) for number in range(length)])
    assert plan_backup(length, extents(), chain, ALL).kind == kind


def test_nothing_to_borrow_is_a_full_backup() -> None:
    assert plan_backup(100, extents(), FIRST, set()).kind == "full"


def sizes_of(plan: Plan) -> list[int]:
    return [sum(extent.blocks for extent in frame) for frame in frames_of(plan.new)]


@pytest.mark.parametrize(
    ("blocks", "sizes"),
    [
        (1, [1]),
        (2, [1, 1]),
        (254, [253, 1]),
        (255, [255]),
        (256, [255, 1]),
        (257, [255, 1, 1]),
        (512, [255, 255, 1, 1]),
        (515, [255, 255, 5]),
    ],
)
def test_every_frame_has_an_odd_number_of_blocks(blocks: int, sizes: list[int]) -> None:
    assert sizes_of(full_plan(blocks)) == list(frame_sizes(blocks)) == sizes
    assert len(sizes) == frame_count(blocks)


@pytest.mark.parametrize("blocks", [1, 2, 254, 255, 256, 257, 511, 765])
def test_every_block_is_found_in_its_frame(blocks: int) -> None:
    spots = [(frame, first) for frame, size in enumerate(frame_sizes(blocks)) for first in range(size)]
    found = [locate_block(number, blocks) for number in range(blocks)]
    assert [(spot.frame, spot.first) for spot in found] == spots
    sizes = list(frame_sizes(blocks))
    assert all(spot.left == sizes[spot.frame] - spot.first for spot in found)


def test_a_frame_holds_blocks_of_several_extents() -> None:
    new = extents(*[(4 * number, 2) for number in range(200)])
    frames = list(frames_of(new))
    assert [sum(extent.blocks for extent in frame) for frame in frames] == [255, 145]
    assert frames[1][:2] == (Extent(4 * 127 + 1, 1), Extent(4 * 128, 2))


def test_adjacent_extents_are_joined() -> None:
    assert list(extents((1, 2), (3, 1), (5, 1))) == [Extent(1, 3), Extent(5, 1)]


def borrowing(*ids: str, new: int = 1) -> Plan:
    """Return a plan that takes one block of each archive, and new ones after them."""
    block_map = BlockMap()
    for place, _ in enumerate(ids):
        block_map.append(Run(place, 1, place + 1, 5))
    block_map.append(Run(len(ids), new, 0, 0))
    return Plan(
        "incremental", block_map, tuple(Borrowed(each, each * 2, 9) for each in ids), extents((len(ids), new))
    )


def test_two_plans_are_joined_into_one_list_of_borrowed_archives() -> None:
    joined = join_borrowed(borrowing("a", "b"), borrowing("c", "b"))
    assert joined is not None
    assert [(each.id, each.blocks) for each in joined.borrowed] == [("a", 0), ("b", 9), ("c", 9)]
    assert list(joined.block_map) == [Run(0, 1, 3, 5), Run(1, 1, 2, 5), Run(2, 1, 0, 0)]
    joined.block_map.check(3, [1, *(each.blocks for each in joined.borrowed)])


def test_two_plans_that_borrow_from_too_many_archives_are_not_joined() -> None:
    half = MAX_BORROWED // 2
    first = borrowing(*(f"a{number}" for number in range(half)))
    assert join_borrowed(first, borrowing(*(f"b{number}" for number in range(half)))) is not None
    assert join_borrowed(first, borrowing(*(f"b{number}" for number in range(half + 1)))) is None
