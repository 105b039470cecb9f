"""The main words of a Piece, so that a query for a common word need not rank every match.

BM25 scores a word in a Piece by the ratio r = f / K: f counts its occurrences, weighted by column, and K grows
with the length of the Piece. A word with a high ratio gets a second entry in the index, under its ratio's level.
Reading levels from the highest down gives the best matches of a common word without looking at the others.
"""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

import apsw

# What a match counts for in the title, tags, description, text and joined names. Facets and levels only filter.
COLUMN_WEIGHTS: Final = (10.0, 8.0, 3.0, 1.0, 1.0, 0.0, 0.0)

# FTS5's constants: https://www.sqlite.org/fts5.html#the_bm25_function
B: Final = 0.75
_K1: Final = 1.2
_LEAST_IDF: Final = 1e-6

LOWEST_RATIO: Final = 3.0
LEVEL_STEP: Final = 1.25
LEVELS: Final = 16

# Multiples of the average number of words. Of two Pieces with a word equally often, the shorter one ranks higher.
LENGTH_LIMITS: Final = (0.1, 0.15, 0.25, 0.4, 0.7, 1.2, 2.0, 4.0)

# Private-use characters in front of a word: no word of a text begins with one.
FIRST_MARK: Final = 0xE200
_MARKS: Final = [chr(FIRST_MARK + level) for level in range(LEVELS)]


class AverageLength:
    """The average number of words of all Pieces indexed so far."""

    def __init__(self, words: int, pieces: int) -> None:
        self.words = words
        self.pieces = pieces

    def add(self, words: int) -> None:
        """Count one more Piece of that many words."""
        self.words += words
        self.pieces += 1

    @property
    def value(self) -> float:
        """The average; 1 if there is no word yet."""
        return self.words / self.pieces if self.words else 1.0


def inverse_frequency(pieces: int, matches: float) -> float:
    """Return BM25's weight of something that this number of Pieces contain."""
    return max(math.log((max(pieces - matches, 0) + 0.5) / (matches + 0.5)), _LEAST_IDF)


def saturated(ratio: float) -> float:
    """Return the part of BM25 that grows with the ratio r = f / K, ever more slowly."""
    return ratio * (_K1 + 1) / (ratio + _K1)


def relative_length(row: apsw.FTS5ExtensionApi) -> float:
    """Return the number of words of a row, divided by the average."""
    return float(row.column_size() * row.row_count / max(row.column_total_size(), 1))


def length_limits(relative_length: float) -> list[int]:
    """Return the numbers of the limits that the length of a Piece does not exceed, as a multiple of the average."""
    return [number for number, limit in enumerate(LENGTH_LIMITS) if relative_length <= limit]


def count_words(columns: Iterable[str]) -> int:
    """Count the words in space-separated columns."""
    return sum(column.count(" ") + 1 for column in columns if column)


def levels_of(columns: tuple[str, ...], length: int, average: float) -> str:
    """Return the entries for the words with a high ratio, space-separated.

    `columns` are title, tags, description, text and names; `length` is their number of words.
    """
    title, tags, description, body, names = columns
    counts: Counter[str] = Counter(body.split())
    counts.update(names.split())
    for text, weight in zip((title, tags, description), COLUMN_WEIGHTS, strict=False):
        for word in text.split():
            counts[word] += int(weight)
    norm = 1 - B + B * length / average
    least = LOWEST_RATIO * norm
    return " ".join([leveled(word, _level(count / norm)) for word, count in counts.items() if count >= least])


def leveled(word: str, level: int) -> str:
    """Return the entry of a word at a level."""
    return _MARKS[level] + word


def mean_ratio(level: int) -> float:
    """Return about the ratio that words of a level have."""
    return float(LOWEST_RATIO * LEVEL_STEP ** (level + 0.5))


def lowest_ratio(level: int) -> float:
    """Return the lowest ratio that words of a level have."""
    return float(LOWEST_RATIO * LEVEL_STEP**level)


def _level(ratio: float) -> int:
    return min(int(math.log(ratio / LOWEST_RATIO) / _LOG_STEP + 1e-9), LEVELS - 1)


_LOG_STEP: Final = math.log(LEVEL_STEP)
