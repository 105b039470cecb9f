"""Rate limiting of failed attempts."""

import pytest
from tests.unit.service.conftest import Clock

from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate


def is_allowed(limiter: AttemptLimiter, key: str = "k") -> bool:
    try:
        limiter.check(key)
    except ProblemError:
        return False
    return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> AttemptLimiter:
    return AttemptLimiter(Rate(burst=3, refill_ms=1000), clock, max_keys=2)


def test_only_failures_count(limiter: AttemptLimiter) -> None:
    assert all(is_allowed(limiter) for _ in range(100))


def test_a_burst_empties_the_bucket_and_time_refills_it(limiter: AttemptLimiter, clock: Clock) -> None:
    for _ in range(3):
        assert is_allowed(limiter)
        limiter.record_failure("k")
    assert not is_allowed(limiter)
    clock.ms += 999
    assert not is_allowed(limiter)
    clock.ms += 1
    assert is_allowed(limiter)
    limiter.record_failure("k")
    assert not is_allowed(limiter)


def test_a_full_bucket_holds_no_more_than_its_burst(limiter: AttemptLimiter, clock: Clock) -> None:
    limiter.record_failure("k")
    clock.advance(days=1)
    for _ in range(3):
        limiter.record_failure("k")
    assert not is_allowed(limiter)


def test_keys_have_separate_buckets_and_the_oldest_is_dropped(limiter: AttemptLimiter) -> None:
    for _ in range(3):
        limiter.record_failure("a")
    assert is_allowed(limiter, "b")
    assert not is_allowed(limiter, "a")
    limiter.record_failure("b")
    limiter.record_failure("c")
    assert is_allowed(limiter, "a")
