"""The best matches of one word, phrase or name in a very large index.

FTS5's BM25 reads the matches of a phrase once to count them and once to score each. Of a query with one phrase, the
count only scales the scores. So Pieces that may be the best are found and scored in one pass: those in which the
words have high levels (`satchel.index.impact`), and if too few are good, the shortest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import mul
from typing import Final

import apsw

from satchel.index.candidates import LOWEST_LEVELS
from satchel.index.expressions import alternatives, expression, leveled_expression, up_to_length
from satchel.index.impact import (
    COLUMN_WEIGHTS,
    LENGTH_LIMITS,
    LEVELS,
    B,
    inverse_frequency,
    lowest_ratio,
    relative_length,
    saturated,
)
from satchel.index.query import Phrase, Query

FEW: Final = 200  # matches, of which one pass is enough
SCORED: Final = 1_000  # matches, of which all are scored
CANDIDATES: Final = 1_000  # that are scored in one pass, of more matches
SHORTEST: Final = 500  # Pieces that are scored for their length
SAMPLE: Final = 300  # matches that tell how long the Pieces are
LOWEST_OF_PHRASES: Final = (8, 4, 0)  # levels, tried in this order

_VISITED: Final = "SELECT visit(words) FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"


_Scored = tuple[int, tuple[float, ...]]
"""A match: its key, and the ratio r = f / K of each way to write the phrase."""


@dataclass(slots=True)
class _Found:
    """Scored matches, some of them several times, and the number of all Pieces; 0 if nothing matches."""

    scored: list[_Scored] = field(default_factory=list)
    pieces: int = 0

    def best(self, limit: int, matches: int) -> list[tuple[int, float]]:
        """Return the best as keys of Pieces with their BM25, for about this number of all matches."""
        weights = _weights(self.scored, matches / max(1, len(self.scored)), self.pieces)
        scored = {(_score(ratios, weights), key) for key, ratios in self.scored}
        return [(key, score) for score, key in sorted(scored, reverse=True)[:limit]]


def best_of_few(connection: apsw.Connection, query: Query, limit: int) -> list[tuple[int, float]] | None:
    """Return the best matches of a query with one phrase, found and scored in one pass; None if there are many.

    Words that are common by themselves may be rare as a phrase, and each pass reads all of their places.
    """
    found = _Found()
    count = _collect(connection, _phrase_first(query), found, FEW)
    return None if count == FEW else found.best(limit, count)


def best_of_phrase(
    connection: apsw.Connection, query: Query, limit: int, matches: int
) -> list[tuple[int, float]]:
    """Return the best matches of a query with one phrase as keys of Pieces, with their scores.

    `matches` is about their number. They are exact if it is below `SCORED`.
    """
    ordered, found = _phrase_first(query), _Found()
    if matches < SCORED:
        _collect(connection, ordered, found, SCORED)
    else:
        _collect_likely_best(connection, ordered, found, limit, matches)
    return found.best(limit, matches)


def _phrase_first(query: Query) -> Query:
    """Return the query with its phrase first, whose ways to write it are then the first phrases of FTS5."""
    ordered = sorted(query.must, key=lambda item: not isinstance(item, Phrase))
    return Query(tuple(ordered), query.must_not)


def _collect_likely_best(
    connection: apsw.Connection, query: Query, found: _Found, limit: int, matches: int
) -> None:
    """Add the matches that may be the best of very many."""
    (phrase,) = query.phrases
    highest = LEVELS - 1
    for lowest in LOWEST_LEVELS if phrase.is_word else LOWEST_OF_PHRASES:
        count = _collect(connection, query, found, CANDIDATES, leveled_expression(phrase, lowest, highest))
        if _has_best(found, limit, lowest):
            return
        if count == CANDIDATES:  # lower levels would show no others
            break
        if phrase.is_word:  # the words of a phrase may have levels of two ranges
            highest = lowest - 1
    _collect_shortest(connection, query, found, matches)


def _collect_shortest(connection: apsw.Connection, query: Query, found: _Found, matches: int) -> None:
    """Add the matches in short Pieces, or the newest ones if most are long."""
    lengths: list[float] = []
    _visit(connection, expression(query), SAMPLE, lambda row, *_: lengths.append(relative_length(row)))
    wanted = SHORTEST * SAMPLE / matches
    for number, limit in enumerate(LENGTH_LIMITS):
        if sum(length <= limit for length in lengths) >= wanted:
            _collect(connection, query, found, CANDIDATES, up_to_length(number))
            return
    _collect(connection, query, found, CANDIDATES)


def _has_best(found: _Found, limit: int, lowest: int) -> bool:
    """Whether enough matches have ratios that no match can have whose words have lower levels."""
    best = {key for key, ratios in found.scored if max(ratios) >= lowest_ratio(lowest)}
    return len(best) >= limit


def _collect(
    connection: apsw.Connection, query: Query, found: _Found, limit: int, condition: str = ""
) -> int:
    """Add the newest matches of a query that begins with its phrase and of a condition; return their number."""
    match = f"({expression(query)}) AND {condition}" if condition else expression(query)
    before = len(found.scored)
    _visit(connection, match, limit, _collector(found, len(alternatives(query.phrases[0]))))
    return len(found.scored) - before


def _visit(connection: apsw.Connection, match: str, limit: int, visit: Callable[..., None]) -> None:
    """Call a function with the newest matches of an expression."""
    connection.register_fts5_function("visit", visit)
    # a cached statement would call the function of an earlier query
    connection.execute(_VISITED, (match, limit), can_cache=False).fetchall()


def _collector(found: _Found, ways: int) -> Callable[..., None]:
    """Return the function that adds each match."""
    numbers = range(ways)

    def collect(row: apsw.FTS5ExtensionApi, *_: object) -> None:
        norm = 1 - B + B * relative_length(row)
        places = map(row.phrase_locations, numbers)
        ratios = tuple([sum(map(mul, COLUMN_WEIGHTS, map(len, columns))) / norm for columns in places])
        found.scored.append((row.rowid, ratios))
        found.pieces = row.row_count

    return collect


def _weights(first: list[_Scored], scale: float, pieces: int) -> list[float]:
    """Return the inverse document frequency of each way to write a phrase, estimated from the first matches."""
    counts = (sum(map(bool, ratios)) * scale for ratios in zip(*(ratios for _, ratios in first), strict=True))
    return [inverse_frequency(pieces, count) for count in counts]


def _score(ratios: tuple[float, ...], weights: list[float]) -> float:
    """Return the BM25 of a match."""
    return sum(weight * saturated(ratio) for weight, ratio in zip(weights, ratios, strict=True))
