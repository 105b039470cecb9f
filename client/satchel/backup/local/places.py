"""Where the operations keep things in a home, and the lock that lets one of them work at a time.

The highest sequence that this home has seen of each store: what a replayed archive is measured by.

Unlike the names of blocks this is not a shortcut: a damaged record is an error, not a fresh start.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from satchel.archive.manifest import ArchiveId, Sequence
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import FILE_MODE, make_directory, remove, translate_os_errors, write_private


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one home that backing up and restoring use."""

    home: Path

    @property
    def store(self) -> Path:
        """The database of the store."""
        return self.home / "store.db"

    @property
    def index(self) -> Path:
        """The index, which is rebuilt when it is missing."""
        return self.home / "index.db"

    @property
    def outbox(self) -> Path:
        """Sealed archives that are not yet kept anywhere else."""
        return self.home / "outbox"

    @property
    def known_blocks(self) -> Path:
        """The block names of the last backup; only ever a shortcut."""
        return self.home / "backups" / "blocks"

    @property
    def sequences(self) -> Path:
        """The highest sequence seen of each store."""
        return self.home / "backups" / "sequences.json"

    @property
    def work(self) -> Path:
        """Files that are in the making; nothing in it outlives the operation that made it."""
        return self.home / "backups" / "work"


def require_store(home: Path) -> None:
    """Raise NotFoundError unless there is a store in a home."""
    if not Places(home).store.is_file():
        raise NotFoundError(f"there is no store in {str(home)!r}", hint="make one: satchel init")


@contextmanager
def working_in(home: Path) -> Iterator[Places]:
    """Hold the home for one operation, with an empty directory to work in.

    SatchelError if another backup or restore is at work in it. What a killed operation left is removed.
    """
    places = Places(home)
    make_directory(places.work)
    lock = places.work.parent / "lock"
    with translate_os_errors(lock):
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        with translate_os_errors(lock):
            _take(fd, home)
        try:
            _empty(places.work)
            yield places
        finally:
            with suppress(SatchelError):  # what is left is removed by the next operation
                _empty(places.work)
    finally:
        os.close(fd)


def _take(fd: int, home: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise SatchelError(
            f"another backup or restore is at work in {str(home)!r}",
            hint="wait until it is done, then try again",
        ) from exc


def _empty(directory: Path) -> None:
    for path in directory.iterdir():
        remove(path)


_FORMAT: Final = "satchel-sequences/1"


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    stores: dict[ArchiveId, Annotated[Sequence, "highest seen"]]


class Sequences:
    """Reads and writes the record of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def highest(self, store_id: str) -> int:
        """Return the highest sequence seen of a store; 0 if none was. IntegrityError if the record is damaged."""
        return self._read().get(store_id, 0)

    def saw(self, store_id: str, sequence: int) -> None:
        """Remember a sequence, unless a higher one was seen."""
        stores = self._read()
        if sequence > stores.get(store_id, 0):
            record = _Record(_FORMAT, {**stores, store_id: sequence})
            write_private(self._path, msgspec.json.encode(record))

    def _read(self) -> dict[str, int]:
        try:
            with translate_os_errors(self._path):
                raw = self._path.read_bytes() if self._path.exists() else b""
            if not raw:
                return {}
            record = msgspec.json.decode(raw, type=_Record)
        except msgspec.MsgspecError as exc:
            raise self._damaged() from exc
        if record.format != _FORMAT:
            raise self._damaged()
        return record.stores

    def _damaged(self) -> IntegrityError:
        return IntegrityError(
            f"the record of the backups seen, {str(self._path)!r}, is damaged",
            hint="remove it; after that an older backup is not noticed until the next backup",
        )
