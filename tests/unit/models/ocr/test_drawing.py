"""Screenshots without Pillow: their decoding, their ink, and their enlargement."""

import io
from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw

from satchel.models.ocr.drawing import Drawing, drawing_in

SIZE: Final = (60, 40)


def drawn(image: Image.Image) -> Drawing:
    file = io.BytesIO()
    image.save(file, "PNG")
    drawing = drawing_in(file.getvalue())
    assert drawing is not None
    return drawing


def picture(ground: str, ink: str) -> Image.Image:
    image = Image.new("RGB", SIZE, ground)
    ImageDraw.Draw(image).rectangle((10, 5, 12, 14), ink)
    return image


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
@pytest.mark.parametrize(("ground", "ink"), [("white", "black"), ("#1e1e1e", "#d4d4d4")])
def test_ink_is_light_on_dark_and_dark_on_light(mode: str, ground: str, ink: str) -> None:
    image = picture(ground, ink).convert(
        "L" if mode == "I;16" else mode, palette=Image.Palette.ADAPTIVE, dither=Image.Dither.NONE
    )
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    drawing = drawn(image)
    assert (drawing.width, len(drawing.rows)) == SIZE
    assert drawing.text_rows() == [(5, 15)]
    columns = drawing.inked_columns()
    assert [x for x, count in enumerate(columns) if count] == [10, 11, 12]
    assert columns[11] == 10


def test_every_filter_of_png_is_undone() -> None:
    random = np.random.default_rng(3)
    noise = random.integers(0, 255, (50, 80, 3), np.uint8)  # makes the encoder choose filters row by row
    smooth = np.add.outer(np.arange(50), np.arange(80))[:, :, None].repeat(3, axis=2).astype(np.uint8)
    for pixels in (noise, smooth, noise // 8 + smooth):
        drawing = drawn(Image.fromarray(pixels.astype(np.uint8)))
        ground = [int(part) for part in pixels[0, 0]]
        assert len(drawing.rows) == 50, ground
        assert drawing.rows != [bytes(80)] * 50


def test_a_selection_is_background() -> None:
    image = picture("white", "black")
    ImageDraw.Draw(image).rectangle((0, 20, 59, 30), "#b5d5ff")
    assert drawn(image).text_rows() == [(5, 15)]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_enlarged_drawing_is_a_smooth_pgm_with_dark_text(times: int) -> None:
    enlarged = Image.open(io.BytesIO(drawn(picture("#1e1e1e", "#d4d4d4")).enlarged(times)))
    assert enlarged.size == (SIZE[0] * times, SIZE[1] * times)
    assert (enlarged.getpixel((0, 0)), enlarged.getpixel((11 * times, 10 * times))) == (255, 0)


def test_a_title_bar_is_left_out() -> None:
    image = Image.new("RGB", (200, 80), "#282a36")
    pen = ImageDraw.Draw(image)
    for left in (14, 34, 54):
        pen.ellipse((left, 12, left + 12, 24), "#ff5f56")
    pen.rectangle((14, 50, 16, 60), "white")
    assert drawn(image).without_bar().text_rows() == [(50, 61)]
    pen.rectangle((0, 0, 199, 40), "#282a36")
    pen.line((14, 20, 60, 20), "white")
    assert drawn(image).without_bar().text_rows() == [(20, 21), (50, 61)]


def test_small_text_is_enlarged_and_large_text_is_not() -> None:
    assert drawn(picture("white", "black")).times() == 3
    large = Image.new("RGB", (60, 60), "white")
    ImageDraw.Draw(large).rectangle((10, 5, 12, 40), "black")
    assert drawn(large).times() == 1


@pytest.mark.parametrize("form", ["JPEG", "GIF", "WEBP"])
def test_other_formats_are_left_to_the_program(form: str) -> None:
    file = io.BytesIO()
    picture("white", "black").save(file, form)
    assert drawing_in(file.getvalue()) is None
