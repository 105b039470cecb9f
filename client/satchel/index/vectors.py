"""The vectors of the Pieces in index.db: where they are, and how they are written and erased.

A vector has 384 signed bytes in steps of 1/512 (`satchel.models.embedding.encoder`), and a code of 384 bits that tell
the signs. 512 places are one row, so that reading all is fast. A Piece gets a free place with its first vector and
keeps it until it is removed; its key stands beside the vector. A free place holds zeros.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import apsw

from satchel.store.database import first_row, scalar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DIMENSIONS: Final = 384
STEPS: Final = 512
BLOCK: Final = 512  # places of one row
KEY_BYTES: Final = 8
PLANE_BYTES: Final = 8  # of a code; equal parts of the 512 codes of a row are together
PLANES: Final = DIMENSIONS // 8 // PLANE_BYTES

TABLES: Final = (
    """CREATE TABLE vectors(
  block INTEGER PRIMARY KEY,
  keys BLOB NOT NULL,
  codes BLOB NOT NULL,
  data BLOB NOT NULL
) STRICT""",
    """CREATE TABLE places(
  id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE free_places(
  place INTEGER PRIMARY KEY
) STRICT""",
)

_NO_VECTOR: Final = bytes(DIMENSIONS)
_NO_CODE: Final = bytes(DIMENSIONS // 8)
_ADD_BLOCK: Final = "INSERT INTO vectors VALUES(?, zeroblob(?), zeroblob(?), zeroblob(?))"
_FREE: Final = "INSERT INTO free_places VALUES(?)"
_TAKE: Final = "DELETE FROM free_places WHERE place = (SELECT min(place) FROM free_places) RETURNING place"


def put(connection: apsw.Connection, key: int, vector: bytes) -> None:
    """Write the vector of a Piece, in a transaction of the caller."""
    place = _place_of(connection, key)
    if place is None:
        place = _take_place(connection)
        connection.execute("INSERT INTO places VALUES(?, ?)", (key, place))
    _overwrite(connection, {place: (key, vector)})


def erase(connection: apsw.Connection, keys: Iterable[int]) -> None:
    """Overwrite the vectors of Pieces with zeros, in a transaction of the caller."""
    freed = {}
    for key in keys:
        place = _place_of(connection, key)
        if place is not None:
            freed[place] = (0, _NO_VECTOR)
            connection.execute("DELETE FROM places WHERE id = ?", (key,))
            connection.execute(_FREE, (place,))
    _overwrite(connection, freed)


def code_of(vector: "npt.NDArray[np.number]") -> bytes:
    """Return the code of a vector: a bit for each number, set if it is positive."""
    import numpy as np  # noqa: PLC0415

    return np.packbits(vector > 0).tobytes()


def _place_of(connection: apsw.Connection, key: int) -> int | None:
    row = first_row(connection, "SELECT place FROM places WHERE id = ?", key)
    return None if row is None else int(row[0])


def _take_place(connection: apsw.Connection) -> int:
    """Return a free place, which is free no more. Add a row if there is none."""
    row = first_row(connection, _TAKE)
    if row is not None:
        return int(row[0])
    block = int(scalar(connection, "SELECT coalesce(max(block) + 1, 0) FROM vectors") or 0)
    connection.execute(
        _ADD_BLOCK, (block, BLOCK * KEY_BYTES, BLOCK * PLANES * PLANE_BYTES, BLOCK * DIMENSIONS)
    )
    first = block * BLOCK
    connection.executemany(_FREE, [(place,) for place in range(first + 1, first + BLOCK)])
    return first


def _overwrite(connection: apsw.Connection, written: Mapping[int, tuple[int, bytes]]) -> None:
    """Write keys and vectors at their places."""
    blocks: dict[int, dict[int, tuple[int, bytes]]] = defaultdict(dict)
    for place, entry in written.items():
        blocks[place // BLOCK][place % BLOCK] = entry
    for block, entries in blocks.items():
        keys, codes, vectors = {}, {}, {}
        for place, (key, vector) in entries.items():
            keys[place * KEY_BYTES] = key.to_bytes(KEY_BYTES, "little", signed=True)
            for plane, bits in enumerate(_planes(vector)):
                codes[(plane * BLOCK + place) * PLANE_BYTES] = bits
            vectors[place * DIMENSIONS] = vector
        for column, parts in (("keys", keys), ("codes", codes), ("data", vectors)):
            with connection.blob_open("main", "vectors", column, block, True) as blob:  # noqa: FBT003 -- apsw's own
                for at, part in parts.items():
                    blob.seek(at)
                    blob.write(part)


def _planes(vector: bytes) -> list[bytes]:
    """Return the code of a vector of signed bytes, cut into its planes."""
    code = _NO_CODE
    if vector != _NO_VECTOR:
        import numpy as np  # noqa: PLC0415

        code = code_of(np.frombuffer(vector, np.int8))
    return [code[at : at + PLANE_BYTES] for at in range(0, len(code), PLANE_BYTES)]
