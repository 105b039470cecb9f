"""A week of three devices with kills, a theft, full disks and wrong clocks loses no Piece; see tests/support/week.py.

SATCHEL_WEEKS and SATCHEL_WEEK_STEPS make it longer: `make week`.
"""

import os
from pathlib import Path

import pytest
from tests.support.week import Week

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

WEEKS = int(os.environ.get("SATCHEL_WEEKS", "1"))
STEPS = int(os.environ.get("SATCHEL_WEEK_STEPS", "60"))


@pytest.mark.tool("gcc")
@pytest.mark.parametrize("seed", range(1, WEEKS + 1))
def test_a_week_loses_no_piece_and_ends_with_the_same_store_everywhere(tmp_path: Path, seed: int) -> None:
    week = Week(tmp_path, seed)
    try:
        week.run(STEPS)
        week.settle()
        week.check()
    finally:
        week.cloud.kill()
    assert len(week.promises.contents) > STEPS // 20
