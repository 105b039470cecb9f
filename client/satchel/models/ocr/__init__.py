"""Image to text: the code in a screenshot, with its indentation and its columns.

    read = read_image(Path("screenshot.png").read_bytes())
    if read.is_code:
        print(read.text, read.confidence, read.engine)

Two engines can read: the networks of PP-OCRv6 inside the package rapidocr (extra `ocr`), and without them the program
tesseract. Both run on this device and download nothing. Importing this package costs nothing.
"""

from importlib.util import find_spec
from typing import Final

from satchel.models.ocr.results import (
    Box,
    ImageText,
    NoReaderError,
    TextLine,
    UnreadableImageError,
)

__all__ = ["Box", "ImageText", "NoReaderError", "TextLine", "UnreadableImageError", "read_image"]

PACKAGES: Final = ("rapidocr", "onnxruntime", "cv2", "numpy", "PIL")


def has_networks() -> bool:
    """Whether the packages of the extra `ocr` are installed."""
    return all(find_spec(package) is not None for package in PACKAGES)


def read_image(data: bytes, *, keep_numbers: bool = False) -> ImageText:
    """Read the text of a PNG, JPEG, GIF or WebP image.

    Line numbers in a gutter are left out unless `keep_numbers`. Raise UnreadableImageError if the image is damaged
    or too large, and NoReaderError if no engine is installed. Takes about a fifth of a second for each line.
    """
    if has_networks():
        from satchel.models.ocr.reading import read_data  # noqa: PLC0415  numpy and onnxruntime take long to import

        return read_data(data, keep_numbers=keep_numbers)
    from satchel.models.ocr import tesseract  # noqa: PLC0415  only without the extra

    if not tesseract.is_here():
        raise NoReaderError
    return tesseract.read_data(data, keep_numbers=keep_numbers)
