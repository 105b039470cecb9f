"""Reading an image by the networks of `satchel.models.ocr.networks`, with the layout of code kept.

Boxes of text give the rows (`rows`), the ink of each row its parts (`ink`), the recognizer the characters of each
part, the characters of all rows the columns (`columns`), and the columns the place of every character. Ink corrects
what the recognizer cannot know (`shapes`); line numbers (`gutter`) and the title of a window are left out.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.models.ocr.alike import agree
from satchel.models.ocr.columns import (
    Cell,
    Columns,
    chances_in,
    fill_cells,
    fit_columns,
    width_between,
)
from satchel.models.ocr.gutter import Gutter, find_gutter
from satchel.models.ocr.ink import Band, band_of, runs_of, strokes_in
from satchel.models.ocr.networks import Glyph, Reading, find_boxes, recognize
from satchel.models.ocr.pixels import Pixels, decode_pixels
from satchel.models.ocr.results import Box, ImageText, TextLine, UnreadableImageError
from satchel.models.ocr.rows import MAX_ROWS, Rows, fit_rows
from satchel.models.ocr.shapes import Extent, correct, extent_of, measure_letters
from satchel.models.ocr.windows import bar_bottom

ENGINE: Final = "rapidocr"
DEADLINE_S: Final = 180.0
_PART_GAP: Final = 3.0  # heights of the text; parts of a line that are farther apart are read one by one
_RUN_GAP: Final = 1.5  # heights; ink closer to the text belongs to it
_INDENTED: Final = 3.0  # heights; ink farther left belongs to a border or to icons
_MARGIN: Final = 0.25  # heights of the text, on each side of a part
_CLOSE: Final = 0.35  # cells
_LEAST_CLOSE: Final = 0.88  # prose in a font of several widths reaches 0.8, code 0.95
_LEAST_SEEN: Final = 0.5  # of the cells with ink
_LEAST_CLOSE_IN_ROW: Final = 0.85
_OTHER_WIDTH: Final = 0.05  # of the width of a character
_LEAST_CELLS: Final = 6  # a row of fewer, such as a bracket, proves nothing
_FAINT: Final = 0.4  # of the usual depth of the ink in a row
_READ: Final = 0.1
_UNREAD: Final = 0.01
_MOST_SPECKS: Final = 2
_UNDERSCORE: Final = 0.6  # of the width of a cell
_EDGE: Final = 0.2  # of the height of a row
_LEAST_PROBABLE: Final = 0.3
_WIDEST: Final = 0.95  # heights of the text
_DOUBLE: Final = 3.6  # widths of a character; lines are rarely more than 3.2 of them apart
_RULE: Final = 0.6  # the share of the rows that a vertical line crosses


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a row: what was read, and how far from the left of the area."""

    offset: int
    end: int
    reading: Reading

    @property
    def glyphs(self) -> tuple[Glyph, ...]:
        """The glyphs, their middles counted from the left of the area."""
        return tuple(
            Glyph(glyph.text, glyph.middle + self.offset, glyph.probability) for glyph in self.reading.glyphs
        )


@dataclass(slots=True)
class Row:
    """A row of text: its ink, its parts from left to right, and its cells once the columns are known."""

    band: Band
    parts: list[Part]
    cells: list[Cell] = field(default_factory=list)

    @property
    def glyphs(self) -> tuple[Glyph, ...]:
        """The glyphs of all parts."""
        return tuple(glyph for part in self.parts for glyph in part.glyphs)

    @property
    def closeness(self) -> float:
        """The share of the characters that stand in the middle of their cells."""
        return _closeness(self.cells)


def read_pixels(pixels: Pixels, *, keep_numbers: bool = False) -> ImageText:
    """Read the text of an image, that in the title bar of a window left out."""
    bar = bar_bottom(pixels)
    read = _read_below(pixels[bar:], keep_numbers=keep_numbers)
    return replace(read, lines=tuple(_lowered(line, bar) for line in read.lines)) if bar else read


def _lowered(line: TextLine, by: int) -> TextLine:
    box = replace(line.box, top=line.box.top + by, bottom=line.box.bottom + by)
    return replace(line, box=box)


