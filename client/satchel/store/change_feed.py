"""The change feed, which keeps an index up to date: marks in a store's history, and the changes after one."""

from typing import Final

import apsw

from satchel.pieces.digests import combined
from satchel.pieces.model import ChangeBatch, Changed, Mark
from satchel.store.database import Row, first_row, reading, rows
from satchel.store.files import files_of, texts_of
from satchel.store.rows import HEAD, PIECE_COLUMNS, piece_of
from satchel.store.writes import last_seq

BATCH_CHANGES: Final = 2_000
BATCH_TEXT_BYTES: Final = 4 * 2**20

# Only current revisions join their content; sha256 is NULL for others.
_TEXT: Final = "CASE WHEN substr(r.media_type, 1, 5) = 'text/' THEN substr(c.data, 1, ?2) END"
_CURRENT_CONTENT: Final = f"LEFT JOIN contents AS c ON c.id = r.content AND r.seq = {HEAD}"
_REVISIONS_AFTER: Final = " ".join(
    (
        f"SELECT r.seq, r.piece, r.at, c.sha256, r.withdrawn, {_TEXT}, {PIECE_COLUMNS}",
        f"FROM revisions AS r JOIN pieces AS p ON p.id = r.piece {_CURRENT_CONTENT}",
        "WHERE r.seq > ?1 ORDER BY r.seq LIMIT ?3",
    )
)
_REMOVALS_BETWEEN: Final = "SELECT seq, piece, at FROM removals WHERE seq > ? AND seq <= ? ORDER BY seq"
_CHANGE: Final = (
    "SELECT seq, piece, at FROM revisions WHERE seq = ?1"
    " UNION ALL SELECT seq, piece, at FROM removals WHERE seq = ?1"
)
_REMOVED_LATER: Final = "SELECT 1 FROM removals WHERE seq > ? AND piece = ? LIMIT 1"


def mark_of(connection: apsw.Connection) -> Mark:
    """Return the mark of the newest change."""
    row = first_row(connection, _CHANGE, last_seq(connection))
    return Mark(*row) if row else Mark(0, 0, 0)


def recognizes(connection: apsw.Connection, mark: Mark) -> bool:
    """Whether `mark` is part of this store's history.

    If its Piece was removed later, its change is gone; the removal then proves it.
    """
    row = first_row(connection, _CHANGE, mark.counter)
    if row:
        return Mark(*row) == mark
    if mark.counter == 0:
        return True
    return first_row(connection, _REMOVED_LATER, mark.counter, mark.piece) is not None


def changes_after(connection: apsw.Connection, counter: int, text_bytes: int) -> ChangeBatch | None:
    """Return the next batch of changes after a counter; None if there are no more."""
    with reading(connection):
        batch = _Batch()
        is_last = batch.take(connection, counter, text_bytes)
        upto = last_seq(connection) if is_last else batch.marks[-1][0]
        removals = rows(connection, _REMOVALS_BETWEEN, counter, upto)
    marks = [*batch.marks[-1:], *removals[-1:]]
    if not marks:
        return None
    return ChangeBatch(
        mark=Mark(*max(marks)),
        changed=tuple(batch.changed),
        removed=(*batch.withdrawn, *(piece for _, piece, _ in removals if piece)),
    )


class _Batch:
    """A batch of revisions, limited in number and size: every mark, and the Pieces at current revisions.

    Those whose current revision withdraws them are apart.
    """

    def __init__(self) -> None:
        self.marks: list[Row] = []
        self.changed: list[Changed] = []
        self.withdrawn: list[int] = []

    def take(self, connection: apsw.Connection, counter: int, text_bytes: int) -> bool:
        """Read revisions after a counter. Return whether there are no more."""
        size = 0
        for row in connection.execute(_REVISIONS_AFTER, (counter, text_bytes, BATCH_CHANGES)):
            self.marks.append(row[:3])
            if row[3] is None:
                continue
            if row[4] is not None:
                self.withdrawn.append(row[1])
                continue
            one = _changed(connection, row, text_bytes)
            self.changed.append(one)
            size += len(one.text or b"") + sum(len(text) for _, text in one.file_texts)
            if size > BATCH_TEXT_BYTES:
                return False
        return len(self.marks) < BATCH_CHANGES


def _changed(connection: apsw.Connection, row: Row, text_bytes: int) -> Changed:
    seq, key, _, sha256, _, text, *columns = row
    piece = piece_of(tuple(columns))
    if not piece.files:
        return Changed(key, piece, sha256, text)
    digest = combined(sha256, ((stored.file.name, stored.sha256) for stored in files_of(connection, seq)))
    texts = tuple(texts_of(connection, seq, text_bytes - len(text or b"")))
    return Changed(key, piece, digest, text, texts)
