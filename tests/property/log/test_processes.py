"""Real processes on a real directory: killed at any moment, stopped and woken, or two at once."""

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest
from tests.property.log.worker import FENCED

KILLS: Final = 20
ROUNDS: Final = 6
PATIENCE_S: Final = 60.0


class Process:
    """A worker. What it prints is what its clients were told; a thread reads along."""

    def __init__(self, store: Path, local: Path, name: str) -> None:
        local.mkdir()
        command = [sys.executable, "-m", "tests.property.log.worker", str(store), str(local), name]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self.found: set[str] | None = None
        self.acknowledged: set[str] = set()
        self.most_seen = 0
        self.has_ended = False
        self._reader.start()

    def follow(self, acknowledgements: int) -> None:
        """Wait for so many more acknowledgements, or until it has ended."""
        with self._news:
            goal = len(self.acknowledged) + acknowledgements
            assert self._news.wait_for(lambda: self.has_ended or len(self.acknowledged) >= goal, PATIENCE_S)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it, and hear what it still has said."""
        self._process.kill()
        self.end()

    def end(self) -> int:
        """Wait until it has ended; return the exit code."""
        self._reader.join(PATIENCE_S)
        return self._process.wait(PATIENCE_S)

    def _read(self) -> None:
        with self._process.stdout or sys.stdin as output:
            for line in output:
                self._take(line)
        with self._news:
            self.has_ended = True
            self._news.notify_all()

    def _take(self, line: str) -> None:
        word, *rest = line.split()
        with self._news:
            if word == "opened":
                self.found = set(rest)
            elif word == "ack":
                self.acknowledged.update(rest)
            elif word == "saw":
                self.most_seen = max(self.most_seen, int(rest[0]))
            self._news.notify_all()


class Promises:
    """What all processes so far have acknowledged and shown."""

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        self.most_seen = 0

    def note(self, process: Process) -> None:
        self.acknowledged |= process.acknowledged
        self.most_seen = max(self.most_seen, process.most_seen)

    def check(self, found: set[str] | None) -> None:
        assert found is not None, "the process did not open the log"
        assert self.acknowledged <= found, f"lost: {self.acknowledged - found}"
        assert self.most_seen <= len(found), "something was shown and lost"


@contextmanager
def running(store: Path, folder: Path, name: str) -> Iterator[Process]:
    process = Process(store, folder / name, name)
    try:
        yield process
    finally:
        process.kill()


def found_at_last(store: Path, folder: Path) -> set[str] | None:
    with running(store, folder, "last") as process:
        process.follow(1)
        return process.found


@pytest.fixture
def rng() -> random.Random:
    seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)  # noqa: T201  shown when the test fails
    return random.Random(seed)


@pytest.mark.slow
def test_whatever_moment_a_process_is_killed_at_the_next_finds_what_it_acknowledged(
    tmp_path: Path, rng: random.Random
) -> None:
    promises = Promises()
    for number in range(KILLS):
        with running(tmp_path / "store", tmp_path, f"p{number}") as process:
            process.follow(rng.randrange(1, 60))
            process.kill()
        promises.check(process.found)
        promises.note(process)
    promises.check(found_at_last(tmp_path / "store", tmp_path))
    assert len(promises.acknowledged) > KILLS
    # two, and one more for each of the last lives that ended between a snapshot and its truncation
    assert len(list((tmp_path / "store" / "snapshots").iterdir())) < 6


@pytest.mark.slow
def test_of_two_live_processes_one_is_fenced_and_leaves(tmp_path: Path) -> None:
    store, promises = tmp_path / "store", Promises()
    with ExitStack() as stack:
        former = stack.enter_context(running(store, tmp_path, "former"))
        former.follow(5)
        latter = stack.enter_context(running(store, tmp_path, "latter"))
        while not (former.has_ended or latter.has_ended):
            former.follow(1)
            latter.follow(1)
        leaver, stayer = (former, latter) if former.has_ended else (latter, former)
        assert leaver.end() == FENCED
        stayer.follow(20)
        assert not stayer.has_ended
    promises.note(former)
    promises.note(latter)
    promises.check(found_at_last(store, tmp_path))


@pytest.mark.slow
def test_a_process_that_was_stopped_while_another_took_over_is_fenced_when_it_wakes(
    tmp_path: Path, rng: random.Random
) -> None:
    store, promises = tmp_path / "store", Promises()
    sleeper = Process(store, tmp_path / "p0", "p0")
    try:
        for number in range(1, ROUNDS):
            sleeper.follow(rng.randrange(1, 30))
            sleeper.signal(signal.SIGSTOP)
            successor = Process(store, tmp_path / f"p{number}", f"p{number}")
            successor.follow(rng.randrange(1, 60))
            promises.note(sleeper)
            promises.check(successor.found)
            sleeper.signal(signal.SIGCONT)
            assert sleeper.end() == FENCED
            promises.note(sleeper)
            sleeper = successor
    finally:
        sleeper.kill()
    promises.note(sleeper)
    promises.check(found_at_last(store, tmp_path))
