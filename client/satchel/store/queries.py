"""Queries of a store: one Piece, its revisions and contents, and counts over all of them.

`listing` has the queries for pages of Pieces, `naming` those for typed ids.

These functions take a connection; `Store` translates SQLite's errors.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.pieces import ulid
from satchel.pieces.media import decode_text
from satchel.pieces.model import Piece, Revision
from satchel.store.database import first_row, rows, scalar
from satchel.store.files import texts_of
from satchel.store.naming import LIST_COMMAND
from satchel.store.rows import (
    IN_VIEW,
    PIECE_COLUMNS,
    REVISION_COLUMNS,
    WITH_HEAD,
    piece_of,
    revision_of,
)
from satchel.store.writes import Head

_PIECE: Final = f"SELECT {PIECE_COLUMNS} {WITH_HEAD} WHERE p.id = ?"
_IN_VIEW_OF: Final = (
    f"SELECT {PIECE_COLUMNS} {WITH_HEAD} WHERE p.ulid IN (SELECT value FROM json_each(?)) AND {IN_VIEW}"  # noqa: S608
)
_HEAD_OF_PIECE: Final = f"SELECT {REVISION_COLUMNS}, r.seq, c.id, c.sha256 {WITH_HEAD} JOIN contents AS c ON c.id = r.content WHERE p.id = ?"
_READABLE: Final = " ".join(
    (
        "SELECT CASE WHEN substr(r.media_type, 1, 5) = 'text/' THEN substr(c.data, 1, ?) END,",
        f"c.id, r.seq, {PIECE_COLUMNS} {WITH_HEAD} LEFT JOIN contents AS c ON c.id = r.content",
        "WHERE p.ulid = ?",
    )
)
_FIRST_REVISION: Final = "FROM pieces AS p JOIN revisions AS r ON r.seq = p.first WHERE p.id = ?1"
_LATER_REVISIONS: Final = (
    "FROM revisions AS r JOIN pieces AS p ON p.id = r.piece WHERE r.piece = ?1 AND r.number > 1"
)
_REVISIONS: Final = " ".join(
    (
        f"SELECT {REVISION_COLUMNS}, r.seq, r.content {_FIRST_REVISION}",
        f"UNION ALL SELECT {REVISION_COLUMNS}, r.seq, r.content {_LATER_REVISIONS} ORDER BY 1",
    )
)
_TAGS: Final = f"SELECT t.value, count(*) {WITH_HEAD}, json_each(r.tags) AS t WHERE {IN_VIEW} GROUP BY 1 ORDER BY 2 DESC, 1"
_LANGUAGES: Final = f"SELECT r.language, count(*) {WITH_HEAD} WHERE r.language IS NOT NULL AND {IN_VIEW} GROUP BY 1 ORDER BY 2 DESC, 1"

# The index holds the revisions that withdraw a Piece; most of them are current.
_WITHDRAWN: Final = " ".join(
    (
        f"SELECT p.id {WITH_HEAD}",
        "WHERE p.id IN (SELECT piece FROM revisions WHERE withdrawn = 1) AND r.withdrawn = 1",
    )
)


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision, with its row and the row of its content."""

    revision: Revision
    seq: int
    content: int


def key_of(connection: apsw.Connection, piece_id: str) -> int:
    """Return the key of the Piece with this whole id. NotFoundError if there is none."""
    key = scalar(connection, "SELECT id FROM pieces WHERE ulid = ?", ulid.canonical(piece_id))
    if key is None:
        raise no_piece(piece_id)
    return int(key)


def newest_revision(connection: apsw.Connection, key: int) -> str:
    """Return the id of the current revision of the Piece with an existing key."""
    return str(scalar(connection, f"SELECT coalesce(r.ulid, p.ulid) {WITH_HEAD} WHERE p.id = ?", key))


def piece_at(connection: apsw.Connection, key: int) -> Piece:
    """Return the Piece with an existing key."""
    row = first_row(connection, _PIECE, key)
    if row is None:
        raise IntegrityError("the current revision of a Piece is missing", hint="satchel doctor")
    return piece_of(row)


def in_view(connection: apsw.Connection, piece_ids: Iterable[str]) -> list[Piece]:
    """Return the Pieces in view with these whole ids, in any order. Those that do not exist are left out."""
    wanted = json.dumps([ulid.canonical(each) for each in piece_ids])
    return [piece_of(row) for row in rows(connection, _IN_VIEW_OF, wanted)]


def head_of(connection: apsw.Connection, key: int) -> Head:
    """Return the current revision of the Piece with an existing key."""
    row = first_row(connection, _HEAD_OF_PIECE, key)
    if row is None:
        raise IntegrityError("the content of a Piece is missing", hint="satchel doctor")
    return Head(revision_of(row[:-3]), *row[-3:])


def revisions_of(connection: apsw.Connection, key: int) -> list[StoredRevision]:
    """Return every revision of a Piece, oldest first."""
    found = rows(connection, _REVISIONS, key)
    return [StoredRevision(revision_of(row[:-2]), *row[-2:]) for row in found]


def revision_numbered(connection: apsw.Connection, key: int, number: int) -> StoredRevision:
    """Return one revision of a Piece. NotFoundError if there is none."""
    for stored in revisions_of(connection, key):
        if stored.revision.number == number:
            return stored
    raise NotFoundError(f"the Piece has no revision {number}", hint="satchel history ID lists them")


def content_at(connection: apsw.Connection, content: int) -> bytes:
    """Return the bytes of a content. IntegrityError if they do not match their digest."""
    row = first_row(connection, "SELECT data, sha256 FROM contents WHERE id = ?", content)
    if row is None or hashlib.sha256(row[0]).digest() != row[1]:
        raise IntegrityError("the content of a Piece is damaged", hint="restore a backup: satchel restore")
    return bytes(row[0])


def readable(connection: apsw.Connection, piece_id: str, max_bytes: int) -> tuple[Piece, str]:
    """Return a Piece, and the start of its texts followed by its description. NotFoundError if there is none."""
    row = first_row(connection, _READABLE, max_bytes, ulid.canonical(piece_id))
    if row is None or row[1] is None:
        key_of(connection, piece_id)
        raise IntegrityError("the content of a Piece is missing", hint="satchel doctor")
    start, _, seq, *columns = row
    piece = piece_of(tuple(columns))
    starts = [] if start is None else [(piece.media_type, start)]
    if piece.files:
        starts += texts_of(connection, seq, max_bytes - len(start or b""))
    texts = [decode_text(each, kind) for kind, each in starts]
    return piece, "\n".join([*(text for text in texts if text), piece.description])


def tags(connection: apsw.Connection) -> dict[str, int]:
    """Return the number of Pieces with each tag, most used first."""
    return {tag: count for tag, count in rows(connection, _TAGS)}  # noqa: C416 -- typed


def count(connection: apsw.Connection) -> int:
    """Return the number of Pieces in view."""
    return int(scalar(connection, "SELECT count(*) FROM pieces")) - len(rows(connection, _WITHDRAWN))


def languages(connection: apsw.Connection) -> dict[str, int]:
    """Return the number of Pieces in each language, most used first."""
    return {language: count for language, count in rows(connection, _LANGUAGES)}  # noqa: C416 -- typed


def no_piece(piece_id: str) -> NotFoundError:
    """Return the error for an id that no Piece has."""
    return NotFoundError(f"no Piece has the id '{piece_id}'", hint=f"list the ids: {LIST_COMMAND}")
