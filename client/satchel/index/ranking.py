"""The best matches of a query.

Ranking a match takes about twenty times as long as finding it, so of a common word only the best candidates are
ranked: those in which a word of the query has a high level (`satchel.index.impact`). They hold the best matches
of a single word, and nearly always those of several words. Where there are few candidates, all matches are ranked.
So they are for a prefix: it stands for many words, and the levels of these do not add up to its own.
"""

from typing import Final, Literal

import apsw

from satchel.index.expressions import expression, leveled_expression
from satchel.index.impact import COLUMN_WEIGHTS, LEVELS
from satchel.index.query import Phrase, Query
from satchel.store.database import rows, scalar

LARGE_PIECES: Final = 50_000  # in a smaller index every match is ranked
FIRST_MATCHES: Final = 50  # what lies beyond is found by ranking every match
SCORED_MATCHES: Final = 200
RANKED_MATCHES: Final = 20_000  # of fewer matches all are ranked
RANKED_OF_ONE_WORD: Final = 5_000  # the same for a single word, whose candidates are always the best
CANDIDATES: Final = 1_000
LEVEL_RANGE: Final = 4

_IN_SPAN: Final = " AND (SELECT updated FROM times WHERE times.id = words.rowid) BETWEEN ? AND ?"
_RANKED: Final = (
    "SELECT p.{column}, -w.score FROM (SELECT rowid AS id, bm25(words, ?, ?, ?, ?, ?, ?, ?) AS score FROM words"
    " WHERE words MATCH ?{span} ORDER BY score, rowid DESC LIMIT ? OFFSET ?) AS w JOIN pieces AS p ON p.id = w.id"
    " ORDER BY w.score, p.id DESC"
)
_NEWEST: Final = (
    "SELECT p.ulid, 0.0 FROM (SELECT rowid AS id FROM words WHERE words MATCH ?{span}"
    " ORDER BY rowid DESC LIMIT ? OFFSET ?) AS w JOIN pieces AS p ON p.id = w.id ORDER BY p.id DESC"
)
_BY_TIME: Final = (
    "SELECT p.ulid, 0.0 FROM (SELECT rowid AS id FROM words WHERE words MATCH ?{span}) AS w"
    " JOIN pieces AS p ON p.id = w.id JOIN times AS t ON t.id = w.id"
    " ORDER BY t.updated {direction}, p.id {direction} LIMIT ? OFFSET ?"
)
_SOME: Final = "SELECT rowid FROM words WHERE words MATCH ? LIMIT ?"

Match = tuple[str, float]
"""The id of a Piece and its score; higher is better."""

Order = Literal["match", "newest", "oldest"]
"""The best match first, or by the time of the last change."""


Span = tuple[int, int]
"""The first and the last time at which a Piece may have been changed last, in milliseconds since 1970."""


def matches_by_time(
    connection: apsw.Connection, query: Query, limit: int, offset: int, *, order: Order, span: Span | None
) -> list[Match]:
    """Return the matches that were changed last, or first. All matches are read, and none has a score."""
    sql = _BY_TIME.format(span=_clause(span), direction="DESC" if order == "newest" else "ASC")
    return rows(connection, sql, expression(query), *(span or ()), limit, offset)


def best_matches(
    connection: apsw.Connection, query: Query, limit: int, offset: int, span: Span | None = None
) -> list[Match]:
    """Return matches, the best first; of a query of filters alone the newest first."""
    if not query.phrases:
        sql = _NEWEST.format(span=_clause(span))
        return rows(connection, sql, expression(query), *(span or ()), limit, offset)
    return _ranked(connection, _to_rank(connection, query, limit + offset, span), limit, offset, span)


def best_keys(
    connection: apsw.Connection, query: Query, limit: int, span: Span | None = None
) -> list[tuple[int, float]]:
    """Return the best matches of a query with words as keys of Pieces, with their scores."""
    return _keys(connection, _to_rank(connection, query, limit, span), limit, span)


def scored_keys(
    connection: apsw.Connection, query: Query, span: Span | None = None
) -> list[tuple[int, float]]:
    """Return good matches like `best_keys`: several for each that is shown, for a score that others are added to."""
    return _keys(connection, _to_rank(connection, query, FIRST_MATCHES, span), SCORED_MATCHES, span)


def _keys(connection: apsw.Connection, match: str, limit: int, span: Span | None) -> list[tuple[int, float]]:
    sql = _RANKED.format(column="id", span=_clause(span))
    return rows(connection, sql, *COLUMN_WEIGHTS, match, *(span or ()), limit, 0)


def _to_rank(connection: apsw.Connection, query: Query, limit: int, span: Span | None) -> str:
    """Return the expression for the matches to rank: candidates, or every match."""
    is_first = limit <= FIRST_MATCHES and span is None
    if is_first and is_large(connection) and not _has_prefix(query):
        return _candidates(connection, query) or expression(query)
    return expression(query)


def rank_every_match(
    connection: apsw.Connection, query: Query, limit: int, offset: int, span: Span | None = None
) -> list[Match]:
    """Return the best matches of a query with words; exact, and slow if there are very many."""
    return _ranked(connection, expression(query), limit, offset, span)


def _ranked(
    connection: apsw.Connection, match: str, limit: int, offset: int, span: Span | None
) -> list[Match]:
    sql = _RANKED.format(column="ulid", span=_clause(span))
    return rows(connection, sql, *COLUMN_WEIGHTS, match, *(span or ()), limit, offset)


def _clause(span: Span | None) -> str:
    return "" if span is None else _IN_SPAN


def is_large(connection: apsw.Connection) -> bool:
    """Whether the index holds so many Pieces that ranking all matches may take long."""
    return int(scalar(connection, "SELECT pieces FROM progress") or 0) >= LARGE_PIECES


def _has_prefix(query: Query) -> bool:
    """Whether a query has a prefix, which FTS5 resolves to many words whose levels do not add up to its own."""
    return any(phrase.is_prefix for phrase in query.phrases)


def _candidates(connection: apsw.Connection, query: Query) -> str:
    """Return the expression for the matches to rank; empty if all of them are to be ranked."""
    is_one_word = len(query.phrases) == 1 and len(query.phrases[0].words) == 1
    enough = RANKED_OF_ONE_WORD if is_one_word else RANKED_MATCHES
    if _count(connection, expression(query), enough) < enough:
        return ""
    found = [_highest(connection, query, phrase) for phrase in query.phrases]
    if sum(count for count, _ in found) < CANDIDATES:
        return ""
    ranges = zip(query.phrases, found, strict=True)
    levels = [leveled_expression(phrase, lowest, LEVELS - 1) for phrase, (_, lowest) in ranges]
    return expression(query, f"({' OR '.join(levels)})")


def _highest(connection: apsw.Connection, query: Query, phrase: Phrase) -> tuple[int, int]:
    """Return how many matches have at least which level of a phrase: enough, or all that have one."""
    count = 0
    for lowest in reversed(range(0, LEVELS, LEVEL_RANGE)):
        levels = leveled_expression(phrase, lowest, lowest + LEVEL_RANGE - 1)
        count += _count(connection, expression(query, levels), CANDIDATES)
        if count >= CANDIDATES:
            return count, lowest
    return count, 0


def _count(connection: apsw.Connection, match: str, enough: int) -> int:
    """Count matches until there are enough."""
    return len(rows(connection, _SOME, match, enough))
