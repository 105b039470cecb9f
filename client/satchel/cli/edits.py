"""Edits in progress and edits that were not saved: text typed in an editor is never lost.

    with private_edit(home, Subject(piece.id, piece.revision), "note.md", content, now=now, entropy=entropy) as path:
        edited = edit(path, command)
        store.edit(...)

Each edit has its own private directory `HOME/edits/<started>-<random>`, with a record of what is edited and all that
the editor writes beside the text. It is deleted when the block ends without an error. After an error the text moves to
`HOME/edit-<started>-<random>-NAME` and the error names it. If the process is killed, the directory stays. `leftovers`
lists both.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from satchel.errors import Note, SatchelError
from satchel.local_files import (
    DIRECTORY_MODE,
    DurableFile,
    make_directory,
    read_private,
    remove,
    rename,
    translate_os_errors,
    write_private,
)
from satchel.pieces.model import Entropy

EDITS: Final = "edits"
KEPT_PREFIX: Final = "edit-"
FORMAT: Final = "satchel-edit/1"
RECORD: Final = ".edit.json"  # no file of a Piece has this name: `safe_name` removes leading dots
MAX_COMPARED_BYTES: Final = 64 << 20  # larger files are taken for changed ones
MAX_EDITING: Final = timedelta(days=7)
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_TOKEN: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class EditorStillOpenError(SatchelError):
    """satchel stops while the editor is running: what the editor writes later must find its directory."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is edited: the content of a Piece, or the further file `file_name` of it, as of a revision."""

    piece_id: str
    revision: int
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """What an edit left that was not saved. `path` is the text, or the directory if only an editor's own files differ.

    `subject` is None if it is unknown: an earlier version left the file, or its record is damaged.
    """

    path: Path
    subject: Subject | None
    started: datetime
    is_text: bool
    directory: Path | None

    def delete(self) -> None:
        """Delete the text and its directory."""
        if self.path != self.directory:
            remove(self.path)
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def private_edit(
    home: Path, subject: Subject, name: str, content: bytes, *, now: datetime, entropy: Entropy
) -> Iterator[Path]:
    """Yield the path of a private file with this content. See the module for what happens to it."""
    _prune(home / EDITS, now)
    directory = make_directory(home / EDITS) / f"{now.astimezone(UTC):{_STAMP}}-{entropy(4).hex()}"
    path = directory / name
    with _locked_directory(directory):
        try:
            _write(path, subject, content)
        except BaseException:  # nothing was typed yet
            shutil.rmtree(directory, ignore_errors=True)
            raise
        try:
            yield path
        except BaseException as exc:
            _keep(exc, path, content)
            raise
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def keeping_typed(home: Path, content: bytes | None, *, now: datetime, entropy: Entropy) -> Iterator[None]:
    """Keep a text that was typed on the terminal in a private file, and name the file, if the block fails."""
    try:
        yield
    except SatchelError as exc:
        if content is not None and content.strip():
            kept = home / f"{KEPT_PREFIX}{now.astimezone(UTC):{_STAMP}}-{entropy(4).hex()}-typed.txt"
            write_private(kept, content)
            exc.hint = f"your text is kept in {str(kept)!r}"
        raise


def leftovers(home: Path) -> tuple[Leftover, ...]:
    """Return what unfinished edits left in a home, oldest first. Edits in progress are left out."""
    found = [_of_directory(home, directory) for directory in _directories(home / EDITS)]
    known = [each for each in found if each is not None]
    taken = {each.path for each in known}
    orphans = [_orphan(path) for path in _kept_files(home) if path not in taken]
    return tuple(sorted((*known, *orphans), key=lambda each: each.started))


def leftovers_of(home: Path, piece_id: str) -> tuple[Leftover, ...]:
    """Return what unfinished edits of one Piece left, oldest first."""
    return tuple(each for each in leftovers(home) if each.subject and each.subject.piece_id == piece_id)


def erase_edits(home: Path, piece_id: str) -> tuple[Path, ...]:
    """Delete all texts of earlier edits of a Piece, and return where they were. Edits in progress are left out."""
    unsaved = leftovers_of(home, piece_id)
    for left in unsaved:
        left.delete()
    unchanged = [path for path in _directories(home / EDITS) if _is_of(path, piece_id)]
    for directory in unchanged:
        shutil.rmtree(directory, ignore_errors=True)
    return tuple(left.path for left in unsaved)


# -- during an edit ---------------------------------------------------------------------------


@contextmanager
def _locked_directory(directory: Path) -> Iterator[None]:
    """Create a private directory, and hold a lock on it: `leftovers` skips it."""
    with translate_os_errors(directory):
        directory.mkdir(mode=DIRECTORY_MODE)
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fd)


