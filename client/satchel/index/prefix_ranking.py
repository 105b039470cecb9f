"""The best matches of a prefix in a large index.

FTS5 merges the occurrences of every word with the prefix before it finds the first match, and again to rank. So the
Pieces are found in which such words have high levels (`satchel.index.impact`), and those with the highest sum are read:
their texts tell how often words with the prefix occur.
"""

from collections.abc import Iterable, Iterator
from operator import mul
from typing import Final

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.index.candidates import lower
from satchel.index.expressions import expression
from satchel.index.impact import COLUMN_WEIGHTS, LEVELS, B, leveled, mean_ratio
from satchel.index.query import Filter, Query
from satchel.index.updates import columns_of
from satchel.index.words import Words
from satchel.store import Changed, Store
from satchel.store.database import Value, rows

ENOUGH: Final = 1_000  # Pieces with a level
READ: Final = 100  # Pieces whose texts are read
READ_BYTES: Final = 16_384  # of one text
LOWEST_LEVELS: Final = (12, 10, 8, 7, 6, 5, 4, 3, 2, 1, 0)  # tried in this order

# FTS5's constant: https://www.sqlite.org/fts5.html#the_bm25_function
_K1: Final = 1.2
_BEST: Final = (
    "SELECT p.ulid, w.length FROM (SELECT rowid AS id, sum_of_levels(words, ?) AS score, relative_length(words) AS length"
    " FROM words WHERE words MATCH ? ORDER BY score DESC, rowid DESC LIMIT ?) AS w JOIN pieces AS p ON p.id = w.id"
)

Match = tuple[str, float]


def is_prefix_alone(query: Query) -> bool:
    """Whether the words of a query are the prefix of one word."""
    (phrase, *others) = query.phrases or (None,)
    return (
        phrase is not None and not others and phrase.is_prefix and len(phrase.words) == 1 and not phrase.whole
    )


def best_of_prefix(connection: apsw.Connection, store: Store, query: Query, limit: int) -> list[Match]:
    """Return the best matches of a prefix that is alone; none if few Pieces have a word with it and a level."""
    (prefix,) = query.phrases[0].words
    rest = Query(tuple(item for item in query.must if isinstance(item, Filter)), query.must_not)
    match, lowest = _enough(connection, rest, prefix)
    if not match:
        return []
    connection.register_fts5_function("sum_of_levels", _sum_of_levels)
    connection.register_fts5_function("relative_length", _relative_length)
    candidates = rows(connection, _BEST, lowest, match, READ)
    found = sorted(_scores(store, candidates, prefix), key=lambda one: (one[1], one[0]), reverse=True)
    return found[:limit]


def _enough(connection: apsw.Connection, rest: Query, prefix: str) -> tuple[str, int]:
    """Return the expression for Pieces in which words with the prefix have high levels, and the lowest of these."""

    def between(lowest: int, highest: int) -> str:
        return expression(rest, _leveled(prefix, lowest, highest))

    count, lowest = lower(connection, between, LOWEST_LEVELS, ENOUGH)
    return (between(lowest, LEVELS - 1), lowest) if count >= ENOUGH else ("", 0)


def _leveled(prefix: str, lowest: int, highest: int) -> str:
    levels = (f'"{leveled(prefix, level)}" *' for level in range(lowest, highest + 1))
    return f"({' OR '.join(levels)})"


def _sum_of_levels(row: apsw.FTS5ExtensionApi, *lowest: Value) -> float:
    """Add up the ratios of the words of a row that have a level from the lowest up."""
    levels = enumerate(range(int(str(lowest[0])), LEVELS))
    return sum(mean_ratio(level) * len(row.phrase_locations(number)[-1]) for number, level in levels)


def _relative_length(row: apsw.FTS5ExtensionApi, *_: object) -> float:
    """Return the number of words of a row, divided by the average."""
    return row.column_size() * row.row_count / max(row.column_total_size(), 1)


def _scores(store: Store, candidates: Iterable[tuple[str, float]], prefix: str) -> Iterator[Match]:
    """Yield the Pieces with their BM25, without the factor that all have in common."""
    words = Words()
    for ulid, length in candidates:
        try:
            piece, text = store.readable(ulid, READ_BYTES)
        except (NotFoundError, IntegrityError):  # removed by another process, or damaged
            continue
        changed = Changed(0, piece, b"", text.removesuffix(piece.description).encode(), ())
        counts = ((" " + column).count(" " + prefix) for column in columns_of(changed, words))
        ratio = sum(map(mul, counts, COLUMN_WEIGHTS)) / (1 - B + B * length)
        yield ulid, ratio * (_K1 + 1) / (ratio + _K1)
