"""The queue of Pieces whose vector is missing or outdated.

Every change of a Piece puts it into the queue, in the transaction that indexes its words. A search takes Pieces
from it, the newest first, for a limited time. What one process has taken, no other takes for some seconds, so
several processes share the work; one that finds nothing else waits for them. A Piece leaves the queue in the
transaction that writes its vector, and only if it has not changed in between. A killed process loses nothing: what it
had taken is free again after these seconds.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.index import vectors
from satchel.models.embedding.texts import READ_CHARS, views_of
from satchel.store import Store
from satchel.store.database import rows, scalar, writing

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

TABLE: Final = """CREATE TABLE pending(
  id INTEGER PRIMARY KEY,
  counter INTEGER NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0
) STRICT"""

AT_ONCE: Final = 16  # Pieces of one transaction: about 0.4 s of work

TAKEN_MS: Final = 5_000  # longer than a slow core needs for so many
_WAIT_S: Final = 0.02

_FREE: Final = (
    "SELECT q.id, q.counter, p.ulid FROM pending AS q JOIN pieces AS p ON p.id = q.id"
    " WHERE q.taken NOT BETWEEN ? AND ? ORDER BY q.id DESC LIMIT ?"
)
_TAKE: Final = "UPDATE pending SET taken = ? WHERE id = ? AND counter = ?"

_Taken = tuple[int, int, str]
"""The key of a Piece, the change that put it into the queue, and its id."""


def count(connection: apsw.Connection) -> int:
    """Count the Pieces in the queue."""
    return int(scalar(connection, "SELECT count(*) FROM pending") or 0)


def catch_up(
    connection: apsw.Connection,
    store: Store,
    encoder: "Encoder",
    *,
    budget_s: float | None,
    advance: Callable[[int], None],
) -> None:
    """Embed Pieces of the queue until it is empty or the time is up.

    Stop early if another process writes to the index for long.
    """
    until = None if budget_s is None else time.monotonic() + budget_s
    with suppress(apsw.BusyError):
        while until is None or time.monotonic() < until:
            taken = _take(connection)
            if taken:
                _embed(connection, store, encoder, taken)
                advance(len(taken))
            elif count(connection):
                time.sleep(_WAIT_S)
            else:
                return


def _take(connection: apsw.Connection) -> list[_Taken]:
    """Take the newest Pieces that no other process has taken in the last seconds."""
    if not count(connection):
        return []
    with writing(connection):
        now_ms = int(time.time() * 1000)
        found: list[_Taken] = rows(connection, _FREE, now_ms - TAKEN_MS, now_ms, AT_ONCE)
        connection.executemany(_TAKE, [(now_ms, key, counter) for key, counter, _ in found])
    return found


def _embed(connection: apsw.Connection, store: Store, encoder: "Encoder", taken: list[_Taken]) -> None:
    """Write the vectors of Pieces and remove them from the queue; put them back if that is interrupted."""
    try:
        made = [(key, counter, _vector(store, encoder, ulid)) for key, counter, ulid in taken]
        with writing(connection):
            for key, counter, vector in made:
                connection.execute("DELETE FROM pending WHERE id = ? AND counter = ?", (key, counter))
                if connection.changes():
                    vectors.put(connection, key, vector)
    except BaseException:
        with suppress(apsw.Error), writing(connection):
            connection.executemany(_TAKE, [(0, key, counter) for key, counter, _ in taken])
        raise


def _vector(store: Store, encoder: "Encoder", ulid: str) -> bytes:
    """Return the vector of a Piece; zeros for one that has no text, is damaged, or has just been removed."""
    try:
        piece, text = store.readable(ulid, READ_CHARS)
    except (NotFoundError, IntegrityError):
        return bytes(vectors.DIMENSIONS)
    views = views_of(piece.title, piece.tags, text, piece.language)
    return encoder.rounded_sum(views) if views else bytes(vectors.DIMENSIONS)
