"""Text for people: safe on a terminal, and short forms of sizes, durations, times and counts.

`Column` and `Section` describe what `output` prints and `tables` and `drawing` draw.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from satchel.cli.terminal.hidden_characters import escape_controls, escape_hidden, escape_hidden_json

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")

_SPACES: Final = re.compile(r"[\s\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and how it is drawn.

    Where a table is too wide, columns that shrink give way first; then those that are `spare` are left out, the
    last one first.
    """

    heading: str
    shrinks: bool = False
    right: bool = False
    dim: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A further file below a Piece's content. If it is not text, `text` is None and `instead` is shown."""

    heading: str
    text: str | None
    language: str
    instead: str


def printable(text: str) -> str:
    """Return text that is safe on a terminal: hidden characters as escapes, tabs and newlines kept."""
    return escape_hidden(text)


def printable_json(document: str) -> str:
    """Return equivalent JSON that is safe on a terminal. JSON itself escapes only C0 controls."""
    return escape_hidden_json(document)


def one_line(text: str) -> str:
    """Return text as a single line without tabs, for a table on a terminal or a message."""
    return printable(_SPACES.sub(" ", text).strip())


def one_field(text: str) -> str:
    """Return text as a field of tab-separated output: spaces for tabs and newlines, escapes for controls."""
    return escape_controls(_SPACES.sub(" ", text).strip())


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
    """Return a time in the local time zone, to the minute: `2026-01-31 09:05`. The year has four digits."""
    try:
        local = moment.astimezone()
    except OverflowError:  # at the ends of the calendar, where the local time is in year 0 or 10000
        local = moment
    return local.replace(tzinfo=None).isoformat(" ", "minutes")


def format_count(count: int, singular: str, plural: str | None = None) -> str:
    """Return `1 Piece`, `2 Pieces`, `1,000 Pieces`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
