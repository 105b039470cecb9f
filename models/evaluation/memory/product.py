"""The product's memory, filled with a diary: the only module here that knows its functions.

with Filled(diary) as memory:
    memory.find("what did I try against the flaky test last week", now)     # the events of each found episode
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from models.evaluation.memory.judging import Range
from models.oracles.memory.diary import Diary, Recorded
from satchel.memory.database import MemoryStore
from satchel.memory.formation import form
from satchel.memory.forming import form_new
from satchel.memory.model import Event
from satchel.memory.recall import Recalled, recall
from satchel.memory.recall.embedding import embed_new
from satchel.memory.time_expressions import find_time
from satchel.models.embedding import open_encoder


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


def formed(diary: Diary) -> list[int]:
    """Return the number of the product's episode for each event of a diary."""
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
        self._exits = ExitStack()
        home = Path(self._exits.enter_context(tempfile.TemporaryDirectory(prefix="satchel-memory-")))
        self._encoder = open_encoder()
        self._memory = self._exits.enter_context(MemoryStore.create(home))
        ids = self._memory.add(event(one, 0) for one in diary.events)
        self._places = {key: place for place, key in enumerate(ids)}
        form_new(self._memory, ZoneInfo(diary.person.zone), budget_s=None)
        embed_new(self._memory, self._encoder, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    def find(self, question: str, now: datetime) -> list[Sequence[int]]:
        """Return the places of the events of the first episodes, as `satchel recall` shows them."""
        return self._found(recall(self._memory, question, now, encoder=self._encoder))

    def find_by_words(self, question: str, now: datetime) -> list[Sequence[int]]:
        """Return the same without the model."""
        return self._found(recall(self._memory, question, now))

    def _found(self, recalled: Sequence[Recalled]) -> list[Sequence[int]]:
        return [[self._places[key] for key in one.episode.events] for one in recalled]
