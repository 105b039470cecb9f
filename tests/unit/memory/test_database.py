"""memory.db: adding, reading by time, several writers at once, forgetting without a trace, other formats."""

import multiprocessing
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.memory import MEMORY_FILE, Event, MemoryStore, Range

WRITERS = 4
EVENTS_EACH = 50


def _command(at_ms: int, text: str = "make test", **more: Any) -> Event:  # noqa: ANN401  any field
    return Event(
        "shell", at_ms, text, **{"place": "/home/ann/parser", "session": "1-2", "host": "rye", **more}
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_events_are_read_as_they_were_added(home: Path) -> None:
    commit = Event(
        "git",
        2_000,
        "Parse headers",
        repository="/home/ann/parser",
        detail={"commit": "ab12", "files": "a.py\nb.py"},
    )
    command = _command(1_000, repository="/home/ann/parser", duration_ms=1_500, exit_code=2)
    with MemoryStore.create(home) as memory:
        ids = memory.add([commit, command])
        read = list(memory.events())
        assert [event.id for event in read] == [ids[1], ids[0]], "oldest first"
        assert memory.events_of(ids[:1]) == read[1:]
        assert memory.counts() == {"git": 1, "shell": 1}
    assert [(event.text, event.exit_code, event.duration_ms) for event in read] == [
        ("make test", 2, 1_500),
        ("Parse headers", None, 0),
    ]
    assert read[1].detail == commit.detail
    assert (read[0].place, read[0].session, read[0].host) == ("/home/ann/parser", "1-2", "rye")


def test_events_are_chosen_by_time_and_source(home: Path) -> None:
    with MemoryStore.create(home) as memory:
        memory.add(_command(at) for at in (1_000, 2_000, 3_000))
        memory.add([Event("git", 2_500, "Fix it")])
        assert [event.at_ms for event in memory.events(2_000, 3_000)] == [2_000, 2_500]
        assert [event.at_ms for event in memory.events(source="git")] == [2_500]


def test_the_file_is_private_whatever_the_umask(home: Path) -> None:
    MemoryStore.create(home).close()
    assert stat.S_IMODE((home / MEMORY_FILE).stat().st_mode) == 0o600


def test_a_home_without_a_memory_has_none(home: Path) -> None:
    with pytest.raises(NotFoundError, match="no source has been turned on"):
        MemoryStore.open(home)


def _write(home: Path, writer: int) -> None:
    with MemoryStore.create(home) as memory:
        for number in range(EVENTS_EACH):
            memory.add([_command(number, f"echo {writer} {number % 7}", session=f"{writer}")])


def test_several_writers_that_begin_at_once_lose_nothing(home: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(home, writer)) for writer in range(WRITERS)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    assert [process.exitcode for process in writers] == [0] * WRITERS
    with MemoryStore.open(home) as memory:
        assert memory.counts() == {"shell": WRITERS * EVENTS_EACH}
        sessions = [event.session for event in memory.events()]
    assert all(sessions.count(str(writer)) == EVENTS_EACH for writer in range(WRITERS))


def test_what_is_forgotten_is_in_no_file(home: Path) -> None:
    secret = "whisper-of-the-orchard"
    with MemoryStore.create(home) as memory:
        memory.add(_command(at, f"ls {at}") for at in range(500))
        memory.add(
            [
                _command(1_000, f"echo {secret}", place=f"/{secret}", session=secret),
                Event("agents", 1_001, f"note {secret}"),
            ]
        )
        assert secret.encode() in _bytes(home)
        found = memory.find(Range(text=secret.upper()))
        assert [event.at_ms for event in found] == [1_000, 1_001]
        assert memory.forget(found) == 2
        assert secret.encode() not in _bytes(home), "while it is still open"
        assert memory.counts() == {"shell": 500}
    assert secret.encode() not in _bytes(home)


def test_a_log_that_is_left_is_read_and_stays_short(home: Path) -> None:
    MemoryStore.create(home).close()
    log = home / f"{MEMORY_FILE}-wal"
    sizes: list[int] = []
    for at in range(61):
        with MemoryStore.open(home) as memory:
            memory.add([_command(at, f"make test-{at}", session=f"1-{at}")])
            memory.leave_log()
        sizes.append(log.stat().st_size if log.exists() else 0)
    assert sum(map(bool, sizes)) > 40
    assert max(sizes) < 1_000_000
    with MemoryStore.open(home) as memory:
        assert [event.at_ms for event in memory.events()] == list(range(61))
    assert not log.exists(), "closing the file after anything else empties it"


def test_what_is_forgotten_is_not_in_a_log_that_was_left(home: Path) -> None:
    MemoryStore.create(home).close()
    with MemoryStore.open(home) as memory:
        memory.add([_command(1, "echo whisper-of-the-orchard")])
        memory.leave_log()
    assert b"whisper" in _bytes(home)
    with MemoryStore.open(home) as memory:
        assert memory.forget(list(memory.events())) == 1
        memory.leave_log()
    assert b"whisper" not in _bytes(home)


def test_a_text_that_another_event_has_stays(home: Path) -> None:
    with MemoryStore.create(home) as memory:
        memory.add([_command(1_000), _command(2_000)])
        memory.forget(memory.find(Range(since_ms=2_000)))
        assert [(event.at_ms, event.text) for event in memory.events()] == [(1_000, "make test")]
        used = memory.connection.execute("SELECT used_ms FROM texts").fetchall()
        assert used == [(1_000,)], "when it was last used"


def test_old_events_are_pruned(home: Path) -> None:
    with MemoryStore.create(home) as memory:
        memory.add([_command(1_000, "old"), _command(2_000, "new")])
        assert memory.prune(2_000) == 1
        assert [event.text for event in memory.events()] == ["new"]
        assert memory.prune(2_000) == 0


def test_an_id_is_never_used_again(home: Path) -> None:
    with MemoryStore.create(home) as memory:
        (first,) = memory.add([_command(1_000)])
        memory.forget(memory.find(Range()))
        (second,) = memory.add([_command(1_000)])
        assert second > first


def test_a_failed_transaction_adds_nothing(home: Path) -> None:
    with MemoryStore.create(home) as memory:
        with pytest.raises(IntegrityError):
            memory.add([_command(1_000), _command(None)])  # type: ignore[arg-type]
        assert memory.counts() == {}


def test_a_newer_format_is_refused(home: Path) -> None:
    MemoryStore.create(home).close()
    with sqlite3.connect(home / MEMORY_FILE) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = (home / MEMORY_FILE).read_bytes()
    with pytest.raises(IntegrityError, match="format 2") as caught:
        MemoryStore.open(home)
    assert caught.value.hint == "update satchel"
    assert (home / MEMORY_FILE).read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"SQLite format 3\0" + bytes(4080)])
def test_another_file_in_its_place_is_refused(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / MEMORY_FILE).write_bytes(content)
    for open_memory in (MemoryStore.open, MemoryStore.create):
        with pytest.raises(IntegrityError) as caught:
            open_memory(home)
        assert "restore" not in caught.value.hint, "no backup has it, unless it was asked for"
    assert (home / MEMORY_FILE).read_bytes() == content


def test_a_link_in_its_place_is_refused(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (tmp_path / "elsewhere").write_bytes(b"")
    (home / MEMORY_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SatchelError):
        MemoryStore.create(home)
    assert (tmp_path / "elsewhere").read_bytes() == b""


def _bytes(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.iterdir())
