"""Image to text: pictures of code, read back with their indentation."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from textwrap import dedent
from typing import Final

from models.evaluation.figures import Figure
from models.evaluation.metrics import bootstrap, edits
from models.evaluation.product import NoModelError, model_named
from models.evaluation.sets.loading import Sets
from models.evaluation.sets.pictures import Pictured, draw, pictured

Read = Callable[[bytes], str]

READ_LIMIT_S: Final = 300


def image_rows(sets: Sets) -> list[Figure]:
    """The rate of wrong characters and the part of the lines that are exact, with indentation."""
    items = sets.load("pictures", Pictured, pictured)
    try:
        model = model_named("image-text").name
    except NoModelError:
        return [Figure("image to text", "wrong characters", None, most=0.02)]
    sources = {source.name: source for source in sets.packages.of("debian")}
    images = [draw(item, sources[item.font]) for item in items]
    texts = [item.text for item in items]
    ours = _read(images, texts, _ours)
    peers = _read(images, texts, tesseract) if shutil.which("tesseract") else []
    themes = [item.theme for item in items]
    figures = [
        _figures("image to text", ours, peers, model=model, most=0.02, least=0.75),
        _figures(
            "image to text, light", _of("light", themes, ours), _of("light", themes, peers), model=model
        ),
        _figures("image to text, dark", _of("dark", themes, ours), _of("dark", themes, peers), model=model),
    ]
    return [one for pair in figures for one in pair]


Compared = tuple[int, int, int, int]
"""Wrong characters, characters, exact lines, lines."""


def _figures(
    row: str,
    ours: Sequence[Compared],
    peers: Sequence[Compared],
    *,
    model: str,
    most: float | None = None,
    least: float | None = None,
) -> tuple[Figure, Figure]:
    others = {"tesseract": peers} if peers else {}
    wrong = {name: bootstrap(found, _wrong) for name, found in others.items()}
    exact = {name: bootstrap(found, _exact) for name, found in others.items()}
    return (
        Figure(row, "wrong characters", bootstrap(ours, _wrong), model, most=most, peers=wrong),
        Figure(row, "exact lines", bootstrap(ours, _exact), model, least=least, peers=exact),
    )


def _of(theme: str, themes: Sequence[str], compared: Sequence[Compared]) -> list[Compared]:
    return [one for one, own in zip(compared, themes, strict=False) if own == theme]


def _wrong(found: Sequence[Compared]) -> float:
    return sum(one[0] for one in found) / sum(one[1] for one in found)


def _exact(found: Sequence[Compared]) -> float:
    return sum(one[2] for one in found) / sum(one[3] for one in found)


def _read(images: Sequence[bytes], texts: Sequence[str], read: Read) -> list[Compared]:
    return [compared(read(image), text) for image, text in zip(images, texts, strict=True)]


def compared(read: str, text: str) -> Compared:
    """Compare a text with what was read, without blank ends of lines and blank lines around it.

    The indentation that all lines share is left out too: a picture of a method alone does not show that it stood in
    a class.
    """
    ours, true = _lines(read), _lines(text)
    same = len(true) - edits(ours, true) if len(ours) == len(true) else _common_lines(ours, true)
    return edits("\n".join(ours), "\n".join(true)), len("\n".join(true)), same, len(true)


def _lines(text: str) -> list[str]:
    plain = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return dedent(plain).split("\n")


def _common_lines(ours: Sequence[str], true: Sequence[str]) -> int:
    """Return how many lines are exact and in order, where lines are missing or too many."""
    return max(0, max(len(ours), len(true)) - edits(ours, true) - max(0, len(ours) - len(true)))


def _ours(image: bytes) -> str:
    from satchel.models.ocr import read_image  # noqa: PLC0415 - imports OpenCV

    return read_image(image).text


def tesseract(image: bytes) -> str:
    """Return what the program reads with its usual settings, which leave out indentation."""
    command = ["/usr/bin/tesseract", "stdin", "stdout", "--psm", "6"]
    done = subprocess.run(command, input=image, capture_output=True, check=False, timeout=READ_LIMIT_S)
    return done.stdout.decode(errors="replace")
