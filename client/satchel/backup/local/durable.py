"""Files that survive a kill: every write, sync, rename, link and removal of the operations happens here.

A file is written under a name nobody looks for, synced, renamed, and its directory synced. What the
system refuses becomes an error of one line. The fault tests kill the process at each of these steps.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from satchel.errors import SatchelError

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


class DurableFile:
    """A new file that only its owner can read. Leaving with an error removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with translating(path):
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write all of it where the last write ended."""
        view = memoryview(data)
        with translating(self.path):
            while view:
                view = view[os.write(self._fd, view) :]
        return len(data)

    def write_at(self, offset: int, data: bytes | memoryview) -> None:
        """Write all of it at an offset. Safe to call from several threads at once."""
        view = memoryview(data)
        with translating(self.path):
            while view:
                written = os.pwrite(self._fd, view, offset)
                view, offset = view[written:], offset + written

    def read_at(self, offset: int, length: int) -> bytes:
        """Read; fewer bytes only at the end. Safe to call from several threads at once."""
        with translating(self.path):
            return os.pread(self._fd, length, offset)

    def sync(self) -> None:
        """Return when the data is on the disk."""
        with translating(self.path):
            os.fsync(self._fd)

    def close(self) -> None:
        """Close it; it stays as it is."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is not None:
            remove(self.path)


def write_durably(path: Path, data: bytes) -> None:
    """Replace a small file as one step: a kill leaves the old content or the new."""
    part = path.with_name(path.name + ".part")
    remove(part)
    with DurableFile(part) as file:
        file.write(data)
        file.sync()
    replace(part, path)


def replace(source: Path, target: Path) -> None:
    """Give a synced file its name, in place of what had it; durable when this returns."""
    with translating(target):
        source.replace(target)
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


def link(source: Path, target: Path) -> bool:
    """Give a file a second name, durably. False where the file system has no links."""
    try:
        os.link(source, target)
    except OSError as exc:
        if exc.errno in {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}:
            return False
        raise _translated(exc, target) from exc
    sync_directory(target.parent)
    return True


def remove(path: Path) -> None:
    """Remove a file; one that is not there is fine."""
    with translating(path):
        try:
            path.unlink()
        except FileNotFoundError:
            return


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    with translating(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def make_directory(path: Path) -> Path:
    """Make a directory that only its owner can enter, with its parents; one that is there is fine."""
    missing = [parent for parent in (path, *path.parents) if not parent.exists()]
    with translating(path):
        for directory in reversed(missing):
            directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    return path


@contextmanager
def translating(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an error of one line."""
    try:
        yield
    except OSError as exc:
        raise _translated(exc, path) from exc


def _translated(exc: OSError, path: Path) -> SatchelError:
    if exc.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return SatchelError(
            f"no room is left for {str(path)!r}", hint="make some room and try again; nothing was lost"
        )
    reason = (exc.strerror or "input/output error").lower()
    return SatchelError(f"cannot use {str(path)!r}: {reason}", hint="nothing was lost")
