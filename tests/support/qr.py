"""Decodes a QR code from its modules."""

from collections.abc import Sequence

import zxingcpp

SCALE = 4  # pixels per module


def read_qr(modules: Sequence[Sequence[bool]]) -> str:
    """Return the text of a QR code, given as rows of modules (dark is True) with their quiet zone."""
    rows = [
        [0 if dark else 255 for dark in row for _ in range(SCALE)] for row in modules for _ in range(SCALE)
    ]
    picture = memoryview(bytes(pixel for row in rows for pixel in row)).cast("B", (len(rows), len(rows[0])))
    found = zxingcpp.read_barcode(picture)
    if found is None:
        raise AssertionError("no QR code can be read there")
    return str(found.text)
