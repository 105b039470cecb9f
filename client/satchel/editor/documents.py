"""An open document: its lines and the places in it, in the units of the editor.

The protocol counts lines by line feeds, carriage returns and both together, and columns in UTF-16, UTF-8 or UTF-32, as agreed with the
editor. Here columns count characters.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Document:
    """A document as the editor has it, with its language in satchel's words; None if unknown."""

    uri: str
    text: str = field(repr=False)
    language: str | None
    encoding: Encoding = "utf-16"

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return _LINE_ENDS.split(self.text)

    def line(self, number: int) -> str:
        """Return a line by its number from 0; empty beyond the last."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def column(self, line: int, units: int) -> int:
        """Return the column, in characters, at a number of the editor's units. Beyond the end it is the end."""
        text, passed = self.line(line), 0
        for column, character in enumerate(text):
            if passed >= units:
                return column
            passed += units_of(character, self.encoding)
        return len(text)

    def units(self, line: int, column: int) -> int:
        """Return the number of the editor's units before a column."""
        return units_of(self.line(line)[:column], self.encoding)

    def before(self, line: int, units: int) -> str:
        """Return a line up to a position."""
        return self.line(line)[: self.column(line, units)]

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """Return the text between two positions, each a line and the editor's units. Lines end in line feeds."""
        (first, from_units), (last, to_units) = sorted((start, end))
        last = min(last, len(self.lines) - 1)
        if first > last:
            return ""
        if first == last:
            return self.line(first)[self.column(first, from_units) : self.column(first, to_units)]
        parts = [self.line(first)[self.column(first, from_units) :], *self.lines[first + 1 : last]]
        return "\n".join([*parts, self.before(last, to_units)])


def units_of(text: str, encoding: Encoding) -> int:
    """Return the length of a text in the units of an encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)
