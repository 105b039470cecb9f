"""Characters that look alike, distinguished by the other characters of the same image.

A picture of code has one font, so the same character is the same picture wherever it stands. A recognizer that reads
line by line calls one and the same shape `O` in `Object` and `0` in `isObject`. Here the cells of similar characters
are compared with each other, and cells of the same shape agree on what they are: by the probabilities with which they
were read, and by the characters beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.columns import Cell, Columns
from satchel.models.ocr.ink import Band

Floats = NDArray[np.float32]

GROUPS: Final = (
    "0OoDQ",
    "1lI|i!/jt",
    "cCeG(",
    "sS5",
    "zZ2",
    "vVyY",
    "wW",
    "xX",
    "uU",
    "kK",
    "pP",
    "fF",
    "'`^\"",
    ".,",
    ":;",
    "({[",
    ")}]",
    "-_~",
    "8B",
    "6b",
    "gq9",
    "rc",
)
"""Characters that are confused with each other."""
MOST_CELLS: Final = 1_200  # of a group that are compared; the rest of a very long text stays as it was read
_LARGEST_PX: Final = 16  # of a cell's picture
_SHIFTS: Final = (-0.5, 0.0, 0.5)  # pixels: letters are placed on whole pixels, cells are not
_LEAST_SPREAD: Final = 0.02
_OWN: Final = 1.0  # the weight of its own vote, beside 1 of a cell that looks the same
_MORE: Final = 1.5  # times as much evidence as for the character that was read


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell in its row, and the middle of the row's text in pixels from the top of the band."""

    row: int
    index: int
    cell: Cell
    before: str
    after: str


def agree(
    rows: Mapping[int, tuple[Band, Sequence[Cell], float]], columns: Columns
) -> dict[tuple[int, int], Cell]:
    """Return the cells that change, by their row and their place in it. `rows` holds bands, cells and middles."""
    placed = [one for row, (_, cells, _) in rows.items() for one in _placed(row, cells)]
    changed: dict[tuple[int, int], Cell] = {}
    for group in GROUPS:
        members = [
            replace(one, cell=changed.get((one.row, one.index), one.cell))
            for one in placed
            if changed.get((one.row, one.index), one.cell).text in group
        ][:MOST_CELLS]
        if len({one.cell.text for one in members}) > 1 and all(one.cell.text for one in members):
            for one, text in zip(members, _settled(members, group, rows, columns), strict=True):
                if text != one.cell.text:
                    changed[one.row, one.index] = replace(one.cell, text=text)
    return changed


def _placed(row: int, cells: Sequence[Cell]) -> list[Placed]:
    texts = {cell.number: cell.text for cell in cells}
    return [
        Placed(row, index, cell, texts.get(cell.number - 1, " "), texts.get(cell.number + 1, " "))
        for index, cell in enumerate(cells)
        if cell.text
    ]


def _settled(
    members: Sequence[Placed],
    group: str,
    rows: Mapping[int, tuple[Band, Sequence[Cell], float]],
    columns: Columns,
) -> list[str]:
    """Return the text of each member after all members of the same shape have voted."""
    alike = _likeness([_pictures(one, rows[one.row], columns) for one in members])
    votes = np.array([_votes(one, group) for one in members], np.float32)
    np.fill_diagonal(alike, _OWN)
    evidence = alike @ votes
    settled = []
    for one, found in zip(members, evidence, strict=True):
        best, read = int(found.argmax()), group.index(one.cell.text)
        settled.append(group[best if found[best] > _MORE * found[read] else read])
    return settled


def _pictures(one: Placed, row: tuple[Band, Sequence[Cell], float], columns: Columns) -> Floats:
    """Return pictures of a cell, one for each shift: shifts × pixels, the middle one first."""
    band, _, middle = row
    size = max(3, round(columns.width)), max(5, round(2 * columns.width))
    x = columns.left + (one.cell.number + 0.5) * columns.width - 0.5
    found = []
    for shift_y in (0.0, *_SHIFTS[::2]):
        for shift_x in (0.0, *_SHIFTS[::2]):
            part = cv2.getRectSubPix(
                band.difference, size, (x + shift_x, middle - 0.5 + shift_y), patchType=cv2.CV_32F
            )
            found.append(_reduced(np.asarray(part, np.float32)).ravel())
    pictures = np.stack(found)
    peaks = np.maximum(pictures.max(axis=1, keepdims=True), 1.0)
    return np.asarray(pictures / peaks, np.float32)


def _reduced(part: Floats) -> Floats:
    height, width = part.shape
    scale = _LARGEST_PX / width
    if scale >= 1:
        return part
    reduced = cv2.resize(part, (_LARGEST_PX, round(height * scale)), interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.float32)


def _likeness(pictures: Sequence[Floats]) -> Floats:
    """Return how alike each two cells are, from 0 to 1."""
    stacked = np.stack(pictures)
    plain = stacked[:, 0]
    squares = (stacked**2).sum(axis=2)
    distances = np.full((len(plain), len(plain)), np.inf, np.float32)
    for shift in range(stacked.shape[1]):
        product = plain @ stacked[:, shift].T
        found = squares[:, :1] + squares[None, :, shift] - 2 * product
        np.minimum(distances, found, out=distances)
    distances = np.maximum(np.minimum(distances, distances.T), 0) / np.maximum(
        1.0, np.minimum(squares[:, :1], squares[:, 0])
    )
    others = distances + np.diag(np.full(len(plain), np.inf, np.float32))
    spread = max(_LEAST_SPREAD, float(np.median(others.min(axis=1))))
    likeness: Floats = np.exp(-distances / (2 * spread)).astype(np.float32)
    return likeness


def _votes(one: Placed, group: str) -> list[float]:
    """Return how much speaks for each character of a group."""
    usual = _expected(one.before, one.after) if "0" in group or "1" in group else {}
    own = one.cell.probability
    return [(own if text == one.cell.text else 0.0) + usual.get(text, 0.0) for text in group]


def _expected(before: str, after: str) -> Mapping[str, float]:
    """Return the characters that are usual between two others, with their weights."""
    kinds = _kind(before) + _kind(after)
    if "9" in kinds and not {"a", "A"} & set(kinds):
        return {"0": 0.7, "1": 0.7}
    return _USUAL.get(kinds, {})


# Kinds of the characters before and after: a small letter, a capital, a digit, or another one.
_USUAL: Final[Mapping[str, Mapping[str, float]]] = {
    "aa": {"l": 0.6, "O": 0.3, "o": 0.4},
    "a.": {"l": 0.5, "o": 0.4},
    "AA": {"I": 0.5, "O": 0.5},
    ".a": {"O": 0.2, "o": 0.2},
    "..": {"0": 0.3, "1": 0.2, "|": 0.1},
}


def _kind(character: str) -> str:
    if character == "_":
        return "_"
    if character.islower():
        return "a"
    if character.isupper():
        return "A"
    return "9" if character.isdigit() else "."
