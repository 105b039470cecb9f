"""The files of a home that backups use, and the lock that admits one operation at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from satchel.errors import NotFoundError, SatchelError
from satchel.local_files import make_directory, open_own, remove, translate_os_errors


class Places(msgspec.Struct, frozen=True):
    """The paths in one home."""

    home: Path

    @property
    def store(self) -> Path:
        """The store's database."""
        return self.home / "store.db"

    @property
    def index(self) -> Path:
        """The search index, rebuilt when it is missing."""
        return self.home / "index.db"

    @property
    def outbox(self) -> Path:
        """The directory of sealed archives that no destination has yet."""
        return self.home / "outbox"

    @property
    def known_blocks(self) -> Path:
        """The block names of the last backup."""
        return self.home / "backups" / "blocks"

    @property
    def known_memory(self) -> Path:
        """The block names of the memory in the last backup that has one."""
        return self.home / "backups" / "memory-blocks"

    @property
    def memory(self) -> Path:
        """The memory's database."""
        return self.home / "memory.db"

    @property
    def sequences(self) -> Path:
        """The backups that this home has made or restored."""
        return self.home / "backups" / "sequences.json"

    @property
    def record(self) -> Path:
        """The last backup at each place, and the last proofs."""
        return self.home / "backups" / "record.json"

    @property
    def merged(self) -> Path:
        """The backups of other devices that were merged into the store."""
        return self.home / "backups" / "merged.json"

    @property
    def work(self) -> Path:
        """The directory for temporary files; emptied before and after each operation."""
        return self.home / "backups" / "work"


def require_store(home: Path) -> None:
    """Raise NotFoundError if the home has no store."""
    if not Places(home).store.is_file():
        raise NotFoundError(f"there is no store in {str(home)!r}", hint="make one: satchel init")


@contextmanager
def locked_home(home: Path) -> Iterator[Places]:
    """Lock the home for one operation, with an empty work directory.

    SatchelError if another backup or restore holds the lock.
    """
    places = Places(home)
    make_directory(places.work.parent)
    make_directory(places.work)
    lock = places.work.parent / "lock"
    fd = open_own(lock, os.O_RDWR | os.O_CREAT)
    try:
        with translate_os_errors(lock):
            _lock(fd, home)
        try:
            _empty(places.work)
            yield places
        finally:
            with suppress(SatchelError):  # the next operation removes what is left
                _empty(places.work)
    finally:
        os.close(fd)


def _lock(fd: int, home: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise SatchelError(
            f"another backup or restore is running in {str(home)!r}",
            hint="wait until it is done, then try again",
        ) from exc


def _empty(directory: Path) -> None:
    for path in directory.iterdir():
        remove(path)
