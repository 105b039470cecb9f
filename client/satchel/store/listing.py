"""Pages of Pieces, in the order of their last change or of saving."""

from collections.abc import Iterator
from typing import Final, Literal

import apsw

from satchel.pieces.model import Outline
from satchel.store.database import Row, Value, first_row, rows
from satchel.store.queries import key_of
from satchel.store.rows import HEAD, IN_VIEW, PIECE_COLUMNS, WITH_HEAD

Order = Literal["changed", "saved"]
"""By the time of the current revision, or by the order in which Pieces came into this store."""

Position = tuple[int, int]
"""The place of a Piece in an order. A page holds the Pieces beyond one."""

_LAST: Final = 2**63 - 1
_FIRST: Final = -(2**63)

# Every revision in the order of its time, of which only the current ones are kept. The index `times` gives that
# order, so the first page reads as many revisions as it has Pieces, and those that were edited since.
_BY_CHANGE: Final = (
    f"FROM revisions AS r INDEXED BY times CROSS JOIN pieces AS p ON p.id = r.piece AND r.seq = {HEAD}"
)
_COLUMNS: Final[dict[Order, tuple[str, str]]] = {"changed": ("r.at", "r.seq"), "saved": ("p.id", "p.id")}
_SOURCES: Final[dict[Order, str]] = {"changed": _BY_CHANGE, "saved": WITH_HEAD}
_IN_LANGUAGE: Final = "AND r.language = ?"
_OUTLINES: Final = f"SELECT p.ulid, r.title, r.language, r.tags {WITH_HEAD} WHERE {IN_VIEW} ORDER BY p.id"
_WITH_TAG: Final = "AND EXISTS (SELECT 1 FROM json_each(r.tags) AS t WHERE t.value = ?)"


def page(
    connection: apsw.Connection,
    beyond: Position,
    limit: int,
    *,
    order: Order,
    language: str | None,
    tag: str | None,
    newest_first: bool,
) -> list[Row]:
    """Return the next rows of Pieces beyond a position: the two numbers of their position, then `PIECE_COLUMNS`."""
    first, second = _COLUMNS[order]
    sign, direction = ("<", "DESC") if newest_first else (">", "ASC")
    filters: list[tuple[str, Value]] = []
    if language is not None:
        filters.append((_IN_LANGUAGE, language))
    if tag is not None:
        filters.append((_WITH_TAG, tag))
    query = (
        f"SELECT {first}, {second}, {PIECE_COLUMNS} {_SOURCES[order]}"
        f" WHERE {first} {sign}= ? AND ({first} {sign} ? OR {second} {sign} ?)"
        f" AND {IN_VIEW} {' '.join(sql for sql, _ in filters)} ORDER BY {first} {direction}, {second} {direction} LIMIT ?"
    )
    return rows(connection, query, beyond[0], *beyond, *(value for _, value in filters), limit)


def outlines(connection: apsw.Connection) -> Iterator[Outline]:
    """Yield the outline of every Piece in view, the one saved first before the others."""
    for row in connection.execute(_OUTLINES):
        yield Outline(*row)


def position_after(
    connection: apsw.Connection, after: str | None, *, order: Order, newest_first: bool
) -> Position:
    """Return the position of a Piece, or the one before the first page. NotFoundError if there is no such Piece."""
    if after is None:
        return (_LAST, _LAST) if newest_first else (_FIRST, _FIRST)
    columns = ", ".join(_COLUMNS[order])
    row = first_row(connection, f"SELECT {columns} {WITH_HEAD} WHERE p.id = ?", key_of(connection, after))
    return (row[0], row[1]) if row else (_FIRST, _FIRST)
