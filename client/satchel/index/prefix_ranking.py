"""The best matches of a prefix in a large index.

FTS5 merges the occurrences of every word with the prefix before it finds the first match, and again to rank. That takes
long for a prefix of few letters. So the texts of a few candidates are read instead: they tell how often words with the
prefix occur. Of a prefix alone, the candidates are the Pieces in which such words have high levels
(`satchel.index.impact`), and of them those with the highest sum. Beside other words, they are the best matches of those
words: nearly every Piece has some word that begins with two common letters, so the prefix changes little in their order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import mul
from typing import Final

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.index.candidates import lower
from satchel.index.database import average_length
from satchel.index.expressions import expression
from satchel.index.impact import (
    COLUMN_WEIGHTS,
    LEVELS,
    B,
    count_words,
    inverse_frequency,
    leveled,
    mean_ratio,
    relative_length,
    saturated,
)
from satchel.index.query import Filter, Phrase, Query
from satchel.index.ranking import SCORED_MATCHES, Scored, ranked_among, scored_keys
from satchel.index.updates import columns_of
from satchel.index.words import Words
from satchel.store import Changed, Store
from satchel.store.database import Value, rows, scalar

ENOUGH: Final = 1_000  # Pieces with a level
ENOUGH_FILTERED: Final = 200  # the same in one language, or with a tag
READ: Final = 100  # Pieces whose texts are read
READ_BYTES: Final = 16_384  # of one text
LOWEST_LEVELS: Final = (12, 10, 8, 7, 6, 5, 4, 3, 2, 1, 0)  # tried in this order
SHORT_LETTERS: Final = 2  # a prefix of so few letters stands for very many words
BESIDE: Final = 16  # Pieces with a level that are read beside the best matches of other words
SPARE: Final = 2  # matches beside other words that are compared, for each that is wanted

_BEST: Final = (
    "SELECT p.id, p.ulid, w.length FROM (SELECT rowid AS id, sum_of_levels(words, ?) AS score, relative_length(words) AS length"
    " FROM words WHERE words MATCH ? ORDER BY score DESC, rowid DESC LIMIT ?) AS w JOIN pieces AS p ON p.id = w.id"
)
_HIGHEST: Final = (
    "SELECT rowid FROM words WHERE words MATCH ?2 ORDER BY sum_of_levels(words, ?1) DESC, rowid DESC LIMIT ?3"
)
_LEVELS_COLUMN: Final = len(COLUMN_WEIGHTS) - 1


def is_prefix_alone(query: Query) -> bool:
    """Whether the words of a query are the prefix of one word."""
    (phrase, *others) = query.phrases or (None,)
    return phrase is not None and not others and _is_of_one_word(phrase)


def short_prefix(query: Query) -> Phrase | None:
    """Return the prefix of a query if it has few letters; None if there is none, or another prefix as well."""
    prefixes = [phrase for phrase in query.phrases if phrase.is_prefix]
    if len(prefixes) != 1 or prefixes[0] not in query.must or not _is_of_one_word(prefixes[0]):
        return None
    return prefixes[0] if len(prefixes[0].words[0]) <= SHORT_LETTERS else None


def _is_of_one_word(phrase: Phrase) -> bool:
    return phrase.is_prefix and len(phrase.words) == 1 and not phrase.whole


def best_beside_prefix(
    connection: apsw.Connection, store: Store, query: Query, phrase: Phrase, limit: int
) -> list[Scored] | None:
    """Return the best matches of words and a prefix, as keys of Pieces.

    None if too few of the best matches of the words have the prefix.
    """
    rest = Query(tuple(item for item in query.must if item is not phrase), query.must_not)
    (prefix,) = phrase.words
    pieces = average_length(connection)
    matches = scored_keys(connection, rest)
    found, read = [], 0
    for one in _ratios(connection, store, matches, prefix, pieces.value):
        read += 1
        found += [one] if one.ratio else []
        if len(found) >= SPARE * limit:
            break
    if len(found) < limit and len(matches) == SCORED_MATCHES:
        return None
    having = pieces.pieces * len(found) / max(read, 1)
    weight = inverse_frequency(pieces.pieces, having)
    if len(matches) == SCORED_MATCHES:
        others = _with_high_levels(connection, rest, prefix, {one.key for one in found})
        found += _ratios(connection, store, others, prefix, pieces.value)
    scored = [(one.key, one.score + weight * saturated(one.ratio)) for one in found]
    return sorted(scored, key=lambda one: -one[1])[:limit]


@dataclass(frozen=True, slots=True)
class _Read:
    """A Piece whose text was read: its score for other words, and the ratio r = f / K of the words with a prefix."""

    key: int
    score: float
    ratio: float


def _ratios(
    connection: apsw.Connection,
    store: Store,
    matches: Iterable[Scored],
    prefix: str,
    average: float,
) -> Iterator[_Read]:
    """Yield matches with what their texts tell of a prefix."""
    words = Words()
    for key, score in matches:
        ulid = str(scalar(connection, "SELECT ulid FROM pieces WHERE id = ?", key) or "")
        columns = _columns(store, ulid, words)
        if columns is not None:
            yield _Read(key, score, _ratio(columns, prefix, count_words(columns[:-1]) / average))


def _with_high_levels(connection: apsw.Connection, rest: Query, prefix: str, known: set[int]) -> list[Scored]:
    """Return further matches of other words in which words with a prefix have high levels, with their scores."""
    match, lowest = _enough(connection, rest, prefix, BESIDE)
    if not match:
        return []
    connection.register_fts5_function("sum_of_levels", _sum_of_levels)
    found = {key for (key,) in rows(connection, _HIGHEST, lowest, match, BESIDE)} - known
    return ranked_among(connection, rest, found, len(found))


def best_of_prefix(connection: apsw.Connection, store: Store, query: Query, limit: int) -> list[Scored]:
    """Return the best matches of a prefix that is alone, as keys of Pieces.

    None are returned if few Pieces have a word with the prefix and a level.
    """
    (prefix,) = query.phrases[0].words
    rest = Query(tuple(item for item in query.must if isinstance(item, Filter)), query.must_not)
    match, lowest = _enough(connection, rest, prefix, ENOUGH_FILTERED if rest.must else ENOUGH)
    if not match:
        return []
    connection.register_fts5_function("sum_of_levels", _sum_of_levels)
    connection.register_fts5_function("relative_length", lambda row, *_: relative_length(row))
    candidates = rows(connection, _BEST, lowest, match, READ)
    found = sorted(_scores(store, candidates, prefix), key=lambda one: (one[1], one[0]), reverse=True)
    return found[:limit]


def _enough(connection: apsw.Connection, rest: Query, prefix: str, wanted: int) -> tuple[str, int]:
    """Return the expression for Pieces in which words with the prefix have high levels, and the lowest of these."""

    def between(lowest: int, highest: int) -> str:
        return expression(rest, _leveled(prefix, lowest, highest))

    count, lowest = lower(connection, between, LOWEST_LEVELS, wanted)
    return (between(lowest, LEVELS - 1), lowest) if count >= wanted else ("", 0)


def _leveled(prefix: str, lowest: int, highest: int) -> str:
    levels = (f'"{leveled(prefix, level)}" *' for level in range(lowest, highest + 1))
    return f"({' OR '.join(levels)})"


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
            yield key, saturated(_ratio(columns, prefix, length))


def _columns(store: Store, ulid: str, words: Words) -> tuple[str, ...] | None:
    """Return the words of a Piece by column; None if another process has removed it, or it is damaged."""
    try:
        piece, text = store.readable(ulid, READ_BYTES)
    except (NotFoundError, IntegrityError):
        return None
    changed = Changed(0, piece, b"", text.removesuffix(piece.description).encode(), ())
    return columns_of(changed, words)


def _ratio(columns: tuple[str, ...], prefix: str, length: float) -> float:
    """Return the ratio r = f / K of the words with a prefix; `length` is the number of words by the average."""
    counts = ((" " + column).count(" " + prefix) for column in columns)
    return float(sum(map(mul, counts, COLUMN_WEIGHTS)) / (1 - B + B * length))
