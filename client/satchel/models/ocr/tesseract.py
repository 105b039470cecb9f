"""Reading an image by the program tesseract, where the extra `ocr` is missing.

The program runs as a child with bounded time, memory and output, without a shell; it gets the image on its standard
input and answers with a table of words. Their boxes give the width of a character, which gives each word its column.
"""

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from satchel.models.ocr.characters import narrow
from satchel.models.ocr.dimensions import size_in
from satchel.models.ocr.results import Box, ImageText, TextLine, UnreadableImageError

ENGINE: Final = "tesseract"
PROGRAM: Final = "tesseract"
TIMEOUT_S: Final = 120.0
CPU_S: Final = 100
MEMORY_BYTES: Final = 2 << 30
MAX_ANSWER_BYTES: Final = 16 << 20
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 100_000
_MODE: Final = "6"  # one block of text
_LEAST_WORD: Final = 4  # characters; shorter words tell no width
_CLOSE: Final = 0.35  # cells
_LEAST_WORDS: Final = 5  # fewer prove nothing
_EVEN: Final = 0.1  # of the width: words of a font of one width differ less from it
_LEAST_CLOSE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the program's answer, with its confidence from 0 to 1."""

    text: str
    confidence: float
    box: Box


def is_here() -> bool:
    """Whether the program is installed."""
    return shutil.which(PROGRAM) is not None


def read_data(data: bytes, *, variables: Mapping[str, str] | None = None) -> ImageText:
    """Read the text of an encoded image. Raise UnreadableImageError if it cannot be read within the bounds."""
    width, height = size_in(data)
    if width * height > MAX_PIXELS:
        raise UnreadableImageError(
            f"the image has more than {MAX_PIXELS // 1_000_000} million pixels",
            hint="cut out the part with the text",
        )
    return lay_out(parse_words(_run(data, variables or {})))


def _run(data: bytes, variables: Mapping[str, str]) -> str:
    """Return the program's table of words."""
    with tempfile.TemporaryFile() as image, tempfile.TemporaryFile() as answer:
        image.write(data)
        image.seek(0)
        try:
            code = subprocess.run(
                [shutil.which(PROGRAM) or PROGRAM, "-", "-", "-l", "eng", "--psm", _MODE, "tsv"],
                stdin=image,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT_S,
                check=False,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1", **variables},
                preexec_fn=_limit,
            ).returncode
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise UnreadableImageError(
                "tesseract does not answer", hint="cut out the part with the text"
            ) from exc
        if code:
            raise UnreadableImageError(
                "tesseract cannot read the image",
                hint="check that its language data for English is installed",
            )
        answer.seek(0)
        return answer.read(MAX_ANSWER_BYTES).decode("utf-8", "replace")


def _limit() -> None:
    """Limit this process. Systems without a limit ignore it."""
    import resource  # noqa: PLC0415  exists on POSIX only

    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, MAX_ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (OSError, ValueError):
            continue


def parse_words(table: str) -> list[list[Word]]:
    """Return the lines of a table of words, each from left to right. Rows of another form are left out."""
    lines: dict[tuple[str, ...], list[Word]] = {}
    for row in csv.reader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if len(row) != 12 or row[0] != "5" or not row[11].strip():
            continue
        try:
            left, top, width, height = (int(value) for value in row[6:10])
            confidence = float(row[10]) / 100
        except ValueError:
            continue
        sides = (left, top, left + width, top + height)
        is_box = width > 0 and height > 0 and all(0 <= side <= MAX_SIDE for side in sides)
        if not (is_box and 0 <= confidence <= 1):
            continue
        text = "".join(map(narrow, row[11].strip()))
        word = Word(text, confidence, Box(*sides))
        lines.setdefault(tuple(row[1:5]), []).append(word)
    return [sorted(line, key=lambda word: word.box.left) for line in lines.values()]


def lay_out(lines: Sequence[Sequence[Word]]) -> ImageText:
    """Place words in columns of one width, and lines at their distance."""
    ordered = sorted((line for line in lines if line), key=_middle_of)
    words = [word for line in ordered for word in line]
    width = _width_of(words)
    if width is None:
        return ImageText("", (), ENGINE)
    left = min(word.box.left for word in words)
    width = _refined(width, [word.box.left - left for word in words])
    texts = [_text_of(line, left, width) for line in ordered]
    rows = _rows_of([_middle_of(line) for line in ordered])
    spaced: list[str] = []
    for text, blank in zip(texts, rows, strict=True):
        spaced += [""] * blank + [text]
    result = tuple(_line(text, line) for text, line in zip(texts, ordered, strict=True))
    return ImageText("\n".join(spaced), result, ENGINE, _have_columns(words, left, width))


def _width_of(words: Sequence[Word]) -> float | None:
    """Return the width of a character: a word of n characters takes n cells but for the margins of its ends."""
    widths = [word.box.width / (len(word.text) - 0.2) for word in words if len(word.text) >= _LEAST_WORD] or [
        word.box.width / len(word.text) for word in words
    ]
    return median(widths) if widths else None


def _refined(width: float, places: Sequence[float]) -> float:
    """Return the width near the given one at which most words begin at the same place of a cell."""

    def cost(candidate: float) -> float:
        return sum(abs(place / candidate - round(place / candidate)) for place in places)

    return min((width * (0.93 + step * 0.001) for step in range(141)), key=cost)


def _text_of(line: Sequence[Word], left: float, width: float) -> str:
    text = ""
    for word in line:
        column = max(round((word.box.left - left) / width), len(text))
        text = text.ljust(column) + word.text
    return text


def _middle_of(line: Sequence[Word]) -> float:
    tallest = max(line, key=lambda word: word.box.width)
    return tallest.box.middle


def _rows_of(middles: Sequence[float]) -> list[int]:
    """Return how many blank lines stand before each line."""
    steps = sorted(second - first for first, second in pairwise(middles))
    if not steps:
        return [0] * len(middles)
    usual = median(steps[: max(1, len(steps) * 2 // 3)])
    blanks = [
        max(0, round((second - first) / usual) - 1) if usual > 0 else 0 for first, second in pairwise(middles)
    ]
    return [0, *(min(blank, 20) for blank in blanks)]


def _have_columns(words: Sequence[Word], left: float, width: float) -> bool:
    places = [(word.box.left - left) / width for word in words]
    close = sum(abs(place - round(place)) < _CLOSE for place in places)
    long = [word for word in words if len(word.text) >= _LEAST_WORD]
    even = sum(abs(word.box.width / (len(word.text) - 0.2) / width - 1) < _EVEN for word in long)
    return (
        len(long) >= _LEAST_WORDS and close >= _LEAST_CLOSE * len(places) and even >= _LEAST_CLOSE * len(long)
    )


def _line(text: str, line: Sequence[Word]) -> TextLine:
    characters = sum(len(word.text) for word in line)
    confidence = sum(len(word.text) * word.confidence for word in line) / characters
    box = Box(
        min(word.box.left for word in line),
        min(word.box.top for word in line),
        max(word.box.right for word in line),
        max(word.box.bottom for word in line),
    )
    return TextLine(text, confidence, box)
