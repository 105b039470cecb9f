"""Files of Pieces by name: taken from the disk, found in a Piece, and written to the disk under names that are hostile."""

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.exchange.names import UniqueNames, safe_name
from satchel.store import Piece, Store, WholeFile

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def file_named(store: Store, piece: Piece, content: bytes, name: str) -> WholeFile:
    """Return a file of a Piece as it is at this revision; its main content if that is called so.

    None is called so: NotFoundError.
    """
    wanted = unicodedata.normalize("NFC", name)
    if any(file.name == wanted for file in piece.files):
        return next(file for file in store.files(piece.id, piece.revision) if file.name == wanted)
    if is_main(piece, wanted):
        return WholeFile(wanted, content, piece.language, piece.media_type)
    raise no_file(piece, name)


def is_main(piece: Piece, name: str) -> bool:
    """Tell whether this is what a Piece's main content is called: by its file's name, or without one its title."""
    return bool(name) and name == (unicodedata.normalize("NFC", piece.file_name) or piece.title)


def no_file(piece: Piece, name: str) -> NotFoundError:
    """Return the error for a name that no file of a Piece has."""
    names = ", ".join(repr(file.name) for file in piece.files[:5]) or "none but its content"
    return NotFoundError(f"{piece.short_id} has no file {name!r}", hint=f"its files: {names}")


def make_folder(folder: Path) -> None:
    """Make a folder to write into, if it is not there; where nothing can be written: SatchelError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as exc:
        raise UsageError(f"{str(folder)!r} is not a folder") from exc
    except OSError as exc:
        raise _unwritable(folder, exc) from exc
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SatchelError(f"nothing can be written into {str(folder)!r}")


def write_into(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write files into a folder and return where they went.

    The names may be anybody's: what a system gives a meaning is changed, and nothing that is there is touched; a
    name that is taken gets a number.
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
            handle = os.open(path, _NEW_FILE, 0o600)
        except FileExistsError:
            continue  # made by another program just now, or the same to this file system
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return path


def _unwritable(folder: Path, exc: OSError) -> SatchelError:
    reason = (exc.strerror or "unknown").lower()
    return SatchelError(f"the files cannot be written into {str(folder)!r}: {reason}")
