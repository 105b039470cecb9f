"""The further files of a revision: their rows, and what an edit makes of them.

Every revision has rows of its own for its files, so that none depends on another; their contents are shared.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.errors import NotFoundError
from satchel.pieces.languages import language_of_file
from satchel.pieces.media import sniff, still
from satchel.pieces.model import Changes, File, WholeFile
from satchel.store.database import rows

_OF_REVISION: Final = (
    "SELECT f.name, f.language, f.media_type, f.size_bytes, f.content, c.sha256"
    " FROM files AS f JOIN contents AS c ON c.id = f.content WHERE f.revision = ? ORDER BY f.position"
)
_ADD: Final = (
    "INSERT INTO files(revision, position, name, language, media_type, size_bytes, content)"
    " VALUES(?, ?, ?, ?, ?, ?, ?)"
)
# Of a revision that is text in parts: the start of each part.
_TEXTS: Final = (
    "SELECT f.media_type, substr(c.data, 1, ?2) FROM files AS f JOIN contents AS c ON c.id = f.content"
    " WHERE f.revision = ?1 AND substr(f.media_type, 1, 5) = 'text/' ORDER BY f.position"
)

KeepContent = Callable[[bytes], int]
"""Puts bytes into the contents, unless the Piece has them already; gives their row."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as a row says it: what the model shows, and where its content is."""

    file: File
    content: int
    sha256: bytes = b""


def files_of(connection: apsw.Connection, revision: int) -> tuple[KeptFile, ...]:
    """The files of the revision with this seq, in order."""
    return tuple(KeptFile(File(*row[:4]), row[4], row[5]) for row in rows(connection, _OF_REVISION, revision))


def texts_of(connection: apsw.Connection, revision: int, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Media type and start of each file that is text, until that were `max_bytes` in all."""
    for media_type, start in connection.execute(_TEXTS, (revision, max_bytes)):
        if max_bytes <= 0:
            return
        text = (start or b"")[:max_bytes]  # SQLite gives the start of an empty blob as NULL
        yield media_type, text
        max_bytes -= len(text)


def write_files(connection: apsw.Connection, revision: int, files: Iterable[KeptFile]) -> None:
    """Write the files of a new revision."""
    connection.executemany(
        _ADD,
        [
            (revision, position, kept.file.name, kept.file.language, *_measures(kept.file), kept.content)
            for position, kept in enumerate(files, 1)
        ],
    )


def kept(file: WholeFile, keep: KeepContent, before: File | None = None) -> KeptFile:
    """Keep a normal file; what it does not say is as before, or found out."""
    told = file.language if file.language is not None else before and (before.language or "")
    language = language_of_file(file.name) if told is None else told or None
    media_type = file.media_type or still(before.media_type if before else "", sniff(file.content))
    return KeptFile(File(file.name, language, media_type, len(file.content)), keep(file.content))


def edited(old: tuple[KeptFile, ...], changes: Changes, keep: KeepContent) -> tuple[KeptFile, ...]:
    """The files that normal changes leave. A name to remove that is not there: NotFoundError."""
    if changes.files is not None:
        old = tuple(kept(file, keep) for file in changes.files)
    found = {one.file.name: one for one in old}
    for name in changes.remove_files:
        if found.pop(name, None) is None:
            raise NotFoundError(f"the Piece has no file {name!r}", hint="satchel show ID names them")
    for file in changes.add_files:
        before = found.get(file.name)
        found[file.name] = kept(file, keep, before.file if before else None)
    return tuple(found.values())


def _measures(file: File) -> tuple[str, int]:
    return file.media_type, file.size_bytes
