"""Images: their decoding, the size in their header, and the answer of the program tesseract.

The networks are not run: a forked process lacks the threads of onnxruntime.
"""

import io
from collections.abc import Iterator
from typing import Final

from PIL import Image
from tests.security.fuzzing.table import Target, require

from satchel.models.ocr import UnreadableImageError
from satchel.models.ocr.dimensions import size_in
from satchel.models.ocr.drawing import drawing_in
from satchel.models.ocr.pixels import decode_pixels
from satchel.models.ocr.words import lay_out, parse_words

MODES: Final = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
TABLE: Final = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    "5\t1\t1\t1\t1\t1\t16\t12\t72\t14\t96.5\tfunction\n5\t1\t1\t1\t1\t2\t97\t12\t36\t14\t91\tname\n"
    "5\t1\t1\t1\t2\t1\t52\t52\t54\t14\t88.1\treturn\n"
)


def images() -> Iterator[bytes]:
    for mode in MODES:
        yield encoded(Image.new(mode, (24, 16)), "PNG")
    for mode in ("L", "RGB", "CMYK"):
        yield encoded(Image.new(mode, (24, 16)), "JPEG")
    yield encoded(Image.new("P", (24, 16)), "GIF")
    for is_lossless in (False, True):
        yield encoded(Image.new("RGB", (24, 16)), "WEBP", lossless=is_lossless)
    yield encoded(Image.new("RGBA", (24, 16), (255, 0, 0, 99)), "WEBP", lossless=False)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def decode(data: bytes) -> None:
    pixels = decode_pixels(data)
    require(pixels.ndim == 3 and pixels.shape[2] == 3, "pixels that are not RGB")


def measure(data: bytes) -> None:
    width, height = size_in(data)
    require(width > 0 and height > 0, "an image without an area")


def draw(data: bytes) -> None:
    drawing = drawing_in(data)
    if drawing is not None and drawing.rows:
        times = drawing.without_bar().times()
        size = len(drawing.rows) * drawing.width
        require(len(drawing.enlarged(times)) <= 40 + times * times * size, "an image larger than its size")
        require(len(drawing.inked_columns()) == drawing.width, "columns that the image lacks")


def lay_out_table(data: bytes) -> None:
    read = lay_out(parse_words(data.decode("utf-8", "replace")))
    require(0 <= read.confidence <= 1, "a confidence that is none")
    require(len(read.text) < 1 << 24, "a text far larger than its table")


TARGETS: Final = (
    Target("image-pixels", decode, seeds=images, raises=(UnreadableImageError,)),
    Target("image-drawing", draw, seeds=images, raises=()),
    Target("image-size", measure, seeds=images, raises=(UnreadableImageError,)),
    Target(
        "image-words", lay_out_table, seeds=lambda: [TABLE.encode()], words=(b"\t", b"\n5\t", b"1e9", b"nan")
    ),
)
