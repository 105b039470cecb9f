"""Memories of every version stay readable."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.golden.memories.make import EVENTS, HERE, HOUR_MS, PARSER, START_MS, UNFORMED

from satchel.memory import MEMORY_FILE, MemoryStore, Range
from satchel.memory.control import Watched
from satchel.memory.forming import form_new
from satchel.memory.history import Query, search
from satchel.memory.recall import recall

NOW = dt.datetime(2025, 12, 5, tzinfo=dt.UTC)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[MemoryStore]:
    shutil.copyfile(HERE / "memory-1.db", tmp_path / MEMORY_FILE)
    with MemoryStore.open(tmp_path) as opened:
        yield opened


def test_events_and_control_of_version_1_are_read(memory: MemoryStore) -> None:
    assert list(memory.events()) == [*EVENTS, UNFORMED]
    assert [found.command for found in search(memory, Query("pth", exit_code=1))] == ["pytest -k headers"]
    control = memory.control
    assert control.sources() == {"shell": START_MS, "git": START_MS + 1}
    assert control.watched("git") == [Watched("git", PARSER, '{"authors": ["ann@example.org"], "tips": []}')]
    assert control.seen("/home/ann/notes") == {"/home/ann/notes/todo.md": "1-40"}
    assert control.exclusions() == ["ssh"]
    assert control.paused_until(START_MS) == START_MS + HOUR_MS


def test_episodes_of_version_1_are_read_recalled_and_continued(memory: MemoryStore) -> None:
    work, note = memory.episodes()
    assert (work.id, work.title, work.outcome) == (1, "Parse folded headers", "done")
    assert work.done.splitlines() == [
        "committed: Parse folded headers",
        "noted: Folded headers need the next line",
        "failed once: pytest -k headers",
    ]
    assert (work.events, work.agents, work.files) == ((1, 2, 3), ("claude",), ("headers.py",))
    assert (note.id, note.title, note.places) == (2, "todo.md", ("/home/ann/notes",))
    assert [summary.kind for summary in memory.summaries(START_MS, START_MS + 1)] == ["day", "week"]
    assert recall(memory, "what did I commit about folded headers on Monday", NOW)[0].episode == work
    assert form_new(memory, dt.UTC, budget_s=None) == 0
    assert [episode.title for episode in memory.episodes()] == [work.title, note.title, "make release"]


def test_a_text_of_version_1_is_forgotten(memory: MemoryStore) -> None:
    chosen = Range(text="folded headers")
    assert memory.forget(memory.find(chosen)) == 2
    assert b"Parse folded headers" not in memory.path.read_bytes()
    assert [episode.title for episode in memory.episodes()] == ["todo.md"]
