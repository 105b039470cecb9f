"""A cloud with Poisson arrivals, compared with what can be computed by hand."""

import math
from random import Random

import pytest

from satchel_infra.planning.simulation import rhythm
from satchel_infra.planning.simulation.arrivals import HOUR_US, SECOND_US, VIEW, Act, Stream, arrivals
from satchel_infra.planning.simulation.instances import serve
from satchel_infra.planning.simulation.tally import Tally

WEEKS = 12
INSTANT = (Act(1, 0, 0),) * 3


def play(per_hour: float, idle_s: int, seed: int, start_s: float = 0.0) -> Tally:
    tally = Tally(WEEKS * rhythm.HOURS_PER_WEEK)
    arrived = arrivals(Random(seed), [Stream(rhythm.flat(per_hour, WEEKS), VIEW, VIEW, 1.0)])
    serve(
        arrived,
        INSTANT,
        idle_us=idle_s * SECOND_US,
        start=lambda: round(start_s * SECOND_US),
        tally=tally,
    )
    return tally


@pytest.mark.parametrize(
    ("per_hour", "idle_s"), [(1.0, 900), (4.0, 900), (10.0, 900), (4.0, 60), (4.0, 3600), (20.0, 300)]
)
def test_an_arrival_is_cold_with_probability_exp_of_minus_rate_times_idle_time(
    per_hour: float, idle_s: int
) -> None:
    tally = play(per_hour, idle_s, seed=11)
    expected = math.exp(-per_hour * idle_s / 3600)
    error = math.sqrt(expected * (1 - expected) / tally.acts)
    assert tally.cold_starts / tally.acts == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize(("per_hour", "idle_s"), [(1.0, 900), (4.0, 900), (10.0, 900), (20.0, 300)])
def test_an_instance_is_awake_for_one_minus_the_same_share_of_the_time(per_hour: float, idle_s: int) -> None:
    expected = 1 - math.exp(-per_hour * idle_s / 3600)
    assert play(per_hour, idle_s, seed=12).awake_mean == pytest.approx(expected, abs=0.02)


def test_every_cold_arrival_waits_for_the_whole_start() -> None:
    tally = play(0.5, 60, seed=13, start_s=2.0)
    assert tally.waits_ms[2000] == tally.cold_starts
    assert tally.wait_ms(0.5) == 2000


def test_the_number_of_arrivals_is_as_expected() -> None:
    tally = play(5.0, 900, seed=14)
    expected = 5.0 * WEEKS * rhythm.HOURS_PER_WEEK
    assert tally.acts == pytest.approx(expected, abs=4 * math.sqrt(expected))
    mean = expected / len(tally.acts_by_hour)
    variance = sum((each - mean) ** 2 for each in tally.acts_by_hour) / len(tally.acts_by_hour)
    assert variance == pytest.approx(mean, rel=0.15)


def test_arrivals_follow_the_rhythm() -> None:
    per_hour = 50.0
    curve = rhythm.expected(0, per_hour, WEEKS)
    found = arrivals(Random(15), [Stream(curve, VIEW, VIEW, 1.0)])
    by_hour = [0] * rhythm.HOURS_PER_WEEK
    for arrival in found:
        by_hour[arrival // 3 // HOUR_US % rhythm.HOURS_PER_WEEK] += 1
    for hour, weight in enumerate(rhythm.week(0)):
        expected = per_hour * weight * WEEKS
        assert by_hour[hour] == pytest.approx(expected, abs=5 * math.sqrt(expected) + 1)


def test_weeks_have_a_mean_of_one_everywhere() -> None:
    places: list[rhythm.Place] = [*rhythm.ZONES, rhythm.EVERYWHERE]
    for place in places:
        assert sum(rhythm.week(place)) == pytest.approx(rhythm.HOURS_PER_WEEK)
    assert sum(rhythm.ZONES.values()) == pytest.approx(1)


def test_noon_comes_earlier_in_the_east() -> None:
    assert rhythm.week(8)[0] == rhythm.week(0)[8]
    assert rhythm.week(-8)[8] == rhythm.week(0)[0]


def test_a_viral_share_halves_with_every_half_life() -> None:
    curve = rhythm.viral(1000, 10, 6.0, 1)
    assert curve[10] == 0
    assert curve[16] == pytest.approx(500)
    assert curve[22] == pytest.approx(750)
    assert curve[-1] == pytest.approx(1000, rel=1e-6)
