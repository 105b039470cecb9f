"""Pieces that resemble a text: by fingerprints in the index, made when they are first asked for, and by vectors.

Fingerprints find clones with other names; vectors find ports to other languages. Both add up.

The tables are made and filled on demand, so a store whose owner never asks for similar Pieces has none. A removed
Piece loses its fingerprint in the transaction that removes its words. The
smallest hashes of each fingerprint are a key: a text is compared only with the Pieces that share some of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import apsw

from satchel.errors import NotFoundError
from satchel.index.nearness import Nearness, Restriction
from satchel.index.vectors import STEPS
from satchel.models.embedding import open_encoder
from satchel.models.embedding.texts import views_of
from satchel.models.similarity import (
    FINGERPRINT_VERSION,
    Fingerprint,
    fingerprint,
    packed,
    resemblance,
    shared_names,
    unpacked,
)
from satchel.store import Store
from satchel.store.database import first_row, reading, rows, writing

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

KEY_HASHES: Final = 24
MAX_COMPARED: Final = 300
LEAST: Final = 0.12
LEAST_MEANING: Final = 0.45  # a text that has nothing to do with another rarely reaches it
_SAME: Final = 0.95
_CLONE: Final = 0.6
NEAREST: Final = 100  # Pieces by meaning that are compared
_TEXT_BYTES: Final = 65_536
_BATCH: Final = 200
# The names of the tables have the version of fingerprints, so a new version starts anew.
_PRINTS: Final = f"fingerprints_{FINGERPRINT_VERSION}"
_SHINGLES: Final = f"shingles_{FINGERPRINT_VERSION}"
_MAKE_PRINTS: Final = f"CREATE TABLE IF NOT EXISTS {_PRINTS}(id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, data BLOB NOT NULL) STRICT"
_MAKE_SHINGLES: Final = (
    f"CREATE TABLE IF NOT EXISTS {_SHINGLES}(hash INTEGER NOT NULL, id INTEGER NOT NULL,"
    " PRIMARY KEY(hash, id)) STRICT, WITHOUT ROWID"
)
_TABLES: Final = (_MAKE_PRINTS, _MAKE_SHINGLES)
_MISSING: Final = (
    f"SELECT p.id, p.ulid, p.sha256 FROM pieces p LEFT JOIN {_PRINTS} f USING(id)"  # noqa: S608  a name of ours
    " WHERE f.sha256 IS NOT p.sha256 LIMIT ?"
)
_IS_CURRENT: Final = "SELECT 1 FROM pieces WHERE id = ? AND sha256 = ?"  # another process may have changed it


@dataclass(frozen=True, slots=True)
class Resembling:
    """A Piece that resembles a text: its id, how much of the shape and of the names they share.

    `meaning` is the cosine of their vectors, from 0 to 1; 0 without vectors.
    """

    piece_id: str
    shape: float
    names: float
    meaning: float = 0.0

    @property
    def score(self) -> float:
        """How similar they are, from 0 to 2."""
        return likeness(self.shape, self.meaning)


def likeness(shape: float, meaning: float) -> float:
    """Return how similar two texts are, by their fingerprints and by their vectors."""
    return shape + max(0.0, meaning)


def reason_of(one: Resembling) -> str:
    """Return in words why a Piece resembles a text."""
    if one.shape >= _SAME and one.names >= _SAME:
        return "the same code"
    if one.shape >= _CLONE:
        return "the same structure" if one.names > _CLONE else "the same structure with other names"
    return "similar meaning" if one.meaning >= LEAST_MEANING else "parts of the structure"


def vector_of(text: str) -> "npt.NDArray[np.float32] | None":
    """Return the vector of a text as a Piece of it has one; None if there is nothing to read. Loads MiniLM."""
    import numpy as np  # noqa: PLC0415

    views = views_of("", (), text, None)
    if not views:
        return None
    return np.frombuffer(open_encoder().rounded_sum(views), np.int8).astype(np.float32) / np.float32(STEPS)


def resembling(
    connection: apsw.Connection, text: str, limit: int, vector: "npt.NDArray[np.float32] | None" = None
) -> list[Resembling]:
    """Return the Pieces that resemble a text, the most similar first: by fingerprints, and with a vector by meaning."""
    wanted = fingerprint(text)
    with reading(connection):  # the places of vectors may change meanwhile
        keys = set(_candidates(connection, wanted)) if wanted.shape else set()
        cosines: dict[int, float] = {}
        if vector is not None:
            near = Nearness(connection, vector)
            keys |= near.nearest(NEAREST, Restriction())
            cosines = near.of(keys)
        found = [_compared(connection, key, wanted, cosines.get(key, 0.0)) for key in sorted(keys)]
    kept = [one for one in found if one and (one.shape >= LEAST or one.meaning >= LEAST_MEANING)]
    return sorted(kept, key=lambda one: (-one.score, -one.names, one.piece_id))[:limit]


def catch_up(connection: apsw.Connection, store: Store, advance: Callable[[int], None]) -> None:
    """Fingerprint the Pieces that have none of their current content."""
    for table in _TABLES:
        connection.execute(table)
    while missing := list(rows(connection, _MISSING, _BATCH)):
        made = [
            (int(str(key)), bytes(digest), _fingerprint_of(store, str(ulid))) for key, ulid, digest in missing
        ]
        with writing(connection):
            forget(connection, [key for key, _, _ in made])
            made = [one for one in made if first_row(connection, _IS_CURRENT, *one[:2]) is not None]
            connection.executemany(
                f"INSERT INTO {_PRINTS} VALUES(?, ?, ?)",
                [(key, digest, packed(one)) for key, digest, one in made],
            )
            connection.executemany(
                f"INSERT INTO {_SHINGLES} VALUES(?, ?)",
                [(value, key) for key, _, one in made for value in one.shape[:KEY_HASHES]],
            )
        advance(len(missing))


def _fingerprint_of(store: Store, piece_id: str) -> Fingerprint:
    try:
        piece, text = store.readable(piece_id, _TEXT_BYTES)
        return fingerprint(text.removesuffix(piece.description))
    except NotFoundError:  # removed by another process
        return Fingerprint((), ())


def forget(connection: apsw.Connection, keys: Iterable[int]) -> None:
    """Delete the fingerprints of Pieces, in a transaction of the caller. The tables must exist."""
    for key in keys:
        query = f"SELECT data FROM {_PRINTS} WHERE id = ?"  # noqa: S608
        row = first_row(connection, query, key)
        if row is None:
            continue
        connection.executemany(
            f"DELETE FROM {_SHINGLES} WHERE hash = ? AND id = ?",  # noqa: S608
            [(value, key) for value in unpacked(bytes(row[0])).shape[:KEY_HASHES]],
        )
        connection.execute(f"DELETE FROM {_PRINTS} WHERE id = ?", (key,))  # noqa: S608


def _candidates(connection: apsw.Connection, wanted: Fingerprint) -> list[int]:
    """Return the keys of the Pieces that share most of the smallest hashes."""
    keys = wanted.shape[: 2 * KEY_HASHES]
    places = ",".join("?" * len(keys))
    query = (
        f"SELECT id FROM {_SHINGLES} WHERE hash IN ({places})"  # noqa: S608
        f" GROUP BY id ORDER BY count(*) DESC LIMIT {MAX_COMPARED}"
    )
    return [int(str(key)) for (key,) in rows(connection, query, *keys)]


def _compared(
    connection: apsw.Connection, key: int, wanted: Fingerprint, meaning: float
) -> Resembling | None:
    """Compare one Piece; None if it is gone."""
    query = f"SELECT p.ulid, f.data FROM pieces p JOIN {_PRINTS} f USING(id) WHERE id = ?"  # noqa: S608
    row = first_row(connection, query, key)
    if row is None:
        return None
    other = unpacked(bytes(row[1]))
    return Resembling(
        str(row[0]), resemblance(wanted, other), shared_names(wanted, other), max(0.0, min(1.0, meaning))
    )
