"""What people keep: examples in read-mes, beside random windows of the same packages' files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Member, Packages, members
from models.evaluation.fetching import Source
from models.evaluation.sampling import number, spread

EACH: Final = 400
FENCE: Final = re.compile(r"(?ms)^```[ \t]*(?P<language>[\w+#-]*)[^\n]*\n(?P<text>.*?)^```[ \t]*$")
CODE: Final = frozenset(
    {
        ".js",
        ".mjs",
        ".ts",
        ".py",
        ".go",
        ".rs",
        ".rb",
        ".php",
        ".java",
        ".ex",
        ".clj",
        ".hs",
        ".r",
        ".swift",
        ".kt",
    }
)
LINES: Final = (3, 40)
_PACKAGES_OF: Final = ("npm", "pypi", "debian-source", "debian")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that could be saved. `is_kept` for an example of a read-me."""

    is_kept: bool
    origin: str
    text: str

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


def candidates(packages: Packages) -> list[Candidate]:
    """Return as many examples as windows, of the same packages."""
    by_package = {source.name: _examples(source) for source in packages.of(*_PACKAGES_OF)}
    examples = [one for found in by_package.values() for one in found]
    kept = spread(examples, EACH, lambda one: one.package, lambda one: one.origin)
    wanted = {one.package for one in kept}
    windows = [one for source in packages.of() if source.name in wanted for one in _windows(source)]
    return kept + spread(windows, len(kept), lambda one: one.package, lambda one: one.origin)


def _examples(source: Source) -> list[Candidate]:
    """Return the fenced examples of Markdown files that name a language of code."""
    return [
        Candidate(is_kept=True, origin=f"{member.identity}#{place}", text=match["text"])
        for member in members(source)
        if member.suffix == ".md" and "change" not in member.path.lower()
        for place, match in enumerate(FENCE.finditer(member.text))
        if match["language"] and LINES[0] <= match["text"].count("\n") <= LINES[1]
    ]


def _windows(source: Source) -> Iterator[Candidate]:
    """Yield one window at a random line of each file of code: as long as examples are, and cut anywhere."""
    for member in members(source):
        if member.suffix in CODE:
            yield Candidate(is_kept=False, origin=member.identity, text=_window(member))


def _window(member: Member) -> str:
    return window(member.text, number(member.identity, "window"))


def window(text: str, chance: int) -> str:
    """Return a window of a text, as long as examples are; a number chooses its length and its first line."""
    lines = text.split("\n")
    length = LINES[0] + chance % (LINES[1] - LINES[0])
    start = (chance >> 16) % max(1, len(lines) - length)
    return "\n".join(lines[start : start + length]) + "\n"
