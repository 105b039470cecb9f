"""Line numbers: recognized because they increase from line to line, and dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from satchel.models.ocr.networks import Glyph

_LEAST_LINES: Final = 4
_LEAST_SHARE: Final = 0.75
MAX_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Gutter:
    """A gutter: the row number that line number 0 would have, where it ends in pixels, and how many lines it numbers."""

    offset: int
    right: float
    count: int


def find_gutter(lines: Mapping[int, tuple[Glyph, ...]], width: float) -> Gutter | None:
    """Return the gutter of lines, given by their row; None unless most lines begin with a number that counts up.

    `width` is that of a character in pixels.
    """
    numbered = {row: found for row, glyphs in lines.items() if (found := _number_at_start(glyphs, width))}
    if len(numbered) < max(_LEAST_LINES, _LEAST_SHARE * len(lines)):
        return None
    offsets = [number - row for row, (number, _) in numbered.items()]
    offset = max(set(offsets), key=offsets.count)
    agreeing = [right for row, (number, right) in numbered.items() if number - row == offset]
    if len(agreeing) < _LEAST_SHARE * len(numbered):
        return None
    return Gutter(offset, max(agreeing) + width / 2, len(agreeing))


def _number_at_start(glyphs: tuple[Glyph, ...], width: float) -> tuple[int, float] | None:
    """Return the number that a line begins with and the middle of its last digit; None if text follows it closely."""
    digits: list[Glyph] = []
    for glyph in glyphs:
        is_near = not digits or glyph.middle - digits[-1].middle < 1.5 * width
        if glyph.text == " " or not is_near:
            if digits:
                break
        elif not ("0" <= glyph.text <= "9") or len(digits) == MAX_DIGITS:
            return None
        else:
            digits.append(glyph)
    return (int("".join(digit.text for digit in digits)), digits[-1].middle) if digits else None