def _read_below(pixels: Pixels, *, keep_numbers: bool) -> ImageText:
    boxes = find_boxes(pixels)
    if not boxes:
        return ImageText("", (), ENGINE)
    rows = fit_rows(boxes)
    bands = _bands_of(pixels, _row_numbers(boxes, rows), rows)
    left, right = _sides(bands, boxes, rows.height)
    read = _read_rows({number: band.between(left, right) for number, band in bands.items()}, rows.height)
    gutter = None if keep_numbers else _cut_gutter(read)
    columns = _columns_of(read, rows.height)
    if columns is None:
        return ImageText("", (), ENGINE)
    for row in read.values():
        row.cells = _cells_of(row, columns)
    _drop_title(read, columns.width, has_numbers=gutter is not None)
    has_columns = _have_columns(read)
    if has_columns:
        _correct_shapes(read, columns, rows)
        _let_agree(read, columns, rows)
    _drop_noise(read)
    texts = _texts_in_columns(read) if has_columns else _texts_as_read(read, columns)
    if has_columns and rows.distance > _DOUBLE * columns.width:  # every second line is blank
        texts = {2 * number: text for number, text in texts.items()}
        read = {2 * number: row for number, row in read.items()}
    return _assemble(texts, read, left, has_columns=has_columns, gutter=gutter)


def read_data(data: bytes, *, keep_numbers: bool = False) -> ImageText:
    """Read the text of an encoded image. Raise UnreadableImageError if it is damaged or too large."""
    return read_pixels(decode_pixels(data), keep_numbers=keep_numbers)


def _row_numbers(boxes: Sequence[Box], rows: Rows) -> range:
    """Return the rows from the first with text to the last; text between rows, as in a title bar, does not count."""
    on_rows = [box for box in boxes if not rows.is_off(box.middle)]
    numbers = {rows.number_of(box.middle) for box in (on_rows if len(on_rows) >= 3 else boxes)}
    if max(numbers) - min(numbers) >= MAX_ROWS:
        raise UnreadableImageError(
            f"the image has more than {MAX_ROWS} lines", hint="cut out the part with the text"
        )
    return range(min(numbers), max(numbers) + 1)


def _bands_of(pixels: Pixels, numbers: range, rows: Rows) -> dict[int, Band]:
    """Return every row that has ink, whether the detector found it or not."""
    found = {number: _band(pixels, number, rows) for number in numbers}
    bands = {number: band for number, band in found.items() if band}
    bands |= _beyond(pixels, numbers, rows)
    _erase_rules(bands, len(numbers))
    return bands


def _band(pixels: Pixels, number: int, rows: Rows) -> Band | None:
    return band_of(pixels, rows.bounds(number), rows.reach(number), rows.height)


def _sides(bands: Mapping[int, Band], boxes: Sequence[Box], height: float) -> tuple[int, int]:
    """Return the left and right of the text: that of the boxes, and of ink close to them."""
    left = max(0.0, min(box.left for box in boxes) - 0.3 * height)
    right = max(box.right for box in boxes) + 0.8 * height
    for band in bands.values():
        for first, end in runs_of(band.profile, _RUN_GAP * height):
            if first < right and end > right:
                right = end + 0.3 * height
            if end > left and first < left and left - first < _INDENTED * height:
                left = max(0.0, first - 0.3 * height)
    return int(left), int(right)


def _read_rows(bands: Mapping[int, Band], height: float) -> dict[int, Row]:
    """Read every row, in parts where it has wide gaps."""
    deadline = time.monotonic() + DEADLINE_S
    read = {}
    for number, band in sorted(bands.items()):
        parts = []
        for first, end in runs_of(band.profile, _PART_GAP * height):
            if time.monotonic() > deadline:
                raise UnreadableImageError(
                    f"reading the image took more than {DEADLINE_S:.0f} seconds",
                    hint="cut out the part with the text",
                )
            start = max(0, first - int(_MARGIN * height))
            stop = end + int(_MARGIN * height)
            parts.append(Part(start, stop, recognize(band.pixels[band.text, start:stop])))
        if parts:
            read[number] = Row(band, parts)
    return read


def _beyond(pixels: Pixels, numbers: range, rows: Rows) -> dict[int, Band]:
    """Return rows just before the first and after the last, if their ink keeps to the height of a row."""
    found = {}
    for number in (numbers.start - 1, numbers.stop):
        top, bottom = rows.bounds(number)
        band = _band(pixels, number, rows) if top >= 0 and bottom <= len(pixels) else None
        if band is not None and not (band.ink[0].any() or band.ink[-1].any()):
            found[number] = band
    return found


