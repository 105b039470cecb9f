"""A Piece's content and the QR code of a link, drawn on a terminal."""

from collections.abc import Callable
from typing import Final

from satchel.cli.terminal.text import Section, printable

Highlight = Callable[[str, str], str]
"""Returns a text in the colours of its language."""

QR_MARGIN: Final = 4  # modules of light margin (ISO/IEC 18004)

_NOT_TEXT: Final = "not text: send it to a file, as in satchel show ID > FILE"
_DIM: Final = "\x1b[2m{}\x1b[0m\n"
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m{}\x1b[0m\n"
# Each character cell holds two modules, one above the other.
_DARK_ON_LIGHT: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_LIGHT_ON_DARK: Final = {(1, 1): " ", (0, 1): "▀", (1, 0): "▄", (0, 0): "█"}


def draw_section(section: Section, *, highlight: Highlight | None) -> str:
    """Return a further file below its heading, separated by an empty line."""
    heading = f"── {section.heading}"
    if section.text == "":
        return "\n" + _heading(heading, is_dim=highlight is not None)
    shown = draw_content(
        heading, section.text, section.language, highlight=highlight, instead=section.instead
    )
    return f"\n{shown}"


def draw_content(
    heading: str, text: str | None, language: str, *, highlight: Highlight | None, instead: str = _NOT_TEXT
) -> str:
    """Return a Piece's content below its heading; if `text` is None, `instead` replaces it.

    Without `highlight` there are no colours. Lines are never wrapped, so that code copied from the terminal is intact.
    """
    above = _heading(heading, is_dim=highlight is not None) if heading else ""
    if text is None:
        return f"{above}{instead}\n"
    shown = printable(text.removesuffix("\n"))
    return f"{above}{highlight(shown, language) if highlight else shown}\n"


def _heading(text: str, *, is_dim: bool) -> str:
    return _DIM.format(text) if is_dim else f"{text}\n"


def draw_qr(text: str, *, columns: int, color: bool) -> str:
    """Return a QR code as lines, or an empty string if it does not fit into `columns`.

    With colour it is black on white. Without, light modules have the colour of the terminal's text.
    """
    import segno  # noqa: PLC0415  costs over 20 ms, and only links have a QR code

    code = segno.make_qr(text, error="l", boost_error=False)
    rows = [tuple(row) for row in code.matrix_iter(border=QR_MARGIN)]
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
