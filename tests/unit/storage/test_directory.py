"""Streams from a directory close their files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from satchel_service.storage import NotFoundError, blob_key
from satchel_service.storage.directory import DirectoryStorage

KEY = blob_key("shares/a")
OPEN_FILES = Path("/proc/self/fd")


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    made = DirectoryStorage(tmp_path, os.urandom)
    made.prepare()
    made.create(KEY, b"x" * 100)
    return made


def open_files_after(act: Callable[[], object]) -> int:
    """The number of files that a function leaves open."""
    before = len(list(OPEN_FILES.iterdir()))
    act()
    return len(list(OPEN_FILES.iterdir())) - before


def test_a_stream_that_is_never_read_leaves_no_file_open(storage: DirectoryStorage) -> None:
    def open_streams() -> None:
        for _ in range(10):
            storage.stream(KEY, 0, 100, 10)

    assert open_files_after(open_streams) == 0


def test_a_stream_read_in_part_or_whole_leaves_no_file_open(storage: DirectoryStorage) -> None:
    assert open_files_after(lambda: next(storage.stream(KEY, 0, 100, 10))) == 0
    assert open_files_after(lambda: b"".join(storage.stream(KEY, 0, 100, 10))) == 0


def test_a_stream_of_an_absent_object_leaves_no_file_open(storage: DirectoryStorage) -> None:
    def open_absent() -> None:
        with pytest.raises(NotFoundError):
            storage.stream(blob_key("shares/b"), 0, 1, 1)

    assert open_files_after(open_absent) == 0
