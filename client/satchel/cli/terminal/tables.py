"""Tables for a terminal: aligned columns under dim headings, cut to the terminal's width."""

import shutil
import unicodedata
from collections.abc import Sequence
from typing import Final

from satchel.cli.terminal.output import Column

GAP: Final = "  "
NARROWEST: Final = 8  # a column that shrinks keeps at least this much
_DIM: Final = "\x1b[2m{}\x1b[0m"


def draw_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, color: bool) -> str:
    """Return rows as lines; columns that may shrink give up room where the terminal is too narrow."""
    headings = [column.heading for column in columns]
    shown = [headings, *rows] if any(headings) else list(rows)
    widths = _widths(columns, shown, shutil.get_terminal_size().columns)
    lines = []
    for number, row in enumerate(shown):
        is_heading = number == 0 and row is headings
        cells = [
            _cell(
                text,
                column,
                width,
                is_dim=color and (column.dim or is_heading),
                is_last=column is columns[-1],
            )
            for text, column, width in zip(row, columns, widths, strict=True)
        ]
        lines.append(GAP.join(cells) + "\n")
    return "".join(lines)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the width of each column: what it needs, unless that is more than there is room for."""
    widths = [max(cell_width(row[number]) for row in rows) for number in range(len(columns))]
    excess = sum(widths) + len(GAP) * (len(columns) - 1) - room
    while excess > 0:
        wide = [n for n, column in enumerate(columns) if column.shrinks and widths[n] > NARROWEST]
        if not wide:
            break
        widest = max(wide, key=widths.__getitem__)
        widths[widest] -= 1
        excess -= 1
    return widths


def _cell(text: str, column: Column, width: int, *, is_dim: bool, is_last: bool) -> str:
    fitted = fit(text, width) if column.shrinks else text
    space = " " * max(width - cell_width(fitted), 0)
    said = _DIM.format(fitted) if is_dim and fitted else fitted
    if column.right:
        return space + said
    return said if is_last else said + space


def fit(text: str, width: int) -> str:
    """Cut a text to a width with an ellipsis: at its end, but a path at its start, where it says least."""
    if cell_width(text) <= width:
        return text
    if "/" in text and " " not in text:
        return "…" + _cut(text[::-1], width - 1)[::-1]
    return _cut(text, width - 1) + "…"


def _cut(text: str, width: int) -> str:
    kept = 0
    for place, char in enumerate(text):
        kept += _char_width(char)
        if kept > width:
            return text[:place]
    return text


def cell_width(text: str) -> int:
    """Return how many cells of a terminal a text takes: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
