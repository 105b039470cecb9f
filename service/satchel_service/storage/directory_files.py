"""Durable files, and the parts of an upload as files.

A part is written at its offset in the upload's body and then marked as stored by a file with its size and digest. An
unmarked part does not count, so the first writer of a part writes straight to its place. Any other writer of the same
part, concurrent or later, collects it in a staged file and copies it over when it is complete. The writer that
completes first wins: one that was overtaken stops writing.
"""

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from typing import Final

from satchel_service.storage.protocol import (
    FullError,
    NotFoundError,
    Part,
    PartSizeError,
    StorageError,
    StoredPart,
)

FULL_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
COPY_BYTES: Final = 1024 * 1024
FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FILE_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Opening a named pipe does not wait for a writer."""


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and sync it. Its name is durable after `sync_folder`."""
    with path.open("xb", buffering=0) as file:
        write_all(file, data)
        os.fsync(file.fileno())


def write_all(file: RawIOBase, data: bytes) -> None:
    """Write every byte to an unbuffered file, whose single writes may be partial."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def open_regular(root: Path, path: Path) -> int:
    """Open a file under a directory for reading and return its descriptor, following no symbolic link beneath `root`.

    Raise OSError if there is no such file, or if a part of the path is a link; StorageError if it is no regular file.
    """
    folder = open_folder(root, path.parent)
    try:
        descriptor = os.open(path.name, FILE_FLAGS, dir_fd=folder)
    finally:
        os.close(folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise StorageError("the object is not a regular file")


def open_folder(root: Path, path: Path) -> int:
    """Open a directory under another one and return its descriptor, following no symbolic link beneath `root`.

    Raise OSError if there is no such directory, or if a part of the path is a link.
    """
    folder = os.open(root, FOLDER_FLAGS)
    for name in path.parts:
        try:
            inner = os.open(name, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def check_folders(parent: Path, names: Iterable[str]) -> None:
    """Raise StorageError if a symbolic link or a file stands where a directory belongs. Absent ones are ignored."""
    for name in names:
        with suppress(FileNotFoundError):
            if not stat.S_ISDIR((parent / name).lstat().st_mode):
                raise StorageError(f"{name!r} in the storage is a symbolic link or no directory")


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    _sync(path, os.O_RDONLY | os.O_CLOEXEC)


def sync_folder(path: Path) -> None:
    """Make the names in a directory durable."""
    _sync(path, FOLDER_FLAGS)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a directory and its parents durably; existing ones are kept."""
    make_folders(path.parent, [path.name])


def make_folders(parent: Path, names: Iterable[str]) -> None:
    """Make directories of one parent durably, with one sync; existing ones are kept."""
    missing = [path for path in (parent / name for name in names) if not path.is_dir()]
    if not missing:
        return
    if not parent.is_dir():
        make_folder(parent)
    for path in missing:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
    sync_folder(parent)


@contextmanager
def file_errors() -> Iterator[None]:
    """Translate OSError to StorageError."""
    try:
        yield
    except FileNotFoundError as exc:
        raise NotFoundError("there is no such object") from exc
    except OSError as exc:
        if exc.errno in FULL_ERRORS:
            raise FullError("the disk is full") from exc
        raise StorageError(f"the directory failed: {exc.strerror}") from exc


class PartWriters:
    """The writers that write a part straight to its place: at most one for each part. One registry per storage."""

    def __init__(self) -> None:
        self.marking = threading.Lock()  # held while a part is marked
        self._lock = threading.Lock()
        self._writers: dict[Path, FilePartSink] = {}

    def claim(self, mark: Path, sink: "FilePartSink") -> bool:
        """Let `sink` write to the part's place, unless another writer does or the part is stored."""
        with self._lock:
            if mark in self._writers or mark.exists():
                return False
            self._writers[mark] = sink
            return True

    def overtake(self, mark: Path) -> None:
        """Stop the writer of the part's place; on return it writes no more."""
        with self._lock:
            writer = self._writers.pop(mark, None)
        if writer is not None:
            writer.stop()

    def release(self, mark: Path, sink: "FilePartSink") -> None:
        """End the claim of `sink`, if it holds one."""
        with self._lock:
            if self._writers.get(mark) is sink:
                del self._writers[mark]


class FilePartSink:
    """Implements `PartSink` for one part of an upload; `staged` is its file if the part's place is claimed."""

    def __init__(self, folder: Path, part: Part, staged: Path, writers: PartWriters) -> None:
        self._part = part
        self._staged = staged
        self._staged_mark = staged.with_suffix(".mark")
        self._writers = writers
        self._body = folder / "body"
        self._mark = folder / "parts" / str(part.number)
        self._digest = hashlib.sha256()
        self._written = 0
        self._lock = threading.Lock()
        self._is_overtaken = False
        self._is_direct = writers.claim(self._mark, self)
        self._file = (
            self._body.open("r+b", buffering=0) if self._is_direct else staged.open("x+b", buffering=0)
        )
        self._file.seek(part.offset if self._is_direct else 0)

    def write(self, data: bytes) -> None:
        """Append data. Raise PartSizeError if the part would exceed its size."""
        if self._written + len(data) > self._part.size_bytes:
            raise PartSizeError(f"part {self._part.number} exceeds its {self._part.size_bytes} bytes")
        with file_errors(), self._lock:
            if not self._is_overtaken:
                write_all(self._file, data)
        self._digest.update(data)
        self._written += len(data)

    def stop(self) -> None:
        """Write no more: another writer has stored this part."""
        with self._lock:
            self._is_overtaken = True

    def finish(self) -> str:
        """Make the part durable in its place, then mark it as stored. Too few bytes: PartSizeError."""
        if self._written != self._part.size_bytes:
            raise PartSizeError(
                f"part {self._part.number} has {self._written} bytes instead of {self._part.size_bytes}"
            )
        tag = self._digest.hexdigest()
        with file_errors():
            if self._is_direct:
                os.fsync(self._file.fileno())
            with self._writers.marking:
                if not is_marked(self._mark, tag):
                    self._store(tag)
        self.discard()
        return tag

    def discard(self) -> None:
        """Drop what was written; harmless after `finish`."""
        self._writers.release(self._mark, self)
        self._file.close()
        if not self._is_direct:
            self._staged.unlink(missing_ok=True)
        self._staged_mark.unlink(missing_ok=True)

    def _store(self, tag: str) -> None:
        if self._is_overtaken:
            raise StorageError("a concurrent upload of this part with other bytes completed first")
        if not self._is_direct:
            self._writers.overtake(self._mark)
            self._mark.unlink(missing_ok=True)  # the part is absent while it is replaced
            self._copy_to_body()
        write_durably(self._staged_mark, f"{self._written} {tag}".encode())
        self._staged_mark.replace(self._mark)
        sync_folder(self._mark.parent)

    def _copy_to_body(self) -> None:
        self._file.seek(0)
        with self._body.open("r+b", buffering=0) as body:
            body.seek(self._part.offset)
            while data := self._file.read(COPY_BYTES):
                write_all(body, data)
            os.fsync(body.fileno())


def stored_part(mark: Path) -> StoredPart:
    """Read a mark: size and digest of a stored part."""
    size_bytes, tag = mark.read_text().split()
    return StoredPart(int(size_bytes), tag)


def is_marked(mark: Path, tag: str) -> bool:
    """Whether the part is stored with exactly these bytes."""
    try:
        return stored_part(mark).tag == tag
    except FileNotFoundError:
        return False
