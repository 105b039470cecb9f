"""Text for people: safe on a terminal, and short forms of sizes, durations, times and counts.

`Column` and `Section` describe what `output` prints and `tables` and `drawing` draw.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")

# C0 and C1 controls except newline and tab, and the characters that reorder or hide text on a screen.
_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_SPACES: Final = re.compile(r"[\s\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and how it is drawn."""

    heading: str
    shrinks: bool = False
    right: bool = False
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A further file below a Piece's content. If it is not text, `text` is None and `instead` is shown."""

    heading: str
    text: str | None
    language: str
    instead: str


def printable(text: str) -> str:
    """Return text that is safe on a terminal: control characters as escapes, tabs and newlines kept."""
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def printable_json(document: str) -> str:
    """Return equivalent JSON that is safe on a terminal. JSON itself escapes only C0 controls."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", document)


def one_line(text: str) -> str:
    """Return text as a single line without tabs, for a table cell or a message."""
    return printable(_SPACES.sub(" ", text).strip())


def format_size(size_bytes: float) -> str:
    """Return a size in binary units: `0 B`, `1.5 KiB`, `12 MiB`."""
    for unit in _UNITS[:-1]:
        if size_bytes < 1000:
            return _number(size_bytes, unit)
        size_bytes /= 1024
    return _number(size_bytes, _UNITS[-1])


def _number(value: float, unit: str) -> str:
    digits = 0 if unit == "B" or value >= 10 else 1
    return f"{value:.{digits}f} {unit}"


def format_duration(seconds: float) -> str:
    """Return a duration: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `5 d`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60:02} min"
    return f"{whole // 86_400} d"


def format_moment(moment: dt.datetime) -> str:
    """Return a time in the local time zone, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def format_count(count: int, singular: str, plural: str | None = None) -> str:
    """Return `1 Piece`, `2 Pieces`, `1,000 Pieces`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
