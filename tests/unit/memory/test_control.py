"""What the memory may take in: sources, pauses, exclusions, watched places."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.errors import NotFoundError
from satchel.memory import MemoryStore
from satchel.memory.control import FOREVER_MS, is_excluded


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[MemoryStore]:
    with MemoryStore.create(tmp_path) as memory:
        yield memory


def test_every_source_is_off_until_it_is_switched_on(memory: MemoryStore) -> None:
    control = memory.control
    assert control.sources() == {}
    assert control.turn_on("shell", 1_000)
    assert not control.turn_on("shell", 2_000), "it was on"
    assert control.sources() == {"shell": 1_000}
    assert control.is_on("shell")
    assert not control.is_on("git")
    assert control.turn_off("shell")
    assert not control.turn_off("shell")
    assert not control.is_on("shell")


def test_a_pause_ends_by_itself_or_by_resume(memory: MemoryStore) -> None:
    control = memory.control
    assert control.paused_until(1_000) is None
    control.pause(2_000)
    assert control.paused_until(1_999) == 2_000
    assert control.paused_until(2_000) is None
    control.pause()
    assert control.paused_until(10**15) == FOREVER_MS
    control.resume()
    assert control.paused_until(0) is None


def test_exclusions_are_listed_and_removed(memory: MemoryStore) -> None:
    control = memory.control
    assert control.exclude("ssh")
    assert not control.exclude("ssh")
    control.exclude("/srv")
    assert control.exclusions() == ["/srv", "ssh"]
    control.include("ssh")
    assert control.exclusions() == ["/srv"]
    with pytest.raises(NotFoundError, match="'ssh' is not excluded"):
        control.include("ssh")


@pytest.mark.parametrize(
    ("pattern", "command", "directory", "is_out"),
    [
        ("ssh", "ssh host", "/home/ann", True),
        ("ssh", "ssh", "/home/ann", True),
        ("ssh", "sshfs host:/ /mnt", "/home/ann", False),
        ("*token*", "echo my token x", "/home/ann", True),
        ("git push", "git push --force", "/home/ann", True),
        ("git push", "git pull", "/home/ann", False),
        ("ssh", "ssh\thost", "/home/ann", True),
        ("/home/ann/private", "ls", "/home/ann/private", True),
        ("/home/ann/private/", "ls", "/home/ann/private/deep/er", True),
        ("/home/ann/private", "ls", "/home/ann/private-not", False),
        ("/home/*/diary", "ls", "/home/ann/diary/2026", True),
        ("/", "ls", "/home", True),
        ("/srv", "/srv", "/home/ann", False),
    ],
)
def test_patterns_exclude_commands_and_directories(
    pattern: str, command: str, directory: str, is_out: bool
) -> None:
    assert is_excluded([pattern], command, directory) == is_out


def test_two_processes_do_not_read_the_same_commits_twice(memory: MemoryStore) -> None:
    control = memory.control
    assert control.watch("git", "/home/ann/parser")
    assert not control.watch("git", "/home/ann/parser", "other")
    (place,) = control.watched("git")
    with memory.writing():
        assert control.move_position(place, "ab12")
    with memory.writing():
        assert not control.move_position(place, "cd34"), "another process was faster"
    assert [each.position for each in control.watched("git")] == ["ab12"]
    assert control.unwatch("git", "/home/ann/parser")
    assert control.watched("git") == []
