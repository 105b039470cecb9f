"""The files of a home that backups use, the lock that admits one operation at a time, and the sequence record."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec

from satchel.archive.manifest import ArchiveId, Sequence
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import FILE_MODE, make_directory, remove, translate_os_errors, write_private

_SEQUENCES_FORMAT: Final = "satchel-sequences/1"


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
    def sequences(self) -> Path:
        """The highest sequence seen of each store."""
        return self.home / "backups" / "sequences.json"

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
    make_directory(places.work)
    lock = places.work.parent / "lock"
    with translate_os_errors(lock):
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
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


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    stores: dict[ArchiveId, Annotated[Sequence, "highest seen"]]


class SequenceRecord:
    """The highest sequence seen of each store, which reveals a replayed older archive.

    Unlike the known blocks this cannot be rebuilt: a damaged record is an IntegrityError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def highest(self, store_id: str) -> int:
        """Return the highest sequence seen of a store; 0 if none was."""
        return self._read().get(store_id, 0)

    def update(self, store_id: str, sequence: int) -> None:
        """Record a sequence, unless a higher one is recorded."""
        stores = self._read()
        if sequence > stores.get(store_id, 0):
            record = _Record(_SEQUENCES_FORMAT, {**stores, store_id: sequence})
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
        if record.format != _SEQUENCES_FORMAT:
            raise self._damaged()
        return record.stores

    def _damaged(self) -> IntegrityError:
        return IntegrityError(
            f"the sequence record {str(self._path)!r} is damaged",
            hint="remove it; satchel cannot tell an older backup from the latest until the next backup",
        )
