"""A QR code on a terminal: half a character cell for each module, dark on light whatever the terminal's colours are.

Without colours it is drawn in the terminal's own: light modules in the colour of its text, as on a dark background.
"""

from typing import Final

import segno

QUIET: Final = 4  # modules of light margin that ISO/IEC 18004 asks for
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m{}\x1b[0m\n"
_DARK_ON_LIGHT: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_LIGHT_ON_DARK: Final = {(1, 1): " ", (0, 1): "▀", (1, 0): "▄", (0, 0): "█"}


def draw_qr(text: str, *, columns: int, color: bool) -> str:
    """Return the code of `text` as lines; empty where the terminal has too few columns for it."""
    code = segno.make_qr(text, error="l", boost_error=False)
    rows = [tuple(row) for row in code.matrix_iter(border=QUIET)]
    if len(rows[0]) > columns:
        return ""
    if len(rows) % 2:
        rows.append((0,) * len(rows[0]))
    cells = _DARK_ON_LIGHT if color else _LIGHT_ON_DARK
    lines = [
        "".join(cells[pair] for pair in zip(*two, strict=True))
        for two in zip(rows[::2], rows[1::2], strict=True)
    ]
    return "".join(_BLACK_ON_WHITE.format(line) if color else f"{line}\n" for line in lines)
