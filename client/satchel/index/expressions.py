"""A query as an FTS5 expression, and the tokens that stand for languages and tags.

Words that reach FTS5 consist of letters and digits only and are quoted, so nothing a person types is syntax.
Source: https://www.sqlite.org/fts5.html#full_text_query_syntax.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from satchel.index.impact import leveled
from satchel.index.query import Filter, Item, Phrase, Query
from satchel.index.words import singular
from satchel.pieces.model import Piece

FEW_LETTERS: Final = 3

# The tokenizer ends a word at every character of ASCII that is no letter or digit; those of a tag or a
# language stand for themselves in Unicode's private area, and so does the mark in front of the word.
_PRIVATE: Final = 0xE100
_AS_TOKEN: Final = {code: _PRIVATE + code for code in range(128) if not chr(code).isalnum()}
_MARKS: Final = {"lang": "\ue001", "tag": "\ue002"}


def facet(kind: str, value: str) -> str:
    """The one word that says that a Piece has this language or tag."""
    return _MARKS[kind] + value.translate(_AS_TOKEN).lower()


def facets(piece: Piece) -> str:
    """The words for all properties of a Piece that a query can filter by."""
    languages = [facet("lang", piece.language)] if piece.language else []
    return " ".join([*languages, *(facet("tag", tag) for tag in piece.tags)])


def expression(query: Query, *extra: str, without: Phrase | None = None) -> str:
    """Return what FTS5 is to match: the query, perhaps without one of its phrases, and extra expressions."""
    must = " AND ".join([*extra, *(_term(item) for item in query.must if item != without)])
    return f"({must}) NOT ({' OR '.join(map(_term, query.must_not))})" if query.must_not else must


def leveled_expression(phrase: Phrase, lowest: int, highest: int) -> str:
    """Return the expression for Pieces in which every word of a phrase has a level of this range.

    A phrase occurs at most as often as each of its words. Of a name in code, which is found joined as well, one
    word suffices.
    """
    levels = range(lowest, highest + 1)
    words = dict.fromkeys(word for one in _alternatives(phrase) for word in one.starred_words)
    found = [_word_at_levels(word, star, levels) for word, star in words]
    return _any(found) if phrase.whole else f"({' AND '.join(found)})"


def _word_at_levels(word: str, star: str, levels: Iterable[int]) -> str:
    return _any(f'"{leveled(word, level)}"{star}' for level in levels)


def _term(item: Item) -> str:
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
    def star(self) -> str:
        return " *" if self.is_prefix else ""

    @property
    def starred_words(self) -> list[tuple[str, str]]:
        """Each word, with the star if it is a prefix."""
        *before, last = self.words
        return [*((word, "") for word in before), (last, self.star)]

    @property
    def term(self) -> str:
        return f'"{" ".join(self.words)}"{self.star}'


def _alternatives(item: Phrase) -> Iterable[_Alternative]:
    """The words themselves; of a beginning in the plural ("http headers*") the singular; the joined name.

    A name whose last part is only begun (`parse_h*`) is looked for as joined: a great many words begin so.
    """
    *before, last = item.words
    if item.whole:
        yield _Alternative((item.whole,), item.is_prefix)
        if item.is_prefix and len(last) < FEW_LETTERS:
            return
    yield _Alternative(item.words, item.is_prefix)
    if item.is_prefix and before and singular(last) != last:
        yield _Alternative((*before, singular(last)), is_prefix=False)
