"""What the memory makes of texts: questions become times and topics, and events become episodes."""

import datetime as dt
from pathlib import Path
from typing import Final

import apsw
from tests.security.fuzzing.table import Target, require

from satchel.memory import MemoryStore
from satchel.memory.episode_schema import EPISODES
from satchel.memory.formation import form
from satchel.memory.model import Event
from satchel.memory.recall import read_question, recall_question
from satchel.memory.schema import TABLES
from satchel.memory.time_expressions import find_time

NOW: Final = dt.datetime(2026, 11, 18, 15, 30, tzinfo=dt.UTC)


def _memory() -> MemoryStore:
    """Return an empty memory without a file."""
    connection = apsw.Connection(":memory:")
    for statement in (*TABLES, *EPISODES):
        connection.execute(statement)
    return MemoryStore(Path("memory.db"), connection)


def question(data: bytes) -> None:
    """Any question is understood, and its time is within the question."""
    text = data.decode("utf-8", "replace")
    found = find_time(text, NOW)
    require(found.words in text, "words that are not in the question")
    require(
        found.span is None or found.span.start_ms < found.span.end_ms, "a span that ends before it begins"
    )
    with _memory() as memory:
        require(
            recall_question(memory, read_question(memory, text, NOW, place=text[:20])) == [],
            "an episode of nothing",
        )


def events(data: bytes) -> None:
    """Any texts become episodes that hold each event at most once."""
    lines = data.decode("utf-8", "replace").split("\n")
    made = [
        Event(
            "git" if number % 5 == 4 else "shell",
            number * 60_000,
            line,
            place="/x",
            repository="/x",
            id=number + 1,
        )
        for number, line in enumerate(lines)
    ]
    ids = [id_ for episode in form(made) for id_ in episode.events]
    require(
        len(ids) == len(set(ids)) and set(ids) <= {event.id for event in made}, "an event in two episodes"
    )


TARGETS: Final = (
    Target(
        "recall-question",
        question,
        lambda: [
            b"what did I try against the flaky test last week in repo parser",
            b"between Monday and Wednesday on host build",
            b"since 2026-03-03 in ~/work/shop",
        ],
        words=(
            b"last ",
            b"week",
            b"Monday",
            b" and ",
            b"between ",
            b"since ",
            b"3 ",
            b"March",
            b"2026-03-03",
            b"pm",
            b" in ",
        ),
    ),
    Target(
        "recall-events",
        events,
        lambda: [
            b"cd x\ngit switch -c fix-7\npytest tests/a.py\ngit commit -am 'Fix it'\nFix it\nls\nmake docs"
        ],
        words=(b"git ", b"commit -m '", b"\n", b"&& ", b"vim ", b"#7", b"switch ", b"https://"),
    ),
)