def _write(path: Path, subject: Subject, content: bytes) -> None:
    document = {
        "format": FORMAT,
        "piece": subject.piece_id,
        "revision": subject.revision,
        "file": subject.file_name,
        "name": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_private(path.with_name(RECORD), (json.dumps(document) + "\n").encode())
    with DurableFile(path) as file:
        file.write(content)
        file.sync()


def _keep(error: BaseException, path: Path, content: bytes) -> None:
    """Keep what was typed and add its place to the error; delete the directory if nothing was typed."""
    digest = hashlib.sha256(content).hexdigest()
    changed = _changed_files(path.parent, digest)
    if not changed and not isinstance(error, EditorStillOpenError):
        shutil.rmtree(path.parent, ignore_errors=True)
        return
    kept = path.parent
    if isinstance(error, EditorStillOpenError):
        kept = path
    elif path in changed:
        kept = path.parent.parent.parent / f"{KEPT_PREFIX}{path.parent.name}-{path.name}"
        try:
            rename(path, kept)
        except SatchelError:  # it stays where it is
            kept = path
    note = f"your text is kept in {str(kept)!r}"
    if isinstance(error, SatchelError):
        error.hint = note
    else:
        error.add_note(Note(note))


def _changed_files(directory: Path, digest: str) -> list[Path]:
    """Return the files in an edit's directory that hold something else than the original text."""
    with suppress(OSError):
        files = [path for path in directory.iterdir() if path.name != RECORD]
        return [path for path in files if _is_changed(path, digest)]
    return []


def _is_changed(path: Path, digest: str) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    if path.stat().st_size > MAX_COMPARED_BYTES:
        return True
    data = path.read_bytes()
    return bool(data.strip()) and hashlib.sha256(data).hexdigest() != digest


# -- afterwards -------------------------------------------------------------------------------


def _directories(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if _TOKEN.fullmatch(path.name) and not _is_in_use(path)]
    except OSError:
        return []


def _is_of(directory: Path, piece_id: str) -> bool:
    subject, _, _ = _read_record(directory / RECORD)
    return subject is not None and subject.piece_id == piece_id


def _prune(folder: Path, now: datetime) -> None:
    """Delete the directories of killed edits in which nothing was typed, once their editors are certainly gone."""
    for directory in _directories(folder):
        is_old = now - _started(directory.name) > MAX_EDITING
        is_kept = any(folder.parent.glob(f"{KEPT_PREFIX}{directory.name}-*"))
        if is_old and not is_kept and not _changed_files(directory, _read_record(directory / RECORD)[2]):
            shutil.rmtree(directory, ignore_errors=True)


def _is_in_use(directory: Path) -> bool:
    """Whether another process is editing in this directory. A file that is not a directory counts as in use."""
    try:
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(fd)
    return False


def _of_directory(home: Path, directory: Path) -> Leftover | None:
    """Return what is left of one edit, or None if nothing differs from the original text."""
    subject, name, digest = _read_record(directory / RECORD)
    kept = next(iter(sorted(home.glob(f"{KEPT_PREFIX}{directory.name}-*"))), None)
    started = _started(directory.name)
    if kept is not None:
        return Leftover(kept, subject, started, is_text=True, directory=directory)
    changed = _changed_files(directory, digest)
    if directory / name in changed:
        return Leftover(directory / name, subject, started, is_text=True, directory=directory)
    return Leftover(directory, subject, started, is_text=False, directory=directory) if changed else None


def _read_record(path: Path) -> tuple[Subject | None, str, str]:
    """Return an edit's subject, the name of its text and the digest of the original; unknown ones are None or empty."""
    with suppress(SatchelError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        document = json.loads(read_private(path).data)
        file_name, name, digest = document["file"], document["name"], document["sha256"]
        subject = Subject(str(document["piece"]), int(document["revision"]), file_name and str(file_name))
        if document["format"] == FORMAT and isinstance(name, str) and "/" not in name:
            return subject, name, str(digest)
    return None, "", ""


def _kept_files(home: Path) -> list[Path]:
    try:
        return [path for path in home.glob(f"{KEPT_PREFIX}*") if path.is_file() and not path.is_symlink()]
    except OSError:
        return []


def _orphan(path: Path) -> Leftover:
    started = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Leftover(path, None, started, is_text=True, directory=None)


def _started(token: str) -> datetime:
    try:
        return datetime.strptime(token.partition("-")[0], _STAMP).replace(tzinfo=UTC)
    except ValueError:  # digits that are no time
        return datetime.fromtimestamp(0, UTC)
