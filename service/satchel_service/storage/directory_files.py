"""The parts of an upload as files.

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
from io import FileIO
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
from satchel_service.storage.tree import Tree, write_all

FULL_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
COPY_BYTES: Final = 1024 * 1024


def check_folders(parent: Path, names: Iterable[str]) -> None:
    """Raise StorageError if a symbolic link or a file stands where a directory belongs. Absent ones are ignored."""
    for name in names:
        with suppress(FileNotFoundError):
            if not stat.S_ISDIR((parent / name).lstat().st_mode):
                raise StorageError(f"{name!r} in the storage is a symbolic link or no directory")


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

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.marking = threading.Lock()  # held while a part is marked
        self._lock = threading.Lock()
        self._writers: dict[Path, FilePartSink] = {}

    def claim(self, mark: Path, sink: "FilePartSink") -> bool:
        """Let `sink` write to the part's place, unless another writer does or the part is stored."""
        with self._lock:
            if mark in self._writers or self.tree.exists(mark):
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
    """Implements `PartSink` for one part of an upload; `staged` is its file if the part's place is claimed.

    Paths are relative to the root of the storage.
    """

    def __init__(self, folder: Path, part: Part, staged: Path, writers: PartWriters) -> None:
        self._part = part
        self._staged = staged
        self._staged_mark = staged.with_suffix(".mark")
        self._writers = writers
        self._tree = writers.tree
        self._body = folder / "body"
        self._mark = folder / "parts" / str(part.number)
        self._digest = hashlib.sha256()
        self._written = 0
        self._lock = threading.Lock()
        self._is_overtaken = False
        self._is_direct = writers.claim(self._mark, self)
        self._file = FileIO(
            self._tree.open(self._body, os.O_RDWR) if self._is_direct else self._tree.create(staged), "r+"
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
                if not is_marked(self._tree, self._mark, tag):
                    self._store(tag)
        self.discard()
        return tag

    def discard(self) -> None:
        """Drop what was written; harmless after `finish`."""
        self._writers.release(self._mark, self)
        self._file.close()
        with suppress(OSError):  # what stays is swept by age
            if not self._is_direct:
                self._tree.unlink(self._staged)
            self._tree.unlink(self._staged_mark)

    def _store(self, tag: str) -> None:
        if self._is_overtaken:
            raise StorageError("a concurrent upload of this part with other bytes completed first")
        if not self._is_direct:
            self._writers.overtake(self._mark)
            self._tree.unlink(self._mark)  # the part is absent while it is replaced
            self._copy_to_body()
        self._tree.write(self._staged_mark, f"{self._written} {tag}".encode())
        self._tree.replace(self._staged_mark, self._mark)
        self._tree.sync(self._mark.parent)

    def _copy_to_body(self) -> None:
        self._file.seek(0)
        with FileIO(self._tree.open(self._body, os.O_RDWR), "r+") as body:
            body.seek(self._part.offset)
            while data := self._file.read(COPY_BYTES):
                write_all(body, data)
            os.fsync(body.fileno())


def stored_part(tree: Tree, mark: Path) -> StoredPart:
    """Read a mark: size and digest of a stored part."""
    size_bytes, tag = tree.read(mark).decode().split()
    return StoredPart(int(size_bytes), tag)


def is_marked(tree: Tree, mark: Path, tag: str) -> bool:
    """Whether the part is stored with exactly these bytes."""
    try:
        return stored_part(tree, mark).tag == tag
    except FileNotFoundError:
        return False
