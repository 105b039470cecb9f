"""Sealed bodies: small ones come from a bounded cache, large ones as a stream, and revoked ones are dropped."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.service.conftest import Entropy, InProcess

from satchel_service.shares import bodies as module
from satchel_service.shares.bodies import Bodies
from satchel_service.shares.rows import Body
from satchel_service.storage import BlobKey, NotFoundError, StorageError
from satchel_service.storage.directory import DirectoryStorage

KEY = BlobKey("shares/one")


class CountingStorage(DirectoryStorage):
    """Counts the reads of whole objects."""

    reads = 0

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        self.reads += 1
        return super().read(key, start, length)


@pytest.fixture
def storage(tmp_path: Path) -> CountingStorage:
    storage = CountingStorage(tmp_path, Entropy())
    storage.prepare()
    return storage


def read(bodies: Bodies, size_bytes: int, key: str = KEY) -> bytes:
    content = asyncio.run(bodies.open(Body(BlobKey(key), size_bytes, 1))).content
    return content if isinstance(content, bytes) else b"".join(content)


def test_a_small_body_is_read_from_the_storage_once(storage: CountingStorage) -> None:
    storage.create(KEY, b"sealed")
    bodies = Bodies(storage)
    assert [read(bodies, 6), read(bodies, 6)] == [b"sealed", b"sealed"]
    assert storage.reads == 1


def test_the_cache_is_bounded_and_drops_the_least_recently_opened(
    storage: CountingStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_BYTES", 25)
    bodies = Bodies(storage)
    for number in range(3):
        storage.create(BlobKey(f"shares/{number}"), bytes(10))
    for number in (0, 1, 0, 2):
        read(bodies, 10, f"shares/{number}")
    assert storage.reads == 3
    read(bodies, 10, "shares/0")
    assert storage.reads == 3
    read(bodies, 10, "shares/1")
    assert storage.reads == 4


def test_a_large_body_is_streamed_and_not_cached(
    storage: CountingStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WHOLE_BYTES", 5)
    storage.create(KEY, b"sealed")
    opened = asyncio.run(Bodies(storage).open(Body(KEY, 6, 1)))
    assert isinstance(opened.content, Iterator)
    assert b"".join(opened.content) == b"sealed"
    assert storage.reads == 0


def test_a_missing_body_is_not_found_and_one_of_another_size_is_refused(storage: CountingStorage) -> None:
    bodies = Bodies(storage)
    with pytest.raises(NotFoundError):
        read(bodies, 6)
    storage.create(KEY, b"short")
    with pytest.raises(StorageError, match="5 bytes instead of 6"):
        read(bodies, 6)


def test_forgotten_bodies_are_read_again(storage: CountingStorage) -> None:
    storage.create(KEY, b"sealed")
    bodies = Bodies(storage)
    read(bodies, 6)
    bodies.forget(KEY)
    bodies.forget(KEY)
    read(bodies, 6)
    bodies.clear()
    read(bodies, 6)
    assert storage.reads == 3


def test_a_cached_body_is_not_served_once_its_share_was_revoked(cloud: InProcess) -> None:
    share = cloud.device.share(b"sealed")
    assert cloud.stranger.open(share).body == b"sealed"
    cloud.device.call("DELETE", f"/v1/shares/{share}")
    assert cloud.stranger.open(share).problem == "revoked"
