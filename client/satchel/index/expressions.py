"""Queries as FTS5 expressions, and the tokens for languages and tags.

Words passed to FTS5 consist of letters and digits and are quoted, so user input is never parsed as syntax.
Source: https://www.sqlite.org/fts5.html#full_text_query_syntax.
"""

from collections.abc import Iterable
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


def facet(kind: str, value: str) -> str:
    """Return the token for a language or tag."""
    return _MARKS[kind] + value.translate(_AS_TOKEN).lower()


def facets(piece: Piece) -> str:
    """Return the tokens for everything that a query can filter a Piece by."""
    languages = [facet("lang", piece.language)] if piece.language else []
    return " ".join([*languages, *(facet("tag", tag) for tag in piece.tags)])


def expression(query: Query, *extra: str) -> str:
    """Return what FTS5 is to match: the extra expressions and the query."""
    must = " AND ".join([*extra, *map(_term, query.must)])
    return f"({must}) NOT ({' OR '.join(map(_term, query.must_not))})" if query.must_not else must


def leveled_expression(phrase: Phrase, lowest: int, highest: int) -> str:
    """Return the expression for Pieces in which every word of a phrase has a level of this range.

    A phrase occurs at most as often as each of its words. Of a name in code, which is found joined as well, one
    word suffices.
    """
    levels = range(lowest, highest + 1)
    words = dict.fromkeys(word for alternative in _alternatives(phrase) for word in alternative.words)
    found = [_any(f'"{leveled(word, level)}"' for level in levels) for word in words]
    return _any(found) if phrase.whole else f"({' AND '.join(found)})"


def _term(item: Item | Either) -> str:
    if isinstance(item, Either):
        return f"({' OR '.join(map(_term, item.items))})"
    if isinstance(item, Filter):
        return f'facets : "{facet(item.kind, item.value)}"{" *" if item.is_prefix else ""}'
    return _any(alternative.term for alternative in _alternatives(item))


def _any(terms: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(terms))
    return distinct[0] if len(distinct) == 1 else f"({' OR '.join(distinct)})"


@dataclass(frozen=True, slots=True)
class _Alternative:
    """One way to write a phrase: its words in order, the last one perhaps a prefix."""

    words: tuple[str, ...]
    is_prefix: bool

    @property
    def term(self) -> str:
        return f'"{" ".join(self.words)}"{" *" if self.is_prefix else ""}'


def _alternatives(item: Phrase) -> Iterable[_Alternative]:
    """Yield the joined name, the words, and for a prefix in the plural ("http headers*") the singular.

    A name with a very short prefix at its end (`parse_h*`) matches only joined: too many words begin with "h".
    """
    *before, last = item.words
    if item.whole:
        yield _Alternative((item.whole,), item.is_prefix)
        if item.is_prefix and len(last) < FEW_LETTERS:
            return
    yield _Alternative(item.words, item.is_prefix)
    if item.is_prefix and before and singular(last) != last:
        yield _Alternative((*before, singular(last)), is_prefix=False)
