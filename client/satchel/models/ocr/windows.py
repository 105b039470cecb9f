"""Title bars: the three discs that close, shrink and enlarge a window, drawn in many screenshots of code.

They are no text, but networks read letters in them, and a title beside them can stand where a line of code would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.ink import Mask
from satchel.models.ocr.pixels import Pixels

Areas = NDArray[np.int32]
Middles = NDArray[np.float64]

_HEIGHT: Final = 0.35  # of the image, from its top
_MAX_HEIGHT_PX: Final = 400
_DISCS_PX: Final = (6, 80)
_COLOURS: Final = 3  # the background may be that of a bar, of the window, or of what is around it
_DIFFERENCES: Final = (110, 60, 24)  # from the background: under the noise of a JPEG, and of grey discs
_EVEN: Final = 48
_FILLED: Final = (0.68, 0.9)  # of its square; a disc fills 0.785
_ALIKE: Final = 0.2  # of the diameter
_APART: Final = (1.2, 4.0)  # diameters between neighbours
_LETTER: Final = 5.0  # diameters of a point that a letter is high or wide, at most
_SPECK: Final = 0.15  # of the square of a diameter; smaller areas are noise
_MOST_DISCS: Final = 200
_MOST_IN_ROW: Final = 30
_BELOW: Final = 0.6  # diameters from the lower edge of the discs to the lower edge of the bar, at least


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc: its middle and its diameter in pixels."""

    x: float
    y: float
    diameter: float


def bar_bottom(pixels: Pixels) -> int:
    """Return the row of pixels at which a title bar ends; 0 without three discs in a row at the left."""
    height = min(int(_HEIGHT * pixels.shape[0]), _MAX_HEIGHT_PX)
    top = pixels[:height]
    if height < _DISCS_PX[0]:
        return 0
    for colour in _commonest(top):
        difference = cv2.absdiff(top, np.broadcast_to(colour, top.shape)).max(axis=2)
        for least in _DIFFERENCES:
            areas, middles = _areas(difference > least)
            row = _row_of(_discs(top, areas, middles), areas)
            if row:
                return int(max(disc.y + (0.5 + _BELOW) * disc.diameter for disc in row))
    return 0


def _commonest(pixels: Pixels) -> Sequence[Pixels]:
    """Return the commonest colours."""
    reduced = (pixels.reshape(-1, 3) >> 3).astype(np.int32)
    keys = (reduced[:, 0] << 10) | (reduced[:, 1] << 5) | reduced[:, 2]
    counts = np.bincount(keys)
    fullest = [key for key in np.argsort(counts)[::-1][:_COLOURS].tolist() if counts[key]]
    return [np.median(pixels.reshape(-1, 3)[keys == key], axis=0).astype(np.uint8) for key in fullest]


def _areas(ink: Mask) -> tuple[Areas, Middles]:
    """Return the areas of ink: the left, top, width, height and size of each, and its middle."""
    _, _, areas, middles = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    return np.asarray(areas, np.int32), np.asarray(middles, np.float64)


def _discs(pixels: Pixels, areas: Areas, middles: Middles) -> list[Disc]:
    """Return the areas of ink that have the shape of a disc and one colour."""
    widths, heights, sizes = areas[:, 2], areas[:, 3], areas[:, 4]
    largest, filled = np.maximum(widths, heights), sizes / (widths * heights)
    is_disc = (abs(widths - heights) <= np.maximum(1, 0.15 * largest)) & (widths >= _DISCS_PX[0])
    is_disc &= (widths <= _DISCS_PX[1]) & (filled >= _FILLED[0]) & (filled <= _FILLED[1])
    found = []
    for label in np.flatnonzero(is_disc).tolist()[:_MOST_DISCS]:
        left, top, width, height = (int(value) for value in areas[label, :4])
        edge = width // 4
        inner = pixels[top + edge : top + height - edge, left + edge : left + width - edge].reshape(-1, 3)
        if int((inner.max(axis=0) - inner.min(axis=0)).max()) <= _EVEN:
            found.append(Disc(float(middles[label, 0]), float(middles[label, 1]), (width + height) / 2))
    return found


def _row_of(discs: Sequence[Disc], areas: Areas) -> tuple[Disc, Disc, Disc] | None:
    """Return the first three discs of one size at one height and equal distances that have no text before them."""
    ordered = sorted(discs, key=lambda disc: disc.x)[:_MOST_IN_ROW]
    for first, second, third in combinations(ordered, 3):
        size = first.diameter
        steps = second.x - first.x, third.x - second.x
        is_even = (
            abs(steps[0] - steps[1]) <= _ALIKE * size and _APART[0] * size <= steps[0] <= _APART[1] * size
        )
        heights = max(abs(disc.y - first.y) for disc in (second, third))
        sizes = max(abs(disc.diameter - size) for disc in (second, third))
        is_row = is_even and heights <= _ALIKE * size and sizes <= _ALIKE * size
        if is_row and not _has_text_before(first, areas):
            return first, second, third
    return None


def _has_text_before(disc: Disc, areas: Areas) -> bool:
    """Whether ink of the size of letters stands above a disc or to its left: then it is a point of some line of code."""
    lefts, tops, widths, heights, sizes = (areas[:, column] for column in range(5))
    is_letter = (heights <= _LETTER * disc.diameter) & (widths <= _LETTER * disc.diameter)
    is_letter &= sizes >= _SPECK * disc.diameter**2
    radius = disc.diameter / 2
    is_above = tops + heights <= disc.y - radius
    is_beside = (tops < disc.y + radius) & (lefts + widths <= disc.x - radius)
    return bool((is_letter & (is_above | is_beside)).any())
