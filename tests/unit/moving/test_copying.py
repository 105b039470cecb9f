"""Copying objects between storages, whatever an earlier run left behind."""

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.buckets import gcs, moto_server

from satchel_service.moving import copying
from satchel_service.moving.copying import Copier
from satchel_service.moving.errors import MismatchError
from satchel_service.moving.progress import Progress, Stage, ignore
from satchel_service.storage import BlobKey, PartPlan, Storage, StorageError
from satchel_service.storage.directory import DirectoryStorage

__all__ = ["gcs", "moto_server"]

MIB = 1024 * 1024
LARGE = os.urandom(9 * MIB)
OBJECTS = {
    "archives/one.aa": b"sealed",
    "archives/large.bb": LARGE,
    "shares/two.cc": b"",
    "cards/three.dd": b"card",
    "pairings/four": b"grant",
}


def directory(folder: Path) -> DirectoryStorage:
    storage = DirectoryStorage(folder, os.urandom)
    storage.prepare()
    return storage


def contents(storage: Storage) -> dict[str, bytes]:
    return {info.key: storage.read(info.key) for info in storage.list("")}


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DirectoryStorage:
    monkeypatch.setattr(copying, "PART_BYTES", 5 * MIB)
    storage = directory(tmp_path / "old")
    for key, data in OBJECTS.items():
        storage.create(BlobKey(key), data)
    return storage


@pytest.fixture(params=["directory", "moto_server", "gcs"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "directory":
        yield directory(tmp_path / "new")
        return
    storage = request.getfixturevalue(request.param).storage()
    yield storage
    storage.close()


def test_every_object_is_copied_in_either_direction(
    old: DirectoryStorage, new: Storage, tmp_path: Path
) -> None:
    Copier(old, new, ignore).copy(Stage.COPY)
    Copier(old, new, ignore).verify()
    assert contents(new) == OBJECTS
    third = directory(tmp_path / "third")
    back = Copier(new, third, ignore)
    back.copy(Stage.COPY)
    back.verify()
    assert contents(third) == OBJECTS


def test_a_copy_continues_with_the_part_that_is_missing(old: DirectoryStorage, new: Storage) -> None:
    large, plan = BlobKey("archives/large.bb"), PartPlan(len(LARGE), 5 * MIB)
    token = new.begin_upload(large, plan)
    first = plan.part(1)
    assert first is not None
    sink = new.part_sink(large, token, first)
    sink.write(LARGE[: first.size_bytes])
    sink.finish()
    reads: list[int] = []
    stream = old.stream

    def counted(key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        reads.append(start)
        return stream(key, start, length, chunk_bytes)

    old.stream = counted  # type: ignore[method-assign]
    Copier(old, new, ignore).copy(Stage.COPY)
    assert reads == [5 * MIB]
    del old.stream
    Copier(old, new, ignore).verify()
    assert not list(new.uploads())


def test_an_unfinished_upload_of_another_plan_is_begun_again(old: DirectoryStorage, tmp_path: Path) -> None:
    new = directory(tmp_path / "new")
    key, plan = BlobKey("archives/large.bb"), PartPlan(len(LARGE), MIB)
    token = new.begin_upload(key, plan)
    first = plan.part(1)
    assert first is not None
    sink = new.part_sink(key, token, first)
    sink.write(LARGE[:MIB])
    sink.finish()
    Copier(old, new, ignore).copy(Stage.COPY)
    assert contents(new) == OBJECTS
    assert not list(new.uploads())


def test_what_the_old_storage_lacks_is_deleted_and_another_size_copied_again(
    old: DirectoryStorage, tmp_path: Path
) -> None:
    new = directory(tmp_path / "new")
    new.create(BlobKey("archives/left.over"), b"deleted in the old cloud")
    new.create(BlobKey("archives/one.aa"), b"cut")
    Copier(old, new, ignore).copy(Stage.COPY)
    assert contents(new) == OBJECTS


def test_a_second_copy_reads_nothing(old: DirectoryStorage, tmp_path: Path) -> None:
    new = directory(tmp_path / "new")
    Copier(old, new, ignore).copy(Stage.COPY)
    reports: list[Progress] = []
    Copier(old, new, reports.append).copy(Stage.COPY_REST)
    assert reports == [Progress(Stage.COPY_REST)]


def test_a_copy_with_other_bytes_is_found_deleted_and_made_again(
    old: DirectoryStorage, tmp_path: Path
) -> None:
    new = directory(tmp_path / "new")
    copier = Copier(old, new, ignore)
    copier.copy(Stage.COPY)
    new.replace(BlobKey("archives/one.aa"), b"forged")
    with pytest.raises(MismatchError, match="1 of 5 copied objects differed"):
        copier.verify()
    copier.copy(Stage.COPY_REST)
    copier.verify()
    assert contents(new) == OBJECTS


def test_a_listing_that_differs_is_found(old: DirectoryStorage, tmp_path: Path) -> None:
    new = directory(tmp_path / "new")
    copier = Copier(old, new, ignore)
    copier.copy(Stage.COPY)
    old.create(BlobKey("archives/later.ee"), b"x")
    with pytest.raises(MismatchError, match="do not list the same objects"):
        copier.verify()


def test_a_failing_storage_ends_the_copy(old: DirectoryStorage, tmp_path: Path) -> None:
    new = directory(tmp_path / "new")

    def refuse(key: BlobKey, data: bytes) -> None:
        raise StorageError("refused")

    new.create = refuse  # type: ignore[method-assign]
    with pytest.raises(StorageError, match="refused"):
        Copier(old, new, ignore).copy(Stage.COPY)


def test_progress_counts_objects_and_bytes(old: DirectoryStorage, tmp_path: Path) -> None:
    reports: list[Progress] = []
    Copier(old, directory(tmp_path / "new"), reports.append).copy(Stage.COPY)
    total = sum(map(len, OBJECTS.values()))
    assert reports[0] == Progress(Stage.COPY, 0, len(OBJECTS), 0, total)
    assert reports[-1] == Progress(Stage.COPY, len(OBJECTS), len(OBJECTS), total, total)
    assert [each.objects for each in reports] == list(range(len(OBJECTS) + 1))


def test_memory_does_not_grow_with_an_object(tmp_path: Path) -> None:
    old, new = directory(tmp_path / "old"), directory(tmp_path / "new")
    with (tmp_path / "old" / "blobs" / "huge").open("wb") as file:
        file.truncate(64 * MIB)
    (tmp_path / "old" / "blobs" / "archives").mkdir()
    (tmp_path / "old" / "blobs" / "huge").rename(tmp_path / "old" / "blobs" / "archives" / "huge.ff")
    tracemalloc.start()
    try:
        copier = Copier(old, new, ignore)
        copier.copy(Stage.COPY)
        copier.verify()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4 * MIB
