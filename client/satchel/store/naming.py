"""Ids as people type and read them: beginnings of whole ids, and short ids.

A short id is a beginning of the random part of an id. A text is read as the beginning of a whole id first, and as a
short id if no id begins with it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final

import apsw

from satchel.errors import UsageError
from satchel.ids import ambiguous_id, no_id
from satchel.pieces import ulid
from satchel.pieces.model import Piece
from satchel.store.database import Row, first_row, rows
from satchel.store.rows import HEAD, IN_VIEW, PIECE_COLUMNS, piece_of

LIST_COMMAND: Final = "satchel list"

_SHOWN_MATCHES: Final = 3  # enough to say that there are several
# "~" follows every character of an id.
_BEGINNING: Final = (
    "SELECT ulid FROM pieces WHERE ulid >= ?1 AND ulid < ?1 || '~' ORDER BY ulid DESC LIMIT ?2"
)
# These two read the whole index of ids: an index on random values would change a page of its own with every Piece.
_SHORT: Final = (
    "SELECT ulid FROM pieces WHERE substr(ulid, 11, ?2) = ?1 AND length(?1) > 0 ORDER BY ulid DESC LIMIT ?3"
)
# The newest revision in the order of writing that is current and in view.
_REVISIONS: Final = f"FROM revisions AS r CROSS JOIN pieces AS p ON p.id = r.piece AND r.seq = {HEAD}"
# Reading the revisions first is eight times as fast as finding the current revision of every Piece.
_TITLED: Final = (
    f"SELECT {PIECE_COLUMNS} {_REVISIONS} WHERE r.title = ? AND {IN_VIEW} ORDER BY p.ulid DESC LIMIT ?"
)
_NEWEST_IN_VIEW: Final = f"WHERE {IN_VIEW} ORDER BY r.seq DESC LIMIT 1"
_LAST_CHANGED: Final = f"SELECT {PIECE_COLUMNS} {_REVISIONS} {_NEWEST_IN_VIEW}"
_SHARING: Final = (
    "SELECT ulid FROM pieces WHERE substr(ulid, 11, ?1) IN (SELECT value FROM json_each(?2)) ORDER BY ulid"
)


def id_with_prefix(connection: apsw.Connection, prefix: str) -> str:
    """Return the only id that a typed text stands for: the beginning of an id, or else a short id.

    NotFoundError for none; UsageError for several or an empty text.
    """
    wanted = ulid.canonical(prefix)
    if not wanted:
        raise UsageError("no id given", hint=f"list the ids: {LIST_COMMAND}")
    found, shown = _beginning_with(connection, wanted, _SHOWN_MATCHES), 0
    if not found:
        found, shown = _with_short_id(connection, wanted, _SHOWN_MATCHES), ulid.TIME_CHARS
    if not found:
        raise no_id("Piece", prefix, LIST_COMMAND)
    if len(found) > 1:
        raise ambiguous_id("Piece", prefix, [each[shown:] for each in found], LIST_COMMAND)
    return found[0]


def ids_with_prefix(connection: apsw.Connection, prefix: str, limit: int) -> list[str]:
    """Return ids that a typed text could begin, newest first: as whole ids, then as short ids."""
    wanted = ulid.canonical(prefix)
    whole = _beginning_with(connection, wanted, limit)
    short = _with_short_id(connection, wanted, limit) if len(whole) < limit else []
    return list(dict.fromkeys([*whole, *short]))[:limit]


def short_ids(connection: apsw.Connection, piece_ids: Collection[str]) -> dict[str, str]:
    """Return the shortest text, at least `ulid.SHORT_ID_CHARS` long, that stands for each whole id.

    It is a beginning of the random part, or the whole id if none is unambiguous. Every id of the store is read once.
    """
    wanted = set(piece_ids)
    heads = sorted({_head(each) for each in wanted})
    sharing: dict[str, list[str]] = defaultdict(list)
    for (piece_id,) in rows(connection, _SHARING, ulid.SHORT_ID_CHARS, json.dumps(heads)):
        sharing[_head(piece_id)].append(piece_id)
    lengths = {
        each: length for group in sharing.values() for each, length in _lengths(group) if each in wanted
    }
    ends = first_row(connection, "SELECT min(ulid), max(ulid) FROM pieces") or ("", "")
    return {
        each: _unlike_beginnings(connection, each, lengths.get(each, ulid.LENGTH), ends) for each in piece_ids
    }


def pieces_titled(connection: apsw.Connection, title: str, limit: int) -> list[Piece]:
    """Return Pieces with exactly this title, the newest ids first. Every revision of the store is read."""
    return [piece_of(row) for row in rows(connection, _TITLED, " ".join(title.split()), limit)]


def last_changed(connection: apsw.Connection) -> Piece | None:
    """Return the Piece with the newest revision in the order of writing; None if there is none."""
    row = first_row(connection, _LAST_CHANGED)
    return None if row is None else piece_of(row)


def _beginning_with(connection: apsw.Connection, text: str, limit: int) -> list[str]:
    return [str(row[0]) for row in rows(connection, _BEGINNING, text, limit)]


def _with_short_id(connection: apsw.Connection, text: str, limit: int) -> list[str]:
    if len(text) > ulid.LENGTH - ulid.TIME_CHARS:
        return []
    return [str(row[0]) for row in rows(connection, _SHORT, text, len(text), limit)]


def _head(piece_id: str) -> str:
    return ulid.random_part(piece_id)[: ulid.SHORT_ID_CHARS]


def _lengths(group: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Yield each id of a group and the length at which its random part differs from those of the others."""
    ordered = sorted(group, key=ulid.random_part)
    parts = ["", *map(ulid.random_part, ordered), ""]
    for piece_id, before, part, after in zip(ordered, parts, parts[1:], parts[2:], strict=False):
        yield piece_id, max(_common(before, part), _common(part, after)) + 1


def _common(one: str, other: str) -> int:
    """Count the characters that two texts have in common at their beginning."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))


def _unlike_beginnings(connection: apsw.Connection, piece_id: str, length: int, ends: Row) -> str:
    """Return the short id of at least this length that no whole id begins with; the whole id if there is none.

    `ends` are the lowest and the highest id; few short ids lie between them.
    """
    lowest, highest = ends
    part = ulid.random_part(piece_id)
    for end in range(max(length, ulid.SHORT_ID_CHARS), len(part) + 1):
        short = part[:end]
        if not lowest[:end] <= short <= highest[:end] or not _beginning_with(connection, short, 1):
            return short
    return piece_id
