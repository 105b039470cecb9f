"""Pieces with a tag or a title word that begins with what the owner types.

The newest are found, without ranking: an editor asks at every key, and sorts the few that it shows. FTS5 reads the
words with the prefix; texts are not searched.
"""

from typing import Final

import apsw

from satchel.index.expressions import facet
from satchel.index.words import indexed, names_in, parts_of, singular
from satchel.pieces.fields import MAX_TAG_CHARS
from satchel.pieces.fields import tag as normal_tag
from satchel.store.database import rows

MIN_TITLE_CHARS: Final = 2
MAX_PARTS: Final = 8

_NEWEST: Final = (
    "SELECT p.ulid FROM (SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?) AS w"
    " JOIN pieces AS p ON p.id = w.id ORDER BY p.id DESC"
)


def newest_beginning(
    connection: apsw.Connection, text: str, languages: tuple[str, ...], limit: int
) -> list[str]:
    """Return the ids of the newest Pieces with a tag that begins with a text, then of those with a word of the title.

    Up to `limit` of each. With `languages`, only Pieces in one of them.
    """
    wanted = " OR ".join(f'"{facet("lang", language)}"' for language in languages)
    among = f" AND facets : ({wanted})" if wanted else ""
    terms = [term for term in (_of_tag(text), _of_title(text)) if term]
    found = [ulid for term in terms for (ulid,) in rows(connection, _NEWEST, term + among, limit)]
    return [str(ulid) for ulid in dict.fromkeys(found)]


def _of_tag(text: str) -> str:
    """Return the expression for a tag with this prefix; empty if none can have it."""
    tag = normal_tag(text[:MAX_TAG_CHARS])
    return f'facets : "{facet("tag", tag)}" *' if tag else ""


def _of_title(text: str) -> str:
    """Return the expression for a title with adjacent words of which the last has a prefix; empty if it is too short."""
    parts = [part for name in names_in(text) for part in parts_of(name)]
    words = [word for part in parts[:-1] for word in indexed(part)] + parts[-1:]
    if not words or len(parts) > MAX_PARTS or sum(map(len, words)) < MIN_TITLE_CHARS:
        return ""
    *before, last = words
    terms = [f'"{" ".join(words)}" *']
    if singular(last) != last:  # of a plural the index has the singular
        terms.append(f'"{" ".join([*before, singular(last)])}"')
    return f"title : ({' OR '.join(terms)})"
