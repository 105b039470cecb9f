"""Archives in plain files: `backup --to FILE`, `restore --from FILE`."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from satchel.archive.destination import ArchiveReader
from satchel.backup.local.durable import translating
from satchel.backup.restore.archive_opening import open_archive
from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.keys.derive import OwnerKeys


class FileReader:
    """Ranged reads of a sealed archive in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise NotFoundError(f"there is no file {str(path)!r}")
        with translating(path):
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self._size = os.fstat(self._fd).st_size

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly so many bytes."""
        with translating(self._path):
            data = os.pread(self._fd, length, offset)
        if len(data) != length:
            raise IntegrityError(
                f"{str(self._path)!r} became shorter while it was read", hint="copy it again"
            )
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


def no_other(archive_id: str) -> ArchiveReader:
    """Refuse to open a borrowed archive: a backup in a file stands alone."""
    raise NotFoundError(
        f"the archive needs another one, {archive_id!r}, which is not beside it",
        hint="restore it from the cloud, or make one that stands alone: satchel backup --to FILE",
    )


def check_target(path: Path, keys: OwnerKeys) -> None:
    """Refuse to write a backup over a file that is not one of this owner's. UsageError, NotFoundError."""
    if not path.parent.is_dir():
        raise NotFoundError(f"there is no directory {str(path.parent)!r}")
    if path.is_dir():
        raise UsageError(f"{str(path)!r} is a directory", hint="name a file, for example backup.age")
    if path.exists():
        try:
            with FileReader(path) as reader:
                open_archive(reader, keys, None)
        except (IntegrityError, NotFoundError) as exc:
            raise UsageError(
                f"{str(path)!r} exists and is not a backup of yours",
                hint="name another file, or remove it first",
            ) from exc
