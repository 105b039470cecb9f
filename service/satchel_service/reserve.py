"""Space on the disk that is set aside for writes that must work when the disk is full.

    reserve = Reserve(lambda: tree.open_or_create(Path("reserve")), 4 * MIB)
    reserve.fill()
    reserve.write(lambda: tree.write(path, data), full=FullError)

The reserve is a file whose blocks are allocated. A write that finds no room gives up a part of it and tries again, so
that an owner can still delete, pair and revoke. It is filled again once there is room.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

STEP_BYTES: Final = 64 * 1024  # given up at a time: an entry of the log, its name and its directory


class Reserve:
    """The reserve in one file. Several processes can use one; each gives up and fills what it finds.

    `open_file` returns the descriptor of the file, which it makes if it is absent. It may raise OSError.
    """

    def __init__(self, open_file: Callable[[], int], size_bytes: int) -> None:
        self._open_file = open_file
        self._size_bytes = size_bytes
        self._is_full = False

    def fill(self) -> None:
        """Allocate the whole reserve if there is room; else leave it as it is. Cheap if that has been done."""
        if self._is_full:
            return
        with suppress(OSError), self._opened() as descriptor:
            size = os.fstat(descriptor).st_size
            if size < self._size_bytes:
                self._allocate(descriptor, size)
            self._is_full = True

    def write(self, write: Callable[[], T], full: type[Exception]) -> T:
        """Run a write that can be repeated, giving up parts of the reserve while it raises `full`."""
        while True:
            try:
                return write()
            except full:
                if not self._release():
                    raise

    def _release(self) -> bool:
        """Give up a part of the reserve; return whether any was left."""
        self._is_full = False
        with suppress(OSError), self._opened() as descriptor:
            size = os.fstat(descriptor).st_size
            if size > 0:
                os.ftruncate(descriptor, max(0, size - STEP_BYTES))
                return True
        return False

    @contextmanager
    def _opened(self) -> Iterator[int]:
        descriptor = self._open_file()
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _allocate(self, descriptor: int, size: int) -> None:
        """Allocate all blocks of a file of a size, or none, so that the next write finds the room."""
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, self._size_bytes)
            else:  # macOS
                os.pwrite(descriptor, bytes(self._size_bytes - size), size)
        except OSError:
            os.ftruncate(descriptor, size)
            raise


def open_reserve(path: Path) -> int:
    """Open the file of a reserve in a directory of this process's own. It must not be a symbolic link."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
