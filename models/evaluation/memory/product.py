"""The product's memory, filled with a diary: the only module here that knows its functions.

with filled(diary) as memory:
    memory.find("what did I try against the flaky test last week", now)     # the events of each found episode
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
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
from satchel.models.embedding.encoder import Encoder


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
    return _without_gaps(numbers)


def _without_gaps(numbers: Sequence[int]) -> list[int]:
    """Return the episodes, with each event that is in none added to the episode before it."""
    found: list[int] = []
    for number in numbers:
        found.append(number if number >= 0 else found[-1] if found else 0)
    return found


def understood(question: str, now: datetime) -> Range | None:
    """Return the range that the product reads in a question, up to now."""
    span = find_time(question, now).span
    return None if span is None else (span.start_ms, min(span.end_ms, int(now.timestamp() * 1000)))


@contextmanager
def filled(diary: Diary) -> Iterator["Filled"]:
    """Open a memory in a temporary home, with a diary's events and the episodes that the product forms of them."""
    encoder = open_encoder()
    with (
        tempfile.TemporaryDirectory(prefix="satchel-memory-") as home,
        MemoryStore.create(Path(home)) as memory,
    ):
        ids = memory.add(event(one, 0) for one in diary.events)
        form_new(memory, ZoneInfo(diary.person.zone), budget_s=None)
        embed_new(memory, encoder, None)
        yield Filled(memory, encoder, {key: place for place, key in enumerate(ids)})


class Filled:
    """An open memory, and the place in the diary of each of its events."""

    def __init__(self, memory: MemoryStore, encoder: Encoder, places: Mapping[int, int]) -> None:
        self._memory = memory
        self._encoder = encoder
        self._places = places

    def find(self, question: str, now: datetime) -> list[Sequence[int]]:
        """Return the places of the events of the first episodes, as `satchel recall` shows them."""
        return self._found(recall(self._memory, question, now, encoder=self._encoder))

    def find_by_words(self, question: str, now: datetime) -> list[Sequence[int]]:
        """Return the same without the model."""
        return self._found(recall(self._memory, question, now))

    def _found(self, recalled: Sequence[Recalled]) -> list[Sequence[int]]:
        return [[self._places[key] for key in one.episode.events] for one in recalled]
