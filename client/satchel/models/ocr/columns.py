"""Columns: the width of a character, and the cell of a line that each character occupies.

Code is set in a font of one width. The spaces between its characters, in all lines together, give the width to a
hundredth of a pixel; then ink tells for every cell whether it holds a character, so indentation is exact and a line
has as many characters as it has cells with ink.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.characters import ALPHABET
from satchel.models.ocr.networks import Glyph, Reading

_TOLERANCE: Final = 0.07  # of the width: how far the first estimate may be off
_FINENESS: Final = 0.25  # pixels
_TIE: Final = 1e-9
_EDGE: Final = 0.18  # of a cell on each side, where wide neighbours reach in
_MARGIN: Final = 0.1
_LEAST_INK: Final = 0.03  # of the square of the width, in pixels; a point has twice as many
_UNMATCHED: Final = 1.2  # the cost of a cell without a glyph; one cell of distance costs 1
_FARTHEST: Final = 4.0
_SURE: Final = 0.9
_SEEN: Final = 0.02
_BAND: Final = 12  # cells and glyphs farther apart than this in their order are never matched


@dataclass(frozen=True, slots=True)
class Columns:
    """The left edge of cell 0 and the width of a cell, in pixels."""

    left: float
    width: float

    def place_of(self, x: float) -> float:
        """Return a place in cells; the middle of cell n is n + 0.5."""
        return (x - self.left) / self.width

    def cells_with_ink(self, profile: NDArray[np.int64]) -> list[int]:
        """Return the cells of a line that hold a character."""
        inked = np.flatnonzero(profile)
        if not inked.size:
            return []
        sums = np.concatenate([[0], np.cumsum(profile)])
        first, last = (int(np.floor(self.place_of(float(x)))) for x in (inked[0], inked[-1]))
        numbers = np.arange(first, last + 1)
        starts = np.round(self.left + (numbers + _EDGE) * self.width).astype(int).clip(0, len(profile))
        ends = np.round(self.left + (numbers + 1 - _EDGE) * self.width).astype(int).clip(0, len(profile))
        least = max(2.0, _LEAST_INK * self.width**2)
        return [int(cell) for cell in numbers[sums[ends] - sums[starts] >= least]]

    def bounds(self, cell: int) -> tuple[int, int]:
        """Return the columns of pixels of a cell, as (first, after the last), without the edges of its neighbours."""
        first = self.left + (cell + _MARGIN) * self.width
        end = self.left + (cell + 1 - _MARGIN) * self.width
        return max(0, round(first)), max(0, round(end))


def width_between(readings: Iterable[Sequence[Glyph]]) -> float | None:
    """Return the usual distance of neighbouring glyphs in pixels; None if there are no neighbours.

    The recognizer tells places in steps of a third of a character, so whole words are measured.
    """
    words = [word for glyphs in readings for word in _words(glyphs) if len(word) > 1]
    if not words:
        return None
    widths = np.array([(word[-1].middle - word[0].middle) / (len(word) - 1) for word in words])
    weights = np.array([(len(word) - 1) ** 2 for word in words])  # a long word is measured more exactly
    order = widths.argsort()
    half = int(np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2))
    return float(widths[order][half])


def _words(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    words: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if glyph.text == " ":
            words.append([])
        else:
            words[-1].append(glyph)
    return words


def fit_columns(profile: NDArray[np.int64], width: float) -> Columns:
    """Return the columns near a width whose edges cross the least ink. `profile` sums all lines."""
    inked = np.flatnonzero(profile)
    first, span = float(inked[0]), float(inked[-1] - inked[0])
    fineness = max(0.004, 0.25 * width / max(span, 1.0))
    fits = []
    for candidate in np.arange((1 - _TOLERANCE) * width, (1 + _TOLERANCE) * width, fineness):
        cost, shift = _best_shift(profile, first - candidate, float(candidate), int(span / candidate) + 3)
        fits.append((cost, Columns(first - float(candidate) + shift, float(candidate))))
    least = min(cost for cost, _ in fits) + _TIE
    best = [columns for cost, columns in fits if cost <= least]
    return best[len(best) // 2]


def _best_shift(profile: NDArray[np.int64], left: float, width: float, count: int) -> tuple[float, float]:
    """Return the least mean ink under the edges of columns, and how far right of `left` they then begin.

    Of a range of shifts that are equally good, the middle is taken.
    """
    shifts = np.arange(0, width, _FINENESS)
    edges = left + shifts[:, None] + width * np.arange(count)[None, :]
    middles = np.arange(len(profile)) + 0.5
    ink = np.interp(edges, middles, profile.astype(np.float64), left=0.0, right=0.0).mean(axis=1)
    start = int(ink.argmax())  # where no range of the best begins or goes on
    turned = np.roll(ink, -start)
    first = int(turned.argmin())
    others = np.flatnonzero(turned[first:] > turned[first] + _TIE)
    length = int(others[0]) if others.size else len(turned) - first
    middle = (start + first + (length - 1) // 2) % len(shifts)
    return float(turned[first]), float(shifts[middle])


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a character, the probability with which it was read, and its distance from the middle in cells.

    The distance is None for a cell in which the recognizer saw nothing by itself.
    """

    number: int
    text: str
    probability: float
    distance: float | None


