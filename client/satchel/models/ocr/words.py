"""Words that the program tesseract finds, placed in the columns and rows of code.

The ink of the whole image gives the width of a character, as for the networks: the edges of columns cross the least
of it. Where there is no ink to look at, as in a JPEG, the widths of the words and the places where they begin do.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

from satchel.models.ocr.characters import narrow
from satchel.models.ocr.results import Box, ImageText, TextLine

ENGINE: Final = "tesseract"
MAX_SIDE: Final = 100_000
_LEAST_WORD: Final = 4  # characters; shorter words tell no width
_CLOSE: Final = 0.35  # cells
_LEAST_WORDS: Final = 5  # fewer prove nothing
_MARGINS: Final = 0.2  # cells: the margins of the two ends of a word
_SLACK: Final = 0.03  # cells a character
_LEAST_CLOSE: Final = 0.7
_MOST_BLANK: Final = 20
_MOST_COLUMNS: Final = 2_000
_TOLERANCE: Final = 0.06  # of the width: how far the first estimate may be off
_INSIDE: Final = 0.15  # cells: how far a character reaches over the edge of its cell at most
_LEAST_NUMBERED: Final = 4
_SHARE_NUMBERED: Final = 0.75
_MOST_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the program's answer, with its confidence from 0 to 1."""

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Grid:
    """The left of column 0 and the width of a column, in pixels."""

    left: float
    width: float

    def column_of(self, x: float) -> int:
        """Return the column in which a character begins."""
        return int(max(0.0, (x - self.left) / self.width + _INSIDE))


def parse_words(table: str, times: int = 1) -> list[list[Word]]:
    """Return the lines of a table of words, each from left to right. Rows of another form are left out.

    `times` is how many times larger than the image the one was that the program read.
    """
    lines: dict[tuple[str, ...], list[Word]] = {}
    for row in csv.reader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if len(row) != 12 or row[0] != "5" or not row[11].strip():
            continue
        try:
            left, top, width, height = (int(value) for value in row[6:10])
            confidence = float(row[10]) / 100
        except ValueError:
            continue
        sides = (left, top, left + width, top + height)
        is_box = width > 0 and height > 0 and all(0 <= side <= MAX_SIDE for side in sides)
        if not (is_box and 0 <= confidence <= 1):
            continue
        text = _ZERO.sub("0", "".join(map(narrow, row[11].strip())))
        word = Word(text, confidence, Box(*(side / times for side in sides)))
        lines.setdefault(tuple(row[1:5]), []).append(word)
    return [sorted(line, key=lambda word: word.box.left) for line in lines.values()]


_ZERO: Final = re.compile(r"(?<![$\w'\"])[@\u00ae\u00a9](?![\w'\"])|[\u00ae\u00a9]")
"""A zero with a stroke or a point inside, which the program takes for one of these."""


def _closed(line: list[Word]) -> list[Word]:
    """Return a line, its only word `3` being the bracket that closes a block."""
    return [replace(line[0], text="}")] if [word.text for word in line] == ["3"] else line


def lay_out(
    lines: Sequence[Sequence[Word]], ink: Sequence[int] = (), *, keep_numbers: bool = False
) -> ImageText:
    """Place words in columns of one width, and lines at their distance.

    `ink` is how many pixels of ink each column of the image has. Line numbers are left out unless `keep_numbers`.
    """
    ordered = sorted((line for line in lines if line), key=_middle_of)
    width = _width_of([word for line in ordered for word in line])
    if width is None:
        return ImageText("", (), ENGINE)
    rows = _rows_of([_middle_of(line) for line in ordered])
    numbered = {row: list(line) for row, line in zip(rows, ordered, strict=True)}
    removed = 0 if keep_numbers else _count_numbers(list(numbered.values()))
    if removed:  # what stands above the first number is the title of a window
        start = next(row for row, line in numbered.items() if _is_number(line[0]))
        numbered = {row: line for row, line in numbered.items() if row >= start}
        edge = max(line[0].box.right for line in numbered.values() if _is_number(line[0])) + width / 2
        numbered = {row: [word for word in line if word.box.right > edge] for row, line in numbered.items()}
    kept = {row: _closed(line) for row, line in numbered.items() if line}
    if not kept:
        return ImageText("", (), ENGINE)
    words = [word for line in kept.values() for word in line]
    grid = _fit(ink, width) if any(ink) else _grid_of(words, width)
    first = min(grid.column_of(word.box.left) for word in words)
    texts = {row: _text_of(line, grid, first) for row, line in kept.items()}
    whole = "\n".join(texts.get(row, "") for row in range(min(kept), max(kept) + 1))
    result = tuple(_line(texts[row], line) for row, line in kept.items())
    return ImageText(whole, result, ENGINE, _have_columns(words, grid), removed)


