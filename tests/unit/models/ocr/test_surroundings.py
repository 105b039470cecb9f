"""What surrounds and underlies code in a screenshot: title bars, selections, and characters that look alike."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from satchel.models.ocr.alike import agree
from satchel.models.ocr.columns import Cell, Columns
from satchel.models.ocr.ink import band_of
from satchel.models.ocr.pixels import Pixels
from satchel.models.ocr.windows import bar_bottom


def window(ground: str, shape: str, size: int = 12) -> Pixels:
    image = Image.new("RGB", (400, 300), ground)
    pen = ImageDraw.Draw(image)
    for number, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f")):
        left = 14 + number * 20 * size // 12
        box = (left, 12, left + size, 12 + size)
        pen.ellipse(box, colour) if shape == "disc" else pen.rectangle(box, colour)
    pen.text((14, 60), "ooo OOO 000 ...", "#888888")
    return np.asarray(image)


@pytest.mark.parametrize("ground", ["#ffffff", "#1e1e1e", "#282a36"])
@pytest.mark.parametrize("size", [12, 24])
def test_a_title_bar_ends_below_its_discs(ground: str, size: int) -> None:
    assert 12 + size < bar_bottom(window(ground, "disc", size)) < 60


@pytest.mark.parametrize("shape", ["square", "none"])
def test_squares_and_letters_are_no_title_bar(shape: str) -> None:
    assert bar_bottom(window("#1e1e1e", shape) if shape == "square" else window("#1e1e1e", "disc")[50:]) == 0


@pytest.mark.parametrize("place", ["above", "left"])
def test_points_of_code_are_no_title_bar(place: str) -> None:
    """Three round points of one line, as of `...` in large letters: a line above, or letters to the left."""
    image = Image.new("RGB", (400, 200), "#1e1e1e")
    pen = ImageDraw.Draw(image)
    for number in range(3):
        pen.ellipse((120 + 16 * number, 50, 127 + 16 * number, 57), "#dddddd")
    assert bar_bottom(np.asarray(image)) > 57
    pen.rectangle((20, 10, 30, 25) if place == "above" else (90, 40, 100, 57), "#dddddd")
    assert bar_bottom(np.asarray(image)) == 0


@pytest.mark.parametrize("selected", ["#264f78", "#b5d5ff"])
def test_a_selection_is_no_ink(selected: str) -> None:
    image = Image.new("RGB", (300, 60), "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.rectangle((80, 18, 299, 59), selected)
    pen.rectangle((20, 24, 21, 35), "#000000")
    pen.rectangle((120, 24, 121, 35), "#ff0000")
    band = band_of(np.asarray(image), (22, 38), (20, 40), 16)
    assert band is not None
    assert np.flatnonzero(band.profile).tolist() == [20, 21, 120, 121]


def ring(image: ImageDraw.ImageDraw, left: int, *, is_barred: bool) -> None:
    image.ellipse((left + 1, 4, left + 8, 15), outline="white")
    if is_barred:
        image.line((left + 3, 12, left + 6, 7), "white")


def test_cells_of_one_shape_become_one_character() -> None:
    barred = [False, True, False, True, False, True, False, False]
    read = [("O", 0.9), ("0", 0.9), ("O", 0.9), ("0", 0.9), ("0", 0.5), ("0", 0.9), ("O", 0.9), ("O", 0.9)]
    image = Image.new("RGB", (200, 20))
    for number, one in enumerate(barred):
        ring(ImageDraw.Draw(image), 20 * number, is_barred=one)
    band = band_of(np.asarray(image), (0, 20), (0, 20), 16)
    assert band is not None
    cells = [Cell(2 * number, text, chance, 0.0) for number, (text, chance) in enumerate(read)]
    changed = agree({0: (band, cells, 10.0)}, Columns(0.0, 10.0))
    assert {place: cell.text for place, cell in changed.items()} == {(0, 4): "O"}
