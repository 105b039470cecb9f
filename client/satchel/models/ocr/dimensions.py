"""The size of an image, read from its header without decoding it."""

import struct
from typing import Final

from satchel.models.ocr.results import UnreadableImageError

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of JPEG that give the size
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
MAX_SEGMENTS: Final = 10_000
SMALL_PIXELS: Final = 1_000_000
MOST_PIXELS_PER_BYTE: Final = 2_000
"""A screenshot with text has some 100 pixels for each byte of its file; a bomb, or a blank image, has far more."""


def check_fullness(width: int, height: int, size_bytes: int) -> None:
    """Raise UnreadableImageError if a file is too small for an image of this size with text in it."""
    if width * height > max(SMALL_PIXELS, MOST_PIXELS_PER_BYTE * size_bytes):
        raise UnreadableImageError(
            "the image is damaged or blank: its file is too small for its size",
            hint="open it in an image viewer",
        )


def size_in(data: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG, JPEG, GIF or WebP image. Raise UnreadableImageError if it has none."""
    try:
        if data.startswith(_PNG):
            size = struct.unpack_from(">II", data, 16)
        elif data.startswith(_JPEG):
            size = _size_in_jpeg(data)
        elif data[:4] == b"GIF8":
            size = struct.unpack_from("<HH", data, 6)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            size = _size_in_webp(data)
        else:
            raise _damaged()
    except struct.error as exc:
        raise _damaged() from exc
    width, height = size
    if not width or not height:
        raise _damaged()
    return width, height


def _size_in_jpeg(data: bytes) -> tuple[int, int]:
    position = 2
    for _ in range(MAX_SEGMENTS):
        start, marker = struct.unpack_from(">BB", data, position)
        if start != 0xFF:
            break
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        if marker == 0xFF:
            position += 1
        elif marker in _ALONE:
            position += 2
        else:
            position += 2 + max(2, *struct.unpack_from(">H", data, position + 2))
    raise _damaged()


def _size_in_webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", data, 24)
        return low_width + (high_width << 16) + 1, low_height + (high_height << 16) + 1
    raise _damaged()


def _damaged() -> UnreadableImageError:
    return UnreadableImageError(
        "the image is damaged or of an unknown format", hint="open it in an image viewer"
    )
