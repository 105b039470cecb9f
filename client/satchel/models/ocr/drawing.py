"""Screenshots without Pillow and numpy: a PNG decoded to the strength of its ink, and enlarged for tesseract.

Where the extra `ocr` is missing, so are the libraries that decode images. A screenshot is nearly always a PNG, whose
decoding needs `zlib` alone. The program tesseract wants dark text of some 30 pixels on a light ground; a screenshot
has text of half that size, and often light on dark.
"""

import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the type of colour
_DEPTHS: Final = (1, 2, 4, 8, 16)
MAX_PIXELS: Final = 6_000_000  # more take too long without a library
MAX_ENLARGED_PIXELS: Final = 16_000_000
MAX_CHUNKS: Final = 100_000
_MOST_GROUNDS: Final = 3
_LEAST_ROWS: Final = 0.02  # of the rows of pixels: a colour that is the commonest of fewer is no background
_LEAST_INK: Final = 40  # of 255
_TEXT_PX: Final = (
    34  # the height of a row's ink, from a high letter to the foot of a low one, that is read best
)
_MOST_TIMES: Final = 4
_DISCS_PX: Final = (6, 80)
_SOLID: Final = 0.6  # of the rows of a disc begin with three equal runs

Row = bytes | bytearray


@dataclass(frozen=True, slots=True)
class Drawing:
    """The rows of pixels of an image; each pixel is 0 for background and up to 255 for ink."""

    width: int
    rows: Sequence[bytes]

    def inked_columns(self) -> list[int]:
        """Return how many pixels of ink each column has."""
        totals = [0] * self.width
        for start in range(0, len(self.rows), 255):
            added = sum(
                int.from_bytes(row.translate(_IS_INK), "big") for row in self.rows[start : start + 255]
            )
            totals = [a + b for a, b in zip(totals, added.to_bytes(self.width, "big"), strict=True)]
        return totals

    def text_rows(self) -> list[tuple[int, int]]:
        """Return the first and the last row of pixels of each row of text, as (first, after the last)."""
        found: list[tuple[int, int]] = []
        start = None
        for number, row in enumerate(self.rows):
            has_ink = row.translate(_IS_INK).count(1) > 0
            if has_ink and start is None:
                start = number
            if not has_ink and start is not None:
                found.append((start, number))
                start = None
        return found if start is None else [*found, (start, len(self.rows))]

    def without_bar(self) -> "Drawing":
        """Return the drawing without the title bar of a window, if its first row of text begins with three discs."""
        found = self.text_rows()
        if not found:
            return self
        first, end = found[0]
        runs = [three for row in self.rows[first:end] if (three := _three_runs(row))]
        size = max((run[1] - run[0] for run, *_ in runs), default=0)
        middles = [(run[0] + run[1]) / 2 for run, *_ in runs]
        is_solid = len(runs) >= _SOLID * size and max(middles, default=0) - min(middles, default=0) <= 2
        if not (_DISCS_PX[0] <= size <= _DISCS_PX[1] and is_solid):
            return self
        return Drawing(self.width, [bytes(self.width)] * end + list(self.rows[end:]))

    def times(self) -> int:
        """Return how many times larger the image is best read."""
        heights = [end - first for first, end in self.text_rows() if end - first > 4]
        if not heights:
            return 1
        fitting = int((MAX_ENLARGED_PIXELS / max(1, self.width * len(self.rows))) ** 0.5)
        return max(1, min(_MOST_TIMES, round(_TEXT_PX / median(heights)), fitting))

    def enlarged(self, times: int) -> bytes:
        """Return a PGM image with dark text on white, smoothly enlarged."""
        head = b"P5 %d %d 255\n" % (self.width * times, len(self.rows) * times)
        return head + b"".join(_enlarged(self.rows, times)).translate(_INVERTED)


def _three_runs(row: bytes) -> list[tuple[int, int]]:
    """Return the first three runs of ink if they are equally long and at equal distances."""
    runs = [found.span() for found in islice(_RUN.finditer(row.translate(_IS_INK)), 3)]
    if len(runs) < 3:
        return []
    lengths = [end - start for start, end in runs]
    steps = runs[1][0] - runs[0][0], runs[2][0] - runs[1][0]
    is_even = max(lengths) - min(lengths) <= 2 and abs(steps[0] - steps[1]) <= 2
    return runs if is_even else []


_RUN: Final = re.compile(rb"\x01+")
_IS_INK: Final = bytes(int(value >= _LEAST_INK) for value in range(256))
_INVERTED: Final = bytes(255 - value for value in range(256))


def _enlarged(rows: Sequence[bytes], times: int) -> Iterator[bytes]:
    wide = [_widened(row, times) for row in rows]
    for number, row in enumerate(wide):
        below = wide[min(number + 1, len(wide) - 1)]
        yield row
        for step in range(1, times):
            yield _between(row, below, step, times)


def _widened(row: bytes, times: int) -> bytes:
    wide = bytearray(len(row) * times)
    following = row[1:] + row[-1:]
    for step in range(times):
        wide[step::times] = _between(row, following, step, times)
    return bytes(wide)


