"""Revisions of the other store: read and checked before they are written here.

Every value is bounded where it is read. Text must obey the rules for fields, but is not normalized again, so that
equal ids stand for equal revisions in every store.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import apsw

from satchel.errors import IntegrityError, UsageError
from satchel.merging.histories import History, is_time
from satchel.merging.other_store import OtherStore, invalid, reading_other
from satchel.pieces import fields
from satchel.pieces.model import Author, File, Revision, SuggestedValue
from satchel.store.database import Row, first_row, rows
from satchel.store.rows import (
    MAX_SUGGESTED_JSON_CHARS,
    from_ms,
    read_author,
    read_list,
    read_suggested,
    write_suggested,
)

_MAX_UTF8_BYTES: Final = 4  # of one character

# JSON writes a character as at most two, since no field holds a control character.
_MAX_TAGS_CHARS: Final = fields.MAX_TAGS * (2 * fields.MAX_TAG_CHARS + 3) + 2
_MAX_LINKS_CHARS: Final = fields.MAX_LINKS * (2 * fields.MAX_LINK_CHARS + 3) + 2


def _bounded(column: str, limit: int) -> str:
    """Return SQL for a text, or for an empty blob instead of a text that is far over its limit."""
    return f"iif(octet_length({column}) > {_MAX_UTF8_BYTES * limit}, x'', {column})"


_REVISION: Final = " ".join(
    (
        "SELECT r.at,",
        f"{_bounded('r.title', fields.MAX_TITLE_CHARS)},",
        f"{_bounded('r.description', fields.MAX_DESCRIPTION_CHARS)},",
        f"{_bounded('r.language', fields.MAX_LANGUAGE_CHARS)},",
        f"{_bounded('r.media_type', fields.MAX_MEDIA_TYPE_CHARS)},",
        f"{_bounded('r.tags', _MAX_TAGS_CHARS)},",
        f"{_bounded('r.links', _MAX_LINKS_CHARS)},",
        "r.size_bytes, r.content, {suggested}, {author} FROM revisions AS r WHERE r.seq = ? AND r.piece = ? AND (r.number = 1) = ?",
    )
)
_SUGGESTED: Final = _bounded("r.suggested", MAX_SUGGESTED_JSON_CHARS)
_AUTHOR: Final = ", ".join(
    (
        _bounded("r.agent", fields.MAX_AGENT_CHARS),
        _bounded("r.client", fields.MAX_CLIENT_CHARS),
        "r.withdrawn",
    )
)
_FILES: Final = " ".join(
    (
        "SELECT f.position,",
        f"{_bounded('f.name', fields.MAX_FILE_NAME_BYTES)},",
        f"{_bounded('f.language', fields.MAX_LANGUAGE_CHARS)},",
        f"{_bounded('f.media_type', fields.MAX_MEDIA_TYPE_CHARS)},",
        "f.size_bytes, f.content FROM files AS f WHERE f.revision = ? ORDER BY f.position LIMIT ?",
    )
)
_PIECE: Final = " ".join(
    (
        "SELECT created,",
        f"{_bounded('source_kind', fields.MAX_SOURCE_CHARS)},",
        f"{_bounded('source_location', fields.MAX_SOURCE_CHARS)},",
        f"{_bounded('file_name', fields.MAX_SOURCE_CHARS)}",
        "FROM pieces WHERE id = ?",
    )
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The row of a Piece: when it was created, in milliseconds, and its source."""

    created: int
    source: tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class IncomingRevision:
    """A revision with the rows of its contents in the other store: the main one, then those of its files."""

    revision: Revision
    content: int
    file_contents: tuple[int, ...]


def read_origin(theirs: OtherStore, key: int) -> Origin:
    """Read a Piece's row. IntegrityError if it breaks a rule."""
    with reading_other():
        row = first_row(theirs.connection, _PIECE, key)
    if row is None:
        raise invalid("has changed while it was read")
    _require_bounded([row])
    created, *source = row
    is_known = source[0] is not None
    if not is_time(created) or any(
        text is not None and not (is_known and fields.is_line(text, fields.MAX_SOURCE_CHARS))
        for text in source
    ):
        raise invalid("has a Piece with an invalid time or source")
    return Origin(created, (source[0], source[1], source[2]))


def read_revision(theirs: OtherStore, key: int, seq: int, *, is_first: bool) -> IncomingRevision:
    """Read a revision without its id and contents. IntegrityError if it breaks a rule."""
    with reading_other():
        query = _REVISION.format(
            suggested=_SUGGESTED if theirs.has_suggested else "NULL",
            author=_AUTHOR if theirs.has_authors else "NULL, NULL, NULL",
        )
        row = first_row(theirs.connection, query, seq, key, is_first)
        files = rows(theirs.connection, _FILES, seq, fields.MAX_FILES + 1) if row and theirs.has_files else []
    if row is None:
        raise invalid("has a Piece without its first revision")
    _require_bounded([row, *files])
    revision = Revision(
        number=0,
        at=_time(row[0]),
        title=row[1],
        description=row[2],
        language=row[3],
        media_type=row[4],
        tags=_list(row[5], _MAX_TAGS_CHARS),
        links=_list(row[6], _MAX_LINKS_CHARS),
        size_bytes=row[7],
        files=tuple(File(*each[1:5]) for each in files),
        suggested=_suggested(row[9]),
        author=_author(row[10], row[11]),
        is_withdrawn=_is_withdrawn(row[12]),
    )
    _require_valid(revision, files)
    return IncomingRevision(revision, row[8], tuple(each[5] for each in files))


