"""Where archives are kept: the promises that a destination makes to the backup operations.

The implementations are a plain file (`satchel.backup.local.file_destination`) and the owner's cloud
(`satchel.cloud`). A destination is not trusted with anything: what comes back from it is checked by
age, the manifest's MAC and the sequence. Times are aware datetimes in UTC, sizes are bytes.
"""

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from satchel.errors import SatchelError

SUMMARY_LIMIT_BYTES = 4096
"""The largest sealed summary that a destination must take (the wire's `Sealed`)."""


class BorrowedArchiveGoneError(SatchelError):
    """An archive that a new backup borrows from is no longer kept: the caller makes a full backup instead."""


@dataclass(frozen=True, slots=True)
class SealedArchive:
    """A sealed archive in a local file, with all that a destination needs to keep it."""

    id: str
    """32 lowercase hex digits, random; also the id of the backup."""
    path: Path
    size_bytes: int
    needs: tuple[str, ...]
    """Ids of the earlier archives it borrows blocks from."""
    expires: datetime | None
    """None keeps it until it is deleted."""
    summary: bytes
    """What `satchel backups` shows, sealed to the owner: opaque, at most `SUMMARY_LIMIT_BYTES`."""


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A backup as its destination reports it: nothing here is authenticated but the opened summary."""

    id: str
    created: datetime
    expires: datetime | None
    size_bytes: int
    needs: tuple[str, ...]
    summary: bytes


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a destination keeps at one moment."""

    backups: tuple[StoredBackup, ...]
    """Live backups, newest first."""
    archives: frozenset[str]
    """Ids of every archive that can still be opened, borrowed ones included."""

    def with_archive(self, archive_id: str) -> Self:
        """Return it with an archive that was stored since."""
        return dataclasses.replace(self, archives=self.archives | {archive_id})


class ArchiveReader(Protocol):
    """Ranged reads of one sealed archive. Calls may come from several threads at once."""

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes from `offset`; the caller keeps within `size_bytes`.

        Fewer bytes than that is damage (IntegrityError), no answer is UnreachableError, an archive that
        vanished meanwhile is NotFoundError.
        """
        ...

    def __enter__(self) -> Self:
        """Begin to use the reader."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it and whatever it holds."""
        ...


class Destination(Protocol):
    """Keeps sealed archives."""

    def inventory(self) -> Inventory:
        """List what is kept now."""
        ...

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        """Keep the archive as a backup; once this returns it is durable. Idempotent for the same archive.

        An interrupted call may be made again, by another process too, and goes on where it was; `sent` is
        told how many more bytes have arrived (those that an earlier call had sent included). A need that is
        no longer kept: BorrowedArchiveGoneError, nothing kept. No room or no answer: UnreachableError. The
        local file is the caller's: it is neither changed nor removed.
        """
        ...

    def open(self, archive_id: str) -> ArchiveReader:
        """Open an archive that is kept, borrowed ones included. Unknown or gone: NotFoundError."""
        ...

    def delete(self, backup_id: str) -> None:
        """Delete a backup; archives that other live backups need stay readable. Unknown: NotFoundError."""
        ...

    def set_expiry(self, backup_id: str, expires: datetime | None) -> None:
        """Change when a backup ends; None keeps it until deleted. Unknown: NotFoundError."""
        ...


class DeferredDestination:
    """A destination that is opened when it is first used, in whichever thread that happens."""

    def __init__(self, open_destination: Callable[[], Destination]) -> None:
        self._open = open_destination
        self._lock = threading.Lock()
        self._opened: Destination | None = None

    def inventory(self) -> Inventory:
        """List what is kept now."""
        return self._destination().inventory()

    def store(self, archive: SealedArchive, *, sent: Callable[[int], None]) -> StoredBackup:
        """Keep the archive as a backup."""
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
