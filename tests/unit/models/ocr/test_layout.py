"""Rows, columns, gutters and shapes, from boxes and ink alone."""

from itertools import pairwise

import numpy as np
import pytest

from satchel.models.ocr.characters import ALPHABET, narrow
from satchel.models.ocr.columns import Cell, Columns, fill_cells, fit_columns, width_between
from satchel.models.ocr.gutter import find_gutter
from satchel.models.ocr.ink import ground_of, ink_in, runs_of
from satchel.models.ocr.networks import Glyph, Reading
from satchel.models.ocr.results import Box
from satchel.models.ocr.rows import fit_rows
from satchel.models.ocr.shapes import Letters, correct, extent_of

LETTERS = Letters(-5.0, 5.0)
NO_CHANCES = np.zeros(len(ALPHABET), np.float32)


def glyphs_of(text: str, width: float, left: float = 0.0) -> tuple[Glyph, ...]:
    return tuple(
        Glyph(character, left + (number + 0.5) * width, 0.99)
        for number, character in enumerate(text)
        if character != " "
    )


def profile_of(text: str, width: float, left: float = 0.0) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    profile = np.zeros(round(left + (len(text) + 1) * width), np.int64)
    for number, character in enumerate(text):
        if character != " ":
            start = left + number * width
            profile[round(start + 0.15 * width) : round(start + 0.85 * width)] = 5
    return profile


def reading_of(glyphs: tuple[Glyph, ...]) -> Reading:
    return Reading(glyphs, np.zeros((200, len(ALPHABET)), np.float32), 3.0)


@pytest.mark.parametrize("distance", [17.0, 21.3, 40.0])
def test_rows_repeat_at_one_distance(distance: float) -> None:
    numbers = [0, 1, 2, 5, 6, 9]
    boxes = [Box(10, 50 + n * distance, 200, 50 + n * distance + 16) for n in numbers]
    rows = fit_rows(boxes)
    assert rows.distance == pytest.approx(distance, rel=0.01)
    assert [rows.number_of(box.middle) - rows.number_of(boxes[0].middle) for box in boxes] == numbers


def test_text_between_rows_is_off() -> None:
    rows = fit_rows([Box(10, n * 20, 200, n * 20 + 15) for n in range(8)])
    assert rows.is_off(-2)
    assert not rows.is_off(7.5 - 20)


@pytest.mark.parametrize("width", [7.2, 8.43, 16.86])
def test_the_width_of_a_character_is_found_to_a_hundredth(width: float) -> None:
    lines = ["def count_words(text):", "    return {word: 1 for word in text}", "        # aligned   here"]
    profile = np.sum([profile_of(line.ljust(60), width, 3.0) > 0 for line in lines], axis=0)
    columns = fit_columns(profile, width * 1.03)
    assert columns.width == pytest.approx(width, rel=0.005)
    for line in lines:
        cells = columns.cells_with_ink(profile_of(line, width, 3.0))
        inked = [number for number, character in enumerate(line) if character != " "]
        assert [second - first for first, second in pairwise(cells)] == [
            second - first for first, second in pairwise(inked)
        ]


def test_the_width_comes_from_words() -> None:
    assert width_between([glyphs_of("count_words", 8.4), glyphs_of("a b", 8.4)]) == pytest.approx(8.4)
    assert width_between([glyphs_of("a", 8.0)]) is None


def test_a_character_that_was_not_read_leaves_its_cell_to_the_chances() -> None:
    glyphs = tuple(glyph for number, glyph in enumerate(glyphs_of("f((x))", 9.0)) if number != 2)
    reading = reading_of(glyphs)
    reading.chances[6:9, ALPHABET.index("(")] = 0.4
    cells = fill_cells(reading, 0.0, Columns(0.0, 9.0), range(6))
    assert "".join(cell.text for cell in cells) == "f((x))"
    assert [cell.distance is None for cell in cells] == [False, False, True, False, False, False]


def test_a_character_read_where_there_is_no_ink_is_dropped() -> None:
    cells = fill_cells(reading_of(glyphs_of("abbc", 9.0)), 0.0, Columns(0.0, 9.0), [0, 1, 3])
    assert "".join(cell.text for cell in cells) == "abc"


