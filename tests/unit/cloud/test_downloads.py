"""Ranged reads: exact bytes, prefetching of sequential reads, bounded memory."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.support.waiting import wait_until

from satchel.cloud.downloads import CACHED_WINDOWS, PREFETCHED_WINDOWS, RangedReader
from satchel.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = random.Random(7).randbytes(10_007)
WINDOW = 100


class Recorder:
    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []
        self.fail: Callable[[int], bool] = lambda _offset: False
        self.lock = threading.Lock()

    def fetch(self, offset: int, length: int) -> bytes:
        with self.lock:
            self.asked.append((offset, length))
        if self.fail(offset):
            raise UnreachableError("no answer")
        assert offset + length <= len(self.data)
        return self.data[offset : offset + length]

    def offsets(self) -> set[int]:
        with self.lock:
            return {offset for offset, _ in self.asked}


def reader(recorder: Recorder) -> RangedReader:
    return RangedReader(recorder.fetch, len(recorder.data), window_bytes=WINDOW)


def test_a_sequential_read_fetches_each_byte_once() -> None:
    recorder = Recorder()
    with reader(recorder) as opened:
        read = b"".join(opened.read_at(at, min(33, len(DATA) - at)) for at in range(0, len(DATA), 33))
    assert read == DATA
    assert sum(length for _, length in recorder.asked) == len(DATA)


def test_a_random_read_fetches_exactly_its_bytes() -> None:
    recorder = Recorder()
    with reader(recorder) as opened:
        assert opened.read_at(5_000, 7) == DATA[5_000:5_007]
    assert recorder.asked == [(5_000, 7)]


def test_a_sequential_read_from_any_offset_prefetches() -> None:
    recorder = Recorder()
    with reader(recorder) as opened:
        opened.read_at(5_000, 50)
        assert opened.read_at(5_050, 50) == DATA[5_050:5_100]
        wait_until(lambda: len(recorder.offsets()) > 1)  # the end cancels what no thread has begun
    assert recorder.offsets() <= {5_000, *(5_000 + WINDOW * n for n in range(PREFETCHED_WINDOWS + 1))}


@pytest.mark.parametrize("seed", range(20))
def test_any_mix_of_reads_returns_the_right_bytes(seed: int) -> None:
    draw = random.Random(seed)
    recorder = Recorder()
    with reader(recorder) as opened:
        at = 0
        for _ in range(200):
            at = draw.choice([at, draw.randrange(len(DATA))])
            length = min(draw.randrange(500), len(DATA) - at)
            assert opened.read_at(at, length) == DATA[at : at + length]
            at += length


def test_threads_can_read_concurrently() -> None:
    recorder = Recorder()

    def read(start: int) -> bytes:
        return b"".join(opened.read_at(at, 50) for at in range(start, start + 2_000, 50))

    with reader(recorder) as opened, ThreadPoolExecutor(5) as pool:
        assert list(pool.map(read, range(0, 10_000, 2_000))) == [
            DATA[at : at + 2_000] for at in range(0, 10_000, 2_000)
        ]


def test_cached_windows_bound_the_memory() -> None:
    recorder = Recorder()
    with reader(recorder) as opened:
        for at in range(0, len(DATA) - 10, 10):
            opened.read_at(at, 10)
            assert len(opened._windows) <= CACHED_WINDOWS


def test_a_failed_window_is_fetched_again() -> None:
    recorder = Recorder()
    recorder.fail = lambda _offset: True
    with reader(recorder) as opened:
        with pytest.raises(UnreachableError):
            opened.read_at(0, 10)
        recorder.fail = lambda _offset: False
        assert opened.read_at(0, 10) == DATA[:10]


def test_a_failed_prefetch_does_not_affect_the_reader() -> None:
    recorder = Recorder()
    recorder.fail = lambda offset: offset >= WINDOW
    with reader(recorder) as opened:
        assert opened.read_at(0, WINDOW) == DATA[:WINDOW]


def test_an_empty_read_fetches_nothing() -> None:
    recorder = Recorder()
    with reader(recorder) as opened:
        assert opened.read_at(100, 0) == b""
    assert recorder.asked == []
    assert opened.size_bytes == len(DATA)
