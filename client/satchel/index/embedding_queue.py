"""The queue of Pieces whose vector is missing or outdated.

Every change of a Piece puts it into the queue, in the transaction that indexes its words. A search takes Pieces
from it, the newest first, for a limited time. A Piece leaves the queue in the transaction that writes its vector,
and only if it has not changed in between; so several processes can work at once, and a killed one loses nothing.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.index import vectors
from satchel.models.embedding.texts import READ_CHARS, text_of
from satchel.store import Store
from satchel.store.database import rows, scalar, writing

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

TABLE: Final = """CREATE TABLE pending(
  id INTEGER PRIMARY KEY,
  counter INTEGER NOT NULL
) STRICT"""

AT_ONCE: Final = 16  # Pieces of one transaction: about 0.4 s of work

_NEWEST: Final = "SELECT q.id, q.counter, p.ulid FROM pending AS q JOIN pieces AS p ON p.id = q.id ORDER BY q.id DESC LIMIT ?"


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
            waiting = rows(connection, _NEWEST, AT_ONCE)
            if not waiting:
                return
            made = [(key, counter, _vector(store, encoder, ulid)) for key, counter, ulid in waiting]
            with writing(connection):
                for key, counter, vector in made:
                    connection.execute("DELETE FROM pending WHERE id = ? AND counter = ?", (key, counter))
                    if connection.changes():
                        vectors.put(connection, key, vector)
            advance(len(made))


def _vector(store: Store, encoder: "Encoder", ulid: str) -> bytes:
    """Return the vector of a Piece; zeros for one that has no text, is damaged, or has just been removed."""
    try:
        piece, text = store.readable(ulid, READ_CHARS)
    except (NotFoundError, IntegrityError):
        return bytes(vectors.DIMENSIONS)
    described = text_of(piece.title, piece.tags, text)
    return encoder.rounded(described) if described else bytes(vectors.DIMENSIONS)
