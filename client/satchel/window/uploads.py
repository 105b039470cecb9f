"""Files that the page has sent: kept in a private folder of the home until the window closes.

upload = uploads.begin(); upload.write(chunk); answer = upload.end()
data = uploads.read(answer.upload)            # also if a draft holds it now
uploads.give(answer.upload, path)             # to a draft, which outlives the window
with uploads.folder(files) as folder: ...     # as files and folders, for an import

The folder is made for the first upload, so that a window opens on a home that cannot be written. It is locked until the
window closes: others remove only what killed windows left.
"""

import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.exchange.names import UniqueNames, safe_name
from satchel.local_files import (
    locked,
    make_directory,
    open_own,
    remove,
    replace,
    sync_file,
    translate_os_errors,
)
from satchel.pieces.media import is_image, is_text, sniff
from satchel.window.draft_files import DraftFiles
from satchel.window.messages.drafts import NamedUpload, Upload

FOLDER: Final = "window"
DRAFTS: Final = "window-drafts"
MAX_UPLOAD_BYTES: Final = 256 * 2**20
"""Of one file: an export to import may be larger than a Piece."""
MAX_TOTAL_BYTES: Final = 2**30
MAX_UPLOADS: Final = 10_000
MAX_NAME_PARTS: Final = 100
KEPT_NAMES: Final = frozenset({".gitignore"})
"""Names that mean something to an import, and that `safe_name` would change."""
OLD_S: Final = 24 * 3600
_HEAD_BYTES: Final = 65_536


class TooLargeError(UsageError):
    """An upload exceeds a limit."""


@dataclass(slots=True)
class _Begun:
    upload: str
    file: BinaryIO
    size_bytes: int = 0


