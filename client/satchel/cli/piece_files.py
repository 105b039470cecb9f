"""Files of Pieces: read from disk, found in a Piece by name, and written to disk under untrusted names."""

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.exchange.names import UniqueNames, safe_name
from satchel.pieces.fields import MAX_CONTENT_BYTES, require_storable, visible_name
from satchel.pieces.fields import files as normal_files
from satchel.store import Piece, Store, WholeFile

STDIN: Final = "-"
_CREATE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class UnreadableFileError(SatchelError):
    """The system refuses to read a file. Other files of the same command may be readable."""


def read_content(path: str, stdin: BinaryIO) -> bytes:
    """Read the content of a Piece from a file, a pipe or standard input (`-`)."""
    name = "standard input" if path == STDIN else repr(path)
    content = _read_bounded(path, name, stdin if path == STDIN else None)
    if not content.strip():
        raise UsageError(f"{name} is empty", hint="a Piece needs some content")
    return content


def read_files(paths: tuple[str, ...], *, beside: str) -> tuple[WholeFile, ...]:
    """Read further files of a Piece whose main file is `beside`. They may be empty, like `__init__.py`."""
    found = normal_files(
        tuple(WholeFile(Path(path).name, _read_bounded(path, repr(path), None)) for path in paths)
    )
    if visible_name(beside) in {file.name for file in found}:
        raise UsageError(
            f"two files are named {beside!r}",
            hint="each file of a Piece needs its own name; satchel edit ID PATH replaces the content",
        )
    return found


def _read_bounded(path: str, name: str, stdin: BinaryIO | None) -> bytes:
    """Read text or an image of at most MAX_CONTENT_BYTES from a file, or from standard input if given."""
    try:
        if stdin is not None:
            content = stdin.read(MAX_CONTENT_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(MAX_CONTENT_BYTES + 1)
    except IsADirectoryError as exc:
        raise UsageError(f"{name} is a folder", hint=f"satchel import {path} imports its files") from exc
    except FileNotFoundError as exc:
        raise NotFoundError(f"there is no file {name}", hint="check the path") from exc
    except OSError as exc:
        raise UnreadableFileError(f"cannot read {name}: {(exc.strerror or 'unknown').lower()}") from exc
    require_storable(content, name)
    return content


def file_named(store: Store, piece: Piece, content: bytes, name: str) -> WholeFile:
    """Return a file of this revision of a Piece, or its main content if that has the name.

    Raise NotFoundError if neither does.
    """
    wanted = unicodedata.normalize("NFC", name)
    if any(file.name == wanted for file in piece.files):
        return next(file for file in store.files(piece.id, piece.revision) if file.name == wanted)
    if is_main(piece, wanted):
        return WholeFile(wanted, content, piece.language, piece.media_type)
    names = ", ".join(repr(file.name) for file in piece.files[:5]) or "only its content"
    raise NotFoundError(f"{piece.id} has no file {name!r}", hint=f"its files: {names}")


def is_main(piece: Piece, name: str) -> bool:
    """Tell whether a Piece's main content has this name: its file name, or its title if it has none."""
    return bool(name) and name == (unicodedata.normalize("NFC", piece.file_name) or piece.title)


def make_folder(folder: Path) -> None:
    """Create a folder unless it exists. Raise SatchelError if files cannot be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as exc:
        raise UsageError(f"{str(folder)!r} is not a folder", hint="choose another folder") from exc
    except OSError as exc:
        raise _unwritable(folder, exc) from exc
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SatchelError(f"cannot write into {str(folder)!r}", hint="choose another folder")


def write_into(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write files into a folder and return their paths.

    Names may be hostile: characters with a meaning to the system are replaced. Existing files are never
    touched; a file whose name is taken gets a number.
    """
    try:
        names = UniqueNames(path.name for path in folder.iterdir())
        return [_write_new(folder, names, safe_name(name), content) for name, content in files]
    except OSError as exc:
        raise _unwritable(folder, exc) from exc


def _write_new(folder: Path, names: UniqueNames, name: str, content: bytes) -> Path:
    while True:
        path = folder / names.take(name)
        try:
            handle = os.open(path, _CREATE_FLAGS, 0o600)
        except FileExistsError:
            continue  # just created by another program, or the same name to this file system
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return path


def _unwritable(folder: Path, exc: OSError) -> SatchelError:
    reason = (exc.strerror or "unknown").lower()
    return SatchelError(f"cannot write into {str(folder)!r}: {reason}", hint="choose another folder")
