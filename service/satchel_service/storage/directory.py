"""Objects as files in a directory, with the promises of a bucket.

    blobs/<key>                 an object, as a plain file
    staging/<random>            a file before `link(2)` gives it a key, which fails if the key is taken
    uploads/<token>/key         the key of an object that is stored in parts
    uploads/<token>/body        the object, each part at its offset
    uploads/<token>/parts/<n>   size and SHA-256 of part n, written once the part is durable in the body
    reserve                     space for pairing codes on a full disk, and for the records of a provisioner

Nothing refers to what a crash leaves in staging or uploads; it is swept by age. Symbolic links and special files are no
objects: the service owns the directory, and a move by root must not follow what a compromised service put there.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Final

from satchel_service.reserve import Reserve
from satchel_service.storage.directory_files import (
    FilePartSink,
    PartWriters,
    check_folders,
    file_errors,
    stored_part,
)
from satchel_service.storage.protocol import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    FullError,
    NotFoundError,
    Part,
    PartPlan,
    StorageError,
    StoredPart,
    UploadInfo,
    blob_key,
)
from satchel_service.storage.tree import Tree

BLOBS: Final = Path("blobs")
STAGING: Final = Path("staging")
UPLOADS: Final = Path("uploads")
RESERVE: Final = Path("reserve")
RESERVED: Final = ("pairings/", "tombstones/", "nonces/")
RESERVE_BYTES: Final = 256 * 1024


class DirectoryStorage:
    """Implements `Storage` on a directory that nothing else writes to."""

    def __init__(self, root: Path, entropy: Callable[[int], bytes]) -> None:
        self.root = root
        self._entropy = entropy
        self._tree = Tree(root)
        self._blobs = root / BLOBS
        self._writers = PartWriters(self._tree)
        self._reserve = Reserve(lambda: self._tree.open_or_create(RESERVE), RESERVE_BYTES)

    def prepare(self) -> None:
        """Make the directories; StorageError if that is impossible."""
        with file_errors():
            names = [folder.name for folder in (BLOBS, STAGING, UPLOADS)]
            check_folders(self.root, names)
            self._tree.make_folders(Path(), names)
        self._reserve.fill()

    # -- whole objects ----------------------------------------------------------------------------------

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. Raise AlreadyExistsError, changing nothing, if the key exists.

        On a full disk, a pairing code takes its room from the reserve, and so do a provisioner's tombstones and nonces.
        """
        if not key.startswith(RESERVED):
            self._create(key, data)
            return
        self._reserve.write(lambda: self._create(key, data), full=FullError)
        self._reserve.fill()

    def _create(self, key: BlobKey, data: bytes) -> None:
        with file_errors():
            staged = self._staged()
            try:
                self._tree.write(staged, data)
                self._publish(staged, key)
            finally:
                self._tree.unlink(staged)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not: rename(2) replaces the old bytes atomically."""
        with file_errors():
            path, staged = self._path(key), self._staged()
            try:
                self._tree.write(staged, data)
                self._tree.make_folder(path.parent)
                self._tree.replace(staged, path)
            finally:
                self._tree.unlink(staged)
            self._tree.sync(path.parent)

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all if None. Absent: NotFoundError."""
        with file_errors(), os.fdopen(self._open(key), "rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""
        with file_errors(), os.fdopen(self._open(key), "rb") as file:
            return os.fstat(file.fileno()).st_size

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`; the open file outlives a delete."""
        with file_errors():
            file = _OpenFile(self._open(key))
        return _stream(file, start, length, chunk_bytes)

    def delete(self, key: BlobKey) -> None:
        """Delete the object; deleting an absent object succeeds."""
        with file_errors():
            self._tree.unlink(self._path(key))

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in key order. Only the prefix's own folder is read."""
        folder = self._blobs / prefix.rpartition("/")[0]
        with file_errors():
            if self._has_link(folder):
                raise StorageError("a directory of the storage is a symbolic link")
            found = [self._info(path) for path in folder.rglob("*")]
        return iter(sorted(info for info in found if info is not None and info.key.startswith(prefix)))

    # -- objects in parts -------------------------------------------------------------------------------

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:
        """Begin an object that is stored in parts; return the upload's token. No room: FullError."""
        with file_errors():
            if shutil.disk_usage(self.root).free < plan.size_bytes:
                raise FullError("the disk has no room for the upload")
            token = self._entropy(16).hex()
            folder = UPLOADS / token
            self._tree.make_folder(folder / "parts")
            with FileIO(self._tree.create(folder / "body"), "r+") as body:
                body.truncate(plan.size_bytes)
            self._tree.write(folder / "key", blob_key(key).encode())
            self._tree.sync(folder)
            return token

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:  # noqa: ARG002  the Protocol's parameters
        """Return None: clients cannot reach a directory."""
        return None

    def part_sink(self, key: BlobKey, token: str, part: Part) -> FilePartSink:  # noqa: ARG002
        """Open a part for writing, in any order and concurrently. Unknown upload: NotFoundError."""
        with file_errors():
            folder = self._upload(token)
            return FilePartSink(folder, part, self._staged(), self._writers)

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:  # noqa: ARG002
        """Return the stored parts. Unknown, completed or aborted upload: NotFoundError."""
        with file_errors():
            folder = self._upload(token)
            return {
                int(name): stored_part(self._tree, folder / "parts" / name)
                for name in self._tree.names(folder / "parts")
                if name.isdigit()
            }

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Link the body to its key; harmless if repeated. A part is missing: PartSizeError."""
        with file_errors():
            try:
                folder = self._upload(token)
            except NotFoundError:
                self.size(key)
                return
            plan.check(self.parts(key, token))
            body = folder / "body"
            self._touch(body)
            try:
                self._publish(body, key)
            except AlreadyExistsError:
                if not os.path.samestat(self._tree.status(body), self._tree.status(self._path(key))):
                    raise
            self.abort_upload(key, token)

    def abort_upload(self, key: BlobKey, token: str) -> None:  # noqa: ARG002
        """Delete the upload and its parts; aborting an absent upload succeeds."""
        with file_errors():
            folder = UPLOADS / _token(token)
            self._tree.unlink(folder / "key")  # first, because an upload without a key is unknown
            with suppress(OSError):
                self._tree.remove(folder)

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that are neither completed nor aborted."""
        with file_errors():
            tokens = self._tree.names(UPLOADS)
        for token in tokens:
            path = UPLOADS / token / "key"
            with suppress(NotFoundError), file_errors():
                yield UploadInfo(blob_key(self._tree.read(path).decode()), token, self._modified(path))

    def check(self) -> None:
        """Raise StorageError if the directory is not writable."""
        with file_errors():
            for folder in (self.root / name for name in (BLOBS, STAGING, UPLOADS)):
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise StorageError(f"cannot write to {str(folder)!r}")

    def sweep(self, older_than: int) -> None:
        """Delete remains of crashes older than a time (milliseconds since 1970), but no object and no upload."""
        with file_errors():
            staged = [STAGING / name for name in self._tree.names(STAGING)]
            folders = [UPLOADS / name for name in self._tree.names(UPLOADS)]
            unnamed = (folder for folder in folders if not self._is_upload(folder))
            for path in [*staged, *unnamed]:
                with suppress(FileNotFoundError):
                    if self._modified(path) < older_than:
                        self._tree.remove(path)

    # -- paths ------------------------------------------------------------------------------------------

    def _path(self, key: BlobKey) -> Path:
        return BLOBS / blob_key(key)

    def _open(self, key: BlobKey) -> int:
        return self._tree.open(self._path(key))

    def _has_link(self, folder: Path) -> bool:
        inner = folder.relative_to(self.root)
        return any((self.root / each).is_symlink() for each in (inner, *inner.parents[:-1]))

    def _info(self, path: Path) -> BlobInfo | None:
        """Return the key, size and time of a regular file; None for anything else."""
        try:
            status = path.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        key = BlobKey(path.relative_to(self._blobs).as_posix())
        return BlobInfo(key, status.st_size, status.st_mtime_ns // 1_000_000)

    def _staged(self) -> Path:
        return STAGING / self._entropy(16).hex()

    def _upload(self, token: str) -> Path:
        folder = UPLOADS / _token(token)
        if not self._is_upload(folder):
            raise NotFoundError(f"there is no upload {token!r}")
        return folder

    def _is_upload(self, folder: Path) -> bool:
        try:
            return self._tree.exists(folder / "key")
        except NotADirectoryError:  # a file or a link
            return False

    def _modified(self, path: Path) -> int:
        return self._tree.status(path).st_mtime_ns // 1_000_000

    def _touch(self, path: Path) -> None:
        """Set the time of a file to now and make its bytes durable."""
        descriptor = self._tree.open(path)
        try:
            os.utime(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _publish(self, file: Path, key: BlobKey) -> None:
        """Link a durable file to its key; link(2) fails if the name exists."""
        path = self._path(key)
        self._tree.make_folder(path.parent)
        try:
            self._tree.link(file, path)
        except FileExistsError as exc:
            raise AlreadyExistsError(f"{key!r} exists already") from exc
        self._tree.sync(path.parent)


class _OpenFile:
    """An open file that is closed with the last reference to it.

    A generator that is never started does not run its `finally`, so each client that hangs up before the first byte
    would leak an open file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read_at(self, start: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, start)

    def __del__(self) -> None:
        os.close(self._descriptor)


def _stream(file: _OpenFile, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
    end = start + length
    while start < end:
        with file_errors():
            chunk = file.read_at(start, min(chunk_bytes, end - start))
        if not chunk:
            raise StorageError("the object is shorter than expected")
        start += len(chunk)
        yield chunk


def _token(text: str) -> str:
    if len(text) != 32 or not all(letter in "0123456789abcdef" for letter in text):
        raise NotFoundError("there is no such upload")
    return text
