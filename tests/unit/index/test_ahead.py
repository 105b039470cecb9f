"""An iterator that runs ahead in a thread gives the same, raises the same, and always ends."""

import threading
from collections.abc import Iterator

import pytest

from satchel.index.ahead import ahead


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_everything_comes_in_order() -> None:
    assert list(ahead(range(1_000))) == list(range(1_000))
    assert "ahead" not in _threads()


def test_nothing_comes_of_nothing() -> None:
    assert list(ahead([])) == []


def test_what_is_raised_there_is_raised_here() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("there")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(KeyError, match="there"):
        next(items)
    assert "ahead" not in _threads()


def test_it_runs_only_a_little_ahead() -> None:
    taken: list[int] = []

    def counted() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    items = ahead(counted(), depth=2)
    for number in range(50):
        assert next(items) == number
        assert len(taken) <= number + 5
    items.close()
    assert len(taken) < 60


def test_leaving_early_ends_the_thread() -> None:
    endless = iter(int, 1)
    items = ahead(endless)
    next(items)
    items.close()
    assert "ahead" not in _threads()
