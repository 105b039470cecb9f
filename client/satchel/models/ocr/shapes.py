"""Shapes: what the ink of a cell proves about its character.

A recognizer sees a line of quotes alone as bars, because nothing tells it where the line is. The rows do: ink that
stays above the middle of small letters is a quote or an accent, ink that stays at the foot is a point or an
underscore, one thin bar between them is a dash, and two are an equals sign. Where the character that was read
contradicts its ink, the most probable one that does not replaces it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.characters import ALPHABET
from satchel.models.ocr.columns import Cell
from satchel.models.ocr.ink import Mask

_HIGH: Final = "\"'`^*~°²³¹ºª"
_LOW: Final = "_.,"
_BOTH_CASES: Final = frozenset("cosvwxzCOSVWXZ")  # the small letter has the shape of the capital
_DESCENDING: Final = frozenset("pyPY")  # the small letter reaches below the line
_UPRIGHT: Final = frozenset("1Iil!|")
_ROUND: Final = frozenset("cCoO0GDJ")
_NARROW_HAT: Final = 0.45
_THIN: Final = 0.35  # of a cell
_NARROW: Final = 0.6
_LEANING: Final = 0.28  # of a cell; the bar of an italic font leans less
_DASHES: Final = "-~¬"
_CERTAIN: Final = 0.95  # the noise of a JPEG lifts the tops of letters
_CAPITAL: Final = 0.12
_SMALL: Final = 0.18  # of the height of a capital; small letters stay a quarter below it
_SLANTED: Final = 0.08  # of a cell: a backtick, not an apostrophe
_PROVEN: Final = 0.9  # the least probability of a character that its ink proves
_CAPITALS: Final = frozenset("ABCDEFGHIKLMNOPRSTUVWXYZbdhkl")
_ON_BASELINE: Final = frozenset("ABCDEFGHIKLMNOPRSTUVWXYZabcdehiklmnorstuvwxz")


@dataclass(frozen=True, slots=True)
class Letters:
    """The top of capitals and the baseline, in rows of pixels from the middle of a line's text."""

    top: float
    base: float


@dataclass(frozen=True, slots=True)
class Extent:
    """The ink of a cell: its rows from the middle of the line's text, its width, and its parts.

    `bars` counts the parts beside each other, `layers` those above each other. `slant` is how many columns the ink
    moves to the right from its upper to its lower half, and `bulge` how many its middle third stands to the right of
    the others.
    """

    top: float
    bottom: float
    width: int
    bars: int
    layers: int
    slant: float
    bulge: float = 0.0

    @property
    def height(self) -> float:
        """The height in pixels."""
        return self.bottom - self.top


def extent_of(ink: Mask, middle: float) -> Extent | None:
    """Return the extent of a cell's ink, `middle` being the row of the middle; None without ink."""
    rows: Mask = ink.max(axis=1)
    columns: Mask = ink.max(axis=0)
    if not rows.any():
        return None
    inked = np.flatnonzero(rows)
    top, bottom = int(inked[0]), int(inked[-1]) + 1
    half = (top + bottom) // 2
    upper, lower = top + (bottom - top) // 3, bottom - (bottom - top) // 3
    return Extent(
        top - middle,
        bottom - middle,
        int(columns.sum()),
        _parts(columns),
        _parts(rows),
        _centre(ink[half:bottom]) - _centre(ink[top : max(half, top + 1)]),
        _centre(ink[upper:lower]) - (_centre(ink[top:upper]) + _centre(ink[lower:bottom])) / 2,
    )


def _centre(ink: Mask) -> float:
    """Return the mean column of ink."""
    columns = np.nonzero(ink)[1]
    return float(columns.mean()) if columns.size else 0.0


def _parts(inked: Mask) -> int:
    """Count the runs of ink."""
    before = np.concatenate([[False], inked[:-1]])
    return int(np.count_nonzero(inked & ~before))


