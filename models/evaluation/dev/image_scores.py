"""Image to text on the pictures of `code_pictures` and `code_screenshots`.

    python -m models.evaluation.dev.image_scores DIRECTORY [--engine networks|tesseract|rapidocr] [--worst COUNT]

DIRECTORY holds NNN.png or NNN.jpg beside NNN.txt and NNN.json. Prints the wrong characters and the exact lines of each
theme, the pictures with most errors, the characters that are most often confused, and the times.
"""

import argparse
import difflib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.evaluation.rows.images import Compared, compared

_SHOWN: Final = 25


@dataclass(frozen=True, slots=True)
class Scored:
    """A picture, its look, what was read, and how that compares with its text."""

    name: str
    look: Mapping[str, Any]
    read: str
    true: str
    compared: Compared
    seconds: float


def score(directory: Path, read: Callable[[bytes], str], only: str) -> list[Scored]:
    """Read every picture of a directory whose name begins with `only`."""
    found = []
    for path in sorted([*directory.glob(f"{only}*.png"), *directory.glob(f"{only}*.jpg")]):
        true = path.with_suffix(".txt").read_text("utf-8")
        look = json.loads(path.with_suffix(".json").read_text("utf-8"))
        started = time.monotonic()
        text = read(path.read_bytes())
        found.append(Scored(path.stem, look, text, true, compared(text, true), time.monotonic() - started))
    return found


def summary(label: str, scored: Sequence[Scored]) -> str:
    """Return the figures of some pictures in a line."""
    wrong, characters, exact, lines = (sum(one.compared[place] for one in scored) for place in range(4))
    rates = [one.compared[0] / one.compared[1] for one in scored]
    return (
        f"{label:10} n={len(scored)} wrong characters {wrong / characters:.2%} of {characters}, median of pictures "
        f"{np.median(rates):.2%}, over 5%: {sum(rate > 0.05 for rate in rates)}; exact lines {exact / lines:.1%} of {lines}; "
        f"median {np.median([one.seconds for one in scored]):.2f} s"
    )


def confusions(scored: Sequence[Scored]) -> Counter[tuple[str, str]]:
    """Return how often which characters were read for which."""
    found: Counter[tuple[str, str]] = Counter()
    for one in scored:
        matcher = difflib.SequenceMatcher(a=one.true, b=one.read, autojunk=False)
        for tag, start, end, first, last in matcher.get_opcodes():
            if tag != "equal":
                found[one.true[start:end][:12], one.read[first:last][:12]] += 1
    return found


def by_networks(image: bytes) -> str:
    """Return what satchel reads by the networks."""
    from satchel.models.ocr.reading import read_data  # noqa: PLC0415 - imports OpenCV

    return read_data(image).text


def by_tesseract(image: bytes) -> str:
    """Return what satchel reads by the program tesseract."""
    from satchel.models.ocr import tesseract  # noqa: PLC0415 - one engine alone

    return tesseract.read_data(image).text


def by_rapidocr(image: bytes) -> str:
    """Return the lines of the package's own pipeline, from top to bottom, its boxes of one line joined by spaces."""
    from models.evaluation.dev.rapidocr_pipeline import read  # noqa: PLC0415 - imports the package

    return read(image)


ENGINES: Final = {"networks": by_networks, "tesseract": by_tesseract, "rapidocr": by_rapidocr}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--engine", choices=ENGINES, default="networks")
    parser.add_argument("--only", default="", help="the beginning of the names of pictures")
    parser.add_argument("--worst", type=int, default=0, help="how many pictures to show")
    options = parser.parse_args()
    scored = score(options.directory, ENGINES[options.engine], options.only)
    print(summary("all", scored))
    for theme in sorted({one.look["theme"] for one in scored}):
        print(summary(theme, [one for one in scored if one.look["theme"] == theme]))
    for (true, read), count in confusions(scored).most_common(_SHOWN if options.worst else 0):
        print(f"{count:4} {true!r} read as {read!r}")
    for one in sorted(scored, key=lambda one: -one.compared[0] / one.compared[1])[: options.worst]:
        print(f"== {one.name} {one.compared} {dict(one.look)}")
        print("\n".join(difflib.unified_diff(one.true.split("\n"), one.read.split("\n"), lineterm="", n=0)))


if __name__ == "__main__":
    main()