def _erase_rules(bands: Mapping[int, Band], count: int) -> None:
    """Take the vertical lines of borders and gutters out of the ink."""
    if count < 3 or not bands:
        return
    crossed = np.sum([band.ink.mean(axis=0) > 0.95 for band in bands.values()], axis=0)
    is_rule = crossed > _RULE * count
    for band in bands.values():
        band.ink[:, is_rule] = False


def _cut_gutter(read: dict[int, Row]) -> Gutter | None:
    """Take line numbers out of the ink and the glyphs. A line with nothing but its number becomes a blank one."""
    width = width_between([row.glyphs for row in read.values()])
    gutter = find_gutter({number: row.glyphs for number, row in read.items()}, width) if width else None
    if gutter is None:
        return None
    for number, row in list(read.items()):
        row.band.ink[:, : int(gutter.right)] = False
        row.parts = [_right_of(part, gutter.right) for part in row.parts if part.end > gutter.right]
        if not row.parts or not row.band.ink.any():
            del read[number]
    return gutter


def _right_of(part: Part, left: float) -> Part:
    kept = tuple(glyph for glyph in part.reading.glyphs if glyph.middle + part.offset >= left)
    return Part(part.offset, part.end, Reading(kept, part.reading.chances, part.reading.step))


def _columns_of(read: Mapping[int, Row], height: float) -> Columns | None:
    if not read:
        return None
    profile: NDArray[np.int64] = np.sum(
        [row.band.profile > 0 for row in read.values()], axis=0, dtype=np.int64
    )
    width = width_between([row.glyphs for row in read.values()])
    if width is None:
        width = 0.6 * float(np.median([row.band.ink.shape[0] for row in read.values()]))
    if width > _WIDEST * height:  # a table of single digits, whose spaces were not read
        width /= 2
    return fit_columns(profile, width) if width > 0 and profile.any() else None


def _cells_of(row: Row, columns: Columns) -> list[Cell]:
    cells = []
    for part in row.parts:
        profile = row.band.profile
        profile[: part.offset] = 0
        profile[part.end :] = 0
        cells += fill_cells(part.reading, part.offset, columns, columns.cells_with_ink(profile))
    return _without_specks(cells, row.band, columns)


def _without_specks(cells: list[Cell], band: Band, columns: Columns) -> list[Cell]:
    """Leave out cells in which nothing was read and whose ink is no character.

    That is faint ink, such as the noise of a JPEG, and ink at the edge of the row, from the rows beside it.
    """
    depths = [int(band.difference[:, slice(*columns.bounds(cell.number))].max(initial=0)) for cell in cells]
    usual = [depth for cell, depth in zip(cells, depths, strict=True) if cell.distance is not None]
    least = _FAINT * float(np.median(usual)) if usual else 0.0
    return [
        cell
        for cell, depth in zip(cells, depths, strict=True)
        if cell.distance is not None
        or cell.probability > _READ
        or (depth >= least and not (cell.probability < _UNREAD and _is_at_edge(band, columns, cell.number)))
    ]


def _is_at_edge(band: Band, columns: Columns, number: int) -> bool:
    ink = band.ink[:, slice(*columns.bounds(number))]
    inked, height = np.flatnonzero(ink.any(axis=1)), band.ink.shape[0]
    if not inked.size:
        return False
    is_wide = ink.any(axis=0).mean() > _UNDERSCORE
    return bool(inked[-1] < _EDGE * height or (inked[0] >= (1 - _EDGE / 2) * height and not is_wide))


def _have_columns(read: Mapping[int, Row]) -> bool:
    cells = [cell for row in read.values() for cell in row.cells]
    return _closeness(cells) >= _LEAST_CLOSE


def _closeness(cells: Sequence[Cell]) -> float:
    """Return the share of characters near the middle of their cells; 0 if too many cells have none."""
    distances = [cell.distance for cell in cells if cell.distance is not None]
    if len(distances) <= _LEAST_SEEN * len(cells):
        return 0.0
    return sum(distance < _CLOSE for distance in distances) / len(distances)


def _drop_title(read: dict[int, Row], width: float, *, has_numbers: bool) -> None:
    """Leave out first and last rows in another font than the rest, such as a title or a status bar."""
    if has_numbers or len(read) < 4 or not _have_columns(read):
        return
    for number in (min(read), max(read)):
        row = read[number]
        own = width_between([row.glyphs])
        is_other = own is not None and abs(own / width - 1) > _OTHER_WIDTH
        if len(row.cells) >= _LEAST_CELLS and is_other and row.closeness < _LEAST_CLOSE_IN_ROW:
            del read[number]


