"""Pieces that resemble a text: fingerprints in the index, made when they are first asked for.

The tables are made and filled on demand, so a store whose owner never asks for similar Pieces has none. A removed
Piece loses its fingerprint in the transaction that removes its words. The
smallest hashes of each fingerprint are a key: a text is compared only with the Pieces that share some of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.errors import NotFoundError
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
from satchel.store.database import first_row, rows, writing

KEY_HASHES: Final = 24
MAX_COMPARED: Final = 300
LEAST: Final = 0.12
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
    """A Piece that resembles a text: its id, how much of the shape and of the names they share."""

    piece_id: str
    shape: float
    names: float


def resembling(connection: apsw.Connection, text: str, limit: int) -> list[Resembling]:
    """Return the Pieces that resemble a text, the most similar first."""
    wanted = fingerprint(text)
    if not wanted.shape:
        return []
    found = [one for one in _compared(connection, wanted) if one.shape >= LEAST]
    return sorted(found, key=lambda one: (-one.shape, -one.names, one.piece_id))[:limit]


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


def _compared(connection: apsw.Connection, wanted: Fingerprint) -> list[Resembling]:
    keys = wanted.shape[: 2 * KEY_HASHES]
    places = ",".join("?" * len(keys))
    candidates = rows(
        connection,
        f"SELECT p.ulid, f.data FROM (SELECT id FROM {_SHINGLES}"  # noqa: S608
        f" WHERE hash IN ({places}) GROUP BY id ORDER BY count(*) DESC LIMIT {MAX_COMPARED}) c"
        f" JOIN {_PRINTS} f USING(id) JOIN pieces p USING(id)",
        *keys,
    )
    found: list[Resembling] = []
    for ulid, data in candidates:
        other = unpacked(bytes(data))
        found.append(Resembling(str(ulid), resemblance(wanted, other), shared_names(wanted, other)))
    return found
