"""When schedules run."""

import datetime as dt
import itertools

import pytest

from satchel.errors import UsageError
from satchel.schedule.due import check_every, is_due, minutes_of, next_run

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("minutes", [15, 20, 30, 60, 360, 1440, 2880, 10_080])
def test_whole_hours_and_parts_of_an_hour_are_accepted(minutes: int) -> None:
    assert check_every(minutes * MINUTE) == minutes * MINUTE


@pytest.mark.parametrize("minutes", [1, 5, 14, 16, 45, 90, 367 * 1440])
def test_other_periods_are_refused(minutes: int) -> None:
    with pytest.raises(UsageError):
        check_every(minutes * MINUTE)


def test_never_is_refused() -> None:
    with pytest.raises(UsageError):
        check_every(dt.timedelta.max)


@pytest.mark.parametrize(
    ("age", "due"), [(None, True), (DAY, True), (DAY - 20 * MINUTE, True), (23 * HOUR, False), (HOUR, False)]
)
def test_a_daily_run_is_due_at_the_tick_nearest_to_a_day(age: dt.timedelta | None, due: bool) -> None:
    assert is_due(None if age is None else NOW - age, NOW, DAY) is due


def test_after_the_clock_went_back_a_run_is_due() -> None:
    assert is_due(NOW + DAY, NOW, DAY)


def test_runs_as_frequent_as_ticks_are_always_due() -> None:
    assert is_due(NOW - MINUTE, NOW, HOUR)
    assert is_due(NOW - MINUTE, NOW, 15 * MINUTE)


def test_ticks_never_make_two_successive_runs_drift_beyond_the_period() -> None:
    """Simulate a month of hourly ticks, each up to two minutes late: every day has one run."""
    last: dt.datetime | None = None
    starts = []
    for hour in range(24 * 30):
        tick = NOW + hour * HOUR + (hour * 37 % 121) * dt.timedelta(seconds=1)
        if is_due(last, tick, DAY):
            starts.append(tick)
            last = tick
    assert len(starts) == 30
    assert max(b - a for a, b in itertools.pairwise(starts)) <= DAY + 2 * MINUTE


@pytest.mark.parametrize(("minutes", "count"), [(15, 4), (20, 3), (30, 2), (60, 1), (1440, 1)])
def test_minutes_of_the_hour_are_evenly_spread_and_stable(minutes: int, count: int) -> None:
    found = minutes_of("satchel-backup-12345678", minutes * MINUTE)
    assert found == minutes_of("satchel-backup-12345678", minutes * MINUTE)
    assert len(found) == count
    assert all(0 <= each < 60 for each in found)
    assert {b - a for a, b in itertools.pairwise(found)} <= {minutes}


def test_the_next_run_is_a_period_after_the_last_success_or_overdue_now() -> None:
    assert next_run(NOW - HOUR, NOW, DAY) == NOW + 23 * HOUR
    assert next_run(NOW - 3 * DAY, NOW, DAY) == NOW
    assert next_run(None, NOW, DAY) == NOW + HOUR