def _drop_noise(read: dict[int, Row]) -> None:
    """Leave out rows of ink that are no text, such as a border or the edge of a picture."""
    depths = {number: int(row.band.difference.max()) for number, row in read.items()}
    least = _FAINT * float(np.median(list(depths.values()) or [0]))
    for number, row in list(read.items()):
        is_speck = len(row.cells) <= _MOST_SPECKS and depths[number] < least
        if is_speck or not row.cells or np.mean([cell.probability for cell in row.cells]) < _LEAST_PROBABLE:
            del read[number]


def _correct_shapes(read: Mapping[int, Row], columns: Columns, rows: Rows) -> None:
    extents: dict[tuple[int, int], Extent] = {}
    for number, row in read.items():
        middle = rows.first + number * rows.distance - row.band.top
        for cell in row.cells:
            first, end = columns.bounds(cell.number)
            extent = extent_of(strokes_in(row.band.difference[:, first:end]), middle)
            if extent is not None:
                extents[number, cell.number] = extent
    letters = measure_letters(
        (cell.text, extents[number, cell.number])
        for number, row in read.items()
        for cell in row.cells
        if (number, cell.number) in extents
    )
    if letters is None:
        return
    for number, row in read.items():
        row.cells = [
            correct(cell, extents[number, cell.number], letters, columns.width, _chances(row, columns, cell))
            if (number, cell.number) in extents
            else cell
            for cell in row.cells
        ]


def _let_agree(read: Mapping[int, Row], columns: Columns, rows: Rows) -> None:
    placed = {
        number: (row.band, row.cells, rows.first + number * rows.distance - row.band.top)
        for number, row in read.items()
    }
    for (number, index), cell in agree(placed, columns).items():
        read[number].cells[index] = cell


def _chances(row: Row, columns: Columns, cell: Cell) -> NDArray[np.float32]:
    middle = columns.left + (cell.number + 0.5) * columns.width
    part = next((part for part in row.parts if middle < part.end), row.parts[-1])
    return chances_in(part.reading, part.offset, columns, cell.number)


def _texts_in_columns(read: Mapping[int, Row]) -> dict[int, str]:
    left = min((row.cells[0].number for row in read.values() if row.cells), default=0)
    texts = {}
    for number, row in read.items():
        characters = [" "] * (max((cell.number for cell in row.cells), default=left) - left + 1)
        for cell in row.cells:
            characters[cell.number - left] = cell.text
        texts[number] = "".join(characters).rstrip()
    return texts


def _texts_as_read(read: Mapping[int, Row], columns: Columns) -> dict[int, str]:
    """Return the texts with the recognizer's own spaces, for text whose characters differ in width."""
    starts = {number: row.glyphs[0].middle for number, row in read.items() if row.glyphs}
    left = min(starts.values(), default=0.0)
    texts = {}
    for number, row in read.items():
        indentation = round((starts.get(number, left) - left) / columns.width)
        parts = ("".join(glyph.text for glyph in part.reading.glyphs).strip() for part in row.parts)
        texts[number] = " " * indentation + "  ".join(parts)
    return texts


def _assemble(
    texts: Mapping[int, str],
    read: Mapping[int, Row],
    left: int,
    *,
    has_columns: bool,
    gutter: Gutter | None,
) -> ImageText:
    present = [number for number in sorted(texts) if texts[number].strip()]
    if not present:
        return ImageText("", (), ENGINE)
    lines = tuple(_line(texts[number], read[number], left) for number in present)
    whole = "\n".join(texts.get(number, "") for number in range(present[0], present[-1] + 1))
    return ImageText(whole, lines, ENGINE, has_columns, gutter.count if gutter else 0)


def _line(text: str, row: Row, left: int) -> TextLine:
    inked = np.flatnonzero(row.band.profile)
    box = Box(
        float(left + inked[0]),
        float(row.band.top),
        float(left + inked[-1] + 1),
        float(row.band.top + row.band.ink.shape[0]),
    )
    chances = [cell.probability for cell in row.cells] or [glyph.probability for glyph in row.glyphs]
    return TextLine(text, float(np.mean(chances)), box)
