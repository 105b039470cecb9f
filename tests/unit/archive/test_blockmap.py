"""The block map."""

import pytest

from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.limits import MAX_RUNS
from satchel.errors import IntegrityError


def made(*runs: tuple[int, int, int, int]) -> BlockMap:
    block_map = BlockMap()
    for run in runs:
        block_map.append(Run(*run))
    return block_map


def test_runs_survive_encoding() -> None:
    block_map = made((0, 3, 1, 0), (3, 2, 0, 0), (5, 4, 1, 5))
    assert BlockMap.from_bytes(block_map.to_bytes()) == block_map
    assert len(block_map) == 3
    assert block_map.blocks == 9


def test_a_run_is_four_little_endian_numbers() -> None:
    assert made((1, 2, 3, 4)).to_bytes() == bytes([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0])


def test_adjacent_runs_are_joined() -> None:
    assert list(made((0, 3, 1, 0), (3, 2, 1, 3), (5, 1, 1, 9), (6, 1, 2, 10))) == [
        Run(0, 5, 1, 0),
        Run(5, 1, 1, 9),
        Run(6, 1, 2, 10),
    ]


@pytest.mark.parametrize("raw", [b"x", bytes(15), bytes(16 * (MAX_RUNS + 1))])
def test_bytes_of_a_wrong_length_are_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityError):
        BlockMap.from_bytes(raw)


def test_a_consistent_map_is_accepted() -> None:
    made((0, 3, 1, 0), (3, 2, 0, 0), (5, 4, 1, 5)).check(9, [2, 9])


@pytest.mark.parametrize(
    "runs",
    [
        [(1, 8, 0, 0)],  # a gap at the start
        [(0, 3, 0, 0), (4, 5, 0, 3)],  # a gap
        [(0, 5, 0, 0), (4, 5, 0, 5)],  # an overlap
        [(0, 8, 0, 0)],  # too short
        [(0, 10, 0, 0)],  # too long
        [(0, 9, 2, 0)],  # an archive that is not there
        [(0, 9, 1, 4)],  # more than that archive holds
        [(0, 4, 0, 0), (4, 4, 0, 0), (8, 1, 0, 8)],  # the same blocks twice
        [(0, 4, 0, 5), (4, 5, 0, 0)],  # blocks out of order
        [(0, 9, 0, 0), (9, 0, 0, 9)],  # an empty run
        [],
    ],
)
def test_an_inconsistent_map_is_refused(runs: list[tuple[int, int, int, int]]) -> None:
    block_map = BlockMap.from_bytes(b"".join(made(run).to_bytes() for run in runs))
    with pytest.raises(IntegrityError):
        block_map.check(9, [12, 12])
