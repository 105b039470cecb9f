"""The best matches of a prefix that begins many words.

To rank these, FTS5 merges the occurrences of all the words first. Instead, the levels of the words
(`satchel.index.impact`) choose candidates, whose texts are then read to count what the prefix matches in each.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import apsw

from satchel.index.impact import COLUMN_WEIGHTS, LEVELS, length_norm, ratio_of, score_of
from satchel.index.updates import INDEXED_TEXT_BYTES, columns_of
from satchel.index.words import Words
from satchel.store import Store
from satchel.store.database import rows, scalar

ENOUGH: Final = 3_000
RANKED: Final = 100
# A level is read only if this many words of it could make a Piece one of the candidates.
_WORDS_OF_A_LEVEL: Final = 8

_OF_LEVEL: Final = "SELECT rowid FROM words WHERE words MATCH ?"
_SIZES: Final = "SELECT id, sz FROM words_docsize WHERE id IN (SELECT value FROM json_each(?))"
_AVERAGES: Final = "SELECT block FROM words_data WHERE id = 1"


def prefix_matches(
    connection: apsw.Connection, store: Store, prefix: str, at_level: Callable[[int], str]
) -> list[tuple[str, float]] | None:
    """Rank the best `RANKED` matches of a prefix; None if it has few matches, which FTS5 may rank itself.

    `at_level` returns the expression for the matches of a level.
    """
    ratios = _ratios(connection, at_level)
    if len(ratios) < ENOUGH:
        return None
    candidates = sorted(ratios, key=lambda piece: (-ratios[piece], -piece))[:RANKED]
    lengths = _lengths(connection, candidates)
    average = _average(connection)
    words = Words(only=prefix)
    ranked = []
    for changed in store.current(candidates, text_bytes=INDEXED_TEXT_BYTES):
        count = _weighted_count(columns_of(changed, words), prefix)
        norm = length_norm(lengths.get(changed.key, 0), average)
        ranked.append((count / norm, changed.key, changed.piece.id))
    ranked.sort(reverse=True)
    return [(piece_id, score_of(ratio)) for ratio, _, piece_id in ranked]


def _ratios(connection: apsw.Connection, at_level: Callable[[int], str]) -> dict[int, float]:
    """Return Pieces with the sum of the ratios that their words have, from the highest level down."""
    ratios: dict[int, float] = defaultdict(float)
    for level in reversed(range(LEVELS)):
        if len(ratios) >= max(ENOUGH, RANKED):
            least = sorted(ratios.values(), reverse=True)[RANKED - 1]
            if ratio_of(level) * _WORDS_OF_A_LEVEL < least:
                break
        for (piece,) in connection.execute(_OF_LEVEL, (at_level(level),)):
            ratios[piece] += ratio_of(level)
    return ratios


def _weighted_count(columns: tuple[str, ...], prefix: str) -> float:
    """Count the words that begin with a prefix, each with the weight of its column."""
    found = 0.0
    for text, weight in zip(columns, COLUMN_WEIGHTS, strict=False):
        found += weight * sum(word.startswith(prefix) for word in text.split())
    return found


def _lengths(connection: apsw.Connection, pieces: list[int]) -> dict[int, int]:
    """Return the number of words of each Piece, as FTS5 has it."""
    return {piece: sum(_varints(sizes)) for piece, sizes in rows(connection, _SIZES, json.dumps(pieces))}


def _average(connection: apsw.Connection) -> float:
    """Return the average length of a Piece, as FTS5 has it."""
    pieces, *lengths = _varints(scalar(connection, _AVERAGES))
    return sum(lengths) / max(pieces, 1)


def _varints(data: bytes) -> list[int]:
    """Decode SQLite's variable-length integers: https://www.sqlite.org/fileformat2.html#varint."""
    found, value = [], 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return found