def measure_letters(cells: Iterable[tuple[str, Extent]]) -> Letters | None:
    """Return where the letters of an image stand; None if it has too few."""
    tops, bases = [], []
    for character, extent in cells:
        if character in _CAPITALS:
            tops.append(extent.top)
        if character in _ON_BASELINE:
            bases.append(extent.bottom)
    if len(tops) < 3 or len(bases) < 3:
        return None
    return Letters(float(np.median(tops)), float(np.median(bases)))


def correct(cell: Cell, extent: Extent, letters: Letters, width: float, chances: NDArray[np.float32]) -> Cell:
    """Return the cell, with another character if its ink proves the one that was read wrong."""
    height = letters.base - letters.top
    is_wide = extent.width > 0.6 * width
    is_low, is_high = extent.bottom > letters.base + 0.1 * height, extent.top < letters.top + 0.12 * height
    if is_low and is_high and extent.bars == extent.layers == 1:
        cell = _tall(cell, extent, width)
    if cell.text in _UPRIGHT - {"|"} and is_high and extent.slant < -_LEANING * width:
        return _proven(cell, "/")
    if cell.text in _DESCENDING:
        return replace(cell, text=cell.text.lower() if is_low else cell.text.upper())
    if cell.text in _BOTH_CASES and cell.probability < _CERTAIN:
        return _cased(cell, (extent.top - letters.top) / height)
    if extent.bottom < letters.base - 0.45 * height and extent.top < letters.top + 0.3 * height:
        return _quote(cell, extent, width, chances)
    if extent.top > letters.base - 0.3 * height:
        return _among(cell, _LOW, "_" if is_wide else ".", chances)
    is_between = extent.top > letters.top + 0.15 * height and extent.bottom < letters.base - 0.1 * height
    return _bar(cell, extent, height, chances) if is_wide and is_between else cell


def _tall(cell: Cell, extent: Extent, width: float) -> Cell:
    """Return a character of one stroke that reaches above capitals and below the line: a bar or a round bracket."""
    if cell.text in _UPRIGHT and extent.width < _THIN * width and abs(extent.slant) < _SLANTED * width:
        return _proven(cell, "|")
    if cell.text in _ROUND and extent.width < _NARROW * width and abs(extent.bulge) > _SLANTED * width:
        return _proven(cell, "(" if extent.bulge < 0 else ")")
    return cell


def _bar(cell: Cell, extent: Extent, height: float, chances: NDArray[np.float32]) -> Cell:
    if extent.layers == 2:
        return _proven(cell, "=")
    is_thin = extent.layers == 1 and extent.height < 0.2 * height
    return _among(cell, _DASHES, "-", chances) if is_thin else cell


def _cased(cell: Cell, depth: float) -> Cell:
    """Return a letter in the case that its top proves, `depth` being how far it stays below a capital's."""
    if depth < _CAPITAL:
        return replace(cell, text=cell.text.upper())
    return replace(cell, text=cell.text.lower()) if depth > _SMALL else cell


def _quote(cell: Cell, extent: Extent, width: float, chances: NDArray[np.float32]) -> Cell:
    if extent.bars == 2:
        return _proven(cell, '"') if cell.text in "'`" else _among(cell, _HIGH, '"', chances)
    if (
        cell.text in "'`"
        or cell.text not in _HIGH
        or (cell.text == "^" and extent.width < _NARROW_HAT * width)
    ):
        least = _SLANTED / 2 if cell.text == "`" else _SLANTED
        return _proven(cell, "`" if extent.slant > least * width else "'")
    return cell


def _proven(cell: Cell, text: str) -> Cell:
    return replace(cell, text=text, probability=max(cell.probability, _PROVEN))


def _among(cell: Cell, allowed: str, usual: str, chances: NDArray[np.float32]) -> Cell:
    if cell.text in allowed:
        return cell
    choice = _most_probable(chances, [character for character in allowed if character in ALPHABET])
    return _proven(cell, choice if choice is not None else usual)


def _most_probable(chances: NDArray[np.float32], characters: Sequence[str]) -> str | None:
    places = [ALPHABET.index(character) for character in characters]
    best = max(places, key=lambda place: float(chances[place]))
    return ALPHABET[best] if chances[best] > 0.2 else None
