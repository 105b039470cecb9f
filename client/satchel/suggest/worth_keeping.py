"""What is worth keeping of a text: the whole, or its best parts.

for one in worth_keeping(text, "python", "parse.py"):
    print(one.first_line, one.last_line, one.worth, one.reason)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from satchel.models.discovery import Region, regions_in
from satchel.models.interface import EXAMINED_CHARS
from satchel.models.parsing import outline_of
from satchel.models.saving import reasons_for, worth_of

MAX_LINES: Final = 120  # of a text that is kept as a whole
PARTS: Final = 12  # of one text that are judged
_LEAST_PART: Final = 0.3


@dataclass(frozen=True, slots=True)
class Worth:
    """A text, or a part of it, that could be kept: its lines, and its worth from 0 to 1 with the reason."""

    title: str
    language: str
    first_line: int
    last_line: int
    worth: float
    reason: str
    text: str


def worth_keeping(text: str, language: str, name: str) -> list[Worth]:
    """Return the whole text and its best parts, the best first; no two share a line."""
    kept: list[Worth] = []
    for one in sorted(_judged(text, language, name), key=lambda one: -one.worth):
        if all(one.first_line > other.last_line or other.first_line > one.last_line for other in kept):
            kept.append(one)
    return kept


def _judged(text: str, language: str, name: str) -> Iterator[Worth]:
    count = len(text.splitlines())
    if not text.strip():
        return
    if count <= MAX_LINES and not name.endswith(".ipynb"):
        worth = worth_of(text, language)
        reasons = ["the whole text", *reasons_for(text, language)]
        yield Worth(name or "text", language, 1, count, worth, ", ".join(reasons), text)
    for region in regions_in(text, language, name)[:PARTS]:
        yield _of_region(region)


def _of_region(region: Region) -> Worth:
    outline = outline_of(region.text[:EXAMINED_CHARS], region.language)
    # A part that stands for little else, such as imports or a docstring, is worth less than its form says.
    worth = worth_of(region.text, region.language, outline) * (_LEAST_PART + (1 - _LEAST_PART) * region.score)
    reasons = [region.reason.split(",")[0], *reasons_for(region.text, region.language, outline)]
    return Worth(
        region.title,
        region.language,
        region.first_line,
        region.last_line,
        worth,
        ", ".join(reasons),
        region.text,
    )
