"""Real processes on a real directory: killed at random moments, suspended and resumed, or two at once."""

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
from tests.support.waiting import wait_until

KILLS: Final = 20
ROUNDS: Final = 6
TIMEOUT_S: Final = 60.0


class Process:
    """A worker process. It prints its answers to clients; a thread reads them."""

    def __init__(self, store: Path, local: Path, name: str) -> None:
        local.mkdir()
        command = [sys.executable, "-m", "tests.property.log.worker", str(store), str(local), name]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self.found: set[str] | None = None
        self.acknowledged: set[str] = set()
        self.most_seen = 0
        self.has_ended = False
        self._reader.start()

    def follow(self, acknowledgements: int) -> None:
        """Wait for this many more acknowledgements, or until the process has ended."""
        with self._changed:
            goal = len(self.acknowledged) + acknowledgements
            assert self._changed.wait_for(lambda: self.has_ended or len(self.acknowledged) >= goal, TIMEOUT_S)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the process and read the rest of its output."""
        self._process.kill()
        self.end()

    def end(self) -> int:
        """Wait until the process has ended and return its exit code."""
        self._reader.join(TIMEOUT_S)
        return self._process.wait(TIMEOUT_S)

    def _read(self) -> None:
        with self._process.stdout or sys.stdin as output:
            for line in output:
                self._take(line)
        with self._changed:
            self.has_ended = True
            self._changed.notify_all()

    def _take(self, line: str) -> None:
        word, *rest = line.split()
        with self._changed:
            if word == "opened":
                self.found = set(rest)
            elif word == "ack":
                self.acknowledged.update(rest)
            elif word == "saw":
                self.most_seen = max(self.most_seen, int(rest[0]))
            self._changed.notify_all()


class Promises:
    """Everything that any process has acknowledged or shown."""

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        self.most_seen = 0

    def record(self, process: Process) -> None:
        self.acknowledged |= process.acknowledged
        self.most_seen = max(self.most_seen, process.most_seen)

    def check(self, found: set[str] | None) -> None:
        assert found is not None, "the process did not open the log"
        assert self.acknowledged <= found, f"lost: {self.acknowledged - found}"
        assert self.most_seen <= len(found), "a transaction was shown and lost"


@contextmanager
def running(store: Path, folder: Path, name: str) -> Iterator[Process]:
    process = Process(store, folder / name, name)
    try:
        yield process
    finally:
        process.kill()


def read_final_state(store: Path, folder: Path) -> set[str] | None:
    with running(store, folder, "last") as process:
        process.follow(1)
        return process.found


@pytest.fixture
def rng() -> random.Random:
    seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)  # noqa: T201  shown when the test fails
    return random.Random(seed)


@pytest.mark.slow
def test_a_process_killed_at_any_moment_loses_nothing_acknowledged(
    tmp_path: Path, rng: random.Random
) -> None:
    promises = Promises()
    for number in range(KILLS):
        with running(tmp_path / "store", tmp_path, f"p{number}") as process:
            process.follow(rng.randrange(1, 60))
            process.kill()
        promises.check(process.found)
        promises.record(process)
    assert len(promises.acknowledged) > KILLS
    with running(tmp_path / "store", tmp_path, "last") as process:
        process.follow(1)
        promises.check(process.found)
        # each process that was killed between a snapshot and its truncation left one more
        wait_until(lambda: len(list((tmp_path / "store" / "snapshots").iterdir())) <= 2)


@pytest.mark.slow
def test_one_of_two_live_processes_is_fenced_and_exits(tmp_path: Path) -> None:
    store, promises = tmp_path / "store", Promises()
    with ExitStack() as stack:
        first = stack.enter_context(running(store, tmp_path, "first"))
        first.follow(5)
        second = stack.enter_context(running(store, tmp_path, "second"))
        while not (first.has_ended or second.has_ended):
            first.follow(1)
            second.follow(1)
        fenced, remaining = (first, second) if first.has_ended else (second, first)
        assert fenced.end() == FENCED
        remaining.follow(20)
        assert not remaining.has_ended
    promises.record(first)
    promises.record(second)
    promises.check(read_final_state(store, tmp_path))


@pytest.mark.slow
def test_a_suspended_process_is_fenced_when_it_resumes_after_a_takeover(
    tmp_path: Path, rng: random.Random
) -> None:
    store, promises = tmp_path / "store", Promises()
    suspended = Process(store, tmp_path / "p0", "p0")
    try:
        for number in range(1, ROUNDS):
            suspended.follow(rng.randrange(1, 30))
            suspended.signal(signal.SIGSTOP)
            successor = Process(store, tmp_path / f"p{number}", f"p{number}")
            successor.follow(rng.randrange(1, 60))
            promises.record(suspended)
            promises.check(successor.found)
            suspended.signal(signal.SIGCONT)
            assert suspended.end() == FENCED
            promises.record(suspended)
            suspended = successor
    finally:
        suspended.kill()
    promises.record(suspended)
    promises.check(read_final_state(store, tmp_path))
