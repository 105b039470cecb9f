"""Notes of agents: only if the owner has switched them on, without secrets, stamped by the caller."""

from pathlib import Path

import pytest

from satchel.errors import RefusedError, UsageError
from satchel.memory import MEMORY_FILE, MemoryStore
from satchel.memory.filtering import MARK, MAX_CHARS
from satchel.memory.notes import record_note

GITHUB = "ghp_" + "Zq3vT8kLm2Xw9RbN5cYd7HfJ4sPgA1eUoKiM"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with MemoryStore.create(tmp_path) as memory:
        memory.control.turn_on("agents", 0)
    return tmp_path


def test_a_note_is_added_without_its_secrets(home: Path) -> None:
    added = record_note(
        home, "reviewer", f"used {GITHUB}", now_ms=1_000, client="editor", version="2.1", host="rye"
    )
    with MemoryStore.open(home) as memory:
        assert list(memory.events()) == [added]
    assert added.text == f"used {MARK}"
    assert (added.source, added.session, added.at_ms, added.host) == ("agents", "reviewer", 1_000, "rye")
    assert added.detail == {"client": "editor", "version": "2.1"}


def test_nothing_is_written_while_the_source_is_off(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="does not record agents"):
        record_note(tmp_path, "reviewer", "hello", now_ms=1_000)
    assert not (tmp_path / MEMORY_FILE).exists()
    with MemoryStore.create(tmp_path) as memory:
        memory.control.turn_on("shell", 0)
        with pytest.raises(RefusedError, match="does not record agents"):
            record_note(tmp_path, "reviewer", "hello", now_ms=1_000)
        assert memory.counts() == {}


def test_nothing_is_written_while_the_memory_is_paused(home: Path) -> None:
    with MemoryStore.open(home) as memory:
        memory.control.pause(2_000)
        with pytest.raises(RefusedError, match="paused"):
            record_note(home, "reviewer", "hello", now_ms=1_999)
        assert memory.counts() == {}
        record_note(home, "reviewer", "hello", now_ms=2_000)
        assert memory.counts() == {"agents": 1}


@pytest.mark.parametrize("text", ["", " \n", "x" * (MAX_CHARS + 1)])
def test_an_empty_or_endless_note_is_refused(home: Path, text: str) -> None:
    with pytest.raises(UsageError):
        record_note(home, "reviewer", text, now_ms=1_000)


def test_a_note_that_is_no_unicode_is_kept(home: Path) -> None:
    assert record_note(home, "a\ud800", "b\udcffc", now_ms=1_000).text == "b?c"
