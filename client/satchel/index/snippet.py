"""The line of a text that shows best why it was found."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from satchel.index.query import Phrase
from satchel.index.words import singular

SNIPPET_CHARS: Final = 160
LOOKED_AT_CHARS: Final = 256 * 1024
_LEAD_CHARS: Final = 40  # of the line before the match, if the line is long
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def snippet(text: str, phrases: Iterable[Phrase]) -> str:
    """The line that holds most of the words looked for, else the first that says something.

    One line, without tabs, line ends and control characters, at most `SNIPPET_CHARS` long.
    """
    text = text[:LOOKED_AT_CHARS]
    patterns = [_pattern(phrase) for phrase in phrases]
    best: tuple[int, int] | None = None  # words found there, negative place
    for line_start in sorted(_lines_with(text, patterns)):
        line = text[line_start : _line_end(text, line_start)]
        found = (sum(1 for pattern in patterns if pattern.search(line)), -line_start)
        best = found if best is None or found > best else best
    if best is None:
        return _shortened(next((line for line in text.splitlines() if line.strip()), ""), 0)
    line = text[-best[1] : _line_end(text, -best[1])]
    first = min(match.start() for pattern in patterns if (match := pattern.search(line)))
    return _shortened(line, first)


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """Where a phrase may stand in a text, in either case; looser than the index, which has decided."""
    return re.compile(r"[\W_]*".join(map(_loose, phrase.parts)), re.IGNORECASE)


def _loose(part: str) -> str:
    """The part in the singular or the plural."""
    word = singular(part)
    if len(word) > 2 and word.endswith("y"):
        return f"{re.escape(word[:-1])}(?:y|ies)"
    return f"{re.escape(word)}(?:e?s)?"


def _lines_with(text: str, patterns: list[re.Pattern[str]]) -> set[int]:
    """Where lines start that hold a match; of each pattern, the first few."""
    starts = set()
    for pattern in patterns:
        for count, match in enumerate(pattern.finditer(text)):
            if count == 50:
                break
            starts.add(text.rfind("\n", 0, match.start()) + 1)
    return starts


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _shortened(line: str, first: int) -> str:
    """The line around a place in it, printable."""
    start = first - _LEAD_CHARS if first > SNIPPET_CHARS - _LEAD_CHARS else 0
    cut = line[start : start + 4 * SNIPPET_CHARS]
    clean = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in cut)
    joined = ("…" if start else "") + " ".join(clean.split())
    return joined if len(joined) <= SNIPPET_CHARS else joined[: SNIPPET_CHARS - 1].rstrip() + "…"