def test_a_wide_character_fills_two_cells() -> None:
    glyphs = (Glyph("#", 4.5, 0.9), Glyph("\u4e2d", 18.0, 0.9), Glyph("x", 31.5, 0.9))
    cells = fill_cells(reading_of(glyphs), 0.0, Columns(0.0, 9.0), [0, 1, 2, 3])
    assert [cell.text for cell in cells] == ["#", "\u4e2d", "", "x"]


def test_a_gutter_counts_up() -> None:
    lines = {row: glyphs_of(f"{row + 7:>2}  x = {row}", 8.0) for row in range(6)}
    gutter = find_gutter(lines, 8.0)
    assert gutter is not None
    assert (gutter.offset, gutter.count) == (7, 6)
    assert 16 <= gutter.right <= 32


@pytest.mark.parametrize(
    "texts",
    [
        ["1  a", "1  b", "1  c", "1  d", "1  e"],
        ["x = 1", "y = 2", "z = 3", "a = 4"],
        ["1.5", "2.5", "3.5", "4.5"],
        ["1  a", "2  b"],
    ],
)
def test_numbers_that_belong_to_the_text_are_no_gutter(texts: list[str]) -> None:
    assert find_gutter({row: glyphs_of(text, 8.0) for row, text in enumerate(texts)}, 8.0) is None


SHAPES = {
    "quote": ("I", (0, 4), [(2, 3), (5, 6)], '"'),
    "apostrophe": ("l", (0, 4), [(4, 5)], "'"),
    "underscore": ("-", (10, 12), [(0, 8)], "_"),
    "point": ("-", (9, 11), [(3, 5)], "."),
    "dash": ("\u30fc", (5, 6), [(1, 7)], "-"),
    "letter": ("I", (0, 10), [(3, 5)], "I"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "rows", "columns", "wanted"), SHAPES.values(), ids=SHAPES)
def test_ink_proves_a_character(
    text: str, rows: tuple[int, int], columns: list[tuple[int, int]], wanted: str
) -> None:
    ink = np.zeros((14, 9), np.bool_)
    for first, end in columns:
        ink[slice(*rows), first:end] = True
    extent = extent_of(ink, 5.0)
    assert extent is not None
    assert correct(Cell(0, text, 0.6, 0.1), extent, LETTERS, 9.0, NO_CHANCES).text == wanted


def test_two_bars_are_an_equals_sign() -> None:
    ink = np.zeros((14, 9), np.bool_)
    ink[3, 1:8] = ink[6, 1:8] = True
    extent = extent_of(ink, 5.0)
    assert extent is not None
    assert correct(Cell(0, "\u30cb", 0.6, 0.1), extent, LETTERS, 9.0, NO_CHANCES).text == "="


@pytest.mark.parametrize(("top", "wanted"), [(0, "W"), (3, "w")])
def test_the_height_of_a_letter_proves_its_case(top: int, wanted: str) -> None:
    ink = np.zeros((14, 9), np.bool_)
    ink[top:10, 1:8] = True
    extent = extent_of(ink, 5.0)
    assert extent is not None
    assert correct(Cell(0, "w", 0.6, 0.1), extent, LETTERS, 9.0, NO_CHANCES).text == wanted


@pytest.mark.parametrize(("background", "text"), [(255, 0), (20, 230), (30, 90)])
def test_ink_is_what_differs_from_the_background(background: int, text: int) -> None:
    pixels = np.full((20, 60, 3), background, np.uint8)
    pixels[5:15, 10:12] = text
    pixels[5:15, 40:44] = text
    ink = ink_in(np.abs(pixels.astype(np.int16) - ground_of(pixels, 15)).max(axis=2).astype(np.uint8))
    assert int(ink.sum()) == 60
    assert runs_of(ink.sum(axis=0), 10) == [(10, 12), (40, 44)]


@pytest.mark.parametrize(("wide", "plain"), [("\uff08", "("), ("\u201c", '"'), ("\u2014", "-"), ("a", "a"), ("\u4e2d", "\u4e2d")])  # fmt: skip
def test_wide_and_typographic_characters_become_ascii(wide: str, plain: str) -> None:
    assert narrow(wide) == plain
