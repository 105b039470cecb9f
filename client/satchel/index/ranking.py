"""The best matches of a query.

Ranking a match takes about twenty times as long as finding it, so in a large index only the best candidates of many
matches are ranked (`satchel.index.candidates`). They hold the best matches of a single word, and nearly always those of
a prefix and of several words. Where there are few matches, or few candidates, all are ranked. So they are beside a prefix
of more letters than the index has prefixes of, because finding them takes long as well; such a prefix that is alone has
its own way in a very large index (`satchel.index.prefix_ranking`).
"""

import json
from collections.abc import Collection
from typing import Final, Literal

import apsw

from satchel.index.candidates import CANDIDATES, FIRST_KEYS, candidate_keys, highest_levels
from satchel.index.database import PREFIX_LETTERS
from satchel.index.expressions import expression
from satchel.index.impact import COLUMN_WEIGHTS
from satchel.index.phrase_ranking import SCORED, best_of_few, best_of_phrase
from satchel.index.query import Either, Phrase, Query
from satchel.store.database import Value, rows, scalar

LARGE_PIECES: Final = 50_000  # in a smaller index every match is ranked
VERY_LARGE_PIECES: Final = 200_000  # in a smaller index the matches of a single phrase are counted first
FIRST_MATCHES: Final = 50  # what lies beyond is found by ranking every match
SCORED_MATCHES: Final = 200
RANKED_MATCHES: Final = 20_000  # of fewer matches all are ranked
RANKED_OF_ONE_PHRASE: Final = 3_000  # the same for a phrase or a name
RANKED_OF_ONE_WORD: Final = 5_000  # the same for a single word, whose candidates are always the best

_IN_SPAN: Final = " AND (SELECT updated FROM times WHERE times.id = words.rowid) BETWEEN ? AND ?"
_RANKED: Final = (
    "SELECT p.id, -w.score FROM (SELECT rowid AS id, bm25(words, ?, ?, ?, ?, ?, ?, ?) AS score FROM words"
    " WHERE words MATCH ?{clause} ORDER BY score, rowid DESC LIMIT ?) AS w JOIN pieces AS p ON p.id = w.id"
    " ORDER BY w.score, p.id DESC"
)
_AMONG: Final = " AND +words.rowid IN (SELECT value FROM json_each(?))"
_NEWEST: Final = (
    "SELECT p.ulid, 0.0 FROM (SELECT rowid AS id FROM words WHERE words MATCH ?{clause}"
    " ORDER BY rowid DESC LIMIT ? OFFSET ?) AS w JOIN pieces AS p ON p.id = w.id ORDER BY p.id DESC"
)
_BY_TIME: Final = (
    "SELECT p.ulid, 0.0 FROM (SELECT rowid AS id FROM words WHERE words MATCH ?{clause}) AS w"
    " JOIN pieces AS p ON p.id = w.id JOIN times AS t ON t.id = w.id"
    " ORDER BY t.updated {direction}, p.id {direction} LIMIT ? OFFSET ?"
)

_COUNTED: Final = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ?{clause} LIMIT ?)"

Match = tuple[str, float]
"""The id of a Piece and its score; higher is better."""

Scored = tuple[int, float]
"""The same, with the key of the Piece in the store."""

Order = Literal["match", "newest", "oldest"]
"""The best match first, or by the time of the last change."""


Span = tuple[int, int]
"""The first and the last time at which a Piece may have been changed last, in milliseconds since 1970."""


def count_matches(connection: apsw.Connection, query: Query, most: int, span: Span | None = None) -> int:
    """Count the matches of a query, up to `most`."""
    sql = _COUNTED.format(clause=_clause(span))
    return int(scalar(connection, sql, expression(query), *(span or ()), most) or 0)


def matches_by_time(
    connection: apsw.Connection, query: Query, limit: int, offset: int, *, order: Order, span: Span | None
) -> list[Match]:
    """Return the matches that were changed last, or first. All matches are read, and none has a score."""
    sql = _BY_TIME.format(clause=_clause(span), direction="DESC" if order == "newest" else "ASC")
    return rows(connection, sql, expression(query), *(span or ()), limit, offset)


def best_matches(
    connection: apsw.Connection, query: Query, limit: int, offset: int, span: Span | None = None
) -> list[Match]:
    """Return matches, the best first; of a query of filters alone the newest first."""
    if not query.phrases:
        sql = _NEWEST.format(clause=_clause(span))
        return rows(connection, sql, expression(query), *(span or ()), limit, offset)
    found = best_keys(connection, query, limit + offset, span)[offset:]
    return with_ids(connection, found)


def best_keys(
    connection: apsw.Connection, query: Query, limit: int, span: Span | None = None
) -> list[Scored]:
    """Return the best matches of a query with words as keys of Pieces, with their scores."""
    return _best(connection, query, limit, span, has_candidates=limit <= FIRST_MATCHES)


def scored_keys(connection: apsw.Connection, query: Query, span: Span | None = None) -> list[Scored]:
    """Return good matches like `best_keys`: several for each that is shown, for a score that others are added to."""
    return _best(connection, query, SCORED_MATCHES, span, has_candidates=True)


