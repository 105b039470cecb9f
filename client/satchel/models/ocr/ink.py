"""Ink: which pixels of a line differ from their background, on light and dark themes alike.

The background is found place by place, because selections, highlighted lines and panels have one of their own: each
pixel is compared with the nearest one that lies in an even area wider than a stroke.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.pixels import Pixels

Mask = NDArray[np.bool_]

LEAST_CONTRAST: Final = 30  # of 255; a line whose pixels differ less from the background is empty
_LEAST_DIFFERENCE: Final = 20
_SHARE_OF_CONTRAST: Final = 0.12  # tells dim comments from the noise of a JPEG
_SHARE_OF_STROKE: Final = 0.4
_REACHED: Final = 0.2  # of the height of a band
_NARROW: Final = 0.3
_EVEN: Final = 14  # of 255: how much an even area varies, as under the noise of a JPEG
_EVEN_SIDE: Final = 0.3  # heights of the text; strokes are narrower


@dataclass(frozen=True, slots=True)
class Band:
    """The pixels of one line of text, how much they differ from the background, and its ink.

    `top` is its first row in the image, and `text` the rows that the recognizer gets.
    """

    top: int
    text: slice
    pixels: Pixels
    difference: NDArray[np.uint8]
    ink: Mask

    @property
    def profile(self) -> NDArray[np.int64]:
        """How many pixels of ink each column has."""
        columns: NDArray[np.int64] = self.ink.sum(axis=0, dtype=np.int64)
        return columns

    def between(self, left: int, right: int) -> "Band":
        """Return the part between two columns."""
        part = slice(left, right)
        return Band(self.top, self.text, self.pixels[:, part], self.difference[:, part], self.ink[:, part])


def band_of(pixels: Pixels, text: tuple[int, int], reach: tuple[int, int], height: float) -> Band | None:
    """Return the band of a row; None if it is empty.

    `text` and `reach` are the first and last rows of its letters and of its ink, `height` is that of the text.
    """
    top, bottom = max(0, reach[0]), reach[1]
    part = pixels[top:bottom]
    if part.shape[0] < 4 or part.shape[1] < 1:
        return None
    first = max(0, top - int(height))
    around = pixels[first : bottom + int(height)]
    ground = ground_of(around, height)[top - first : top - first + part.shape[0]]
    difference: NDArray[np.uint8] = cv2.absdiff(part, ground).max(axis=2)
    ink = ink_in(difference)
    ends = _ends_of_neighbours(ink)
    ink[ends], difference[ends] = False, 0
    letters = slice(max(0, text[0] - top), max(4, text[1] - top))
    return Band(top, letters, part, difference, ink) if int(ink.sum()) >= 3 else None


def _ends_of_neighbours(ink: Mask) -> Mask:
    """Return the ink of letters that reach in from the row above or below."""
    height = ink.shape[0]
    count, labels, areas, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    tops, bottoms = areas[:, cv2.CC_STAT_TOP], areas[:, cv2.CC_STAT_TOP] + areas[:, cv2.CC_STAT_HEIGHT]
    reaches_in = (tops == 0) & (bottoms <= _REACHED * height)
    is_narrow = areas[:, cv2.CC_STAT_WIDTH] < _NARROW * height  # an underscore is wide
    reaches_in |= (bottoms == height) & (tops >= (1 - _REACHED) * height) & is_narrow
    reaches_in[0] = False  # what is no ink
    found: Mask = reaches_in[:count][labels]
    return found


def ink_in(difference: NDArray[np.uint8]) -> Mask:
    """Return which pixels are ink, by their difference from the background."""
    contrast = int(difference.max())
    if contrast < LEAST_CONTRAST:
        return np.zeros(difference.shape, np.bool_)
    ink: Mask = difference > max(_LEAST_DIFFERENCE, _SHARE_OF_CONTRAST * contrast)
    return ink


def strokes_in(difference: NDArray[np.uint8]) -> Mask:
    """Return the strokes of a character without the smoothed edges around them, by the difference of its cell."""
    strokes: Mask = difference > max(_LEAST_DIFFERENCE, _SHARE_OF_STROKE * int(difference.max(initial=0)))
    return strokes


def ground_of(pixels: Pixels, height: float) -> Pixels:
    """Return the colour of the background at each pixel, `height` being that of the text."""
    side = max(3, int(_EVEN_SIDE * height) | 1)
    square = np.ones((side, side), np.uint8)
    spread = cv2.subtract(cv2.dilate(pixels, square), cv2.erode(pixels, square)).max(axis=2)
    is_even = spread <= _EVEN
    if not is_even.any():
        return np.broadcast_to(_commonest_colour(pixels), pixels.shape)
    _, nearest = cv2.distanceTransformWithLabels(
        (~is_even).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colours[nearest[is_even]] = pixels[is_even]
    return colours[nearest]


def _commonest_colour(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the median of the pixels in the fullest of 32,768 boxes of colours."""
    flat = pixels.reshape(-1, 3)
    reduced = (flat >> 3).astype(np.int32)
    keys = (reduced[:, 0] << 10) | (reduced[:, 1] << 5) | reduced[:, 2]
    commonest = int(np.bincount(keys).argmax())
    colour: NDArray[np.uint8] = np.median(flat[keys == commonest], axis=0).astype(np.uint8)
    return colour


def runs_of(profile: NDArray[np.int64], gap: float) -> list[tuple[int, int]]:
    """Return the parts with ink that are at least `gap` columns apart, as (first, after the last)."""
    inked = np.flatnonzero(profile)
    if not inked.size:
        return []
    breaks = np.flatnonzero(np.diff(inked) > gap)
    firsts = inked[np.concatenate([[0], breaks + 1])]
    lasts = inked[np.concatenate([breaks, [inked.size - 1]])]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]
