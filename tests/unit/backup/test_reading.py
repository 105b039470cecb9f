"""The ends of an archive are fetched once."""

import random
from types import TracebackType
from typing import Self

import pytest

from satchel.backup.archive_opening import END_BYTES, CachedEnds, LazyReader
from satchel.errors import IntegrityError


class Recorded:
    """An archive in memory that records the reads."""

    def __init__(self, size: int) -> None:
        self.data = random.Random(size).randbytes(size)
        self.asked: list[tuple[int, int]] = []
        self.closed = 0

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    def read_at(self, offset: int, length: int) -> bytes:
        self.asked.append((offset, length))
        return self.data[offset : offset + length]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1


@pytest.mark.parametrize("size", [0, 1, 2 * END_BYTES, 2 * END_BYTES + 1, 5 * END_BYTES])
def test_every_range_matches_the_archive(size: int) -> None:
    archive = Recorded(size)
    kept = CachedEnds(archive)
    chance = random.Random(1)
    for _ in range(300):
        offset = chance.randrange(size + 1)
        length = chance.randrange(size - offset + 1)
        assert kept.read_at(offset, length) == archive.data[offset : offset + length]


def test_a_small_archive_is_fetched_once() -> None:
    archive = Recorded(2 * END_BYTES)
    kept = CachedEnds(archive)
    for offset in (0, 100, END_BYTES, 2 * END_BYTES - 1):
        kept.read_at(offset, 1)
    assert archive.asked == [(0, 2 * END_BYTES)]


def test_both_ends_of_a_large_archive_are_fetched_once() -> None:
    archive = Recorded(4 * END_BYTES)
    kept = CachedEnds(archive)
    for offset in (0, 100, END_BYTES - 1, 3 * END_BYTES, 4 * END_BYTES - 1):
        kept.read_at(offset, 1)
    assert archive.asked == [(0, END_BYTES), (3 * END_BYTES, END_BYTES)]


def test_a_lazy_reader_opens_on_read_and_closes_on_release() -> None:
    archive = Recorded(1000)
    opened: list[Recorded] = []

    def open_reader() -> Recorded:
        opened.append(archive)
        return archive

    reader = LazyReader(open_reader)
    assert not opened
    assert [reader.read_at(at, 1) for at in (0, 999)] == [archive.data[:1], archive.data[-1:]]
    assert len(opened) == len(archive.asked) == 1
    reader.release()
    reader.release()
    assert archive.closed == 1
    assert reader.read_at(5, 10) == archive.data[5:15]
    assert len(opened) == len(archive.asked) == 2


def test_an_archive_that_changed_its_length_is_refused() -> None:
    archives = [Recorded(1000), Recorded(1001)]
    reader = LazyReader(lambda: archives.pop(0))
    reader.read_at(0, 10)
    reader.release()
    with pytest.raises(IntegrityError):
        reader.read_at(0, 10)