def fill_cells(reading: Reading, offset: float, columns: Columns, numbers: Sequence[int]) -> list[Cell]:
    """Return the character of each cell with ink. The reading starts `offset` pixels from the left.

    A wide character, such as a Chinese one, fills two cells; the second has no text.
    """
    halves = [half for glyph in reading.glyphs for half in _halves(glyph, columns, offset)]
    matched = _match([half.place for half in halves], [half.probability for half in halves], numbers)
    used = set(matched)
    cells = []
    for number, index in zip(numbers, matched, strict=True):
        if index is None or not _is_whole(halves, index, used):
            text, probability = _most_probable(reading, offset, columns, number)
            cells.append(Cell(number, text, probability, None))
        else:
            half = halves[index]
            chances = chances_in(reading, offset, columns, number)
            text = _likely(half.text, half.probability, chances)
            cells.append(Cell(number, text, half.probability, abs(half.place - number - 0.5)))
    return cells


@dataclass(frozen=True, slots=True)
class _Half:
    """A glyph, or half of a wide one: its middle in cells, and where its other half is in the list."""

    text: str
    place: float
    probability: float
    other: int = 0


def _halves(glyph: Glyph, columns: Columns, offset: float) -> list[_Half]:
    if glyph.text == " ":
        return []
    place = columns.place_of(glyph.middle + offset)
    if east_asian_width(glyph.text[:1]) not in {"W", "F"}:
        return [_Half(glyph.text, place, glyph.probability)]
    return [
        _Half(glyph.text, place - 0.5, glyph.probability, 1),
        _Half("", place + 0.5, glyph.probability, -1),
    ]


def _likely(text: str, probability: float, chances: NDArray[np.float32]) -> str:
    """Return a character as it was read, or the one of ASCII that was seen beside an unlikely letter of another script."""
    if not text or text.isascii() or probability >= _SURE:
        return text
    best = int(chances.argmax())
    return ALPHABET[best] if chances[best] > _SEEN else text


def _is_whole(halves: Sequence[_Half], index: int, used: AbstractSet[int | None]) -> bool:
    """Whether both halves of a glyph are matched."""
    return index + halves[index].other in used


def chances_in(reading: Reading, offset: float, columns: Columns, number: int) -> NDArray[np.float32]:
    """Return the highest probability of each character of `ALPHABET` within a cell."""
    left = (columns.left + number * columns.width - offset) / reading.step
    first = int(max(0, min(len(reading.chances) - 1, np.floor(left))))
    last = int(max(first + 1, np.ceil(left + columns.width / reading.step)))
    highest: NDArray[np.float32] = reading.chances[first:last].max(axis=0)
    return highest


def _most_probable(reading: Reading, offset: float, columns: Columns, number: int) -> tuple[str, float]:
    chances = chances_in(reading, offset, columns, number)
    best = int(chances.argmax())
    return ALPHABET[best], float(chances[best]) / 2  # less sure than a glyph that was read by itself


def _match(places: Sequence[float], weights: Sequence[float], numbers: Sequence[int]) -> list[int | None]:
    """Match glyphs to cells, both in order, at the least cost. Return the glyph of each cell."""
    glyphs, cells = len(places), len(numbers)
    costs = np.full((glyphs + 1, cells + 1), np.inf)
    moves = np.zeros((glyphs + 1, cells + 1), np.int8)
    reach = _BAND + abs(glyphs - cells)
    for i in range(glyphs + 1):
        for j in range(max(0, i - reach), min(cells, i + reach) + 1):
            options = [(0.0, 0)] if i == j == 0 else []
            if i and j:
                distance = places[i - 1] - numbers[j - 1] - 0.5
                options.append((costs[i - 1, j - 1] + min(distance * distance, _FARTHEST), 0))
            if i:
                options.append((costs[i - 1, j] + _UNMATCHED * (0.3 + weights[i - 1]), 1))
            if j:
                options.append((costs[i, j - 1] + _UNMATCHED, 2))
            costs[i, j], moves[i, j] = min(options)
    return _backtrack(moves)


def _backtrack(moves: NDArray[np.int8]) -> list[int | None]:
    i, j = moves.shape[0] - 1, moves.shape[1] - 1
    matched: list[int | None] = [None] * j
    while i or j:
        move = moves[i, j]
        if i and j and move == 0:
            i, j = i - 1, j - 1
            matched[j] = i
        elif i and (move == 1 or not j):
            i -= 1
        else:
            j -= 1
    return matched
