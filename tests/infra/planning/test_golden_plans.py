"""The printed plans of five sizes on each platform.

To update them: SATCHEL_UPDATE_GOLDEN=1 pytest tests/infra/planning/test_golden_plans.py.
"""

import os
from pathlib import Path

import pytest

from satchel_infra.planning import report
from satchel_infra.planning.plans import PLATFORMS, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.tables import shipped

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "plans"
SIZES = (1, 200, 10_000, 1_000_000, 10_000_000)
CASES = [(platform, users) for platform in PLATFORMS for users in SIZES]


@pytest.mark.parametrize(("platform", "users"), CASES)
def test_a_plan_prints_as_before(platform: str, users: int) -> None:
    golden = GOLDEN / f"{platform}-{users}.txt"
    text = report.as_text(make_plan(Request(platform, users), shipped()), shipped(), explain=users == 1)
    if os.environ.get("SATCHEL_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