def _best(
    connection: apsw.Connection, query: Query, limit: int, span: Span | None, *, has_candidates: bool
) -> list[Scored]:
    if has_candidates and span is None and is_large(connection):
        return _best_of_many(connection, query, limit)
    return _ranked(connection, expression(query), limit, _clause(span), *(span or ()))


def rank_every_match(connection: apsw.Connection, query: Query, limit: int) -> list[Match]:
    """Return the best matches of a query with words; exact, and slow if there are very many."""
    return with_ids(connection, _ranked(connection, expression(query), limit))


def _best_of_many(connection: apsw.Connection, query: Query, limit: int) -> list[Scored]:
    """Return the best matches in a large index."""
    if len(query.phrases) == 1:
        return _best_of_one(connection, query, query.phrases[0], limit)
    match = expression(query)
    if any(is_long_prefix(phrase) for phrase in query.phrases):
        return _ranked(connection, match, limit)
    if _count(connection, match, RANKED_MATCHES) < RANKED_MATCHES:
        return _ranked(connection, match, limit)
    if any(isinstance(item, Either) for item in query.must):
        return _best_of_levels(connection, query, limit)
    keys = candidate_keys(connection, query)
    return ranked_among(connection, query, keys, limit) if keys else _ranked(connection, match, limit)


def _best_of_one(connection: apsw.Connection, query: Query, phrase: Phrase, limit: int) -> list[Scored]:
    """Return the best matches of a query with one word, prefix, phrase or name."""
    match = expression(query)
    if phrase.is_prefix and not phrase.is_word:
        return _ranked(connection, match, limit)
    if phrase.is_prefix:
        return _best_of_levels(connection, query, limit)
    is_quick = phrase in query.must and is_very_large(connection)
    if is_quick and not phrase.is_word:
        found = best_of_few(connection, query, limit)
        if found is not None:
            return found
    enough = RANKED_OF_ONE_WORD if phrase.is_word else RANKED_OF_ONE_PHRASE
    matches = _count(connection, match, enough)
    if is_quick and (matches == enough or matches < SCORED):
        return best_of_phrase(connection, query, limit, matches)
    return (
        _ranked(connection, match, limit) if matches < enough else _best_of_levels(connection, query, limit)
    )


def _best_of_levels(connection: apsw.Connection, query: Query, limit: int) -> list[Scored]:
    """Return the best of the matches in which some word has one of its highest levels; of all if those are few."""
    levels, count = highest_levels(connection, query, CANDIDATES)
    return _ranked(connection, expression(query, levels) if count >= CANDIDATES else expression(query), limit)


def _count(connection: apsw.Connection, match: str, most: int) -> int:
    """Count the matches of an expression, up to `most`."""
    return len(rows(connection, FIRST_KEYS, match, most))


def is_long_prefix(phrase: Phrase) -> bool:
    """Whether FTS5 merges the occurrences of every word with a prefix, each time that it looks one up."""
    return phrase.is_prefix and len(phrase.words[-1]) not in PREFIX_LETTERS


def ranked_among(
    connection: apsw.Connection, query: Query, keys: Collection[int], limit: int
) -> list[Scored]:
    """Return the best matches of a query among some Pieces, with their scores."""
    return _ranked(connection, expression(query), limit, _AMONG, json.dumps(list(keys)))


def matches_among(connection: apsw.Connection, query: Query, keys: Collection[int]) -> list[Match]:
    """Return the matches of a query among some Pieces, the best first; of a query of filters alone the newest first."""
    if query.phrases:
        return with_ids(connection, ranked_among(connection, query, keys, len(keys)))
    sql = _NEWEST.format(clause=_AMONG)
    return rows(connection, sql, expression(query), json.dumps(list(keys)), len(keys), 0)


def _ranked(
    connection: apsw.Connection, match: str, limit: int, clause: str = "", *values: Value
) -> list[Scored]:
    return rows(connection, _RANKED.format(clause=clause), *COLUMN_WEIGHTS, match, *values, limit)


def with_ids(connection: apsw.Connection, found: list[Scored]) -> list[Match]:
    """Return matches with the ids of the Pieces."""
    ids = ((scalar(connection, "SELECT ulid FROM pieces WHERE id = ?", key), score) for key, score in found)
    return [(str(ulid), score) for ulid, score in ids if ulid is not None]


def _clause(span: Span | None) -> str:
    return "" if span is None else _IN_SPAN


def is_large(connection: apsw.Connection) -> bool:
    """Whether the index holds so many Pieces that ranking all matches may take long."""
    return _pieces(connection) >= LARGE_PIECES


def is_very_large(connection: apsw.Connection) -> bool:
    """Whether the index holds so many Pieces that even finding all matches of a common word takes long."""
    return _pieces(connection) >= VERY_LARGE_PIECES


def _pieces(connection: apsw.Connection) -> int:
    return int(scalar(connection, "SELECT pieces FROM progress") or 0)
