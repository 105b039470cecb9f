"""Ink: which pixels of a line differ from its background, on light and dark themes alike."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.pixels import Pixels

Mask = NDArray[np.bool_]

LEAST_CONTRAST: Final = 30  # of 255; a line whose pixels differ less from the background is empty
_LEAST_DIFFERENCE: Final = 20
_SHARE_OF_CONTRAST: Final = 0.12  # tells dim comments from the noise of a JPEG


@dataclass(frozen=True, slots=True)
class Band:
    """The pixels of one line of text and its ink; `top` is its first row in the image."""

    top: int
    pixels: Pixels
    ink: Mask

    @property
    def profile(self) -> NDArray[np.int64]:
        """How many pixels of ink each column has."""
        columns: NDArray[np.int64] = self.ink.sum(axis=0, dtype=np.int64)
        return columns


def band_of(pixels: Pixels, top: int, bottom: int) -> Band | None:
    """Return the band between two rows; None if it is empty."""
    part = pixels[max(0, top) : bottom]
    if part.shape[0] < 4 or part.shape[1] < 1:
        return None
    ink = ink_of(part)
    return Band(max(0, top), part, ink) if int(ink.sum()) >= 3 else None


def ink_of(pixels: Pixels) -> Mask:
    """Return which pixels differ from the commonest colour."""
    difference = np.abs(pixels.astype(np.int16) - _commonest_colour(pixels)).max(axis=2)
    contrast = int(difference.max())
    if contrast < LEAST_CONTRAST:
        return np.zeros(difference.shape, np.bool_)
    ink: Mask = difference > max(_LEAST_DIFFERENCE, _SHARE_OF_CONTRAST * contrast)
    return ink


def _commonest_colour(pixels: Pixels) -> NDArray[np.int16]:
    """Return the background: the median of the pixels in the fullest of 32,768 boxes of colours."""
    flat = pixels.reshape(-1, 3)
    reduced = (flat >> 3).astype(np.int32)
    keys = (reduced[:, 0] << 10) | (reduced[:, 1] << 5) | reduced[:, 2]
    commonest = int(np.bincount(keys).argmax())
    colour: NDArray[np.int16] = np.median(flat[keys == commonest], axis=0).astype(np.int16)
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
