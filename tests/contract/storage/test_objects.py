"""Whole objects: create, replace, read, list and delete."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from satchel_service.storage import (
    AlreadyExistsError,
    BlobKey,
    NotFoundError,
    Storage,
    StorageError,
    blob_key,
)

KEY = blob_key("archives/one")
DATA = bytes(range(256)) * 40


def test_a_created_object_is_read_back(storage: Storage) -> None:
    storage.create(KEY, DATA)
    assert storage.read(KEY) == DATA
    assert storage.size(KEY) == len(DATA)


def test_an_empty_object_is_stored(storage: Storage) -> None:
    storage.create(KEY, b"")
    assert (storage.read(KEY), storage.size(KEY)) == (b"", 0)


def test_creating_a_taken_key_is_refused_and_changes_nothing(storage: Storage) -> None:
    storage.create(KEY, b"first")
    with pytest.raises(AlreadyExistsError):
        storage.create(KEY, b"second")
    assert storage.read(KEY) == b"first"


def test_one_of_sixteen_concurrent_creates_wins(storage: Storage) -> None:
    start = Barrier(16)

    def create(number: int) -> bool | None:
        start.wait()
        try:
            storage.create(KEY, str(number).encode())
        except AlreadyExistsError:
            return False
        except StorageError:
            return None  # uncertain: the caller would read the key
        return True

    for _ in range(4):
        with ThreadPoolExecutor(16) as threads:
            outcomes = list(threads.map(create, range(16)))
        winner = int(storage.read(KEY))
        assert outcomes[winner] is not False, "the create that took the key was refused"
        assert [number for number, outcome in enumerate(outcomes) if outcome] in ([], [winner])
        storage.delete(KEY)


def test_a_replace_succeeds_whether_or_not_the_key_exists(storage: Storage) -> None:
    storage.replace(KEY, b"first")
    assert storage.read(KEY) == b"first"
    storage.replace(KEY, b"second")
    assert storage.read(KEY) == b"second"
    with pytest.raises(AlreadyExistsError):
        storage.create(KEY, b"third")


def test_an_object_is_never_absent_during_a_replace(storage: Storage) -> None:
    def replace_twice() -> None:
        for number in (1, 2):
            storage.replace(KEY, str(number).encode() * 1000)

    storage.create(KEY, b"0" * 1000)
    with ThreadPoolExecutor(1) as thread:
        replacing = thread.submit(replace_twice)
        while not replacing.done():
            assert len(set(storage.read(KEY))) == 1
        replacing.result()
    assert storage.read(KEY) == b"2" * 1000


def test_a_long_listing_is_complete_and_in_order(storage: Storage) -> None:
    names = [blob_key(f"log/{number:016d}") for number in range(25)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda key: storage.create(key, b"x"), reversed(names)))
    assert [info.key for info in storage.list("log/")] == names


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 10, DATA[:10]),
        (100, 50, DATA[100:150]),
        (len(DATA) - 5, 100, DATA[-5:]),
        (len(DATA), 10, b""),
        (3, None, DATA[3:]),
        (7, 0, b""),
    ],
)
def test_ranges_are_read(storage: Storage, start: int, length: int | None, expected: bytes) -> None:
    storage.create(KEY, DATA)
    assert storage.read(KEY, start, length) == expected


@pytest.mark.parametrize(("start", "length"), [(0, len(DATA)), (1, 1000), (5000, 5240), (10, 0)])
def test_a_stream_yields_exactly_its_range_in_bounded_chunks(
    storage: Storage, start: int, length: int
) -> None:
    storage.create(KEY, DATA)
    chunks = list(storage.stream(KEY, start, length, 999))
    assert b"".join(chunks) == DATA[start : start + length]
    assert all(0 < len(chunk) <= 999 for chunk in chunks)


def test_an_absent_object_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFoundError):
        storage.read(KEY)
    with pytest.raises(NotFoundError):
        storage.size(KEY)
    with pytest.raises(NotFoundError):
        storage.stream(KEY, 0, 1, 1)


def test_a_deleted_object_is_absent_and_deleting_again_succeeds(storage: Storage) -> None:
    storage.create(KEY, DATA)
    storage.delete(KEY)
    storage.delete(KEY)
    with pytest.raises(NotFoundError):
        storage.read(KEY)
    storage.create(KEY, b"again")
    assert storage.read(KEY) == b"again"


def test_a_listing_has_keys_of_the_prefix_in_order_with_size_and_time(storage: Storage) -> None:
    before = time.time_ns() // 1_000_000 - 2_000
    for name in ("shares/b", "archives/z", "archives/a", "archives/ab/c"):
        storage.create(blob_key(name), name.encode())
    after = time.time_ns() // 1_000_000 + 2_000
    found = list(storage.list("archives/a"))
    assert [info.key for info in found] == ["archives/a", "archives/ab/c"]
    assert [info.size_bytes for info in found] == [10, 13]
    assert all(before <= info.modified <= after for info in found)
    assert len(list(storage.list(""))) == 4
    assert list(storage.list("other/")) == []


@pytest.mark.parametrize(
    "text",
    ["", "one", "/a/b", "a/", "a//b", "../a/b", "a/..", "a/.b", "a/b c", "a/b\n", "a/b/c/d/e", "A/b", "a/é"],
)
def test_an_invalid_key_is_refused(storage: Storage, text: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        blob_key(text)
    with pytest.raises(ValueError, match="not a key"):
        storage.create(BlobKey(text), DATA)


def test_check_accepts_a_usable_store(storage: Storage) -> None:
    storage.check()
