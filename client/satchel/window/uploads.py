"""Files that the page has sent: kept in a private folder of the home until the window closes.

upload = uploads.begin(); upload.write(chunk); answer = upload.end()
data = uploads.read(answer.upload)
with uploads.folder(files) as folder: ...     # as files and folders, for an import
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.exchange.names import UniqueNames, safe_name
from satchel.local_files import DIRECTORY_MODE, translate_os_errors
from satchel.pieces.media import is_image, is_text, sniff
from satchel.window.messages.drafts import NamedUpload, Upload

FOLDER: Final = "window"
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
        """Make the folder, and remove those that killed windows left."""
        parent = home / FOLDER
        with translate_os_errors(parent):
            parent.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
            _remove_old(parent)
            self._folder = Path(tempfile.mkdtemp(dir=parent))
        self._total_bytes = 0
        self._count = 0

    def close(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(self) -> _Begun:
        """Begin an upload. TooLargeError if there are too many."""
        if self._count >= MAX_UPLOADS:
            raise TooLargeError(
                f"more than {MAX_UPLOADS:,} files were sent", hint="import the folder by its path"
            )
        self._count += 1
        upload = os.urandom(16).hex()
        path = self._folder / upload
        with translate_os_errors(path):
            return _Begun(upload, path.open("xb"))

    def write(self, begun: _Begun, data: bytes) -> None:
        """Add to an upload. TooLargeError if it, or all together, are too large."""
        begun.size_bytes += len(data)
        self._total_bytes += len(data)
        if begun.size_bytes > MAX_UPLOAD_BYTES or self._total_bytes > MAX_TOTAL_BYTES:
            raise TooLargeError("the files are too large", hint="import them by their path")
        with translate_os_errors(self._folder):
            begun.file.write(data)

    def end(self, begun: _Begun) -> Upload:
        """End an upload, and return what it is."""
        with translate_os_errors(self._folder):
            begun.file.close()
        with (self._folder / begun.upload).open("rb") as file:
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
        begun.file.close()
        self._total_bytes -= begun.size_bytes
        (self._folder / begun.upload).unlink(missing_ok=True)

    def read(self, upload: str) -> bytes:
        """Return the bytes of an upload. NotFoundError if it is gone."""
        try:
            return self._path(upload).read_bytes()
        except OSError as exc:
            raise NotFoundError("an uploaded file is gone", hint="send it again") from exc

    @contextmanager
    def folder(self, files: Sequence[NamedUpload]) -> Iterator[Path]:
        """Lay uploads out under their names, and return the folder, or the file if it is one at the top.

        Names are untrusted: parts that lead elsewhere or that the system cannot have are replaced.
        """
        root = Path(tempfile.mkdtemp(dir=self._folder))
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
                raise NotFoundError("an uploaded file is gone", hint="send it again") from exc
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
        return self._folder / upload


def _parts(name: str) -> list[str]:
    """Return the folders and the name of a file. UsageError if there are too many."""
    split = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    parts = [part if part in KEPT_NAMES else safe_name(part) for part in split]
    if len(parts) > MAX_NAME_PARTS:
        raise UsageError("a file is nested in too many folders", hint="import the folder by its path")
    return parts or [safe_name("")]


def _remove_old(parent: Path) -> None:
    for path in parent.iterdir():
        try:
            is_old = time.time() - path.stat().st_mtime > OLD_S
        except OSError:
            continue
        if is_old:
            shutil.rmtree(path, ignore_errors=True)
