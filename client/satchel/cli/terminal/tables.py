"""Tables for a terminal: aligned columns below dim headings, cut to the terminal's width."""

import shutil
from collections.abc import Sequence
from typing import Final

from satchel.cli.terminal.text import Column

GAP: Final = "  "
ELLIPSIS: Final = "…"  # one cell
ROOMY: Final = 20  # a shrinking column gives way down to this many cells before other columns are left out
NARROW: Final = 8  # and down to this many before others are cut
_DIM: Final = "\x1b[2m{}\x1b[0m"

Widths = dict[int, int]
"""The widths of the columns that are shown, by number."""


def draw_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, color: bool) -> str:
    """Return rows as lines that fit the terminal: columns shrink, are left out, or are cut.

    A list without headings (`satchel status`) is not cut, because nothing else says what it says.
    """
    headings = [column.heading for column in columns]
    shown = [headings, *rows] if any(headings) else list(rows)
    natural = {number: max(cell_width(row[number]) for row in shown) for number in range(len(columns))}
    widths = fit_columns(columns, natural, shutil.get_terminal_size().columns, is_cut=any(headings))
    lines = []
    for number, row in enumerate(shown):
        is_heading = number == 0 and row is headings
        cells = [
            _cell(
                row[place],
                columns[place],
                width,
                is_dim=color and (columns[place].dim or is_heading),
                is_last=place == max(widths),
            )
            for place, width in widths.items()
        ]
        lines.append(GAP.join(cells).rstrip(" ") + "\n")
    return "".join(lines)


def fit_columns(columns: Sequence[Column], natural: Widths, available: int, *, is_cut: bool) -> Widths:
    """Return the columns to show, and their widths, from the widths that they need."""
    shrinking = [number for number, column in enumerate(columns) if column.shrinks]
    widths = _shrink(natural, shrinking, ROOMY, available)
    for number in [number for number, column in reversed(list(enumerate(columns))) if column.spare]:
        if _excess(widths, available) <= 0:
            break
        natural = {other: width for other, width in natural.items() if other != number}
        widths = _shrink(natural, [other for other in shrinking if other in natural], ROOMY, available)
    widths = _shrink(widths, [number for number in shrinking if number in widths], NARROW, available)
    if not is_cut:
        return widths
    widths = _shrink(widths, list(widths), 1, available)
    while _excess(widths, available) > 0 and len(widths) > 1:
        del widths[max(widths)]
    return widths


def _shrink(widths: Widths, shrinking: Sequence[int], least: int, available: int) -> Widths:
    """Return widths that fit, if shrinking columns can give up enough; the widest gives way first."""
    fitted = dict(widths)
    excess = _excess(fitted, available)
    while excess > 0:
        wide = [number for number in shrinking if fitted[number] > least]
        if not wide:
            break
        fitted[max(wide, key=fitted.__getitem__)] -= 1
        excess -= 1
    return fitted


def _excess(widths: Widths, available: int) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1) - available


def _cell(text: str, column: Column, width: int, *, is_dim: bool, is_last: bool) -> str:
    fitted = fit(text, width)
    padding = " " * max(width - cell_width(fitted), 0)
    styled = _DIM.format(fitted) if is_dim and fitted else fitted
    if column.right:
        return padding + styled
    return styled if is_last else styled + padding


def fit(text: str, width: int) -> str:
    """Cut text to a width and mark the cut with an ellipsis; a path is cut at its start, other text at its end."""
    if cell_width(text) <= width:
        return text
    if "/" in text and " " not in text:
        return ELLIPSIS + _cut_start(text, width - 1)
    return _cut_end(text, width - 1) + ELLIPSIS


def _cut_end(text: str, width: int) -> str:
    return text[:width] if text.isascii() else _clip(text, 0, width).rstrip()


def _cut_start(text: str, width: int) -> str:
    total = cell_width(text)
    return text[total - width :] if text.isascii() else _clip(text, total - width, total).lstrip()


def _clip(text: str, start: int, end: int) -> str:
    """Return the text between two cells; half a wide character becomes a space."""
    from wcwidth import clip  # noqa: PLC0415  costs over 20 ms, and ASCII text does not need it

    return clip(text, start, end)


def cell_width(text: str) -> int:
    """Return how many cells a line takes on a terminal: two for wide characters, none for combining ones."""
    if text.replace(ELLIPSIS, ".").isascii():
        return len(text)
    from wcwidth import wcswidth  # noqa: PLC0415  costs over 20 ms, and ASCII text does not need it

    return max(wcswidth(text), 0)
