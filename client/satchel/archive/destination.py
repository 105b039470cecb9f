"""The interface between the backup operations and a destination of archives.

The owner's cloud (`satchel.cloud.destination`) implements it. Destinations are not trusted: age, the manifest's MAC
and the sequence protect against altered, forged and outdated data. Times are aware datetimes in UTC, sizes are in bytes.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import msgspec

from satchel.errors import SatchelError

SUMMARY_LIMIT_BYTES = 4096
"""The largest sealed summary that a destination must accept (the wire's `Sealed`)."""


class BorrowedArchiveGoneError(SatchelError):
    """An archive that a new backup borrows from is no longer stored; a full backup is needed."""


class SealedArchive(msgspec.Struct, frozen=True):
    """A sealed archive in a local file, with the metadata that a destination needs to store it."""

    id: str
    """32 lowercase hex digits, random; also the id of the backup."""
    path: Path
    size_bytes: int
    needs: tuple[str, ...]
    """Ids of the archives that it borrows blocks from."""
    expires: datetime | None
    """When it ends; None leaves that to `lifetime_s` and to the destination's retention."""
    summary: bytes
    """The sealed summary, opaque to the destination; at most `SUMMARY_LIMIT_BYTES`."""
    lifetime_s: int | None = None
    """How long it is stored from then on, by the destination's clock; only without `expires`."""
    hold: bool = False
    """Whether it is stored until somebody deletes it, whatever the destination's retention."""
    has_memory: bool = False


class StoredBackup(msgspec.Struct, frozen=True):
    """A backup as its destination reports it. Only the summary is authenticated, once it is opened."""

    id: str
    created: datetime
    expires: datetime | None
    size_bytes: int
    needs: tuple[str, ...]
    summary: bytes
    device: str | None = None
    """The id of the device that stored it, if the destination knows it."""
    is_held: bool = False
    """Whether it is stored until somebody deletes it, whatever the destination's retention."""


class Inventory(msgspec.Struct, frozen=True):
    """The contents of a destination at one moment."""

    backups: tuple[StoredBackup, ...]
    """Live backups, newest first."""
    archives: frozenset[str]
    """Ids of every archive that can be opened, borrowed ones included."""

    def with_archive(self, archive_id: str) -> Self:
        """Return a copy that includes an archive stored since."""
        return msgspec.structs.replace(self, archives=self.archives | {archive_id})


class ArchiveReader(Protocol):
    """Ranged reads of one sealed archive. Thread-safe."""

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes from `offset`, within `size_bytes`.

        Raise IntegrityError if fewer arrive, UnreachableError if the destination does not respond, NotFoundError if the
        archive is gone.
        """
        ...

    def __enter__(self) -> Self:
        """Return the reader."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the reader."""
        ...


class Destination(Protocol):
    """Stores sealed archives."""

    @property
    def name(self) -> str:
        """Names the destination in records and messages: an address, the same for as long as it is the same place."""
        ...

    def inventory(self) -> Inventory:
        """List the backups and archives."""
        ...

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        """Store the archive as a backup, durably. Idempotent for the same archive.

        An interrupted call can be repeated, also by another process, and resumes. `sent` is called with the number
        of bytes that arrived, those of earlier calls included. The local file is not changed.

        Raise BorrowedArchiveGoneError, storing nothing, if an archive it needs is gone; UnreachableError if the
        destination is full or does not respond.
        """
        ...

    def open(self, archive_id: str) -> ArchiveReader:
        """Open an archive, which may be a borrowed one. Raise NotFoundError if it is unknown or gone."""
        ...

    def delete(self, backup_id: str) -> None:
        """Delete a backup. Archives that other backups need stay readable. Raise NotFoundError if it is unknown."""
        ...

    def set_expiry(self, backup_id: str, expires: datetime | None) -> None:
        """Set a backup's expiry; None for no expiry. Raise NotFoundError if it is unknown."""
        ...


class DeferredDestination:
    """A destination that is opened on first use, in the thread that uses it."""

    def __init__(self, open_destination: Callable[[], Destination]) -> None:
        self._open = open_destination
        self._lock = threading.Lock()
        self._opened: Destination | None = None

    @property
    def name(self) -> str:
        """Names the destination."""
        return self._destination().name

    def inventory(self) -> Inventory:
        """List the backups and archives."""
        return self._destination().inventory()

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        """Store the archive as a backup."""
        return self._destination().store(archive, sent=sent)

    def open(self, archive_id: str) -> ArchiveReader:
        """Open an archive."""
        return self._destination().open(archive_id)

    def delete(self, backup_id: str) -> None:
        """Delete a backup."""
        self._destination().delete(backup_id)

    def set_expiry(self, backup_id: str, expires: datetime | None) -> None:
        """Set a backup's expiry."""
        self._destination().set_expiry(backup_id, expires)

    def _destination(self) -> Destination:
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened
