"""Snippets: the line of a text that best shows why it matches, and all matching lines with the places of matches."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from satchel.index.query import Phrase
from satchel.index.words import singular

SNIPPET_CHARS: Final = 160
SEARCHED_CHARS: Final = 256 * 1024
MATCHES_PER_PHRASE: Final = 50
_LEAD_CHARS: Final = 40  # before the match, in a long line
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def snippet(text: str, phrases: Iterable[Phrase]) -> str:
    """Return the line that matches most of the phrases, else the first line that is not blank.

    The result has no tabs, line ends or control characters, and at most `SNIPPET_CHARS` characters.
    """
    text = text[:SEARCHED_CHARS]
    found = _places([_pattern(phrase) for phrase in phrases], text)
    if not found:
        return _shortened(next((line for line in text.splitlines() if line.strip()), ""), 0)
    start = max(found, key=lambda line: (len(found[line]), -line))
    return _shortened(text[start : _line_end(text, start)], min(found[start].values()) - start)


@dataclass(frozen=True, slots=True)
class MatchingLine:
    """A whole line of a text as it is, and the places of the matches in it: ascending and apart from each other."""

    text: str
    spans: tuple[tuple[int, int], ...]


def matching_lines(text: str, phrases: Iterable[Phrase], limit: int) -> tuple[MatchingLine, ...]:
    """Return up to `limit` lines, those that match most phrases, in the order of the text."""
    text = text[:SEARCHED_CHARS]
    patterns = [_pattern(phrase) for phrase in phrases]
    found = _places(patterns, text)
    best = sorted(sorted(found, key=lambda line: (-len(found[line]), line))[:limit])
    lines = [text[start : _line_end(text, start)] for start in best]
    return tuple(MatchingLine(line, _spans(patterns, line)) for line in lines)


def _spans(patterns: list[re.Pattern[str]], line: str) -> tuple[tuple[int, int], ...]:
    """Return the places that any of the patterns matches in a line, with overlapping ones joined."""
    places = sorted(
        match.span() for pattern in patterns for match in islice(pattern.finditer(line), MATCHES_PER_PHRASE)
    )
    joined: list[tuple[int, int]] = []
    for start, end in places:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return tuple(joined)


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """Return a pattern for a phrase in a text. It matches more than the index does, which has found the text."""
    return re.compile(r"[\W_]*".join(map(_loose, phrase.parts)), re.IGNORECASE)


def _loose(part: str) -> str:
    """Return a pattern for a part in the singular or the plural."""
    word = singular(part)
    if len(word) > 2 and word.endswith("y"):
        return f"{re.escape(word[:-1])}(?:y|ies)"
    return f"{re.escape(word)}(?:e?s)?"


def _places(patterns: list[re.Pattern[str]], text: str) -> dict[int, dict[int, int]]:
    """Return, by the start of a line, the patterns that match in it, each with its first match.

    Only the first few matches of a pattern count. A match across lines counts for its first line.
    """
    places: dict[int, dict[int, int]] = {}
    for number, pattern in enumerate(patterns):
        for match in islice(pattern.finditer(text), MATCHES_PER_PHRASE):
            line = text.rfind("\n", 0, match.start()) + 1
            places.setdefault(line, {}).setdefault(number, match.start())
    return places


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _shortened(line: str, first: int) -> str:
    """Return the printable part of a line around a position."""
    start = first - _LEAD_CHARS if first > SNIPPET_CHARS - _LEAD_CHARS else 0
    cut = line[start : start + 4 * SNIPPET_CHARS]
    clean = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in cut)
    joined = ("…" if start else "") + " ".join(clean.split())
    return joined if len(joined) <= SNIPPET_CHARS else joined[: SNIPPET_CHARS - 1].rstrip() + "…"
