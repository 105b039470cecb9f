"""Found Pieces on a terminal: a line about each, and below it the lines that match, with the matches marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.cli.terminal.text import printable

LINE_CHARS: Final = 400  # of a longer line, such as minified code, the part around the first match is shown
LEAD_CHARS: Final = 80
_INDENT: Final = "    "
_DIM: Final = "\x1b[2m{}\x1b[0m"
_MATCH: Final = "\x1b[1;31m{}\x1b[0m"

Spans = Sequence[tuple[int, int]]
"""Places in a text, ascending and apart from each other."""


@dataclass(frozen=True, slots=True)
class Match:
    """A found Piece: the names that commands take for it, its title, details, and lines with places of matches."""

    names: str
    title: str
    details: str
    lines: Sequence[tuple[str, Spans]]


def draw_matches(found: Sequence[Match], *, color: bool) -> str:
    """Return found Pieces as text, separated by empty lines."""
    return "\n".join(_draw(match, color=color) for match in found)


def _draw(match: Match, *, color: bool) -> str:
    names = _DIM.format(match.names) if color else match.names
    details = _DIM.format(match.details) if color and match.details else match.details
    heading = "  ".join(part for part in (names, match.title, details) if part)
    lines = [f"{_INDENT}{marked(text, spans, color=color)}" for text, spans in match.lines]
    return "".join(f"{line}\n" for line in (heading, *lines))


def marked(text: str, spans: Spans, *, color: bool) -> str:
    """Return a line that is safe on a terminal, with the places marked, without its indentation."""
    start, end = _shown(text, spans)
    parts = ["…"] if start and text[:start].strip() else []
    at = start
    for place in spans:
        first, beyond = max(place[0], at), min(place[1], end)
        if first < beyond:
            match = printable(text[first:beyond])
            parts += [printable(text[at:first]), _MATCH.format(match) if color else match]
            at = beyond
    parts += [printable(text[at:end]), "…" if end < len(text.rstrip()) else ""]
    return "".join(parts)


def _shown(text: str, spans: Spans) -> tuple[int, int]:
    """Return the part of a line to show: all of it without the spaces around it, or the part around a match."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if end - start <= LINE_CHARS:
        return start, end
    first = spans[0][0] if spans else start
    start = max(start, min(first - LEAD_CHARS, end - LINE_CHARS))
    return start, start + LINE_CHARS
