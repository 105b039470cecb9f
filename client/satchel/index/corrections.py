"""Typing errors in queries: words that nothing contains are replaced by similar words of the index.

Similar are words within a few typing errors (`satchel.spelling`), and words that share most of their trigrams:
"postgre" and "postgresql". The index itself is the vocabulary, so nothing has to be kept up to date, or erased. A
query whose words all occur somewhere is never changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.index.expressions import expression
from satchel.index.impact import FIRST_MARK
from satchel.index.query import Either, Item, Phrase, Query, phrase
from satchel.index.ranking import is_large
from satchel.index.words import is_unspaced
from satchel.spelling import distance, errors_allowed
from satchel.store.database import rows

MAX_WORDS: Final = 3  # similar words that stand for one
MAX_CORRECTIONS: Final = 4  # words of one query
MIN_CHARS: Final = 4
SHORTER_CHARS: Final = 2
LONGER_CHARS: Final = 4
MIN_SIMILARITY: Final = 0.6

# https://www.sqlite.org/fts5.html#the_fts5vocab_virtual_table_module
_CREATE: Final = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'words', 'row')"
_TERMS: Final = (
    "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
)
_EXISTS: Final = "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that nothing contains, and the similar words that are searched instead."""

    typed: str
    used: tuple[str, ...]


def correct(connection: apsw.Connection, query: Query) -> tuple[Query, tuple[Correction, ...]] | None:
    """Return the query with similar words for those that nothing contains; None if there is nothing to replace.

    None also if a word that nothing contains has no similar word.
    """
    corrections: list[Correction] = []
    must: list[Item | Either] = []
    for item in query.must:
        missing = _missing(connection, item)
        if missing is None:
            must.append(item)
            continue
        replaced = _replacement(connection, missing)
        if replaced is None or len(corrections) == MAX_CORRECTIONS:
            return None
        must.append(replaced[0])
        corrections += replaced[1]
    return (Query(tuple(must), query.must_not), tuple(corrections)) if corrections else None


def _missing(connection: apsw.Connection, item: Item | Either) -> Phrase | None:
    """Return the phrase to correct if nothing matches an item; None if something does or it has no phrase."""
    if rows(connection, _EXISTS, expression(Query((item,), ()))):
        return None
    items = item.items if isinstance(item, Either) else (item,)
    return next((each for each in items if isinstance(each, Phrase) and not each.is_prefix), None)


def _replacement(
    connection: apsw.Connection, missing: Phrase
) -> tuple[Item | Either, list[Correction]] | None:
    """Return what stands for a phrase: the same with similar words for the parts that nothing contains."""
    variants: list[list[str]] = [[]]
    corrections = []
    for part in missing.parts:
        used = (part,) if _occurs(connection, part) else _similar_words(connection, part)
        if not used:
            return None
        if used != (part,):
            corrections.append(Correction(part, used))
        variants = [[*variant, word] for variant in variants for word in used][:MAX_WORDS]
    found = [each for each in (phrase("_".join(variant)) for variant in variants) if each is not None]
    if not corrections or not found:
        return None
    return (found[0] if len(found) == 1 else Either(tuple(found))), corrections


def _occurs(connection: apsw.Connection, part: str) -> bool:
    found = phrase(part)
    return found is not None and bool(rows(connection, _EXISTS, expression(Query((found,), ()))))


def _similar_words(connection: apsw.Connection, word: str) -> tuple[str, ...]:
    """Return the words of the index that are most similar to a word, the most frequent first; empty if none is."""
    if len(word) < MIN_CHARS or is_unspaced(word):
        return ()
    scored = []
    for term, count in _terms(connection, word):
        score = _difference(word, term)
        if score is not None:
            scored.append((score, -count, term))
    if not scored:
        return ()
    best = min(scored)[0]
    return tuple(term for score, _, term in sorted(scored) if score == best)[:MAX_WORDS]


def _terms(connection: apsw.Connection, word: str) -> Iterator[tuple[str, int]]:
    """Yield words of about the same length with their numbers of Pieces.

    In a large index, only those that begin with one of the first two letters: reading all takes seconds.
    """
    connection.execute(_CREATE)
    starts = [("0", chr(FIRST_MARK))]
    if is_large(connection):
        starts = [(letter, chr(ord(letter) + 1)) for letter in sorted(set(word[:2]))]
    for first, beyond in starts:
        yield from rows(
            connection, _TERMS, first, beyond, len(word) - SHORTER_CHARS, len(word) + LONGER_CHARS
        )


def _difference(word: str, term: str) -> tuple[int, float] | None:
    """Return how different a term is, smaller for more similar ones; None if it is too different."""
    limit = errors_allowed(word)
    errors = distance(word, term, limit)
    if errors <= limit:
        return errors, 0.0
    shared = _similarity(word, term)
    return (limit + 1, -shared) if shared >= MIN_SIMILARITY else None


def _similarity(one: str, other: str) -> float:
    """Return the share of trigrams that two words have in common (the Dice coefficient)."""
    left, right = _trigrams(one), _trigrams(other)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _trigrams(word: str) -> set[str]:
    return {word[at : at + 3] for at in range(len(word) - 2)}
