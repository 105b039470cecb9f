"""The log in a directory, for a cloud with a persistent disk. It keeps the promises of a bucket, even across a power cut.

    <root>/log/<sequence>          entries
    <root>/snapshots/<sequence>    snapshots
    <root>/probe/<name>            the mark of a store that passed the probe
    <root>/staging/<random>        temporary files that are not linked to a key yet
    <root>/reserve                 space for entries on a full disk

`link(2)` fails if the name exists, which makes create-if-absent. The directory is separate from the blobs, so
sweeping and listing those never touches the log. Symbolic links and special files are no objects, and a link instead of
a directory is refused, as in `storage.directory`.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel_service.reserve import Reserve
from satchel_service.storage import AlreadyExistsError, BlobInfo, BlobKey, FullError, StorageError, blob_key
from satchel_service.storage.directory_files import (
    check_folders,
    file_errors,
)
from satchel_service.storage.tree import Tree

ENTRIES: Final = "log/"
SYNCED: Final = ("log", "snapshots")  # what a list makes durable first
FOLDERS: Final = ("log", "snapshots", "probe", "staging")
STAGING_AGE_S: Final = 24 * 60 * 60
RESERVE_BYTES: Final = (
    4 * 1024 * 1024
)  # about 1,000 entries: an owner who deletes, revokes and pairs needs a few


class LogDirectory:
    """Implements `LogStorage`. Several processes can use one directory at once; the log fences all but one.

    A plain OSError from a method means that a name could not be made durable. A power cut may then lose data that is
    read from the directory afterwards, so the instance must exit.
    """

    def __init__(self, root: Path, entropy: Callable[[int], bytes]) -> None:
        self.root = root
        self._entropy = entropy
        self._tree = Tree(root.parent)  # a link in place of `root` itself is refused too
        self._folder = Path(root.name)
        self._reserve = Reserve(lambda: self._tree.open_or_create(self._folder / "reserve"), RESERVE_BYTES)

    def prepare(self, now_s: float) -> None:
        """Make the directories and delete staged files left by crashes over a day ago. Raise StorageError on failure.

        A symbolic link instead of a directory is a failure.
        """
        with file_errors():
            self._check_folders()
            self._tree.make_folders(self._folder, FOLDERS)
        self._reserve.fill()
        self.sweep_staging(now_s - STAGING_AGE_S)

    def sweep_staging(self, older_than_s: float) -> None:
        """Delete staged files last modified before a time (seconds since 1970). Raise StorageError on failure."""
        with file_errors(), self._tree.opened(self._folder / "staging") as folder:
            for entry in os.scandir(folder):
                status = _regular(entry)
                if status is not None and status.st_mtime < older_than_s:
                    with suppress(FileNotFoundError):
                        os.unlink(entry.name, dir_fd=folder)

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data durably under a new key. Raise AlreadyExistsError, changing nothing, if the key is taken.

        On a full disk, an entry takes its room from the reserve.
        """
        if not key.startswith(ENTRIES):
            self._create(key, data)
            return
        self._reserve.write(lambda: self._create(key, data), full=FullError)
        self._reserve.fill()

    def _create(self, key: BlobKey, data: bytes) -> None:
        path, staged = self._path(key), self._write_staged(data)
        with file_errors():
            try:
                self._tree.link(staged, path)
            except FileExistsError as exc:
                raise AlreadyExistsError(f"{key!r} already exists") from exc
            finally:
                self._tree.unlink(staged)
        self._tree.sync(path.parent)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data durably under a key, whether or not it is taken. `rename(2)` never leaves the key free in between."""
        path, staged = self._path(key), self._write_staged(data)
        with file_errors():
            self._tree.replace(staged, path)
        self._tree.sync(path.parent)

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, or all if None. Raise NotFoundError if the object does not exist."""
        with file_errors(), os.fdopen(self._tree.open(self._path(key)), "rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def delete(self, key: BlobKey) -> None:
        """Delete the object. An absent object is ignored. A power cut may bring it back; nothing depends on its absence."""
        with file_errors():
            self._tree.unlink(self._path(key))

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in key order.

        A list of entries or snapshots first syncs all their names, so a power cut cannot lose an object it shows.
        """
        name = prefix.partition("/")[0]
        with file_errors():
            self._check_folders()
        if name in SYNCED:
            for each in SYNCED:
                self._tree.sync(self._folder / each)
        with file_errors(), self._tree.opened(self._folder / name) as folder:
            found = [_info(name, entry) for entry in os.scandir(folder)]
        return iter(sorted(info for info in found if info is not None and info.key.startswith(prefix)))

    def _path(self, key: BlobKey) -> Path:
        return self._folder / blob_key(key)

    def _check_folders(self) -> None:
        check_folders(self.root.parent, [self.root.name])
        check_folders(self.root, FOLDERS)

    def _write_staged(self, data: bytes) -> Path:
        staged = self._folder / "staging" / self._entropy(16).hex()
        try:
            with file_errors():
                self._tree.write(staged, data)
        except StorageError:
            with suppress(OSError):
                self._tree.unlink(staged)
            raise
        return staged


def _info(folder: str, entry: "os.DirEntry[str]") -> BlobInfo | None:
    """Return the key, size and time of a file, or None as `_regular`."""
    status = _regular(entry)
    if status is None:
        return None
    return BlobInfo(BlobKey(f"{folder}/{entry.name}"), status.st_size, status.st_mtime_ns // 1_000_000)


def _regular(entry: "os.DirEntry[str]") -> os.stat_result | None:
    """Return the status of a regular file; None for anything else, or if another process has just deleted it."""
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
