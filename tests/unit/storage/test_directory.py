"""Streams from a directory close their files, and a list reads one folder."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from satchel_service.storage import BlobInfo, BlobKey, NotFoundError, PartPlan, StorageError, blob_key
from satchel_service.storage.directory import DirectoryStorage

KEY = blob_key("shares/a")
LINKED = blob_key("shares/linked")
OPEN_FILES = Path("/proc/self/fd")


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    made = DirectoryStorage(tmp_path, os.urandom)
    made.prepare()
    made.create(KEY, b"x" * 100)
    return made


def open_files_after(folder: Path, act: Callable[[], object]) -> int:
    """The number of files in a folder that a function leaves open."""
    act()
    return sum(target.startswith(str(folder)) for target in map(target_of, OPEN_FILES.iterdir()))


def target_of(descriptor: Path) -> str:
    """What a descriptor is open on; empty if another thread has closed it."""
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""


def test_a_stream_that_is_never_read_leaves_no_file_open(storage: DirectoryStorage, tmp_path: Path) -> None:
    def open_streams() -> None:
        for _ in range(10):
            storage.stream(KEY, 0, 100, 10)

    assert open_files_after(tmp_path, open_streams) == 0


def test_a_stream_read_in_part_or_whole_leaves_no_file_open(
    storage: DirectoryStorage, tmp_path: Path
) -> None:
    assert open_files_after(tmp_path, lambda: next(storage.stream(KEY, 0, 100, 10))) == 0
    assert open_files_after(tmp_path, lambda: b"".join(storage.stream(KEY, 0, 100, 10))) == 0


def test_a_stream_of_an_absent_object_leaves_no_file_open(storage: DirectoryStorage, tmp_path: Path) -> None:
    def open_absent() -> None:
        with pytest.raises(NotFoundError):
            storage.stream(blob_key("shares/b"), 0, 1, 1)

    assert open_files_after(tmp_path, open_absent) == 0


def test_a_list_reads_only_the_folder_of_its_prefix(
    storage: DirectoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["tombstones/ca/1", "tombstones/ca/1.gone", "tombstones/cb/1"]
    for name in names:
        storage.create(blob_key(name), b"")
    looked_at = []
    info_of = storage._info

    def info(path: Path) -> BlobInfo | None:
        looked_at.append(path.name)
        return info_of(path)

    monkeypatch.setattr(storage, "_info", info)
    assert [each.key for each in storage.list("tombstones/ca/")] == names[:2]
    assert sorted(looked_at) == ["1", "1.gone"]
    assert [each.key for each in storage.list("tombstones/ca/1.")] == names[1:2]
    assert list(storage.list("tombstones/cx/")) == []
    assert [each.key for each in storage.list("tomb")] == names


def reading(storage: DirectoryStorage, key: BlobKey) -> list[Callable[[], object]]:
    return [
        lambda: storage.read(key),
        lambda: storage.size(key),
        lambda: storage.stream(key, 0, 1, 1),
    ]


def link_file(blobs: Path, secret: Path) -> None:
    (blobs / LINKED).symlink_to(secret)


def link_folder(blobs: Path, secret: Path) -> None:
    (blobs / "shares").rename(blobs / "other")
    secret.rename(secret.with_name("linked"))
    (blobs / "shares").symlink_to(secret.parent)


def link_root(blobs: Path, secret: Path) -> None:
    (secret.parent / "shares").mkdir()
    secret.rename(secret.parent / LINKED)
    blobs.rename(blobs.with_name("other"))
    blobs.symlink_to(secret.parent)


def make_pipe(blobs: Path, _: Path) -> None:
    os.mkfifo(blobs / LINKED)


@pytest.mark.parametrize("plant", [link_file, link_folder, link_root, make_pipe])
def test_links_and_special_files_are_no_objects(
    storage: DirectoryStorage, tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "outside").mkdir()
    secret = tmp_path / "outside/secret"
    secret.write_bytes(b"of another user")
    plant(tmp_path / "blobs", secret)
    for read in reading(storage, LINKED):
        with pytest.raises(StorageError) as raised:
            read()
        assert not isinstance(raised.value, NotFoundError)
    try:
        listed = {info.key for info in storage.list("shares/")}
    except StorageError:
        listed = set()
    assert listed <= {KEY}
    assert open_files_after(tmp_path, lambda: None) == 0


@pytest.mark.parametrize("name", ["blobs", "staging", "uploads"])
def test_a_storage_whose_directory_is_a_link_is_refused(
    storage: DirectoryStorage, tmp_path: Path, name: str
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / name).rename(tmp_path / "moved")
    (tmp_path / name).symlink_to(tmp_path / "outside")
    with pytest.raises(StorageError, match=f"'{name}' in the storage is a symbolic link"):
        storage.prepare()


PLAN = PartPlan(8, 4)


@pytest.mark.parametrize("name", ["blobs", "blobs/shares", "staging", "uploads"])
def test_no_write_follows_a_link_that_is_planted_later(
    storage: DirectoryStorage, tmp_path: Path, name: str
) -> None:
    """root writes and deletes here during a move; the service may replace any directory meanwhile."""
    token = storage.begin_upload(KEY, PLAN)
    outside = tmp_path / "outside"
    shutil.copytree(tmp_path / name, outside)
    (outside / "a").write_bytes(b"of another user")
    (tmp_path / name).rename(tmp_path / "moved")
    (tmp_path / name).symlink_to(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    for act in (
        lambda: storage.create(blob_key("shares/new"), b"x"),
        lambda: storage.replace(KEY, b"x"),
        lambda: storage.delete(KEY),
        lambda: storage.begin_upload(blob_key("shares/large"), PLAN),
        lambda: write_part(storage, token, 1),
        lambda: storage.complete_upload(KEY, token, PLAN),
        lambda: storage.abort_upload(KEY, token),
        lambda: storage.sweep(2**62),
    ):
        with suppress(StorageError):
            act()
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before


def write_part(storage: DirectoryStorage, token: str, number: int) -> None:
    part = PLAN.part(number)
    assert part is not None
    sink = storage.part_sink(KEY, token, part)
    try:
        sink.write(b"data")
        sink.finish()
    finally:
        sink.discard()


@pytest.mark.parametrize("name", ["body", "parts", "parts/1"])
def test_no_part_follows_a_link(storage: DirectoryStorage, tmp_path: Path, name: str) -> None:
    token = storage.begin_upload(blob_key("shares/large"), PLAN)
    (tmp_path / "outside").mkdir()
    secret = tmp_path / "outside/secret"
    secret.write_bytes(b"of another user")
    planted = tmp_path / "uploads" / token / name
    if name == "parts":
        planted.rmdir()
    planted.unlink(missing_ok=True)
    planted.symlink_to(secret.parent if name == "parts" else secret)
    for number in (1, 2):
        with suppress(StorageError):
            write_part(storage, token, number)
    with pytest.raises(StorageError):
        storage.complete_upload(blob_key("shares/large"), token, PLAN)
    storage.abort_upload(blob_key("shares/large"), token)
    assert [path.name for path in secret.parent.iterdir()] == ["secret"]
    assert secret.read_bytes() == b"of another user"
