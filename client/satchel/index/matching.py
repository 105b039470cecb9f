"""A query as an FTS5 expression, and the tokens that stand for languages and tags.

Words that reach FTS5 consist of letters and digits only and are quoted, so nothing a person types is syntax.
Source: https://www.sqlite.org/fts5.html#full_text_query_syntax.
"""

from collections.abc import Iterable
from typing import Final

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


def expression(query: Query) -> str:
    """What FTS5 is asked to match."""
    must = " AND ".join(map(_term, query.must))
    return f"({must}) NOT ({' OR '.join(map(_term, query.must_not))})" if query.must_not else must


def _term(item: Item) -> str:
    if isinstance(item, Filter):
        return f'facets : "{facet(item.kind, item.value)}"{" *" if item.is_prefix else ""}'
    alternatives = list(dict.fromkeys(_alternatives(item)))
    return alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})"


def _alternatives(item: Phrase) -> Iterable[str]:
    """The words themselves; of a beginning in the plural ("http headers*") the singular; the joined name.

    A name whose last part is only begun (`parse_h*`) is looked for as joined: a great many words begin so.
    """
    star = " *" if item.is_prefix else ""
    *before, last = item.words
    if item.whole:
        yield f'"{item.whole}"{star}'
        if item.is_prefix and len(last) < FEW_LETTERS:
            return
    yield f'"{" ".join(item.words)}"{star}'
    if item.is_prefix and before and singular(last) != last:
        yield f'"{" ".join((*before, singular(last)))}"'
