"""Reading an image by the program tesseract, where the extra `ocr` is missing.

The program runs as a child with bounded time, memory and output, without a shell; it gets the image on its standard
input and answers with a table of words. A PNG is decoded here and given as dark text on white, enlarged (`drawing`);
the words are placed in columns and rows (`words`).
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Final

from satchel.models.ocr.dimensions import check_fullness, size_in
from satchel.models.ocr.drawing import drawing_in
from satchel.models.ocr.results import ImageText, UnreadableImageError
from satchel.models.ocr.words import ENGINE, lay_out, parse_words

PROGRAM: Final = "tesseract"
TIMEOUT_S: Final = 120.0
CPU_S: Final = 100
MEMORY_BYTES: Final = 2 << 30
MAX_ANSWER_BYTES: Final = 16 << 20
MAX_PIXELS: Final = 50_000_000
_MODE: Final = "6"  # one block of text


def is_here() -> bool:
    """Whether the program is installed."""
    return shutil.which(PROGRAM) is not None


def read_data(
    data: bytes, *, keep_numbers: bool = False, variables: Mapping[str, str] | None = None
) -> ImageText:
    """Read the text of an encoded image. Raise UnreadableImageError if it cannot be read within the bounds."""
    width, height = size_in(data)
    if width * height > MAX_PIXELS:
        raise UnreadableImageError(
            f"the image has more than {MAX_PIXELS // 1_000_000} million pixels",
            hint="cut out the part with the text",
        )
    check_fullness(width, height, len(data))
    drawing = drawing_in(data)
    if drawing is None:  # the program decodes it
        return lay_out(parse_words(_run(data, variables or {})), keep_numbers=keep_numbers)
    if not drawing.rows:
        return ImageText("", (), ENGINE)
    drawing = drawing.without_bar()
    times = drawing.times()
    words = parse_words(_run(drawing.enlarged(times), variables or {}), times)
    return lay_out(words, drawing.inked_columns(), keep_numbers=keep_numbers)


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
