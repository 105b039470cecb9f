"""Prefetching yields the same items, raises the same exceptions, and always ends its thread."""

import threading
from collections.abc import Callable, Iterator

import pytest

from satchel.index.prefetch import prefetch


@pytest.fixture
def left() -> Callable[[], set[str]]:
    """Return the names of the threads that have begun in this test. Other tests may have left some."""
    before = set(threading.enumerate())
    return lambda: {thread.name for thread in threading.enumerate() if thread not in before}


def test_items_keep_their_order(left: Callable[[], set[str]]) -> None:
    assert list(prefetch(range(1_000))) == list(range(1_000))
    assert "prefetch" not in left()


def test_an_empty_iterable_yields_nothing() -> None:
    assert list(prefetch([])) == []


def test_an_exception_of_the_iterable_is_raised(left: Callable[[], set[str]]) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("there")

    items = prefetch(failing())
    assert next(items) == 1
    with pytest.raises(KeyError, match="there"):
        next(items)
    assert "prefetch" not in left()


def test_the_iterable_runs_at_most_a_few_items_ahead() -> None:
    taken: list[int] = []

    def counted() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    items = prefetch(counted(), depth=2)
    for number in range(50):
        assert next(items) == number
        assert len(taken) <= number + 5
    items.close()
    assert len(taken) < 60


def test_closing_early_ends_the_thread(left: Callable[[], set[str]]) -> None:
    endless = iter(int, 1)
    items = prefetch(endless)
    next(items)
    assert "prefetch" in left()
    items.close()
    assert "prefetch" not in left()
