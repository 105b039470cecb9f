"""Updates of the index: changes of the store become rows, written in batches.

Each batch is one transaction that also moves the mark, so after a killed process the index continues from its
last batch. The transaction first checks that the mark is where this process left it, so several processes can
update one index without indexing anything twice.
"""

from dataclasses import dataclass
from typing import Final

import apsw

from satchel.index import vectors
from satchel.index.database import mark_of
from satchel.index.expressions import facets, length_facets
from satchel.index.impact import AverageLength, count_words, length_limits, levels_of
from satchel.index.words import Words
from satchel.pieces.collections import searched_tags
from satchel.store import ChangeBatch, Changed, Mark, Store, decode_text
from satchel.store.database import Value, first_row, scalar, writing
from satchel.store.rows import to_ms

INDEXED_TEXT_BYTES: Final = 2**20  # of one Piece; text beyond is not indexed
MERGED_FROM_CHANGES: Final = 10_000  # a merged index is searched faster
PURGED_UP_TO_PIECES: Final = 5_000  # merging takes about 10 ms for each 1,000 Pieces
_ROWS_AT_ONCE: Final = 4000
_HAS_FINGERPRINTS: Final = "SELECT 1 FROM sqlite_schema WHERE name GLOB 'fingerprints_*'"
_ADD_WORDS: Final = "REPLACE INTO words(rowid, title, tags, description, body, names, facets, levels) VALUES"
_ADD_PIECES: Final = "REPLACE INTO pieces(id, ulid, sha256) VALUES"
_ADD_PENDING: Final = "REPLACE INTO pending(id, counter) VALUES"
_ADD_TIMES: Final = "REPLACE INTO times(id, updated) VALUES"


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of some changes."""

    mark: Mark
    words: list[tuple[Value, ...]]
    pieces: list[tuple[Value, ...]]
    times: list[tuple[Value, ...]]
    removed: list[tuple[int]]
    word_count: int


def prepare(changes: ChangeBatch, words: Words, average: AverageLength) -> Batch:
    """Split the texts of changed Pieces into words. This is most of the work, and touches no database."""
    columns = [columns_of(one, words) for one in changes.changed]
    lengths = [count_words(row) for row in columns]
    for length in lengths:
        average.add(length)
    return Batch(
        mark=changes.mark,
        words=[
            (
                one.key,
                *row[:-1],
                f"{row[-1]} {length_facets(length_limits(length / average.value))}".strip(),
                levels_of(row[:-1], length, average.value),
            )
            for one, row, length in zip(changes.changed, columns, lengths, strict=True)
        ],
        pieces=[(one.key, one.piece.id, one.digest) for one in changes.changed],
        times=[(one.key, to_ms(one.piece.updated)) for one in changes.changed],
        removed=[(key,) for key in changes.removed],
        word_count=sum(lengths),
    )


def write(connection: apsw.Connection, store: Store, batch: Batch, after: Mark) -> bool:
    """Write the batch that follows the mark `after`. False, changing nothing, if the mark has moved."""
    with writing(connection):
        if mark_of(connection, store) != after:
            return False
        connection.executemany("DELETE FROM words WHERE rowid = ?", batch.removed)
        connection.executemany("DELETE FROM pieces WHERE id = ?", batch.removed)
        connection.executemany("DELETE FROM times WHERE id = ?", batch.removed)
        connection.executemany("DELETE FROM pending WHERE id = ?", batch.removed)
        vectors.erase(connection, (key for (key,) in batch.removed))
        if batch.removed and first_row(connection, _HAS_FINGERPRINTS) is not None:
            from satchel.index import resembling  # noqa: PLC0415  most stores have no fingerprints

            resembling.forget(connection, (key for (key,) in batch.removed))
        _add(connection, _ADD_WORDS, batch.words)
        _add(connection, _ADD_PIECES, batch.pieces)
        _add(connection, _ADD_TIMES, batch.times)
        _add(connection, _ADD_PENDING, [(key, batch.mark.counter) for key, *_ in batch.times])
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


def merge_if_due(connection: apsw.Connection, changes: int) -> None:
    """Merge the index after many changes, or to erase the words of removed Pieces.

    A large index is not merged for the latter, since it would take seconds: those words stay until the next merge.
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
    """Insert many rows with each statement, so that SQLite works for long without the interpreter lock."""
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
        " ".join(words.of_text(" ".join(searched_tags(piece.tags)))),
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
