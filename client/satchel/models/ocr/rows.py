"""Rows: the lines of text of an image, and the distance at which they repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.results import Box

_SAME_ROW: Final = 0.45  # of the height of the text: boxes whose middles are closer stand in one line
_TALL: Final = 0.8  # of the height of the text: lower boxes, such as those of quotes, tell no middle
_NEAREST: Final = 0.75
_FARTHEST: Final = 2.6
"""The distance of two lines, in heights of the text, is between these."""
_TEXT: Final = 1.08
_INK: Final = 1.4
_OFF_ROW: Final = 0.25  # of the distance: text farther from every row belongs to a title bar
MAX_ROWS: Final = 600


@dataclass(frozen=True, slots=True)
class Rows:
    """The middle of row number 0, the distance of rows, and the height of a row's text, in pixels."""

    first: float
    distance: float
    height: float

    def number_of(self, middle: float) -> int:
        """Return the number of the row that is nearest."""
        return round((middle - self.first) / self.distance)

    def is_off(self, middle: float) -> bool:
        """Whether text stands between rows."""
        place = (middle - self.first) / self.distance
        return abs(place - round(place)) > _OFF_ROW

    def bounds(self, number: int) -> tuple[int, int]:
        """Return the top and bottom of a row's text."""
        middle = self.first + number * self.distance
        half = min(self.distance, _TEXT * self.height) / 2
        return round(middle - half), round(middle + half)

    def reach(self, number: int) -> tuple[int, int]:
        """Return the top and bottom of a row's ink, low underscores and high brackets included."""
        middle = self.first + number * self.distance
        half = min(self.distance, _INK * self.height) / 2
        return round(middle - half), round(middle + half)


def fit_rows(boxes: Sequence[Box]) -> Rows:
    """Return the rows on which boxes of text stand. There is at least one box."""
    height = median(box.height for box in boxes)
    middles = _middles(boxes, height)
    steps = np.diff(middles)
    steps = steps[steps > _SAME_ROW * height]
    if not steps.size:
        return Rows(float(middles[0]), 1.3 * height, height)
    distance = _distance(steps, height)
    first, distance = _refine(middles, distance)
    return Rows(first, distance, height)


def _middles(boxes: Sequence[Box], height: float) -> NDArray[np.float64]:
    """Return the middle of each line that has a box of full height."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        if lines and box.middle - float(np.mean([one.middle for one in lines[-1]])) < _SAME_ROW * height:
            lines[-1].append(box)
        else:
            lines.append([box])
    tall = [[box for box in line if box.height > _TALL * height] for line in lines]
    return np.array(
        [
            np.average([box.middle for box in line], weights=[box.width for box in line])
            for line in tall
            if line
        ]
    )


def _distance(steps: NDArray[np.float64], height: float) -> float:
    """Return the distance of which the steps between lines are multiples, the largest if several fit."""
    candidates = np.arange(_NEAREST * height, _FARTHEST * height, 0.1)
    ratios = steps[None, :] / candidates[:, None]
    multiples = np.maximum(1, np.round(ratios))
    costs = np.minimum(np.abs(ratios - multiples), 0.25).mean(axis=1) + 0.02 * multiples.mean(axis=1)
    return float(candidates[int(costs.argmin())])


def _refine(middles: NDArray[np.float64], distance: float) -> tuple[float, float]:
    """Fit the rows to all middles, those off the rows with little weight."""
    first = float(middles[0])
    for _ in range(3):
        steps = np.maximum(0, np.round(np.diff(middles) / distance))
        numbers = np.concatenate([[0.0], np.cumsum(steps)])
        if numbers[-1] == 0:
            break
        solution = _fit_line(numbers, middles, 0.06 * distance)
        if solution[1] < 0.5 * distance:
            break
        first, distance = solution
    return first, distance


def _fit_line(
    numbers: NDArray[np.float64], middles: NDArray[np.float64], usual: float
) -> tuple[float, float]:
    """Return start and slope of the line through points, those farther than usual from it with little weight."""
    design = np.stack([np.ones_like(numbers), numbers], axis=1)
    weights = np.ones(len(middles))
    start = slope = 0.0
    for _ in range(3):
        start, slope = np.linalg.lstsq(design * weights[:, None], middles * weights, rcond=None)[0].tolist()
        weights = 1 / (1 + ((middles - start - slope * numbers) / usual) ** 2)
    return start, slope
