"""Which matches of a query are worth ranking in a large index.

A word with a high level (`satchel.index.impact`) counts for much in the score of a Piece. So the best matches of
several words are nearly always among those in which one word has one of the highest levels, and those in which every
word has a high one.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import apsw

from satchel.index.expressions import expression, leveled_expression
from satchel.index.impact import LEVELS
from satchel.index.query import Either, Item, Phrase, Query
from satchel.store.database import rows

CANDIDATES: Final = 500  # of each word, and of all together
LOWEST_LEVELS: Final = (12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)  # tried in this order
LOWEST_TOGETHER: Final = (9, 6, 4, 3, 2, 1, 0)

FIRST_KEYS: Final = "SELECT rowid FROM words WHERE words MATCH ? LIMIT ?"
MOST: Final = 1_000  # of the last level that is needed


def highest_levels(connection: apsw.Connection, query: Query, wanted: int) -> tuple[str, int]:
    """Return the expression for Pieces in which some word has one of its highest levels, and how many of them match.

    They are counted up to the number that is wanted, for each word. Of a single word, these are the best matches.
    """
    counts, levels = zip(*(_enough(connection, query, each, wanted) for each in query.phrases), strict=True)
    return f"({' OR '.join(levels)})", sum(counts)


def candidate_keys(connection: apsw.Connection, query: Query) -> set[int]:
    """Return the keys of the matches that may be the best of several words; none if few have a level."""
    found = _highest_together(connection, query)
    for phrase in query.phrases:
        found |= _highest(connection, query, phrase)
    return found if len(found) >= CANDIDATES else set()


def _enough(connection: apsw.Connection, query: Query, phrase: Phrase, wanted: int) -> tuple[int, str]:
    """Return how many matches have at least which level of a phrase: enough, or all that have one."""

    def between(lowest: int, highest: int) -> str:
        return expression(rest, leveled_expression(phrase, lowest, highest))

    rest = _rest(query, [phrase])
    count, lowest = lower(connection, between, LOWEST_LEVELS, wanted)
    return count, leveled_expression(phrase, lowest, LEVELS - 1)


def lower(
    connection: apsw.Connection, between: Callable[[int, int], str], tried: Sequence[int], wanted: int
) -> tuple[int, int]:
    """Lower the lowest level until enough Pieces match; return their number, counted up to that, and the level.

    `between` returns the expression for Pieces with a level from the lowest to the highest.
    """
    count, highest = 0, LEVELS - 1
    for lowest in tried:
        count += len(rows(connection, FIRST_KEYS, between(lowest, highest), wanted))
        highest = lowest - 1
        if count >= wanted:
            break
    return count, highest + 1


def _highest(connection: apsw.Connection, query: Query, phrase: Phrase) -> set[int]:
    """Return the matches with the highest levels of a phrase."""
    found: set[int] = set()
    highest = LEVELS - 1
    for lowest in LOWEST_LEVELS:
        levels = leveled_expression(phrase, lowest, highest)
        found |= _keys(connection, _rest(query, [phrase]), levels)
        highest = lowest - 1
        if len(found) >= CANDIDATES:
            break
    return found


def _highest_together(connection: apsw.Connection, query: Query) -> set[int]:
    """Return the matches in which every phrase has a high level."""
    found: set[int] = set()
    for lowest in LOWEST_TOGETHER:
        levels = (leveled_expression(phrase, lowest, LEVELS - 1) for phrase in query.phrases)
        found = _keys(connection, _rest(query, query.phrases), *levels)
        if len(found) >= CANDIDATES:
            break
    return found


def _rest(query: Query, phrases: Iterable[Phrase]) -> Query:
    """Return the query without phrases that the levels of their only word imply."""
    implied: set[Item | Either] = {phrase for phrase in phrases if phrase.is_word}
    return Query(tuple(item for item in query.must if item not in implied), query.must_not)


def _keys(connection: apsw.Connection, query: Query, *levels: str) -> set[int]:
    return {key for (key,) in rows(connection, FIRST_KEYS, expression(query, *levels), MOST)}