def _between(first: bytes, second: bytes, step: int, times: int) -> bytes:
    if not step or first == second:
        return first
    return bytes((a * (times - step) + b * step) // times for a, b in zip(first, second, strict=True))


def drawing_in(data: bytes) -> Drawing | None:
    """Return the drawing in a PNG; None for another format, a rare kind of PNG, a damaged or a very large one."""
    if not data.startswith(_SIGNATURE):
        return None
    try:
        width, channels = _pixels_of(data)
    except (struct.error, zlib.error, ValueError, KeyError, IndexError):
        return None
    return _drawn(width, channels)


def _pixels_of(data: bytes) -> tuple[int, Sequence[Sequence[bytes]]]:
    """Return the width, and red, green and blue of each row. Raise ValueError for what is not decoded here."""
    width, height, depth, kind, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    if depth not in _DEPTHS or interlace or not 0 < width * height <= MAX_PIXELS:
        raise ValueError
    count = _CHANNELS[kind]
    length = (width * count * depth + 7) // 8
    size = height * (1 + length)
    unpacker = zlib.decompressobj()
    palette, packed = _chunks_of(data)
    unpacked = unpacker.decompress(packed, size)
    if len(unpacked) != size:
        raise ValueError
    rows = _unfiltered(unpacked, length, max(1, count * depth // 8))
    if depth == 16:
        rows = [row[::2] for row in rows]
    if depth < 8:
        parts = _parts_of_bytes(depth, 1 if kind == 3 else 255 // ((1 << depth) - 1))
        rows = [b"".join(map(parts.__getitem__, row))[:width] for row in rows]
    if kind == 3:
        tables = [palette[channel::3].ljust(256, b"\0") for channel in range(3)]
        return width, [[row.translate(table) for table in tables] for row in rows]
    places = (0, 1, 2) if kind in {2, 6} else (0, 0, 0)
    return width, [[row[place::count] for place in places] for row in rows]


def _parts_of_bytes(depth: int, factor: int) -> list[bytes]:
    """Return the pixels in each byte, those of `depth` bits, times a factor."""
    shifts = range(8 - depth, -1, -depth)
    return [bytes((byte >> shift & (1 << depth) - 1) * factor for shift in shifts) for byte in range(256)]


def _chunks_of(data: bytes) -> tuple[bytes, bytes]:
    """Return the palette and the packed pixels."""
    palette, packed, position = b"", [], 8
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"PLTE":
            palette = data[position + 8 : position + 8 + length]
        elif kind == b"IDAT":
            packed.append(data[position + 8 : position + 8 + length])
        elif kind == b"IEND":
            break
        position += 12 + length
    return palette[:768], b"".join(packed)


def _unfiltered(data: bytes, length: int, count: int) -> list[bytes]:
    """Return the rows of pixels, whose bytes PNG stores as differences from their neighbours."""
    rows: list[bytes] = []
    before = bytes(length)
    for start in range(0, len(data), length + 1):
        row = bytearray(data[start + 1 : start + 1 + length])
        _FILTERS[data[start]](row, before, count)
        before = bytes(row)
        rows.append(before)
    return rows


def _keep(_row: bytearray, _before: bytes, _count: int) -> None:
    """Undo the filter that changes nothing."""


def _add_left(row: bytearray, _before: bytes, count: int) -> None:
    for place in range(count, len(row)):
        row[place] = (row[place] + row[place - count]) & 255


def _add_above(row: bytearray, before: bytes, _count: int) -> None:
    row[:] = bytes((a + b) & 255 for a, b in zip(row, before, strict=True))


def _add_mean(row: bytearray, before: bytes, count: int) -> None:
    for place, above in enumerate(before):
        left = row[place - count] if place >= count else 0
        row[place] = (row[place] + (left + above) // 2) & 255


def _add_nearest(row: bytearray, before: bytes, count: int) -> None:
    for place, above in enumerate(before):
        left, corner = (row[place - count], before[place - count]) if place >= count else (0, 0)
        to_left, to_above, to_corner = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
        if to_left <= to_above and to_left <= to_corner:
            nearest = left
        else:
            nearest = above if to_above <= to_corner else corner
        row[place] = (row[place] + nearest) & 255


_FILTERS: Final = (_keep, _add_left, _add_above, _add_mean, _add_nearest)


def _drawn(width: int, rows: Sequence[Sequence[bytes]]) -> Drawing:
    """Return how far each pixel is from the nearest colour of the background, the farthest being 255."""
    grounds = _grounds(rows)
    tables = [[bytes(abs(value - part) for value in range(256)) for part in ground] for ground in grounds]
    drawn = [_ink_of(row, tables) for row in rows]
    strongest = max((max(row, default=0) for row in drawn), default=0)
    stretch = bytes(min(255, value * 255 // max(1, strongest)) for value in range(256))
    return Drawing(width, [row.translate(stretch) for row in drawn] if strongest >= _LEAST_INK else [])


def _ink_of(row: Sequence[bytes], tables: Sequence[Sequence[bytes]]) -> bytes:
    distances = [
        bytes(map(max, *(part.translate(table) for part, table in zip(row, three, strict=True))))
        for three in tables
    ]
    return distances[0] if len(distances) == 1 else bytes(map(min, *distances))


def _grounds(rows: Sequence[Sequence[bytes]]) -> list[tuple[int, int, int]]:
    """Return the colours that are the commonest of many rows: the background, selections, highlighted lines."""
    commonest: Counter[tuple[int, int, int]] = Counter()
    for red, green, blue in rows:
        commonest[Counter(zip(red, green, blue, strict=True)).most_common(1)[0][0]] += 1
    least = _LEAST_ROWS * len(rows)
    return [colour for colour, count in commonest.most_common(_MOST_GROUNDS) if count >= least] or [
        (255, 255, 255)
    ]
