"""Checking what an answer cites: a number in brackets must be that of an excerpt.

    checked = Citations(3)
    checked.feed("As in [2] and [7")    # "As in [2] and "
    checked.feed("].") + checked.end()  # "[?]."
    checked.cited, checked.unknown      # [2], {7}

Code is left as it is: fenced blocks, code between backticks, and brackets directly behind a name (`argv[1]`).
"""

import re
from typing import Final

_CITATION: Final = re.compile(
    r"(?<![\w)}\"'`\\])\[(?P<numbers>\d{1,4}(?: ?[,;–-] ?\d{1,4}){0,20})\](?![(\w])"
)
_NUMBER: Final = re.compile(r"\d+")
_RANGE: Final = re.compile(r"(\d+) ?[–-] ?(\d+)")
_FENCE: Final = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})")
_MAX_LINE_CHARS: Final = 4_000
_OPEN: Final = re.compile(r"\[[\d ,;–-]{0,120}\Z")
_OPEN_CHARS: Final = 130
UNKNOWN: Final = "[?]"


class Citations:
    """Checks an answer that arrives in pieces. `count` is how many excerpts there are, numbered from 1."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._line = ""
        self._shown = 0
        self._fence = ""
        self._cited: dict[int, None] = {}
        self.unknown: set[int] = set()

    @property
    def cited(self) -> list[int]:
        """The numbers of excerpts that are cited, in the order of the answer."""
        return list(self._cited)

    def feed(self, piece: str) -> str:
        """Take a piece, and return what can be shown."""
        shown: list[str] = []
        *whole, rest = piece.split("\n")
        for text in whole:
            self._line += text
            shown += (self._rest_of_line(is_whole=True), "\n")
            self._end_line()
        self._line += rest
        shown.append(self._rest_of_line(is_whole=False))
        if self._shown == len(self._line) > _MAX_LINE_CHARS:
            self._line, self._shown = "", 0
        return "".join(shown)

    def end(self) -> str:
        """Return the rest."""
        return self._rest_of_line(is_whole=True)

    def _rest_of_line(self, *, is_whole: bool) -> str:
        """Return what of the current line was not shown yet, and is sure."""
        line = self._line
        if not is_whole:
            end = self._sure(line)
            if end <= self._shown:
                return ""
        else:
            end = len(line)
        start, self._shown = self._shown, end
        if self._fence or _FENCE.match(line):
            return line[start:end]
        return self._checked(line, start, end)

    def _sure(self, line: str) -> int:
        """Return up to where a line that goes on is sure: not within a number, nor behind a backtick left open."""
        if self._fence or len(line) > _MAX_LINE_CHARS:
            return len(line)
        opened = _OPEN.search(line, max(0, len(line) - _OPEN_CHARS))
        end = opened.start() if opened else len(line) - line.endswith("]")
        if line.endswith("]"):  # what follows decides whether it cites
            found = line.rfind("[")
            end = found if found >= 0 else len(line) - 1
        tick = line.rfind("`")
        if tick >= 0 and line.count("`") % 2:
            end = min(end, tick)
        return max(end, self._shown)

    def _checked(self, line: str, start: int, end: int) -> str:
        shown, at = "", start
        for found in _CITATION.finditer(line, 0, end):
            if (
                found.start() < start
                or line.count("`", 0, found.start()) % 2
                or _is_index(line, found.start())
            ):
                continue
            shown += line[at : found.start()] + self._told(found)
            at = found.end()
        return shown + line[at:end]

    def _told(self, found: re.Match[str]) -> str:
        numbers = [int(number) for number in _NUMBER.findall(found["numbers"])]
        for first, last in _RANGE.findall(found["numbers"]):
            numbers += range(int(first) + 1, min(int(last), self._count + 1))
        known = [number for number in numbers if 1 <= number <= self._count]
        self._cited |= dict.fromkeys(known)
        wrong = [number for number in numbers if number not in known]
        self.unknown.update(wrong)
        if not wrong:
            return found[0]
        return f"[{', '.join(map(str, dict.fromkeys(known)))}]{UNKNOWN}" if known else UNKNOWN

    def _end_line(self) -> None:
        mark = _FENCE.match(self._line)
        if mark and not self._fence:
            self._fence = mark[1]
        elif (
            mark
            and self._line.strip().startswith(self._fence)
            and not self._line.strip().strip(self._fence[0])
        ):
            self._fence = ""
        self._line, self._shown = "", 0


def _is_index(line: str, at: int) -> bool:
    """Whether a bracket follows others that belong to a name: the second of `grid[1][2]`."""
    while at > 0 and line[at - 1] == "]":
        at = max(0, line.rfind("[", 0, at))
    return at > 0 and (line[at - 1].isalnum() or line[at - 1] in "_)}")
