"""The product's memory, filled with a diary: the only module here that knows its functions.

with Filled(diary) as memory:
    memory.find("what did I try against the flaky test last week", now)     # the events of each found episode
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self

from models.evaluation.memory.judging import Range
from models.oracles.memory.diary import Diary, Recorded
from satchel.memory.model import Episode, Event
from satchel.memory.time_expressions import find_time


class MissingPartError(Exception):
    """The product has no such part yet."""


def event(recorded: Recorded, number: int) -> Event:
    """Return a recorded step as the product's event."""
    return Event(
        recorded.source,
        recorded.at_ms,
        recorded.text,
        place=recorded.place,
        repository=recorded.repository,
        session=recorded.session,
        host=recorded.host,
        duration_ms=recorded.duration_ms,
        exit_code=recorded.exit_code,
        detail=recorded.detail,
        id=number,
    )


def part(module: str, name: str) -> Any:  # noqa: ANN401 - the callers know its type
    """Return a function of the product. Raise MissingPartError if there is none."""
    if find_spec(f"satchel.memory.{module}") is None:
        raise MissingPartError(f"satchel.memory.{module} does not exist")
    return getattr(import_module(f"satchel.memory.{module}"), name)


def formed(diary: Diary) -> list[int]:
    """Return the number of the product's episode for each event of a diary."""
    form: Callable[[Sequence[Event]], Sequence[Episode]] = part("formation", "form")
    events = [event(one, number) for number, one in enumerate(diary.events, 1)]
    numbers = [-1] * len(events)
    for number, episode in enumerate(form(events)):
        for place in episode.events:
            numbers[place - 1] = number
    return _filled(numbers)


def _filled(numbers: Sequence[int]) -> list[int]:
    """Return the episodes with those events that are in none given to the episode before them."""
    found: list[int] = []
    for number in numbers:
        found.append(number if number >= 0 else found[-1] if found else 0)
    return found


def understood(question: str, now: datetime) -> Range | None:
    """Return the range that the product reads in a question, up to now."""
    span = find_time(question, now).span
    return None if span is None else (span.start_ms, min(span.end_ms, int(now.timestamp() * 1000)))


class Filled:
    """A memory in a temporary home, with a diary's events and the episodes that the product forms of them."""

    def __init__(self, diary: Diary) -> None:
        part("recall", "recall")
        raise MissingPartError(f"recall is not measured yet, for {len(diary.events):,} events")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the home."""

    def find(self, question: str, now: datetime) -> list[Sequence[int]]:
        """Return the places of the events of the first episodes."""
        raise NotImplementedError