def _width_of(words: Sequence[Word]) -> float | None:
    """Return the width of a character: a word of n characters takes n cells but for the margins of its ends."""
    widths = [
        word.box.width / (len(word.text) - _MARGINS) for word in words if len(word.text) >= _LEAST_WORD
    ] or [word.box.width / len(word.text) for word in words]
    return median(widths) if widths else None


def _grid_of(words: Sequence[Word], width: float) -> Grid:
    """Return the columns near a width at which most words begin at the same place of a cell."""
    left = min(word.box.left for word in words)
    places = [word.box.left - left for word in words]

    def cost(candidate: float) -> float:
        return sum(abs(place / candidate - round(place / candidate)) for place in places)

    best = min((width * (0.93 + step * 0.001) for step in range(141)), key=cost)
    return Grid(left - _INSIDE * best, best)


def _fit(ink: Sequence[int], width: float) -> Grid:
    """Return the columns near a width whose edges cross the least ink."""
    inked = [x for x, count in enumerate(ink) if count]
    first, last = inked[0], inked[-1]
    fineness = max(0.01, 0.3 * width / max(1, last - first))
    candidates = [
        width * (1 - _TOLERANCE) + step * fineness
        for step in range(int(2 * _TOLERANCE * width / fineness) + 1)
    ]
    fits = [_best_left(ink, first, last, candidate) for candidate in candidates]
    least = min(cost for cost, _ in fits)
    best = [grid for cost, grid in fits if cost <= least * 1.02]
    return best[len(best) // 2]


def _best_left(ink: Sequence[int], first: int, last: int, width: float) -> tuple[float, Grid]:
    """Return the mean ink under the edges of columns, and where they then begin: the middle of the best places."""
    count = min(_MOST_COLUMNS, int((last - first) / width) + 2)
    costs = []
    for step in range(max(1, int(width * 2))):
        left = first - width + step / 2
        edges = (int(left + number * width) for number in range(1, count + 1))
        costs.append(sum(ink[x] for x in edges if 0 <= x < len(ink)) / count)
    least = min(costs)
    best = [step for step, cost in enumerate(costs) if cost <= least]
    return least, Grid(first - width + best[len(best) // 2] / 2, width)


def _text_of(line: Sequence[Word], grid: Grid, first: int) -> str:
    text = ""
    for word in line:
        text = text.ljust(min(_MOST_COLUMNS, grid.column_of(word.box.left) - first)) + word.text
    return text


def _middle_of(line: Sequence[Word]) -> float:
    widest = max(line, key=lambda word: word.box.width)
    return widest.box.middle


def _rows_of(middles: Sequence[float]) -> list[int]:
    """Return the number of each line's row, blank ones counted."""
    steps = sorted(second - first for first, second in pairwise(middles))
    usual = median(steps[: max(1, len(steps) * 2 // 3)]) if steps else 0
    rows = [0]
    for first, second in pairwise(middles):
        apart = round((second - first) / usual) if usual > 0 else 1
        rows.append(rows[-1] + min(max(1, apart), _MOST_BLANK + 1))
    return rows[: len(middles)]


def _count_numbers(lines: Sequence[Sequence[Word]]) -> int:
    """Return how many lines begin with a number of a gutter; 0 unless most do, counting up."""
    numbers = [int(line[0].text) for line in lines if _is_number(line[0])]
    rising = sum(1 <= second - first <= _MOST_BLANK for first, second in pairwise(numbers))
    is_gutter = len(numbers) >= max(_LEAST_NUMBERED, _SHARE_NUMBERED * len(lines))
    return len(numbers) if is_gutter and rising >= _SHARE_NUMBERED * (len(numbers) - 1) else 0


def _is_number(word: Word) -> bool:
    return word.text.isascii() and word.text.isdecimal() and len(word.text) <= _MOST_DIGITS


def _have_columns(words: Sequence[Word], grid: Grid) -> bool:
    """Whether most words take as many cells as they have characters."""
    long = [word for word in words if len(word.text) >= _LEAST_WORD]
    fitting = sum(
        abs(word.box.width / grid.width + _MARGINS - len(word.text)) < _CLOSE + _SLACK * len(word.text)
        for word in long
    )
    return len(long) >= _LEAST_WORDS and fitting >= _LEAST_CLOSE * len(long)


def _line(text: str, line: Sequence[Word]) -> TextLine:
    characters = sum(len(word.text) for word in line)
    confidence = sum(len(word.text) * word.confidence for word in line) / characters
    box = Box(
        min(word.box.left for word in line),
        min(word.box.top for word in line),
        max(word.box.right for word in line),
        max(word.box.bottom for word in line),
    )
    return TextLine(text, confidence, box)
