"""Bringing an index up to date: changes of the store as rows, written batch by batch.

Each batch is one transaction that also moves the mark, so a process that dies leaves an index that goes on
where it was; and that first looks whether the mark is still where this process left it, so that several
processes can work on one index without doing anything twice.
"""

from dataclasses import dataclass
from typing import Final

import apsw

from satchel.index.database import mark_of
from satchel.index.expressions import facets
from satchel.index.impact import AverageLength, count_words, levels_of
from satchel.index.words import Words
from satchel.store import ChangeBatch, Changed, Mark, Store, decode_text
from satchel.store.database import Value, first_row, scalar, writing

INDEXED_TEXT_BYTES: Final = 2**20  # of one Piece; what lies behind is not found
MERGED_FROM_CHANGES: Final = 10_000  # searches in an index written as one are faster
PURGED_UP_TO_PIECES: Final = 5_000  # some 10 ms for 1,000 Pieces
_ROWS_AT_ONCE: Final = 4000
_ADD_WORDS: Final = "REPLACE INTO words(rowid, title, tags, description, body, names, facets, levels) VALUES"
_ADD_PIECES: Final = "REPLACE INTO pieces(id, ulid, sha256) VALUES"


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes as the index takes them."""

    mark: Mark
    words: list[tuple[Value, ...]]
    pieces: list[tuple[Value, ...]]
    removed: list[tuple[int]]
    word_count: int


def prepare(changes: ChangeBatch, words: Words, average: AverageLength) -> Batch:
    """Split the text of everything that changed. The costly part; touches no database."""
    columns = [columns_of(one, words) for one in changes.changed]
    lengths = [count_words(row) for row in columns]
    for length in lengths:
        average.add(length)
    return Batch(
        mark=changes.mark,
        words=[
            (one.key, *row, levels_of(row[:-1], length, average.value))
            for one, row, length in zip(changes.changed, columns, lengths, strict=True)
        ],
        pieces=[(one.key, one.piece.id, one.digest) for one in changes.changed],
        removed=[(key,) for key in changes.removed],
        word_count=sum(lengths),
    )


def write(connection: apsw.Connection, store: Store, batch: Batch, after: Mark) -> bool:
    """Write one batch behind `after`; False, and nothing is changed, if the index is elsewhere by now."""
    with writing(connection):
        if mark_of(connection, store) != after:
            return False
        connection.executemany("DELETE FROM words WHERE rowid = ?", batch.removed)
        connection.executemany("DELETE FROM pieces WHERE id = ?", batch.removed)
        _add(connection, _ADD_WORDS, batch.words)
        _add(connection, _ADD_PIECES, batch.pieces)
        mark = batch.mark
        connection.execute(
            "UPDATE progress SET counter = ?, piece = ?, at = ?, is_purged = is_purged AND ?,"
            " words = words + ?, pieces = pieces + ?",
            (
                mark.counter,
                mark.piece,
                mark.at_ms,
                not batch.removed,
                batch.word_count,
                len(batch.words),
            ),
        )
    return True


def settle(connection: apsw.Connection, changes: int) -> None:
    """After changes, write the index as one, if they were many or if words of removed Pieces are to go.

    Those words leave a large index only with the next such merge: it would take seconds.
    """
    is_purged = bool(scalar(connection, "SELECT is_purged FROM progress"))
    if changes < MERGED_FROM_CHANGES and (
        is_purged
        or first_row(connection, "SELECT 1 FROM pieces LIMIT 1 OFFSET ?", PURGED_UP_TO_PIECES) is not None
    ):
        return
    connection.execute(f"PRAGMA secure_delete = {'FAST' if is_purged else 'ON'}").fetchall()
    with writing(connection):
        connection.execute("INSERT INTO words(words) VALUES('optimize')")
        connection.execute("UPDATE progress SET is_purged = 1")
    connection.execute("PRAGMA secure_delete = FAST").fetchall()


def _add(connection: apsw.Connection, sql: str, rows: list[tuple[Value, ...]]) -> None:
    """Many rows by one statement: SQLite then works long enough without the interpreter's lock to pay."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        chunk = rows[start : start + _ROWS_AT_ONCE]
        places = ",".join([f"({','.join('?' * len(chunk[0]))})"] * len(chunk))
        connection.execute(sql + places, [value for row in chunk for value in row])


def columns_of(changed: Changed, words: Words) -> tuple[str, ...]:
    """Return the words of a Piece by column: title, tags, description, text, names, facets."""
    piece = changed.piece
    about = [piece.description, *piece.links, piece.source.file_name if piece.source else ""]
    about += [file.name for file in piece.files]
    body, names = _text_words(changed.text, piece.media_type, words)
    for media_type, text in changed.file_texts:
        body, names = map(" ".join, zip((body, names), _text_words(text, media_type, words), strict=True))
    return (
        " ".join(words.of_text(piece.title)),
        " ".join(words.of_text(" ".join(piece.tags))),
        " ".join(words.of_text("\n".join(about))),
        body,
        names,
        facets(piece),
    )


def _text_words(text: bytes | None, media_type: str, words: Words) -> tuple[str, str]:
    if text is None:
        return "", ""
    if text.isascii() and "charset" not in media_type:
        return words.of_ascii(text)
    return words.of_text(decode_text(text, media_type) or "")
