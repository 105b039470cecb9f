"""What a retention keeps, for any history and any numbers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from satchel_wire.retention import Dated, Policy, select_displaced, select_kept

START = datetime(2023, 12, 25, tzinfo=UTC)  # a leap year and a year of 53 ISO weeks follow
MINUTES = 3 * 366 * 24 * 60

counts = st.integers(0, 20)
policies = st.builds(Policy, counts, counts, counts, counts)
histories = st.sets(st.integers(0, MINUTES), max_size=80).map(
    lambda minutes: [dated(minute) for minute in sorted(minutes)]
)


def dated(minute: int) -> Dated:
    time = START + timedelta(minutes=minute)
    return Dated(int(time.timestamp() * 1000), f"{minute:032x}")


def time_of(backup: Dated) -> datetime:
    return datetime.fromtimestamp(backup.created / 1000, UTC)


@given(policies, histories)
def test_the_newest_is_always_kept(policy: Policy, history: list[Dated]) -> None:
    kept = select_kept(policy, history)
    assert not history or history[-1].id in kept
    assert len(kept) <= max(1, policy.last) + policy.daily + policy.weekly + policy.monthly


@given(policies, histories)
def test_pruning_after_every_backup_keeps_what_pruning_once_keeps(
    policy: Policy, history: list[Dated]
) -> None:
    stored: list[Dated] = []
    for backup in history:
        stored.append(backup)
        kept = select_kept(policy, stored)
        stored = [each for each in stored if each.id in kept]
    assert {each.id for each in stored} == select_kept(policy, history)


@given(policies, policies, histories)
def test_a_higher_number_never_keeps_less(one: Policy, two: Policy, history: list[Dated]) -> None:
    higher = Policy(*map(max, one, two))
    assert select_kept(one, history) <= select_kept(higher, history)


@given(policies, histories, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(policy: Policy, history: list[Dated], draw: Random) -> None:
    shuffled = list(history)
    draw.shuffle(shuffled)
    assert select_kept(policy, shuffled) == select_kept(policy, history)


PERIODS: tuple[Callable[[datetime], Any], ...] = (
    lambda time: time.date(),
    lambda time: time.isocalendar()[:2],
    lambda time: (time.year, time.month),
)


@given(st.integers(1, 20), histories)
def test_the_last_days_weeks_and_months_with_backups_are_kept(count: int, history: list[Dated]) -> None:
    for index, period in enumerate(PERIODS, start=1):
        policy = Policy(*(count if place == index else 0 for place in range(4)))
        newest = {period(time_of(backup)): backup.id for backup in history}  # the last one wins
        expected = {newest[key] for key in sorted(newest)[-count:]}
        assert select_kept(policy, history) == expected


def test_an_iso_week_can_span_two_years() -> None:
    sunday, friday = (
        Dated(int(datetime(*day, tzinfo=UTC).timestamp() * 1000), name)
        for day, name in (((2027, 1, 3), "sunday"), ((2027, 1, 1), "friday"))
    )
    thursday = Dated(int(datetime(2026, 12, 31, tzinfo=UTC).timestamp() * 1000), "thursday")
    assert select_kept(Policy(0, 0, 2, 0), [thursday, friday, sunday]) == {"sunday"}


@given(policies, histories)
def test_the_backup_named_next_is_the_first_that_another_one_displaces(
    policy: Policy, history: list[Dated]
) -> None:
    standing = [backup for backup in history if backup.id in select_kept(policy, history)]
    newest = dated(MINUTES + 1)
    kept = select_kept(policy, [*standing, newest])
    gone = [backup.id for backup in standing if backup.id not in kept]
    assert select_displaced(policy, standing, newest.created) == (gone[0] if gone else None)
