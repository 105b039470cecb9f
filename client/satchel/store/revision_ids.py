"""Ids for the edits of stores of versions 1 and 2, which had none.

They are derived from what is stored, so two copies of one store give the same edit the same id, and merging them
does not duplicate it. docs/spec/store.md, section 3, specifies the derivation.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import apsw

from satchel.errors import IntegrityError
from satchel.pieces import ulid

_LABEL: Final = b"satchel/v1/revision-id"
_LENGTH_BYTES: Final = 8

# Every edit with the id of its Piece, in the order of the Piece's history. The table `files` exists since version 2.
_EDITS: Final = (
    "SELECT p.ulid, r.seq, r.number, r.at, r.title, r.description, coalesce(r.language, ''), r.media_type, r.tags,"
    " r.links, r.size_bytes, coalesce(c.sha256, x'') FROM pieces AS p JOIN revisions AS r ON r.piece = p.id AND r.number > 1"
    " LEFT JOIN contents AS c ON c.id = r.content {where} ORDER BY p.id, r.number"
)
_FILES: Final = (
    "SELECT f.name, coalesce(f.language, ''), f.media_type, f.size_bytes, c.sha256"
    " FROM files AS f JOIN contents AS c ON c.id = f.content WHERE f.revision = ? ORDER BY f.position"
)
_GIVE_ID: Final = "UPDATE revisions SET ulid = ? WHERE seq = ?"

Field = str | int | bytes


@dataclass(frozen=True, slots=True)
class DerivedId:
    """The derived id of the edit with this seq."""

    piece: str
    seq: int
    ulid: str


def give_ids_to_edits(connection: apsw.Connection) -> None:
    """Store the derived ids of all edits. Part of the migration to version 3."""
    given = [(derived.ulid, derived.seq) for derived in derived_ids(connection, has_files=True)]
    connection.executemany(_GIVE_ID, given)


def derived_ids(
    connection: apsw.Connection, *, has_files: bool, piece: int | None = None
) -> Iterator[DerivedId]:
    """Yield the ids of all edits, or those of one Piece, of a store of version 1 or 2, in order.

    IntegrityError if the id of a Piece is not one.
    """
    where = "" if piece is None else "WHERE p.id = ?"
    edits = connection.execute(_EDITS.format(where=where), () if piece is None else (piece,))
    for piece_id, rows in groupby(edits, key=lambda row: row[0]):
        newest = piece_id
        for _, seq, number, at, *fields in rows:
            if not ulid.is_id(newest) or at > ulid.LATEST_TIME:
                raise IntegrityError(
                    "the store holds an invalid id or time", hint="restore a backup: satchel restore"
                )
            files = connection.execute(_FILES, (seq,)) if has_files else ()
            entropy = _digest(piece_id, number, at, fields, files)[: ulid.RANDOM_BYTES]
            newest = ulid.later_id(newest, at, entropy)
            yield DerivedId(piece_id, seq, newest)


def _digest(
    piece_id: str, number: int, at: int, fields: Iterable[Field], files: Iterable[tuple[Field, ...]]
) -> bytes:
    """Return the SHA-256 of all fields of an edit, each with its length in front."""
    digest = hashlib.sha256(_LABEL)
    for field in (piece_id, number, at, *fields, *(field for file in files for field in file)):
        data = field if isinstance(field, bytes) else str(field).encode()
        digest.update(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    return digest.digest()
