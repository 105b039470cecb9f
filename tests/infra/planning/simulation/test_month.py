import json

import pytest

from satchel_infra.errors import ConfigurationError
from satchel_infra.main import main
from satchel_infra.planning.simulation.arrivals import SECOND_US
from satchel_infra.planning.simulation.instances import starts
from satchel_infra.planning.simulation.month import VIRAL, Settings, Simulated, clouds, simulate
from satchel_infra.planning.simulation.simulation_report import costs
from satchel_infra.planning.simulation.tally import Tally
from satchel_infra.planning.tables import shipped

TABLE = shipped()
SMALL = Settings(users=60, weeks=2, seed=5)


def books(tally: Tally) -> tuple[object, ...]:
    return (tally.acts, tally.requests, tally.cold_starts, tally.awake_us, tally.billed_us, tally.waits_ms)


@pytest.fixture(scope="module")
def small() -> Simulated:
    return simulate(SMALL, TABLE)


def test_a_seed_gives_the_same_month_again(small: Simulated) -> None:
    assert books(simulate(SMALL, TABLE).total) == books(small.total)
    assert books(simulate(Settings(users=60, weeks=2, seed=6), TABLE).total) != books(small.total)


def test_the_total_is_the_sum_of_the_uses(small: Simulated) -> None:
    for name in ("acts", "requests", "cold_starts", "awake_us", "busy_us", "billed_us", "waited_us"):
        assert getattr(small.total, name) == sum(getattr(each, name) for each in small.by_use.values())
    assert small.total.awake_us == sum(small.total.awake_us_by_hour)
    assert small.total.acts == sum(small.total.acts_by_hour)


def test_every_use_is_as_busy_as_its_month(small: Simulated) -> None:
    share = SMALL.hours / TABLE.row("month.hours").value
    for use, tally in small.by_use.items():
        acts = sum(TABLE.row(f"{use}.{what}").value for what in ("backups", "shares", "views"))
        expected = acts * share * small.clouds[use]
        assert tally.acts == pytest.approx(expected, abs=5 * expected**0.5)


def test_no_more_clouds_are_awake_than_there_are(small: Simulated) -> None:
    for use, tally in small.by_use.items():
        assert tally.awake_mean <= tally.awake_peak <= small.clouds[use]
        assert max(tally.awake_by_hour()) <= small.clouds[use]


def test_a_viral_share_changes_no_other_cloud(small: Simulated) -> None:
    viral = simulate(Settings(users=60, weeks=2, seed=5, viral_views=3000), TABLE)
    for use, tally in small.by_use.items():
        assert books(viral.by_use[use]) == books(tally)
    assert viral.by_use[VIRAL].acts > 2800
    assert viral.by_use[VIRAL].awake_peak == 1


def test_a_longer_idle_time_means_fewer_cold_starts(small: Simulated) -> None:
    longer = simulate(SMALL, TABLE.replaced({"run.idle_s": 3600}))
    assert longer.total.cold_starts < small.total.cold_starts
    assert longer.total.awake_us > small.total.awake_us


@pytest.mark.parametrize("users", [1, 2, 3, 7, 19, 100, 9999])
def test_clouds_are_divided_among_the_uses(users: int) -> None:
    counts = clouds(TABLE, users, "mixed")
    assert sum(counts.values()) == users
    for use, count in counts.items():
        assert abs(count - users * TABLE.row(f"mix.{use}").value) < 1


def test_one_profile_can_be_simulated_alone() -> None:
    assert simulate(Settings(users=3, profile="light", weeks=1), TABLE).clouds == {"light": 3}


def test_the_mean_start_of_the_plan_is_that_of_the_distribution() -> None:
    added_s = TABLE.row("box.platform_start_s").value
    mean_s = starts(TABLE, "box").mean_us() / SECOND_US - added_s
    assert TABLE.row("month.start_s").value == pytest.approx(mean_s, rel=0.05)


def test_deciles_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="deciles"):
        starts(TABLE.replaced({"start.p50": 100.0}), "run")


def test_a_simulated_month_is_priced_like_a_planned_one(small: Simulated) -> None:
    lines = {planned.name: (planned, played) for planned, played in costs(small, TABLE)}
    stored, played = lines["objects: stored"]
    assert stored.figure.value == played.figure.value > 0
    assert lines["load balancers: rules"][1].figure.value > 0


@pytest.mark.parametrize(
    "words",
    [
        ["--users", "100001"],
        ["--users", "1", "--weeks", "0"],
        ["--users", "1", "--weeks", "13"],
        ["--users", "1", "--viral-views", "-1"],
        ["--users", "1", "--weeks", "1", "--viral-views", "5"],
    ],
)
def test_settings_out_of_range_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--simulate", *words]) == 2
    assert capsys.readouterr().err.startswith("satchel-infra: ")


def test_the_command_prints_a_table_or_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plan", "--simulate", "--users", "20", "--weeks", "1", "--seed", "3", "--platform", "box"]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith(
        "Simulated: 20 clouds on Linux machines, mixed use, 1 weeks, seed 3\n"
    )
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert sum(document["acts_by_hour"]) == document["total"]["acts"]
    assert len(document["awake_by_hour"]) == 168
