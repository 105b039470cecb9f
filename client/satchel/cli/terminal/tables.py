"""Tables for a terminal: aligned columns below dim headings, cut to the terminal's width."""

import shutil
from collections.abc import Sequence
from typing import Final

from satchel.cli.terminal.text import Column

GAP: Final = "  "
ELLIPSIS: Final = "…"  # one cell
MIN_WIDTH: Final = 8  # a shrinking column keeps at least this many cells
_DIM: Final = "\x1b[2m{}\x1b[0m"


def draw_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, color: bool) -> str:
    """Return rows as lines; columns that shrink give up space if the terminal is too narrow."""
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


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], available: int) -> list[int]:
    """Return the width of each column; the widest shrinking column gives up space first."""
    widths = [max(cell_width(row[number]) for row in rows) for number in range(len(columns))]
    excess = sum(widths) + len(GAP) * (len(columns) - 1) - available
    while excess > 0:
        wide = [n for n, column in enumerate(columns) if column.shrinks and widths[n] > MIN_WIDTH]
        if not wide:
            break
        widest = max(wide, key=widths.__getitem__)
        widths[widest] -= 1
        excess -= 1
    return widths


def _cell(text: str, column: Column, width: int, *, is_dim: bool, is_last: bool) -> str:
    fitted = fit(text, width) if column.shrinks else text
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
