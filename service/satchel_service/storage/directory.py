"""Objects as files of one directory, with the promises of a bucket.

    blobs/<key>                 the objects, each a plain file
    staging/<random>            files on their way to a key: `link(2)` refuses one that is taken
    uploads/<token>/key         the key that an object will have which comes in parts
    uploads/<token>/body        the object, each part written at its place
    uploads/<token>/parts/<n>   written once part n is durable in the body: its size and SHA-256

What is left in staging or uploads by a crash is named by nothing and swept by age.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from satchel_service.storage.files import make_folder, sync_file, sync_folder, translated, write_durably
from satchel_service.storage.parts import FilePartSink, PartPlaces, stored_part
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


class DirectoryStorage:
    """Implements `Storage` on a directory that nothing else writes to."""

    def __init__(self, root: Path, entropy: Callable[[int], bytes]) -> None:
        self.root = root
        self._entropy = entropy
        self._blobs = root / "blobs"
        self._staging = root / "staging"
        self._uploads = root / "uploads"
        self._places = PartPlaces()

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
            file = _OpenFile(self._path(key))
        return _stream(file, start, length, chunk_bytes)

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

    def part_sink(self, key: BlobKey, token: str, part: Part) -> FilePartSink:  # noqa: ARG002
        """Open a part for writing. Parts may come in any order and at once. Unknown upload: NotFoundError."""
        with translated():
            folder = self._upload(token)
            return FilePartSink(folder, part, self._staged(), self._places)

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:  # noqa: ARG002
        """Return the parts the store has. Unknown, completed or aborted upload: NotFoundError."""
        with translated():
            folder = self._upload(token)
            return {
                int(mark.name): stored_part(mark)
                for mark in (folder / "parts").iterdir()
                if mark.name.isdigit()
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


class _OpenFile:
    """A file open for reading, closed with the last reference to it.

    What reads it may never begin: a generator that nobody starts does not run its `finally`, and whoever hangs up in
    time would leave an open file behind at each attempt.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read_at(self, start: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, start)

    def __del__(self) -> None:
        with suppress(AttributeError):  # it could not be opened
            os.close(self._descriptor)


def _stream(file: _OpenFile, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
    end = start + length
    while start < end:
        with translated():
            chunk = file.read_at(start, min(chunk_bytes, end - start))
        if not chunk:
            raise StorageError("the object is shorter than it was")
        start += len(chunk)
        yield chunk


def _token(text: str) -> str:
    if len(text) != 32 or not all(letter in "0123456789abcdef" for letter in text):
        raise NotFoundError("there is no such upload")
    return text


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns // 1_000_000
