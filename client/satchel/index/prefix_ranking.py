"""The best matches of a long prefix that is alone in a very large index.

FTS5 merges the occurrences of every word with such a prefix before it finds the first match, and again to rank. So the
texts of a few candidates are read instead: they tell how often words with the prefix occur. The candidates are the
Pieces in which such words have high levels (`satchel.index.impact`), and of them those with the highest sum.
"""

from collections.abc import Iterable, Iterator
from operator import mul
from typing import Final

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.index.candidates import CANDIDATES, LOWEST_LEVELS, lower
from satchel.index.expressions import expression, leveled_expression
from satchel.index.impact import COLUMN_WEIGHTS, LEVELS, B, mean_ratio, relative_length, saturated
from satchel.index.query import Phrase, Query
from satchel.index.ranking import Scored, is_long_prefix, is_very_large
from satchel.index.updates import columns_of
from satchel.index.words import Words
from satchel.store import Changed, Store
from satchel.store.database import Value, rows

READ: Final = 100  # Pieces whose texts are read
READ_BYTES: Final = 16_384  # of one text

_BEST: Final = (
    "SELECT p.id, p.ulid, w.length FROM (SELECT rowid AS id, sum_of_levels(words, ?) AS score, relative_length(words) AS length"
    " FROM words WHERE words MATCH ? ORDER BY score DESC, rowid DESC LIMIT ?) AS w JOIN pieces AS p ON p.id = w.id"
)
_LEVELS_COLUMN: Final = len(COLUMN_WEIGHTS) - 1


def best_of_long_prefix(
    connection: apsw.Connection, store: Store, query: Query, limit: int
) -> list[Scored] | None:
    """Return the best matches of a long prefix in a very large index, as keys of Pieces.

    None for any other query, and if few Pieces have a word with the prefix and a level.
    """
    phrase = _only_prefix(query)
    if phrase is None or not is_very_large(connection):
        return None
    rest = Query(tuple(item for item in query.must if item is not phrase), query.must_not)

    def between(lowest: int, highest: int) -> str:
        return expression(rest, leveled_expression(phrase, lowest, highest))

    count, lowest = lower(connection, between, LOWEST_LEVELS, CANDIDATES)
    if count < CANDIDATES:
        return None
    connection.register_fts5_function("sum_of_levels", _sum_of_levels)
    connection.register_fts5_function("relative_length", lambda row, *_: relative_length(row))
    candidates = rows(connection, _BEST, lowest, between(lowest, LEVELS - 1), READ)
    scored = _scores(store, candidates, phrase.words[0])
    return sorted(scored, key=lambda one: (one[1], one[0]), reverse=True)[:limit]


def _only_prefix(query: Query) -> Phrase | None:
    """Return the long prefix of one word that is all that a query asks for beside its filters."""
    (phrase, *others) = query.phrases or (None,)
    if phrase is None or others or phrase not in query.must:
        return None
    return phrase if is_long_prefix(phrase) and phrase.is_word else None


def _sum_of_levels(row: apsw.FTS5ExtensionApi, *lowest: Value) -> float:
    """Add up the ratios of the words of a row that have a level from the lowest up."""
    levels = enumerate(range(int(str(lowest[0])), LEVELS))
    return sum(
        mean_ratio(level) * len(row.phrase_column_offsets(number, _LEVELS_COLUMN)) for number, level in levels
    )


def _scores(store: Store, candidates: Iterable[tuple[int, str, float]], prefix: str) -> Iterator[Scored]:
    """Yield the Pieces with their BM25, without the factor that all have in common."""
    words = Words()
    for key, ulid, length in candidates:
        columns = _columns(store, ulid, words)
        if columns is not None:
            counts = ((" " + column).count(" " + prefix) for column in columns)
            yield key, saturated(sum(map(mul, counts, COLUMN_WEIGHTS)) / (1 - B + B * length))


def _columns(store: Store, ulid: str, words: Words) -> tuple[str, ...] | None:
    """Return the words of a Piece by column; None if another process has removed it, or it is damaged."""
    try:
        piece, text = store.readable(ulid, READ_BYTES)
    except (NotFoundError, IntegrityError):
        return None
    changed = Changed(0, piece, b"", text.removesuffix(piece.description).encode(), ())
    return columns_of(changed, words)