class Uploads:
    """The files of one window."""

    def __init__(self, home: Path) -> None:
        self._parent = home / FOLDER
        self._of_drafts = DraftFiles(home / DRAFTS)
        self._folder: Path | None = None
        self._lock = -1
        self._making = threading.Lock()
        self._total_bytes = 0
        self._count = 0

    def close(self) -> None:
        """Remove all of them, except those that drafts hold."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            os.close(self._lock)
            self._folder = None

    def sweep(self) -> None:
        """Remove what killed windows left."""
        if self._parent.is_dir():
            with locked(self._parent, os.O_NOFOLLOW), translate_os_errors(self._parent):
                _remove_old(self._parent)

    def begin(self) -> _Begun:
        """Begin an upload. TooLargeError if there are too many."""
        if self._count >= MAX_UPLOADS:
            raise TooLargeError(
                f"more than {MAX_UPLOADS:,} files were sent", hint="import the folder by its path"
            )
        self._count += 1
        upload = os.urandom(16).hex()
        path = self._made() / upload
        with translate_os_errors(path):
            return _Begun(upload, os.fdopen(open_own(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb"))

    def write(self, begun: _Begun, data: bytes) -> None:
        """Add to an upload. TooLargeError if it, or all together, are too large."""
        begun.size_bytes += len(data)
        self._total_bytes += len(data)
        if begun.size_bytes > MAX_UPLOAD_BYTES or self._total_bytes > MAX_TOTAL_BYTES:
            raise TooLargeError("the files are too large", hint="import them by their path")
        with translate_os_errors(self._parent):
            begun.file.write(data)

    def end(self, begun: _Begun) -> Upload:
        """End an upload, and return what it is."""
        with translate_os_errors(self._parent):
            begun.file.close()
            with self._path(begun.upload).open("rb") as file:
                media_type = sniff(file.read(_HEAD_BYTES))
        return Upload(
            upload=begun.upload,
            size_bytes=begun.size_bytes,
            media_type=media_type,
            is_text=is_text(media_type),
            is_image=is_image(media_type),
        )

    def discard(self, begun: _Begun) -> None:
        """Drop an upload that was not finished."""
        with suppress(OSError):  # what is buffered finds no room either
            begun.file.close()
        self._total_bytes -= begun.size_bytes
        self._path(begun.upload).unlink(missing_ok=True)

    def has(self, upload: str) -> bool:
        """Whether there is an upload, here or in a draft."""
        return self.size_of(upload) is not None or self._of_drafts.path(upload).is_file()

    def size_of(self, upload: str) -> int | None:
        """Return the size of an upload; None if it is not here."""
        with suppress(OSError):
            return self._path(upload).stat().st_size
        return None

    def give(self, upload: str, path: Path) -> None:
        """Move an upload to a path of the home, durably. It can still be read here."""
        size = self.size_of(upload) or 0
        sync_file(self._path(upload))
        replace(self._path(upload), path)
        self._total_bytes -= size

    def read(self, upload: str) -> bytes:
        """Return the bytes of an upload, here or in a draft. NotFoundError if it is gone."""
        for path in (self._path(upload), self._of_drafts.path(upload)):
            with suppress(NotFoundError):
                return _read(path)
        raise _gone()

    @contextmanager
    def folder(self, files: Sequence[NamedUpload]) -> Iterator[Path]:
        """Lay uploads out under their names, and return the folder, or the file if it is one at the top.

        Names are untrusted: parts that lead elsewhere or that the system cannot have are replaced.
        """
        root = Path(tempfile.mkdtemp(dir=self._made()))
        try:
            paths = self._lay_out(root, files)
            yield paths[0] if len(paths) == 1 and paths[0].parent == root else root
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def _lay_out(self, root: Path, files: Sequence[NamedUpload]) -> list[Path]:
        taken: dict[Path, UniqueNames] = {}
        paths = []
        for each in files:
            *folders, name = _parts(each.name)
            parent = root.joinpath(*folders)
            names = taken.setdefault(parent, UniqueNames([]))
            path = parent / names.take(name)
            try:
                parent.mkdir(parents=True, exist_ok=True)
                os.link(self._path(each.upload), path)
            except FileNotFoundError as exc:
                raise _gone() from exc
            except OSError:
                self._copy(each.upload, path)
            paths.append(path)
        return paths

    def _copy(self, upload: str, path: Path) -> None:
        """Copy where the file system has no links, or a file and a folder have one name."""
        try:
            shutil.copyfile(self._path(upload), path)
        except OSError as exc:
            raise SatchelError(
                f"cannot lay out {path.name!r}: {(exc.strerror or 'unknown').lower()}"
            ) from exc

    def _path(self, upload: str) -> Path:
        return (self._folder or self._parent) / upload

    def _made(self) -> Path:
        """Return the folder of this window."""
        with self._making:
            if self._folder is None:
                make_directory(self._parent)
                with locked(self._parent, os.O_NOFOLLOW), translate_os_errors(self._parent):
                    folder = Path(tempfile.mkdtemp(dir=self._parent))
                    self._lock = _lock_of(folder)
                    self._folder = folder
            return self._folder


def _read(path: Path) -> bytes:
    with os.fdopen(open_own(path, os.O_RDONLY), "rb") as file, translate_os_errors(path):
        return file.read()


def _gone() -> NotFoundError:
    return NotFoundError("an uploaded file is gone", hint="send it again")


def _parts(name: str) -> list[str]:
    """Return the folders and the name of a file. UsageError if there are too many."""
    split = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    parts = [part if part in KEPT_NAMES else safe_name(part) for part in split]
    if len(parts) > MAX_NAME_PARTS:
        raise UsageError("a file is nested in too many folders", hint="import the folder by its path")
    return parts or [safe_name("")]


def _lock_of(folder: Path) -> int:
    """Lock a folder until the descriptor is closed. BlockingIOError if a window holds it."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _remove_old(parent: Path) -> None:
    """Remove the folders of windows that have ended, and old pages that led a browser to one."""
    for path in parent.iterdir():
        with suppress(OSError, SatchelError):
            if path.is_dir():
                lock = _lock_of(path)
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)
            elif time.time() - path.stat().st_mtime > OLD_S:
                remove(path)
