"""Notes in watched folders: files that are new or were changed since they were last read.

Only text files are read, by their names. No link is followed, and so nothing outside the folder is read.
"""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError, UsageError
from satchel.local_files import open_own
from satchel.memory.filtering import cut, filtered
from satchel.memory.model import Event
from satchel.memory.repositories import find_repository
from satchel.text_files import encoding_of

SUFFIXES: Final = frozenset({".md", ".markdown", ".txt", ".org", ".rst", ".adoc", ".tex", ".wiki"})
MAX_FILES: Final = 20_000
MAX_DEPTH: Final = 20
MAX_FILE_BYTES: Final = 1024 * 1024
"""Larger files are no notes."""
KEPT_CHARS: Final = 2_000
"""Of a note: its first lines."""


@dataclass(frozen=True, slots=True)
class Note:
    """A file of a watched folder, and a stamp that changes with its content."""

    path: str
    stamp: str
    changed_ms: int


def find_notes(folder: Path) -> Iterator[Note]:
    """Yield the notes of a folder and those below it, MAX_FILES at most. Hidden files and folders are left out.

    Raise UsageError if the folder is gone.
    """
    if not folder.is_dir():
        raise UsageError(
            f"there is no folder '{folder}' any more", hint=f"satchel memory off files '{folder}'"
        )
    yield from itertools.islice(_walk(folder, MAX_DEPTH), MAX_FILES)


def _walk(folder: Path, depth: int) -> Iterator[Note]:
    try:
        entries = sorted(os.scandir(folder), key=lambda each: each.name)
    except OSError:  # removed since, or not ours to read
        return
    for entry in entries:
        if entry.name.startswith(".") or "\udc80" <= max(entry.name) <= "\udcff":  # hidden, or not UTF-8
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if depth:
                    yield from _walk(Path(entry.path), depth - 1)
            elif entry.is_file(follow_symlinks=False) and Path(entry.name).suffix.lower() in SUFFIXES:
                status = entry.stat(follow_symlinks=False)
                if status.st_size <= MAX_FILE_BYTES:
                    yield Note(
                        entry.path, f"{status.st_mtime_ns}-{status.st_size}", status.st_mtime_ns // 1_000_000
                    )
        except OSError:
            continue


def read_note(note: Note, host: str) -> Event | None:
    """Return the event of a note, its secrets replaced; None if it is no text, or no file of ours any more."""
    try:
        fd = open_own(Path(note.path), os.O_RDONLY)
    except SatchelError:
        return None
    with os.fdopen(fd, "rb") as file:
        data = file.read(MAX_FILE_BYTES)
    codec = encoding_of(data)
    if codec is None:
        return None
    path = os.fsencode(note.path).decode("utf-8", "backslashreplace")
    text = f"{path.rpartition('/')[2]}\n{cut(data.decode(codec), KEPT_CHARS)}".strip()
    return Event(
        "files", note.changed_ms, filtered(text), place=path, repository=find_repository(path), host=host
    )
