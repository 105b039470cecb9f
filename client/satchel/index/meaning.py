"""Search by meaning: the vectors of a query and of the Pieces, fused with what words find.

Only the words of a query take part. Filters, exclusions and the span of time hold for what meaning finds as well.
A query with a phrase in quotation marks, a prefix or an OR asks for words, and is not searched by meaning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import apsw

from satchel.index import vectors
from satchel.index.expressions import expression
from satchel.index.fusion import Fused, fuse
from satchel.index.query import Either, Filter, Query
from satchel.index.ranking import FIRST_MATCHES, Span, best_keys
from satchel.index.words import COMMON
from satchel.store.database import first_row, rows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NEAREST: Final = 100  # Pieces by meaning that are candidates of one search
BUDGET_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a search uses meaning.

    `budget_s` limits the time for embedding Pieces that wait; None embeds all. `advance` receives the number of
    Pieces embedded by each batch.
    """

    budget_s: float | None = BUDGET_S
    advance: Callable[[int], None] = field(default=lambda _pieces: None)


def fused_matches(
    connection: apsw.Connection,
    query: Query,
    vector: "npt.NDArray[np.float32]",
    limit: int,
    span: Span | None,
) -> list[tuple[str, Fused]]:
    """Return what the words of a query or its meaning find, the best first, with the ids of the Pieces."""
    wanted = max(limit, FIRST_MATCHES)
    matches = [key for key, _ in best_keys(connection, query, wanted, span)]
    scores = dict(best_keys(connection, any_word(query), wanted, span))
    near = _Nearness(connection, vector)
    nearest = near.best(_allowed(connection, query, span), _excluded(connection, query))
    best = fuse(matches, scores, near.of({*matches, *scores, *nearest}))[:limit]
    ids = [first_row(connection, "SELECT ulid FROM pieces WHERE id = ?", one.key) for one in best]
    return [(str(row[0]), one) for row, one in zip(ids, best, strict=True) if row]


def any_word(query: Query) -> Query:
    """Return the query that one word suffices for. Words such as "the" count only if there are no others."""
    telling = [phrase for phrase in query.phrases if not COMMON.issuperset(phrase.words)]
    filters = [item for item in query.must if isinstance(item, Filter)]
    return Query((Either(tuple(telling or query.phrases)), *filters), query.must_not)


def _allowed(connection: apsw.Connection, query: Query, span: Span | None) -> "npt.NDArray[np.int64] | None":
    """Return the keys of the Pieces that pass the filters and the span; None if all do."""
    import numpy as np  # noqa: PLC0415

    filters = tuple(item for item in query.must if isinstance(item, Filter))
    allowed = vectors.keys_of(connection, expression(Query(filters, ()))) if filters else None
    if span is None:
        return allowed
    found = rows(connection, "SELECT id FROM times WHERE updated BETWEEN ? AND ?", *span)
    in_span = np.fromiter((key for (key,) in found), np.int64, len(found))
    return in_span if allowed is None else np.intersect1d(allowed, in_span)


def _excluded(connection: apsw.Connection, query: Query) -> "npt.NDArray[np.int64] | None":
    """Return the keys of the Pieces that the query excludes; None if it excludes none."""
    if not query.must_not:
        return None
    return vectors.keys_of(connection, expression(Query((Either(query.must_not),), ())))


class _Nearness:
    """The cosines of all Pieces with a query."""

    def __init__(self, connection: apsw.Connection, vector: "npt.NDArray[np.float32]") -> None:
        import numpy as np  # noqa: PLC0415

        self._blocks = vectors.cosines(connection, vector)
        self._rows = {block: row for row, block in enumerate(self._blocks)}
        self._starts = np.fromiter(self._blocks, np.int64, len(self._blocks)) * vectors.BLOCK
        self._values = (
            np.concatenate(list(self._blocks.values())) if self._blocks else np.zeros(0, np.float32)
        )

    def best(
        self, allowed: "npt.NDArray[np.int64] | None", excluded: "npt.NDArray[np.int64] | None"
    ) -> set[int]:
        """Return the keys of the nearest Pieces."""
        import numpy as np  # noqa: PLC0415

        values = self._values
        if allowed is not None:
            places = self._places(allowed)
            kept = np.zeros_like(values)
            kept[places] = values[places]
            values = kept
        if excluded is not None:
            values = values.copy()
            values[self._places(excluded)] = 0
        if len(values) > NEAREST:
            places = np.argpartition(values, len(values) - NEAREST)[-NEAREST:]
        else:
            places = np.arange(len(values))
        places = places[values[places] > 0]
        keys = self._starts[places // vectors.BLOCK] + places % vectors.BLOCK
        return set(keys.tolist())

    def of(self, keys: set[int]) -> dict[int, float]:
        """Return the cosines of these Pieces; 0 for one without a vector."""
        found = {}
        for key in keys:
            block, place = divmod(key, vectors.BLOCK)
            row = self._rows.get(block)
            found[key] = 0.0 if row is None else float(self._values[row * vectors.BLOCK + place])
        return found

    def _places(self, keys: "npt.NDArray[np.int64]") -> "npt.NDArray[np.int64]":
        """Return where the values of these Pieces are, leaving out those of rows that do not exist."""
        import numpy as np  # noqa: PLC0415

        if not len(self._starts):
            return np.zeros(0, np.int64)
        starts = keys // vectors.BLOCK * vectors.BLOCK
        found = np.searchsorted(self._starts, starts).clip(max=len(self._starts) - 1)
        is_here = self._starts[found] == starts
        places: npt.NDArray[np.int64] = (found * vectors.BLOCK + keys % vectors.BLOCK)[is_here]
        return places
