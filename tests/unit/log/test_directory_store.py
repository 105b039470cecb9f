import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from satchel_service.log import directory_store
from satchel_service.log.directory_store import STAGING_AGE_S, LogDirectory
from satchel_service.log.errors import UncertainError
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.storage import (
    AlreadyExistsError,
    BlobKey,
    FullError,
    NotFoundError,
    StorageError,
    blob_key,
)
from satchel_service.storage.tree import Tree

KEY = BlobKey("log/0000000000000001")


@pytest.fixture
def directory(tmp_path: Path) -> LogDirectory:
    made = LogDirectory(tmp_path / "store", os.urandom)
    made.prepare(0)
    return made


def test_the_second_create_is_refused_and_changes_nothing(directory: LogDirectory) -> None:
    directory.create(KEY, b"first")
    with pytest.raises(AlreadyExistsError):
        directory.create(KEY, b"second")
    assert directory.read(KEY) == b"first"


def test_one_of_many_concurrent_creates_succeeds(directory: LogDirectory) -> None:
    barrier = threading.Barrier(8)
    created: list[bytes] = []

    def create(data: bytes) -> None:
        barrier.wait()
        try:
            directory.create(KEY, data)
        except AlreadyExistsError:
            return
        created.append(data)

    threads = [threading.Thread(target=create, args=(b"%d" % number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert created == [directory.read(KEY)]


def test_an_object_is_never_absent_while_it_is_replaced(directory: LogDirectory) -> None:
    directory.create(KEY, b"0")
    stop = threading.Event()

    def replace() -> None:
        for number in range(200):
            directory.replace(KEY, b"%d" % number)
        stop.set()

    thread = threading.Thread(target=replace)
    thread.start()
    seen = set()
    while not stop.is_set():
        seen.add(directory.read(KEY))
        with pytest.raises(AlreadyExistsError):
            directory.create(KEY, b"zombie")
    thread.join()
    assert b"zombie" not in seen
    assert directory.read(KEY) == b"199"


def test_list_returns_the_keys_of_a_prefix_in_order(directory: LogDirectory) -> None:
    for number in (3, 1, 2):
        directory.create(BlobKey(f"snapshots/000000000000000{number}"), b"x")
    directory.create(KEY, b"x")
    assert [info.key for info in directory.list("snapshots/")] == [
        f"snapshots/000000000000000{number}" for number in (1, 2, 3)
    ]


def test_reading_an_absent_object_raises_not_found(directory: LogDirectory) -> None:
    directory.delete(KEY)
    with pytest.raises(NotFoundError):
        directory.read(KEY)


def test_staging_is_empty_after_every_call(directory: LogDirectory) -> None:
    directory.create(KEY, b"first")
    directory.replace(KEY, b"second")
    with pytest.raises(AlreadyExistsError):
        directory.create(KEY, b"third")
    assert list((directory.root / "staging").iterdir()) == []


def test_staged_files_of_a_crash_are_deleted_after_a_day(directory: LogDirectory) -> None:
    leftover = directory.root / "staging" / "leftover"
    leftover.write_bytes(b"half")
    directory.prepare(leftover.stat().st_mtime + STAGING_AGE_S - 1)
    assert leftover.exists()
    directory.prepare(leftover.stat().st_mtime + STAGING_AGE_S + 1)
    assert not leftover.exists()


def test_a_directory_that_cannot_be_created_raises_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        LogDirectory(tmp_path / "file" / "store", os.urandom).prepare(0)


CREATE = """
import sys, os
from pathlib import Path
from satchel_service.log.directory_store import LogDirectory
directory = LogDirectory(Path(sys.argv[1]), lambda count: b"\\x5a" * count)
directory.{call}("log/0000000000000001", b"entry")
"""


@pytest.mark.tool("strace")
@pytest.mark.parametrize(("call", "publish"), [("create", "link"), ("replace", "rename")])
def test_data_is_synced_before_its_name_and_the_name_before_the_call_returns(
    directory: LogDirectory, tmp_path: Path, call: str, publish: str
) -> None:
    trace = tmp_path / "trace"
    watched = "trace=openat,fsync,fdatasync,link,linkat,rename,renameat,renameat2"
    program = CREATE.format(call=call)
    subprocess.run(
        ["strace", "-y", "-e", watched, "-o", trace, sys.executable, "-c", program, directory.root],
        check=True,
    )
    steps = re.findall(
        rf"^(fsync\(\d+<\S*/staging/5a|{publish}\w*\(\d+<\S*/staging>, .5a|fsync\(\d+<\S*/log>)",
        trace.read_text(),
        re.MULTILINE,
    )
    assert [step.partition("(")[0].rstrip("at2") for step in steps] == ["fsync", publish, "fsync"]


async def test_a_storage_error_makes_the_outcome_uncertain(directory: LogDirectory) -> None:
    store = ThreadedStore(directory)
    (directory.root / "staging").rmdir()
    with pytest.raises(UncertainError):
        await store.create(KEY, b"x")
    store.close()


async def test_a_failed_sync_of_a_directory_is_fatal(
    directory: LogDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync the entry can be read but may be gone after a power cut, so no answer is correct."""

    def fail(_: Tree, folder: Path) -> None:
        raise OSError(5, "Input/output error", str(folder))

    monkeypatch.setattr(Tree, "sync", fail)
    store = ThreadedStore(directory)
    with pytest.raises(OSError, match="Input/output error"):
        await store.create(KEY, b"x")
    store.close()


async def test_a_threaded_store_on_a_directory_keeps_its_promises(directory: LogDirectory) -> None:
    store = ThreadedStore(directory)
    assert await store.create("log/0000000000000001", b"a")
    assert not await store.create("log/0000000000000001", b"b")
    assert await store.get(["log/0000000000000002", "log/0000000000000001"]) == [None, b"a"]
    await store.replace({"log/0000000000000001": b"c", "log/0000000000000003": b"d"})
    assert await store.get(["log/0000000000000001", "log/0000000000000003"]) == [b"c", b"d"]
    assert [item.key for item in await store.list("log/")] == ["log/0000000000000001", "log/0000000000000003"]
    await store.delete(["log/0000000000000001", "log/0000000000000002"])
    assert [item.key for item in await store.list("log/")] == ["log/0000000000000003"]
    store.close()


def test_a_full_disk_leaves_nothing_in_staging(
    directory: LogDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_halfway(tree: Tree, path: Path, data: bytes) -> None:
        (tree.root / path).write_bytes(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(Tree, "write", fail_halfway)
    for put in (directory.create, directory.replace):
        with pytest.raises(FullError):
            put(blob_key("log/1"), b"entry")
    assert list((directory.root / "staging").iterdir()) == []


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Make a directory of someone else, laid out as a log, with an old file in every folder."""
    for folder in directory_store.FOLDERS:
        path = tmp_path / "outside" / folder / KEY.rpartition("/")[2]
        path.parent.mkdir(parents=True)
        path.write_bytes(b"of another user")
        os.utime(path, (0, 0))
    return tmp_path / "outside"


def contents_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", [*directory_store.FOLDERS, ""])
def test_a_link_instead_of_a_directory_is_refused_and_nothing_behind_it_is_touched(
    directory: LogDirectory, outside: Path, name: str
) -> None:
    linked, before = directory.root / name, contents_of(outside)
    linked.rename(directory.root.with_name("moved"))
    linked.symlink_to(outside / name)
    for act in (
        lambda: directory.prepare(STAGING_AGE_S * 2),
        lambda: directory.list(f"{name or 'probe'}/"),
        lambda: directory.list("log/"),
    ):
        with pytest.raises(StorageError, match="is a symbolic link"):
            act()
    changes: list[Callable[[], None]] = [
        lambda: directory.sweep_staging(STAGING_AGE_S),
        lambda: directory.create(BlobKey("log/2"), b"entry"),
        lambda: directory.replace(KEY, b"entry"),
        lambda: directory.delete(KEY),
    ]
    for change in changes:
        with suppress(StorageError):
            change()
    with pytest.raises(StorageError):
        directory.read(KEY)
    assert contents_of(outside) == before


def link_object(path: Path, outside: Path) -> None:
    path.symlink_to(outside / KEY)


def make_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("plant", [link_object, make_pipe])
def test_links_and_special_files_are_no_entries(
    directory: LogDirectory, outside: Path, plant: Callable[[Path, Path], None]
) -> None:
    """Opening a named pipe would wait for a writer without end."""
    plant(directory.root / KEY, outside)
    with pytest.raises(StorageError) as raised:
        directory.read(KEY)
    assert not isinstance(raised.value, NotFoundError)
    assert list(directory.list("log/")) == []
    staged = directory.root / "staging" / "left"
    plant(staged, outside)
    directory.sweep_staging(2**40)
    assert os.path.lexists(staged)


def test_a_pipe_instead_of_a_directory_is_refused(directory: LogDirectory) -> None:
    (directory.root / "log").rmdir()
    os.mkfifo(directory.root / "log")
    with pytest.raises(StorageError, match="no directory"):
        directory.list("log/")
    with pytest.raises(NotADirectoryError):
        Tree(directory.root).sync(Path("log"))