def read_content(theirs: OtherStore, content: int, size_bytes: int) -> tuple[bytes, bytes]:
    """Read a content; return it with its SHA-256 digest. IntegrityError if either does not match."""
    connection = theirs.connection
    with reading_other():
        found = first_row(connection, "SELECT length(data), sha256 FROM contents WHERE id = ?", content)
        if found is None or found[0] != size_bytes:
            raise invalid("lacks the content of a revision")
        data: bytes = first_row(connection, "SELECT data FROM contents WHERE id = ?", content)[0]  # type: ignore[index]
    if hashlib.sha256(data).digest() != found[1]:
        raise invalid("has a damaged content")
    return data, found[1]


def check_taken(theirs: OtherStore, history: History, taken: Iterable[str]) -> None:
    """Read and check some revisions of a Piece, with their contents. IntegrityError if one breaks a rule."""
    first = next(iter(history.revisions))
    for revision_id in taken:
        is_first = revision_id == first
        incoming = read_revision(theirs, history.key, history.revisions[revision_id], is_first=is_first)
        read_content(theirs, incoming.content, incoming.revision.size_bytes)
        for file, content in zip(incoming.revision.files, incoming.file_contents, strict=True):
            read_content(theirs, content, file.size_bytes)
        if is_first:
            read_origin(theirs, history.key)


def state_of(
    connection: apsw.Connection, seq: int, *, has_files: bool, has_authors: bool
) -> tuple[object, ...]:
    """Return everything that makes up the state of a revision, to compare it across stores."""
    state = " ".join(
        (
            "SELECT title, description, language, media_type, tags, links, sha256,",
            "withdrawn" if has_authors else "NULL",
            "FROM revisions AS r JOIN contents AS c ON c.id = r.content WHERE seq = ?",
        )
    )
    files = (
        "SELECT name, language, media_type, sha256 FROM files AS f JOIN contents AS c ON c.id = f.content"
        " WHERE revision = ? ORDER BY position"
    )
    return first_row(connection, state, seq), rows(connection, files, seq) if has_files else []


def _require_bounded(found: Iterable[Row]) -> None:
    if any(isinstance(value, bytes) for row in found for value in row):
        raise invalid("has a text that is over its limit")


def _require_valid(revision: Revision, files: Iterable[Row]) -> None:
    names = [file.name for file in revision.files]
    is_valid = (
        fields.is_line(revision.title, fields.MAX_TITLE_CHARS)
        and fields.is_block(revision.description, fields.MAX_DESCRIPTION_CHARS)
        and _is_typed(revision.language, revision.media_type)
        and all(_is_typed(file.language, file.media_type) for file in revision.files)
        and _are_lines(revision.tags, fields.MAX_TAG_CHARS, fields.MAX_TAGS)
        and _are_lines(revision.links, fields.MAX_LINK_CHARS, fields.MAX_LINKS)
        and [each[0] for each in files] == list(range(1, len(names) + 1))
        and all(map(fields.was_file_name, names))
        and len(set(names)) == len(names)
        and min([revision.size_bytes, *(file.size_bytes for file in revision.files)]) >= 0
    )
    if not is_valid:
        raise invalid("has a revision whose fields break a rule")
    try:
        fields.require_fitting(revision.size_bytes, [file.size_bytes for file in revision.files])
    except UsageError as exc:
        raise invalid("has a Piece that is over a limit") from exc


def _is_typed(language: str | None, media_type: str) -> bool:
    return (language is None or fields.is_line(language, fields.MAX_LANGUAGE_CHARS)) and fields.is_line(
        media_type, fields.MAX_MEDIA_TYPE_CHARS
    )


def _are_lines(texts: tuple[str, ...], limit: int, count: int) -> bool:
    return len(texts) <= count and all(fields.is_line(text, limit) for text in texts)


def _list(text: str, limit: int) -> tuple[str, ...]:
    if len(text) > limit:
        raise invalid("has a list that is over its limit")
    try:
        return read_list(text)
    except IntegrityError as exc:
        raise invalid("has a damaged list") from exc


def _suggested(text: str | None) -> tuple[SuggestedValue, ...]:
    try:
        values = read_suggested(text)
    except IntegrityError as exc:
        raise invalid("has damaged suggestions") from exc
    if not fields.is_suggested(values) or write_suggested(values) != text:
        raise invalid("has suggestions that break a rule")
    return values


def _author(agent: str | None, client: str | None) -> Author | None:
    if not fields.is_author(agent, client):
        raise invalid("has an author that breaks a rule")
    return read_author(agent, client)


def _is_withdrawn(value: object) -> bool:
    if value not in (None, 1):
        raise invalid("has a revision that is neither in view nor withdrawn")
    return value is not None


def _time(ms: int) -> datetime:
    if not is_time(ms):
        raise invalid("has a revision with an invalid time")
    return from_ms(ms)
