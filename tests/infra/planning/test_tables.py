import re
from datetime import date

import pytest

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.plans import PLATFORMS, STORAGES, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.tables import How, Row, read, shipped

TABLE = shipped()


def test_every_row_has_a_value_a_unit_and_a_source() -> None:
    for row in TABLE.rows():
        assert row.value > 0 or row.id == "secrets.per_cloud", row.id
        assert row.unit, row.id
        assert row.source.title, row.id


@pytest.mark.parametrize("row", TABLE.rows(), ids=lambda row: row.id)
def test_a_vendors_figure_has_an_address_and_a_reading_has_a_date(row: Row) -> None:
    source = row.source
    if source.how in {How.PAGE, How.QUOTED, How.UNVERIFIED}:
        assert re.fullmatch(r"https://[a-z0-9.-]+/\S*", source.url)
    if source.how in {How.PAGE, How.QUOTED, How.MEASURED, How.SIMULATED}:
        assert source.read is not None
        assert date(2026, 1, 1) <= source.read <= date.today()  # noqa: DTZ011  a day is precise enough
    if source.how in {How.UNVERIFIED, How.CODE, How.ASSUMED}:
        assert source.read is None


ONLY_WHEN_EXCEEDED = {
    "balancer.backends",
    "balancer.rule_kib",
    "balancer.url_map_kib",
    "kubernetes.nodes",
    "storage.writes_per_s",
}
"""Rows that a plan names only when it exceeds them; test_plans.py exceeds each."""


def test_every_row_is_used_by_a_plan_or_the_simulation() -> None:
    used = frozenset[str]().union(
        *(
            make_plan(Request(platform, 10_000_000, profile, storage), TABLE).rests_on()
            for platform in PLATFORMS
            for profile in ("mixed", "heavy")
            for storage in STORAGES[platform]
        )
    )
    simulated = {f"start.p{percent}" for percent in range(0, 101, 10)} | {"instance.work_s"}
    assert {row.id for row in TABLE.rows()} - used == ONLY_WHEN_EXCEEDED | simulated


def test_a_replaced_value_says_so() -> None:
    row = TABLE.replaced({"run.services": 2000}).row("run.services")
    assert (row.value, row.source.how) == (2000, How.OPERATOR)
    assert TABLE.row("run.services").value == 1000


@pytest.mark.parametrize(
    ("row_id", "value"),
    [
        ("no.such", 1),
        ("run.services", 0),
        ("run.services", -1),
        ("run.services", float("nan")),
        ("run.services", float("inf")),
        ("run.services", 1e-9),
        ("run.services", 1e12),
    ],
)
def test_a_value_out_of_range_is_refused(row_id: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(row_id)):
        TABLE.replaced({row_id: value})


def test_a_free_part_may_be_zero() -> None:
    assert TABLE.replaced({"run.free_calls": 0}).row("run.free_calls").value == 0


def test_a_row_with_an_unknown_source_is_refused() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        read('[sources]\n[run]\nservices = { value = 1, unit = "x", source = "nowhere" }\n')
