"""Images that are damaged, too large, or of an unusual kind: read, or refused with one line."""

import io
import struct
import time
import zlib
from typing import Final

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from satchel.models.ocr import UnreadableImageError, read_image
from satchel.models.ocr.dimensions import size_in
from satchel.models.ocr.drawing import drawing_in
from satchel.models.ocr.pixels import MAX_PIXELS, decode_pixels


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def bomb_of_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "a" * (80 << 20), zip=True)
    return encoded(Image.new("RGB", (40, 20)), pnginfo=info)


MOST_S: Final = 1.0  # of processor time

WHOLE: Final = encoded(Image.new("RGB", (60, 40), "white"))
JPEG: Final = encoded(Image.new("RGB", (60, 40), "white"), "JPEG")

HOSTILE: Final = {
    "nothing": b"",
    "only a signature": b"\x89PNG\r\n\x1a\n",
    "cut off": WHOLE[:60],
    "jpeg cut off": JPEG[:200],
    "no pixels behind the header": png_of(100, 100),
    "a bomb": png_of(9_000, 9_000, bytes(1 << 20)),
    "a larger bomb": png_of(200_000, 200_000),
    "a long strip": png_of(1_000_000, 10),
    "no width": png_of(0, 10),
    "one pixel": encoded(Image.new("RGB", (1, 1))),
    "a bomb of text": bomb_of_text(),
    "another format": encoded(Image.new("RGB", (60, 40)), "TIFF"),
    "40 million pixels in a kilobyte": png_of(8_000, 5_000, bytes(1 << 20)),
    "damaged data": WHOLE.replace(b"IDAT", b"IDAX"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_image_is_refused_with_one_line(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(UnreadableImageError) as raised:
        read_image(data)
    assert "\n" not in raised.value.message
    assert raised.value.hint
    assert time.process_time() - started < MOST_S


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_image_is_never_drawn(data: bytes) -> None:
    started = time.process_time()
    drawing = drawing_in(data)
    assert drawing is None or not drawing.rows
    assert time.process_time() - started < MOST_S


def test_the_limit_of_pixels_holds_before_anything_is_decoded() -> None:
    with pytest.raises(UnreadableImageError, match="50 million pixels"):
        decode_pixels(png_of(10_000, MAX_PIXELS // 10_000 + 1))


def deep() -> Image.Image:
    return Image.fromarray(np.full((20, 30), 40_000, np.uint16))


USUAL: Final = {
    "palette": encoded(Image.new("P", (30, 20))),
    "one bit": encoded(Image.new("1", (30, 20))),
    "grey": encoded(Image.new("L", (30, 20))),
    "16 bits": encoded(deep()),
    "cmyk": encoded(Image.new("CMYK", (30, 20)), "JPEG"),
    "animation": encoded(
        Image.new("P", (30, 20)), "GIF", save_all=True, append_images=[Image.new("P", (30, 20), 1)]
    ),
    "webp": encoded(Image.new("RGBA", (30, 20)), "WEBP"),
    "grey with alpha": encoded(Image.new("LA", (30, 20))),
}


@pytest.mark.parametrize("data", USUAL.values(), ids=USUAL)
def test_every_kind_of_pixel_becomes_rgb(data: bytes) -> None:
    pixels = decode_pixels(data)
    assert pixels.shape == (20, 30, 3)
    assert pixels.dtype == np.uint8
    assert read_image(data).text == ""
    assert size_in(data) == (30, 20)


def test_16_bits_keep_their_lightness() -> None:
    assert decode_pixels(encoded(deep()))[0, 0].tolist() == [155, 155, 155]


@pytest.mark.parametrize(("ink", "background"), [("black", 255), ("white", 0)])
def test_transparent_text_is_put_on_the_other_end_of_the_scale(ink: str, background: int) -> None:
    image = Image.new("RGBA", (30, 20), (0, 0, 0, 0))
    image.paste(ink, (5, 5, 10, 10))
    pixels = decode_pixels(encoded(image))
    assert pixels[0, 0].tolist() == [background] * 3
    assert pixels[6, 6].tolist() == [255 - background] * 3


def test_a_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert decode_pixels(encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif)).shape == (60, 40, 3)
    damaged = b"Exif\x00\x00II*\x00\xff\xff\xff\xff"
    assert decode_pixels(encoded(Image.new("RGB", (60, 40)), "JPEG", exif=damaged)).shape == (40, 60, 3)
