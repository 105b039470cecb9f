"""Files that survive a power cut: every call returns once the disk has what it says."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from typing import Final

from satchel_service.storage.protocol import FullError, NotFoundError, StorageError

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it (not its name: see `sync_folder`)."""
    with path.open("xb", buffering=0) as file:
        write_all(file, data)
        os.fsync(file.fileno())


def write_all(file: RawIOBase, data: bytes) -> None:
    """Write every byte to an unbuffered file, which may take fewer at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def sync_file(path: Path) -> None:
    """Wait until the disk has the file's bytes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a directory."""
    sync_file(path)


def make_folder(path: Path) -> None:
    """Make a directory and its parents, their names durable; existing is fine."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    sync_folder(path.parent)


@contextmanager
def translated() -> Iterator[None]:
    """Turn an OSError into the storage's own errors."""
    try:
        yield
    except FileNotFoundError as exc:
        raise NotFoundError("there is no such object") from exc
    except OSError as exc:
        if exc.errno in FULL:
            raise FullError("the disk is full") from exc
        raise StorageError(f"the directory failed: {exc.strerror}") from exc
