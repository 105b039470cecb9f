"""Files whose authors marked the snippets in them, for documentation: the marks are removed, the regions kept."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import spread

FILES: Final = 160
_PACKAGES: Final = (
    "debian-source/junit5",
    "debian-source/groovy",
    "debian-source/qtcharts-opensource-src",
    "debian-source/qtmultimedia-opensource-src",
    "debian-source/golang-google-cloud",
    "npm/bootstrap",
)
_SUFFIXES: Final = frozenset({".java", ".kt", ".groovy", ".cpp", ".h", ".qml", ".go", ".scss", ".js"})
_MARK: Final = re.compile(
    r"^\s*(?://|#|/\*)\s*(?:(?P<tag>(?P<end>end|tag)::(?P<name>[\w-]+)\[\])"
    r"|(?:scss|js)-docs-(?P<docs>start|end) (?P<part>[\w-]+)"
    r"|\[(?P<cloud>START|END) (?P<sample>\w+)\]"
    r"|! ?\[(?P<qt>[\w-]+)\])(?:\s*\*/)?\s*$"
)
_LINES: Final = (3, 60)
_FILE_LINES: Final = (15, 600)
_MOST_OF_FILE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Marked:
    """A file without its marks, and the first and last line of each region, counted from 1."""

    origin: str
    path: str
    text: str
    regions: tuple[tuple[int, int], ...]

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


def marked(packages: Packages) -> list[Marked]:
    """Return files with at least one region of 3 to 60 lines that is not nearly all of the file."""
    found = (one for member in packages.named(_PACKAGES) if (one := _marked(member)))
    return spread(found, FILES, lambda one: one.package, lambda one: one.origin)


def _marked(member: Member) -> Marked | None:
    if member.suffix not in _SUFFIXES:
        return None
    text, regions = without_marks(member.text)
    return with_regions(member.identity, member.path, text, regions)


def with_regions(origin: str, path: str, text: str, regions: Iterable[tuple[int, int]]) -> Marked | None:
    """Return a file with its regions of 3 to 60 lines that are not nearly all of it; None if there are none."""
    lines = text.count("\n")
    kept = tuple(
        one for one in regions if _LINES[0] <= one[1] - one[0] + 1 <= min(_LINES[1], _MOST_OF_FILE * lines)
    )
    if not kept or not _FILE_LINES[0] <= lines <= _FILE_LINES[1]:
        return None
    return Marked(origin, path, text, kept)


def without_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without lines that mark regions, and the regions of the text that is left."""
    kept: list[str] = []
    opened: dict[str, int] = {}
    regions: list[tuple[int, int]] = []
    for line in text.split("\n"):
        mark = _MARK.match(line)
        if mark is None:
            kept.append(line)
            continue
        for name, ends in _marks(mark):
            if name in opened and ends is not False:
                regions.append((opened.pop(name), len(kept)))
            elif ends is not True:
                opened[name] = len(kept) + 1
    return "\n".join(kept), sorted({trimmed(kept, region) for region in regions})


def _marks(mark: re.Match[str]) -> Iterator[tuple[str, bool | None]]:
    """Yield the name of a mark, and whether it ends its region; None where both marks look alike."""
    if mark["tag"]:
        yield mark["name"], mark["end"] == "end"
    elif mark["docs"]:
        yield mark["part"], mark["docs"] == "end"
    elif mark["cloud"]:
        yield mark["sample"], mark["cloud"] == "END"
    else:
        yield mark["qt"], None


def trimmed(lines: list[str], region: tuple[int, int]) -> tuple[int, int]:
    """Return a region without blank lines at its ends."""
    first, last = region
    while first < last and not lines[first - 1].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return first, last
