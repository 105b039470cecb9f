"""Search by meaning: the vectors of a query and of the Pieces, fused with what words find.

Only the words of a query take part. Filters, exclusions and the span of time hold for what meaning finds as well.
A query with a phrase in quotation marks, a prefix or an OR asks for words, and is not searched by meaning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import apsw

from satchel.index.expressions import expression
from satchel.index.fusion import Fused, fuse
from satchel.index.nearness import Nearness, Restriction
from satchel.index.query import Either, Filter, Query
from satchel.index.ranking import FIRST_MATCHES, Span, best_keys, scored_keys
from satchel.index.words import COMMON
from satchel.store.database import first_row, reading

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
    with reading(connection):  # the places of vectors may change meanwhile
        wanted = max(limit, FIRST_MATCHES)
        matches = [key for key, _ in best_keys(connection, query, wanted, span)]
        scores = dict(scored_keys(connection, any_word(query), span))
        near = Nearness(connection, vector)
        nearest = near.nearest(NEAREST, _restriction(query, span))
        cosines = near.of({*matches, *scores, *nearest})
        best = fuse(matches, scores, cosines, near.crowding(nearest))[:limit]
        ids = [first_row(connection, "SELECT ulid FROM pieces WHERE id = ?", one.key) for one in best]
    return [(str(row[0]), one) for row, one in zip(ids, best, strict=True) if row]


def any_word(query: Query) -> Query:
    """Return the query that one word suffices for. Words such as "the" count only if there are no others."""
    telling = [phrase for phrase in query.phrases if not COMMON.issuperset(phrase.words)]
    filters = [item for item in query.must if isinstance(item, Filter)]
    return Query((Either(tuple(telling or query.phrases)), *filters), query.must_not)


def _restriction(query: Query, span: Span | None) -> Restriction:
    """Return which Pieces the filters and exclusions of a query and the span of time allow."""
    filters = tuple(item for item in query.must if isinstance(item, Filter))
    return Restriction(
        must=expression(Query(filters, ())) if filters else "",
        must_not=expression(Query((Either(query.must_not),), ())) if query.must_not else "",
        span=span,
    )
