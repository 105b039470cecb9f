"""Retries: how often, after which pauses, and of which errors."""

import pytest

from satchel_service.storage import NotFoundError, StorageError, TransientError
from satchel_service.storage.buckets import ATTEMPTS, FIRST_PAUSE_S, MOST_PAUSE_S, Retrying, draw_uniform


def pauses_of(draw: float, *errors: TransientError) -> list[float]:
    """The pauses of a call that fails with these errors before it succeeds."""
    pauses, left = list[float](), list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    assert Retrying(pauses.append, lambda: draw)(call) == "done"
    return pauses


def busy(retry_after_s: float | None = None) -> TransientError:
    return TransientError("busy", retry_after_s)


@pytest.mark.parametrize("draw", [0.0, 0.25, 1.0])
def test_pauses_have_full_jitter_below_a_doubling_ceiling(draw: float) -> None:
    ceilings = [FIRST_PAUSE_S, FIRST_PAUSE_S * 2, FIRST_PAUSE_S * 4]
    assert pauses_of(draw, busy(), busy(), busy()) == [draw * ceiling for ceiling in ceilings]


@pytest.mark.parametrize(("asked_s", "pause_s"), [(0.5, 0.5), (1.0, 1.0), (3600.0, MOST_PAUSE_S)])
def test_retry_after_is_a_lower_bound_within_reason(asked_s: float, pause_s: float) -> None:
    assert pauses_of(0.0, busy(asked_s)) == [pause_s]


def test_draws_spread_over_the_whole_range() -> None:
    draws = [draw_uniform() for _ in range(1000)]
    assert all(0 <= draw < 1 for draw in draws)
    assert min(draws) < 0.1
    assert max(draws) > 0.9


def test_the_last_error_is_raised() -> None:
    errors = [TransientError(str(number)) for number in range(ATTEMPTS + 1)]

    def call() -> None:
        raise errors.pop(0)

    with pytest.raises(TransientError, match=str(ATTEMPTS - 1)):
        Retrying(lambda _: None)(call)
    assert len(errors) == 1


@pytest.mark.parametrize("error", [StorageError("refused"), NotFoundError("absent")])
def test_other_errors_are_not_retried(error: StorageError) -> None:
    calls = list[int]()

    def call() -> None:
        calls.append(1)
        raise error

    with pytest.raises(StorageError):
        Retrying(lambda _: None)(call)
    assert calls == [1]
