"""Rate limits under attack: a table that does not grow, and borders that neither a flood nor a clock moves."""

import resource
import sys
from typing import Final

import pytest
from tests.unit.service.conftest import Clock, MakeCloud

from satchel_service.cloud import Cloud
from satchel_service.devices.pairing import WRONG_CODES
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.shares.reports import REPORT_RATE
from satchel_service.shares.share_opening import WRONG_PROOFS

KEYS: Final = 1_000_000
MAX_KEYS: Final = 10_000
TABLE_BYTES: Final = 2 * 1024 * 1024
GROWTH_KIB: Final = 16 * 1024
RATES: Final = {"wrong proofs": WRONG_PROOFS, "wrong codes": WRONG_CODES, "reports": REPORT_RATE}


def is_allowed(limiter: AttemptLimiter, key: str) -> bool:
    try:
        limiter.check(key)
    except ProblemError:
        return False
    return True


def take(limiter: AttemptLimiter, key: str, attempts: int) -> int:
    """Make attempts that fail; return how many were allowed."""
    allowed = 0
    for _ in range(attempts):
        if is_allowed(limiter, key):
            limiter.record_failure(key)
            allowed += 1
    return allowed


def test_a_million_keys_take_the_room_of_ten_thousand() -> None:
    limiter = AttemptLimiter(WRONG_PROOFS, Clock(), MAX_KEYS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(KEYS):
        limiter.record_failure(f"{number:032x}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KIB
    assert sys.getsizeof(limiter._full_at) < TABLE_BYTES
    assert len(limiter._full_at) == MAX_KEYS


def test_looking_at_keys_adds_none() -> None:
    limiter = AttemptLimiter(WRONG_PROOFS, Clock(), MAX_KEYS)
    assert all(is_allowed(limiter, str(number)) for number in range(100_000))
    assert len(limiter._full_at) == 0


def test_keys_within_the_limit_are_never_forgotten() -> None:
    """The table has as many places as the cloud has shares, so that nobody empties a bucket with other shares."""
    limiter = AttemptLimiter(WRONG_PROOFS, Clock(), MAX_KEYS)
    take(limiter, "attacked", WRONG_PROOFS.burst)
    for number in range(MAX_KEYS - 1):
        limiter.record_failure(str(number))
    assert not is_allowed(limiter, "attacked")


@pytest.mark.parametrize("shares", ["0", "1", "25000"])
def test_the_table_of_a_cloud_has_a_place_for_each_of_its_shares(make_cloud: MakeCloud, shares: str) -> None:
    cloud = Cloud(make_cloud(SATCHEL_SHARES=shares).environment)
    assert cloud.openings._limiter._max_keys == max(1, int(shares))
    assert cloud.reports._limiter._max_keys == max(1, int(shares))


@pytest.mark.parametrize("name", RATES)
def test_a_flood_gets_the_burst_and_then_the_rate(name: str) -> None:
    rate, clock = RATES[name], Clock()
    limiter = AttemptLimiter(rate, clock)
    assert take(limiter, "k", 1000) == rate.burst
    clock.ms += rate.refill_ms - 1
    assert take(limiter, "k", 1000) == 0
    clock.ms += 1
    assert take(limiter, "k", 1000) == 1
    clock.ms += 10 * rate.refill_ms
    assert take(limiter, "k", 1000) == min(10, rate.burst)
    clock.advance(days=365)
    assert take(limiter, "k", 1000) == rate.burst


def test_guesses_on_the_first_day_are_as_many_as_the_threat_model_says() -> None:
    clock = Clock()
    limiter = AttemptLimiter(WRONG_PROOFS, clock)
    guesses = take(limiter, "k", 100)
    for _ in range(24 * 60):
        clock.advance(minutes=1)
        guesses += take(limiter, "k", 100)
    assert guesses == 14_410


@pytest.mark.parametrize("days", [1, 365])
def test_a_clock_that_is_set_back_locks_nobody_out_for_longer(days: int) -> None:
    clock, rate = Clock(), Rate(burst=3, refill_ms=1000)
    limiter = AttemptLimiter(rate, clock)
    assert take(limiter, "k", 10) == 3
    clock.advance(days=-days)
    assert take(limiter, "k", 10) == 0
    assert limiter.wait_ms("k") <= rate.refill_ms
    clock.ms += rate.burst * rate.refill_ms
    assert limiter.wait_ms("k") <= rate.burst * rate.refill_ms
