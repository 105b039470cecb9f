"""The further files of a revision: read, write and edit them.

Each revision has its own file rows, independent of other revisions. Contents are shared.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.errors import NotFoundError
from satchel.pieces.fields import visible_name
from satchel.pieces.languages import language_of_file
from satchel.pieces.media import media_type_after, sniff
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
# The start of each text file.
_TEXTS: Final = (
    "SELECT f.media_type, substr(c.data, 1, ?2) FROM files AS f JOIN contents AS c ON c.id = f.content"
    " WHERE f.revision = ?1 AND substr(f.media_type, 1, 5) = 'text/' ORDER BY f.position"
)

StoreContent = Callable[[bytes], int]
"""Stores a content unless the Piece already has it; returns its row."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file, with the row and the SHA-256 digest of its content."""

    file: File
    content: int
    sha256: bytes = b""


def files_of(connection: apsw.Connection, revision: int) -> tuple[StoredFile, ...]:
    """Return the files of the revision with this seq, in order."""
    return tuple(
        StoredFile(File(*row[:4]), row[4], row[5]) for row in rows(connection, _OF_REVISION, revision)
    )


def texts_of(connection: apsw.Connection, revision: int, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Yield the media type and the start of each text file, up to `max_bytes` in all."""
    for media_type, start in connection.execute(_TEXTS, (revision, max_bytes)):
        if max_bytes <= 0:
            return
        text = (start or b"")[:max_bytes]  # substr() of an empty blob is NULL
        yield media_type, text
        max_bytes -= len(text)


def write_files(connection: apsw.Connection, revision: int, files: Iterable[StoredFile]) -> None:
    """Write the files of a new revision."""
    connection.executemany(
        _ADD,
        [
            (revision, position, one.file.name, one.file.language, *_type_and_size(one.file), one.content)
            for position, one in enumerate(files, 1)
        ],
    )


def store_file(file: WholeFile, store_content: StoreContent, before: File | None = None) -> StoredFile:
    """Store a normalized file. A missing language or media type is taken from `before`, or detected."""
    given = file.language if file.language is not None else before and (before.language or "")
    language = language_of_file(file.name) if given is None else given or None
    media_type = file.media_type or media_type_after(before.media_type if before else "", sniff(file.content))
    return StoredFile(File(file.name, language, media_type, len(file.content)), store_content(file.content))


def edited(
    old: tuple[StoredFile, ...], changes: Changes, store_content: StoreContent
) -> tuple[StoredFile, ...]:
    """Return the files after normalized changes. NotFoundError if a file to remove does not exist."""
    if changes.files is not None:
        old = tuple(store_file(file, store_content) for file in changes.files)
    found = {one.file.name: one for one in old}
    for name in changes.remove_files:
        if found.pop(_name_in(found, name), None) is None:
            raise NotFoundError(f"the Piece has no file {name!r}", hint="list the files: satchel show ID")
    for file in changes.add_files:
        name = _name_in(found, file.name)
        before = found.get(name)
        found[name] = store_file(file, store_content, before.file if before else None)
    return tuple(found.values())


def _name_in(found: Collection[str], name: str) -> str:
    """Return the name itself, or one that looks the same, which earlier versions of satchel accepted."""
    if name in found:
        return name
    return next((each for each in found if visible_name(each) == visible_name(name)), name)


def _type_and_size(file: File) -> tuple[str, int]:
    return file.media_type, file.size_bytes
