"""The titles and tags of all Pieces in memory, to match them as the owner types.

SQLite finds the rows whose characters fit, without the interpreter lock; the best of them are ranked here. 100,000
Pieces take about 30 MB.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.cli.picking.fuzzy import score
from satchel.errors import SatchelError
from satchel.index.query import tag_of_filter
from satchel.pieces.collections import PINNED
from satchel.pieces.fields import language as normal_language
from satchel.store import Outline

MAX_RANKED: Final = 2_000  # the newest rows that fit
_PINNED_BONUS: Final = 0.2
_FILTER: Final = re.compile(r'(-?)(lang|language|tag|collection|is):("[^"]*"|\S+)')
_TABLE: Final = (
    "CREATE TABLE outlines(n INTEGER PRIMARY KEY, ulid TEXT, title TEXT, language TEXT, tags TEXT, text TEXT)"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: words, the conditions on language and tags, and the text for the index."""

    words: tuple[str, ...]
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    is_plain: bool
    """Whether titles alone can be matched: nothing is excluded, joined or in quotation marks."""


def typed_of(text: str) -> Typed:
    """Return what was typed as words and filters. Whatever is no valid filter matches nothing."""
    languages, tags = [], []
    is_plain = '"' not in _FILTER.sub("", text) and " OR " not in text
    for minus, kind, value in _FILTER.findall(text):
        is_plain = is_plain and not minus
        plain = value.strip('"')
        try:
            if kind in {"lang", "language"}:
                languages.append(normal_language(plain) or "")
            else:
                tags.append(tag_of_filter(kind, plain))
        except SatchelError:
            is_plain = False
    words = tuple(_FILTER.sub(" ", text).casefold().split())
    return Typed(words, tuple(languages), tuple(tags), is_plain and not any(w[0] == "-" for w in words))


class Outlines:
    """The outlines of all Pieces, in one thread."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self._connection = apsw.Connection(":memory:")
        self._connection.execute(_TABLE)
        rows = (
            (one.id, one.title, one.language, one.tags, f"{one.title} {one.tags}".casefold())
            for one in outlines
        )
        with self._connection:
            self._connection.executemany(
                "INSERT INTO outlines(ulid, title, language, tags, text) VALUES(?, ?, ?, ?, ?)", rows
            )

    def count(self, languages: Sequence[str]) -> int:
        """Return how many Pieces are in one of these languages; of none, how many there are."""
        condition, values = _in_languages(languages)
        return int(self._connection.execute(f"SELECT count(*) FROM outlines WHERE {condition}", values).get)  # noqa: S608  no value

    def find(self, typed: Typed, languages: Sequence[str], limit: int) -> list[tuple[str, float]]:
        """Return ids with their scores, the best first: the newest first among equals, pinned Pieces before others."""
        condition, values = _in_languages(languages)
        conditions = [condition]
        for word in typed.words:
            conditions.append("text LIKE ? ESCAPE '\\'")
            values.append("%" + "%".join(_escaped(char) for char in word) + "%")
        for language in typed.languages:
            conditions.append("language = ?")
            values.append(language)
        for tag in typed.tags:
            conditions.append("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)")
            values.append(tag)
        sql = f"SELECT n, ulid, tags, text FROM outlines WHERE {' AND '.join(conditions)} ORDER BY n DESC LIMIT ?"  # noqa: S608  no value
        found = []
        for number, ulid, tags, text in self._connection.execute(sql, [*values, MAX_RANKED]):
            fits = score(typed.words, text)
            if fits:
                found.append((fits + (_PINNED_BONUS if f'"{PINNED}"' in tags else 0.0), number, ulid))
        found.sort(reverse=True)
        return [(ulid, fits) for fits, _, ulid in found[:limit]]


def _in_languages(languages: Sequence[str]) -> tuple[str, list[str | int]]:
    if not languages:
        return "TRUE", []
    return f"language IN ({','.join('?' * len(languages))})", list(languages)


def _escaped(char: str) -> str:
    return f"\\{char}" if char in "%_\\" else char
