"""How near the Pieces are to a query, by their vectors.

Up to 100,000 Pieces, the cosine of every vector is computed. Beyond, a first pass compares the codes of all vectors
with the query, by the weights of the bits that differ, and the cosines of the best candidates are computed. Where few
Pieces are asked for by their keys, their vectors alone are read.

One `Nearness` belongs to one read transaction of its caller.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

import apsw

from satchel.index.vectors import BLOCK, DIMENSIONS, PLANES, STEPS, code_of
from satchel.store.database import rows, scalar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float32] | npt.NDArray[np.int16]

EXACT_BLOCKS: Final = 200  # 102,400 places
CANDIDATES: Final = 4_000  # of the first pass
WEIGHT_STEP: Final = 0.7  # of the root mean square of a query's numbers
NEIGHBOURS: Final = 10  # that make a Piece crowded
AT_ONCE: Final = 32  # blocks
FEW: Final = 1_000  # places whose vectors are read sooner than all
MAPPED_BYTES: Final = 2**30

_PLACES: Final = "SELECT id, place FROM places WHERE id IN (SELECT value FROM json_each(?))"
_IN_SPAN: Final = "(SELECT updated FROM times WHERE times.id = {key}) BETWEEN ? AND ?"
_MATCHES: Final = "{key} IN (SELECT rowid FROM words WHERE words MATCH ?)"


@dataclass(frozen=True, slots=True)
class Restriction:
    """Which Pieces may be found: expressions of FTS5 that must and must not match, and a span of time."""

    must: str = ""
    must_not: str = ""
    span: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        return bool(self.must or self.must_not or self.span)

    def condition(self, key: str) -> tuple[str, list[str | int]]:
        """Return the condition of SQL for the Piece with a key, and its values."""
        conditions: list[str] = []
        values: list[str | int] = []
        if self.must:
            conditions.append(_MATCHES.format(key=key))
            values.append(self.must)
        if self.must_not:
            conditions.append(f"NOT {_MATCHES.format(key=key)}")
            values.append(self.must_not)
        if self.span:
            conditions.append(_IN_SPAN.format(key=key))
            values += self.span
        return " AND ".join(conditions), values


class Nearness:
    """The vectors of all Pieces, as seen from the vector of a query.

    A mapped file is read faster, but each page that is read counts as memory of the process.
    """

    def __init__(
        self, connection: apsw.Connection, query: "Floats", *, mapped_bytes: int = MAPPED_BYTES
    ) -> None:
        self._connection = connection
        self._query = query
        connection.pragma("mmap_size", mapped_bytes)
        self._blocks = int(scalar(connection, "SELECT count(*) FROM vectors"))
        self._is_exact = self._blocks <= EXACT_BLOCKS

    @cached_property
    def _all(self) -> "tuple[Integers, Numbers]":
        """The keys of all places, and how close each is to the query."""
        scan = _cosines if self._is_exact else _agreements
        return scan(self._connection, self._query, self._blocks)

    def nearest(self, count: int, restriction: Restriction) -> set[int]:
        """Return the keys of the nearest Pieces that may be found."""
        import numpy as np  # noqa: PLC0415

        all_keys, closeness = self._all
        places = _highest(closeness, CANDIDATES)
        if restriction:
            passing = np.isin(all_keys[places], self._passing(all_keys[places], restriction))
            if passing.sum() < count and len(all_keys) > CANDIDATES:
                places = self._highest_allowed(restriction)
            else:
                places = places[passing]
        cosines = self._cosines_at(places)
        best = np.argsort(-cosines, kind="stable")[:count]
        return set(all_keys[places[best[cosines[best] > 0]]].tolist())

    def of(self, keys: Iterable[int]) -> dict[int, float]:
        """Return the cosines of these Pieces; 0 for one without a vector."""
        import numpy as np  # noqa: PLC0415

        found = dict.fromkeys(keys, 0.0)
        at = rows(self._connection, _PLACES, json.dumps(list(found)))
        places = np.array([place for _, place in at], np.int64)
        cosines = self._cosines_at(places).tolist()
        return found | {key: cosine for (key, _), cosine in zip(at, cosines, strict=True)}

    def crowding(self, keys: Iterable[int]) -> dict[int, float]:
        """Return how near each of these Pieces is to the others, less the average: about -0.3 to 0.3.

        This is the mean of the cosines with the ten nearest of them. A Piece that resembles many others is near to
        many queries.
        """
        import numpy as np  # noqa: PLC0415

        found = rows(self._connection, _PLACES, json.dumps(list(keys)))
        units = _vectors_at(self._connection, np.array([place for _, place in found], np.int64))
        units /= np.maximum(np.linalg.norm(units, axis=1, keepdims=True), 1)
        cosines = np.maximum(units @ units.T, 0)
        np.fill_diagonal(cosines, 0)
        closest = np.sort(cosines, axis=1)[:, -NEIGHBOURS:].sum(axis=1) / NEIGHBOURS
        less = float(closest.mean()) if found else 0.0
        return {key: value - less for (key, _), value in zip(found, closest.tolist(), strict=True)}

    def _cosines_at(self, places: "Integers") -> "Floats":
        import numpy as np  # noqa: PLC0415

        if self._is_exact and ("_all" in self.__dict__ or len(places) > FEW):
            return self._all[1][places].astype(np.float32)
        found = _vectors_at(self._connection, places)
        cosines: Floats = np.einsum("ij,j->i", found, self._query / np.float32(STEPS))  # without threads
        return cosines

    def _passing(self, keys: "Integers", restriction: Restriction) -> "Integers":
        """Return those of the keys that may be found."""
        condition, values = restriction.condition("value")
        found = rows(
            self._connection,
            f"SELECT value FROM json_each(?) WHERE {condition}",  # noqa: S608  a condition of ours
            json.dumps(keys.tolist()),
            *values,
        )
        return _integers(found)

    def _highest_allowed(self, restriction: Restriction) -> "Integers":
        """Return the best candidates among all places that may be found."""
        condition, values = restriction.condition("id")
        places = _integers(
            rows(self._connection, f"SELECT place FROM places WHERE {condition}", *values)  # noqa: S608
        )
        return places[_highest(self._all[1][places], CANDIDATES)]


def _cosines(connection: apsw.Connection, query: "Floats", blocks: int) -> "tuple[Integers, Numbers]":
    """Return the keys and the cosines of all places; 0 for a free one."""
    import numpy as np  # noqa: PLC0415

    scaled = query / np.float32(STEPS)
    wide = np.empty((BLOCK, DIMENSIONS), np.float32)
    found = np.zeros((blocks, BLOCK), np.float32)
    keys = np.zeros((blocks, BLOCK), np.int64)
    for block, of, data in connection.execute("SELECT block, keys, data FROM vectors"):
        np.copyto(wide, np.frombuffer(data, np.int8).reshape(BLOCK, DIMENSIONS))
        np.dot(wide, scaled, out=found[block])
        keys[block] = np.frombuffer(of, "<i8")
    return keys.ravel(), found.ravel()


def _agreements(connection: apsw.Connection, query: "Floats", blocks: int) -> "tuple[Integers, Numbers]":
    """Return the keys of all places, and how well their codes agree with the query: 0, or less by its weights.

    Each bit that differs costs the weight of that number of the query. The weights are 0 to 3, so counting the bits
    of two masks adds them up.
    """
    import numpy as np  # noqa: PLC0415

    signs = _as_planes(code_of(query))
    low, high = (_as_planes(code_of(bit)) for bit in _weight_bits(query))
    found = np.zeros((blocks, BLOCK), np.int16)
    keys = np.zeros((blocks, BLOCK), np.int64)
    start = 0
    cursor = connection.execute("SELECT keys, codes FROM vectors ORDER BY block")
    while some := list(islice(cursor, AT_ONCE)):
        end = start + len(some)
        keys[start:end] = np.frombuffer(b"".join(of for of, _ in some), "<i8").reshape(-1, BLOCK)
        codes = np.frombuffer(b"".join(codes for _, codes in some), np.uint64).reshape(-1, PLANES, BLOCK)
        for plane in range(PLANES):
            differing = codes[:, plane] ^ signs[plane]
            cost = np.bitwise_count(differing & high[plane])
            cost <<= 1
            cost += np.bitwise_count(differing & low[plane])
            found[start:end] -= cost
        start = end
    return keys.ravel(), found.ravel()


def _weight_bits(query: "Floats") -> "tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]":
    """Return the lower and the higher bit of the weight of each number of a query: its size, rounded."""
    import numpy as np  # noqa: PLC0415

    sizes = np.abs(query)
    step = max(float(np.sqrt(np.mean(sizes**2))) * WEIGHT_STEP, np.finfo(np.float32).tiny)
    weights = np.clip(np.rint(sizes / step), 0, 3).astype(np.uint8)
    return weights & 1, weights >> 1


def _as_planes(code: bytes) -> "npt.NDArray[np.uint64]":
    import numpy as np  # noqa: PLC0415

    return np.frombuffer(code, np.uint64)


def _vectors_at(connection: apsw.Connection, places: "Integers") -> "Floats":
    """Return the vectors at some places."""
    import numpy as np  # noqa: PLC0415

    found = np.empty((len(places), DIMENSIONS), np.int8)
    blob = None
    for row in np.argsort(places):
        block, place = divmod(int(places[row]), BLOCK)
        if blob is None:
            blob = connection.blob_open("main", "vectors", "data", block, False)  # noqa: FBT003 -- apsw's own
        else:
            blob.reopen(block)
        blob.seek(place * DIMENSIONS)
        blob.read_into(found[row])
    if blob is not None:
        blob.close()
    return found.astype(np.float32)


def _highest(values: "Numbers", count: int) -> "Integers":
    """Return the places of the highest values."""
    import numpy as np  # noqa: PLC0415

    if len(values) <= count:
        return np.arange(len(values))
    return np.argpartition(values, len(values) - count)[-count:]


def _integers(found: Sequence[tuple[int]]) -> "Integers":
    import numpy as np  # noqa: PLC0415

    return np.fromiter((value for (value,) in found), np.int64, len(found))
