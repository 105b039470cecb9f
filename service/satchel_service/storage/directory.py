"""Objects as files of one directory, with the promises of a bucket.

    blobs/<key>                 the objects, each a plain file
    staging/<random>            files on their way to a key: `link(2)` refuses one that is taken
    uploads/<token>/key         the key that an object will have which comes in parts
    uploads/<token>/body        the object, each part written at its place
    uploads/<token>/parts/<n>   written once part n is durable in the body: its size and SHA-256

What is left in staging or uploads by a crash is named by nothing and swept by age.
"""

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from typing import Final

from satchel_service.storage.protocol import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    FullError,
    NotFoundError,
    Part,
    PartPlan,
    PartSizeError,
    StorageError,
    StoredPart,
    UploadInfo,
    blob_key,
)

COPY_BYTES: Final = 1024 * 1024
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DirectoryStorage:
    """Implements `Storage` on a directory that nothing else writes to."""

    def __init__(self, root: Path, entropy: Callable[[int], bytes]) -> None:
        self.root = root
        self._entropy = entropy
        self._blobs = root / "blobs"
        self._staging = root / "staging"
        self._uploads = root / "uploads"
        self._installing = threading.Lock()  # one part at a time goes from staging to its place

    def prepare(self) -> None:
        """Make the directories; StorageError when that cannot be."""
        with translated():
            for folder in (self._blobs, self._staging, self._uploads):
                make_folder(folder)

    # -- whole objects ----------------------------------------------------------------------------------

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. The key exists already: AlreadyExistsError, nothing changed."""
        with translated():
            staged = self._staged()
            try:
                write_durably(staged, data)
                self._publish(staged, key)
            finally:
                staged.unlink(missing_ok=True)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not: rename(2) leaves no moment between the old bytes and the new."""
        with translated():
            path, staged = self._path(key), self._staged()
            try:
                write_durably(staged, data)
                make_folder(path.parent)
                staged.replace(path)
            finally:
                staged.unlink(missing_ok=True)
            sync_folder(path.parent)

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all when None. Absent: NotFoundError."""
        with translated(), self._path(key).open("rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""
        with translated():
            return self._path(key).stat().st_size

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`; the open file outlives a delete."""
        with translated():
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        return _stream(descriptor, start, length, chunk_bytes)

    def delete(self, key: BlobKey) -> None:
        """Delete the object; absent is fine."""
        with translated():
            self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in the order of keys."""
        with translated():
            found = [self._info(path) for path in self._blobs.rglob("*") if path.is_file()]
        return iter(sorted(info for info in found if info.key.startswith(prefix)))

    # -- objects that come in parts -----------------------------------------------------------------------

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:
        """Begin an object that comes in parts; return the token that names the upload. No room: FullError."""
        with translated():
            if shutil.disk_usage(self.root).free < plan.size_bytes:
                raise FullError("the disk has no room for the upload")
            token = self._entropy(16).hex()
            folder = self._uploads / token
            make_folder(folder / "parts")
            with (folder / "body").open("xb") as body:
                body.truncate(plan.size_bytes)
            write_durably(folder / "key", blob_key(key).encode())
            sync_folder(folder)
            return token

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:  # noqa: ARG002  the Protocol's arguments
        """Return None: a directory has no address of its own."""
        return None

    def part_sink(self, key: BlobKey, token: str, part: Part) -> "FilePartSink":  # noqa: ARG002
        """Open a part for writing. Parts may come in any order and at once. Unknown upload: NotFoundError."""
        with translated():
            folder = self._upload(token)
            return FilePartSink(self._staged(), folder, part, self._installing)

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:  # noqa: ARG002
        """Return the parts the store has. Unknown, completed or aborted upload: NotFoundError."""
        with translated():
            folder = self._upload(token)
            return {
                int(mark.name): _stored(mark) for mark in (folder / "parts").iterdir() if mark.name.isdigit()
            }

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Link the body under its key; repeating it is harmless. A part is missing: PartSizeError."""
        with translated():
            try:
                folder = self._upload(token)
            except NotFoundError:
                self.size(key)
                return
            plan.check(self.parts(key, token))
            body = folder / "body"
            os.utime(body)
            sync_file(body)
            try:
                self._publish(body, key)
            except AlreadyExistsError:
                if not body.samefile(self._path(key)):
                    raise
            self.abort_upload(key, token)

    def abort_upload(self, key: BlobKey, token: str) -> None:  # noqa: ARG002
        """Forget the upload and its parts; absent is fine."""
        with translated():
            folder = self._uploads / _token(token)
            with suppress(FileNotFoundError):  # the key goes first: without it the upload is unknown
                (folder / "key").unlink()
            shutil.rmtree(folder, ignore_errors=True)

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that were begun and neither completed nor aborted."""
        with translated():
            folders = sorted(self._uploads.iterdir())
        for folder in folders:
            with suppress(FileNotFoundError):
                key = blob_key((folder / "key").read_text())
                yield UploadInfo(key, folder.name, _modified(folder / "key"))

    def check(self) -> None:
        """Raise StorageError when the directory cannot be written to."""
        with translated():
            for folder in (self._blobs, self._staging, self._uploads):
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise StorageError(f"cannot write to {str(folder)!r}")

    def sweep(self, older_than: int) -> None:
        """Delete what crashes left half-written before a time (milliseconds since 1970); no object, no upload."""
        with translated():
            unnamed = (folder for folder in self._uploads.iterdir() if not (folder / "key").exists())
            for path in [*self._staging.iterdir(), *unnamed]:
                with suppress(FileNotFoundError):
                    if _modified(path) < older_than:
                        shutil.rmtree(path) if path.is_dir() else path.unlink()

    # -- places -----------------------------------------------------------------------------------------

    def _path(self, key: BlobKey) -> Path:
        return self._blobs / blob_key(key)

    def _info(self, path: Path) -> BlobInfo:
        status = path.stat()
        return BlobInfo(
            BlobKey(path.relative_to(self._blobs).as_posix()), status.st_size, status.st_mtime_ns // 1_000_000
        )

    def _staged(self) -> Path:
        return self._staging / self._entropy(16).hex()

    def _upload(self, token: str) -> Path:
        folder = self._uploads / _token(token)
        if not (folder / "key").exists():
            raise NotFoundError(f"there is no upload {token!r}")
        return folder

    def _publish(self, file: Path, key: BlobKey) -> None:
        """Give a durable file its key: link(2) refuses a name that exists."""
        path = self._path(key)
        make_folder(path.parent)
        try:
            os.link(file, path)
        except FileExistsError as exc:
            raise AlreadyExistsError(f"{key!r} exists already") from exc
        sync_folder(path.parent)


class FilePartSink:
    """One part on its way: into a file of its own, then, when it is whole, to its place in the body."""

    def __init__(self, staged: Path, folder: Path, part: Part, installing: threading.Lock) -> None:
        self._staged = staged
        self._folder = folder
        self._part = part
        self._installing = installing
        self._digest = hashlib.sha256()
        self._written = 0
        self._file = staged.open("x+b", buffering=0)

    def write(self, data: bytes) -> None:
        """Append; more than the part holds: PartSizeError."""
        if self._written + len(data) > self._part.size_bytes:
            raise PartSizeError(f"part {self._part.number} has {self._part.size_bytes} bytes; more came")
        with translated():
            write_all(self._file, data)
        self._digest.update(data)
        self._written += len(data)

    def finish(self) -> str:
        """Copy the part to its place, make it durable, then mark it as there. Too few bytes: PartSizeError."""
        if self._written != self._part.size_bytes:
            raise PartSizeError(
                f"part {self._part.number} has {self._part.size_bytes} bytes; {self._written} came"
            )
        tag = self._digest.hexdigest()
        mark = self._folder / "parts" / str(self._part.number)
        with translated(), self._installing:
            if not _is_marked(mark, tag):
                mark.unlink(missing_ok=True)  # while it is being replaced the part is not there
                self._install()
                staged_mark = self._staged.with_suffix(".mark")
                write_durably(staged_mark, f"{self._written} {tag}".encode())
                staged_mark.replace(mark)
                sync_folder(mark.parent)
        self.discard()
        return tag

    def discard(self) -> None:
        """Forget what was written; harmless after `finish`."""
        self._file.close()
        self._staged.unlink(missing_ok=True)

    def _install(self) -> None:
        self._file.seek(0)
        with (self._folder / "body").open("r+b", buffering=0) as body:
            body.seek(self._part.offset)
            while data := self._file.read(COPY_BYTES):
                write_all(body, data)
            os.fsync(body.fileno())


def _stream(descriptor: int, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
    try:
        end = start + length
        while start < end:
            with translated():
                chunk = os.pread(descriptor, min(chunk_bytes, end - start), start)
            if not chunk:
                raise StorageError("the object is shorter than it was")
            start += len(chunk)
            yield chunk
    finally:
        os.close(descriptor)


def _token(text: str) -> str:
    if len(text) != 32 or not all(letter in "0123456789abcdef" for letter in text):
        raise NotFoundError("there is no such upload")
    return text


def _stored(mark: Path) -> StoredPart:
    size_bytes, tag = mark.read_text().split()
    return StoredPart(int(size_bytes), tag)


def _is_marked(mark: Path, tag: str) -> bool:
    try:
        return _stored(mark).tag == tag
    except FileNotFoundError:
        return False


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns // 1_000_000


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it (not its name: see `sync_folder`)."""
    with path.open("xb", buffering=0) as file:
        write_all(file, data)
        os.fsync(file.fileno())


def write_all(file: RawIOBase, data: bytes) -> None:
    """Write every byte to an unbuffered file, which may take fewer at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def sync_file(path: Path) -> None:
    """Wait until the disk has the file's bytes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a directory."""
    sync_file(path)


def make_folder(path: Path) -> None:
    """Make a directory and its parents, their names durable; existing is fine."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    sync_folder(path.parent)


@contextmanager
def translated() -> Iterator[None]:
    """Turn an OSError into the storage's own errors."""
    try:
        yield
    except FileNotFoundError as exc:
        raise NotFoundError("there is no such object") from exc
    except OSError as exc:
        if exc.errno in FULL:
            raise FullError("the disk is full") from exc
        raise StorageError(f"the directory failed: {exc.strerror}") from exc
