"""The line of a text that shows best why it was found."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice
from typing import Final

from satchel.index.query import Phrase
from satchel.index.words import singular

SNIPPET_CHARS: Final = 160
LOOKED_AT_CHARS: Final = 256 * 1024
MATCHES_OF_A_WORD: Final = 50
_LEAD_CHARS: Final = 40  # of the line before the match, if the line is long
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def snippet(text: str, phrases: Iterable[Phrase]) -> str:
    """The line that holds most of the words looked for, else the first that says something.

    One line, without tabs, line ends and control characters, at most `SNIPPET_CHARS` long.
    """
    text = text[:LOOKED_AT_CHARS]
    found = _places([_pattern(phrase) for phrase in phrases], text)
    if not found:
        return _shortened(next((line for line in text.splitlines() if line.strip()), ""), 0)
    start = max(found, key=lambda line: (len(found[line]), -line))
    return _shortened(text[start : _line_end(text, start)], min(found[start].values()) - start)


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """Where a phrase may stand in a text, in either case; looser than the index, which has decided."""
    return re.compile(r"[\W_]*".join(map(_loose, phrase.parts)), re.IGNORECASE)


def _loose(part: str) -> str:
    """The part in the singular or the plural."""
    word = singular(part)
    if len(word) > 2 and word.endswith("y"):
        return f"{re.escape(word[:-1])}(?:y|ies)"
    return f"{re.escape(word)}(?:e?s)?"


def _places(patterns: list[re.Pattern[str]], text: str) -> dict[int, dict[int, int]]:
    """By the start of a line: which patterns match there, and where each does first.

    Of each pattern the first few matches; one that goes over a line's end counts for the line it begins in.
    """
    places: dict[int, dict[int, int]] = {}
    for number, pattern in enumerate(patterns):
        for match in islice(pattern.finditer(text), MATCHES_OF_A_WORD):
            line = text.rfind("\n", 0, match.start()) + 1
            places.setdefault(line, {}).setdefault(number, match.start())
    return places


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
