"""The vectors of the Pieces in index.db, and the exact search among them.

A vector has 384 signed bytes in steps of 1/512 (`satchel.models.embedding.encoder`). 512 of them are one row, so
that reading all is fast; the place of a vector follows from the key of its Piece. A Piece without a vector has
zeros there. Vectors are written and erased in place.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import apsw

from satchel.store.database import first_row, rows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

DIMENSIONS: Final = 384
STEPS: Final = 512
BLOCK: Final = 512  # vectors of one row
MAPPED_BYTES: Final = 2**30

TABLE: Final = """CREATE TABLE vectors(
  block INTEGER PRIMARY KEY,
  data BLOB NOT NULL
) STRICT"""

_NO_VECTOR: Final = bytes(DIMENSIONS)


def put(connection: apsw.Connection, key: int, vector: bytes) -> None:
    """Write the vector of a Piece, in a transaction of the caller."""
    block, place = divmod(key, BLOCK)
    if first_row(connection, "SELECT 1 FROM vectors WHERE block = ?", block) is None:
        connection.execute("INSERT INTO vectors VALUES(?, zeroblob(?))", (block, BLOCK * DIMENSIONS))
    _overwrite(connection, block, {place: vector})


def erase(connection: apsw.Connection, keys: Iterable[int]) -> None:
    """Overwrite the vectors of Pieces with zeros, in a transaction of the caller."""
    places: dict[int, dict[int, bytes]] = defaultdict(dict)
    for key in keys:
        block, place = divmod(key, BLOCK)
        places[block][place] = _NO_VECTOR
    for block, written in places.items():
        if first_row(connection, "SELECT 1 FROM vectors WHERE block = ?", block) is not None:
            _overwrite(connection, block, written)


def _overwrite(connection: apsw.Connection, block: int, written: Mapping[int, bytes]) -> None:
    with connection.blob_open("main", "vectors", "data", block, True) as blob:  # noqa: FBT003 -- apsw's own
        for place, vector in written.items():
            blob.seek(place * DIMENSIONS)
            blob.write(vector)


def is_empty(connection: apsw.Connection) -> bool:
    """Whether no Piece has ever had a vector."""
    return first_row(connection, "SELECT 1 FROM vectors LIMIT 1") is None


def cosines(connection: apsw.Connection, query: "Floats") -> "dict[int, Floats]":
    """Return the cosine of the query with every vector, by block; 0 where there is no vector."""
    import numpy as np  # noqa: PLC0415

    connection.pragma("mmap_size", MAPPED_BYTES)
    scaled = query / np.float32(STEPS)
    wide = np.empty((BLOCK, DIMENSIONS), np.float32)
    found = {}
    for block, data in connection.execute("SELECT block, data FROM vectors ORDER BY block"):
        np.copyto(wide, np.frombuffer(data, np.int8).reshape(BLOCK, DIMENSIONS))
        found[block] = wide @ scaled
    return found


def keys_of(connection: apsw.Connection, match: str) -> "npt.NDArray[np.int64]":
    """Return the keys of the Pieces that match an expression of FTS5."""
    import numpy as np  # noqa: PLC0415

    found = rows(connection, "SELECT rowid FROM words WHERE words MATCH ?", match)
    return np.fromiter((key for (key,) in found), np.int64, len(found))
