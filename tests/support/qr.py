"""Reads a QR code from its modules, as a camera's reader does."""

from collections.abc import Sequence

import zxingcpp

SCALE = 4  # pixels for a module


def read_qr(modules: Sequence[Sequence[bool]]) -> str:
    """Return the text of the code in these rows of modules, dark ones true, with their quiet zone; none: an error."""
    rows = [
        [0 if dark else 255 for dark in row for _ in range(SCALE)] for row in modules for _ in range(SCALE)
    ]
    picture = memoryview(bytes(pixel for row in rows for pixel in row)).cast("B", (len(rows), len(rows[0])))
    found = zxingcpp.read_barcode(picture)
    if found is None:
        raise AssertionError("no QR code can be read there")
    return str(found.text)
