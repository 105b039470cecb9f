"""Queries as FTS5 expressions, and the tokens for languages and tags.

Words passed to FTS5 consist of letters and digits and are quoted, so user input is never parsed as syntax.
Source: https://www.sqlite.org/fts5.html#full_text_query_syntax.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from satchel.index.impact import leveled
from satchel.index.query import Either, Filter, Item, Phrase, Query
from satchel.index.words import singular
from satchel.pieces.model import Piece

FEW_LETTERS: Final = 3

# The tokenizer ends a word at every ASCII character that is not a letter or digit. In tags and languages these
# characters are replaced by private-use ones, as is the mark in front of the word.
_PRIVATE: Final = 0xE100
_AS_TOKEN: Final = {code: _PRIVATE + code for code in range(128) if not chr(code).isalnum()}
_MARKS: Final = {"lang": "\ue001", "tag": "\ue002"}
_LENGTH_MARK: Final = "\ue003"


def facet(kind: str, value: str) -> str:
    """Return the token for a language or tag."""
    return _MARKS[kind] + value.translate(_AS_TOKEN).lower()


def facets(piece: Piece) -> str:
    """Return the tokens for everything that a query can filter a Piece by."""
    languages = [facet("lang", piece.language)] if piece.language else []
    return " ".join([*languages, *(facet("tag", tag) for tag in piece.tags)])


def length_facets(numbers: Iterable[int]) -> str:
    """Return the tokens for limits of the length (`satchel.index.impact`)."""
    return " ".join(f"{_LENGTH_MARK}{number}" for number in numbers)


def up_to_length(number: int) -> str:
    """Return the expression for Pieces whose length does not exceed a limit."""
    return f'facets : "{_LENGTH_MARK}{number}"'


def expression(query: Query, *extra: str) -> str:
    """Return what FTS5 is to match: the extra expressions and the query."""
    must = " AND ".join([*extra, *map(_term, query.must)])
    return f"({must}) NOT ({' OR '.join(map(_term, query.must_not))})" if query.must_not else must


def leveled_expression(phrase: Phrase, lowest: int, highest: int) -> str:
    """Return the expression for Pieces in which every word of a phrase has a level of this range.

    A phrase occurs at most as often as each of its words. A name in code may also be joined. Of a prefix, some word
    that begins with it has such a level.
    """
    ways = (" AND ".join(_leveled(way, lowest, highest)) for way in alternatives(phrase))
    return _any(f"({way})" for way in ways)


def _leveled(way: "Alternative", lowest: int, highest: int) -> Iterator[str]:
    *before, last = way.words
    stars = {**dict.fromkeys(before, ""), last: " *" if way.is_prefix else ""}
    for word, star in stars.items():
        yield _any(f'"{leveled(word, level)}"{star}' for level in range(lowest, highest + 1))


def _term(item: Item | Either) -> str:
    if isinstance(item, Either):
        return f"({' OR '.join(map(_term, item.items))})"
    if isinstance(item, Filter):
        return f'facets : "{facet(item.kind, item.value)}"{" *" if item.is_prefix else ""}'
    return _any(alternative.term for alternative in alternatives(item))


def _any(terms: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(terms))
    return distinct[0] if len(distinct) == 1 else f"({' OR '.join(distinct)})"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to write a phrase: its words in order, the last one perhaps a prefix."""

    words: tuple[str, ...]
    is_prefix: bool

    @property
    def term(self) -> str:
        """The phrase of FTS5."""
        return f'"{" ".join(self.words)}"{" *" if self.is_prefix else ""}'


def alternatives(item: Phrase) -> list[Alternative]:
    """Return the ways to write a phrase: the joined name, the words, and for a prefix in the plural the singular.

    A name with a very short prefix at its end (`parse_h*`) matches only joined: too many words begin with "h". The
    singular is for "http headers*".
    """
    *before, last = item.words
    found = [Alternative((item.whole,), item.is_prefix)] if item.whole else []
    if found and item.is_prefix and len(last) < FEW_LETTERS:
        return found
    found.append(Alternative(item.words, item.is_prefix))
    if item.is_prefix and before and singular(last) != last:
        found.append(Alternative((*before, singular(last)), is_prefix=False))
    return found
