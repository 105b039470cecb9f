"""The log on a directory, for a cloud that has a disk: the same promises as on a bucket, power loss included.

    <root>/log/<sequence>          entries
    <root>/snapshots/<sequence>    snapshots
    <root>/probe/<name>            the mark of a store that was proven
    <root>/staging/<random>        files on their way to a key

`link(2)` refuses a name that exists: that is create-if-absent. Apart from the blobs, so that nothing that sweeps or
lists those ever meets the log.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel_service.storage import AlreadyExistsError, BlobInfo, BlobKey, StorageError, blob_key
from satchel_service.storage.directory_files import file_errors, make_folder, sync_folder, write_durably

FOLDERS: Final = ("log", "snapshots", "probe", "staging")
STAGING_AGE_S: Final = 24 * 60 * 60


class LogDirectory:
    """Implements `LogStorage`. Several processes may use one directory at once; the log decides which goes on.

    An OSError that leaves a method as it is means that a name could not be made durable: nothing read from the
    directory afterwards can be trusted to last, so the instance must end.
    """

    def __init__(self, root: Path, entropy: Callable[[int], bytes]) -> None:
        self.root = root
        self._entropy = entropy
        self._staging = root / "staging"

    def prepare(self, now_s: float) -> None:
        """Make the directories and delete what a crash left in staging. StorageError when that cannot be."""
        with file_errors():
            for name in FOLDERS:
                make_folder(self.root / name)
        self.sweep(now_s - STAGING_AGE_S)

    def sweep(self, older_than_s: float) -> None:
        """Delete what crashes left in staging before a time (seconds since 1970)."""
        with file_errors():
            for path in self._staging.iterdir():
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < older_than_s:
                        path.unlink()

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key, durably. The key exists already: AlreadyExistsError, nothing changed."""
        path, staged = self._path(key), self._staged(data)
        with file_errors():
            try:
                os.link(staged, path)
            except FileExistsError as exc:
                raise AlreadyExistsError(f"{key!r} exists already") from exc
            finally:
                staged.unlink(missing_ok=True)
        sync_folder(path.parent)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not, durably; `rename(2)` leaves no moment without it."""
        path, staged = self._path(key), self._staged(data)
        with file_errors():
            staged.replace(path)
        sync_folder(path.parent)

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, all when None. Absent: NotFoundError."""
        with file_errors(), self._path(key).open("rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def delete(self, key: BlobKey) -> None:
        """Delete the object; absent is fine. A power cut may bring it back: nothing relies on its absence."""
        with file_errors():
            self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in the order of keys.

        The names of all objects are made durable first: what was read before a listing is not lost by a power cut.
        """
        for name in FOLDERS[:2]:
            sync_folder(self.root / name)
        folder = prefix.partition("/")[0]
        with file_errors():
            found = [_info(folder, entry) for entry in os.scandir(self.root / folder)]
        return iter(sorted(info for info in found if info is not None and info.key.startswith(prefix)))

    def _path(self, key: BlobKey) -> Path:
        return self.root / blob_key(key)

    def _staged(self, data: bytes) -> Path:
        staged = self._staging / self._entropy(16).hex()
        try:
            with file_errors():
                write_durably(staged, data)
        except StorageError:
            staged.unlink(missing_ok=True)
            raise
        return staged


def _info(folder: str, entry: "os.DirEntry[str]") -> BlobInfo | None:
    """Describe a file; None when another process has just deleted it."""
    try:
        status = entry.stat()
    except FileNotFoundError:
        return None
    return BlobInfo(BlobKey(f"{folder}/{entry.name}"), status.st_size, status.st_mtime_ns // 1_000_000)
