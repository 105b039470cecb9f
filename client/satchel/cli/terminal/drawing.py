"""A Piece's content and the QR code of a link, drawn on a terminal.

Highlighting uses the terminal's own sixteen colours, which suit its background. It uses Pygments
directly, because importing rich would double the start-up time.
"""

from typing import Final

from satchel.cli.terminal.text import Section, printable

# Highlighting this many characters takes about a second.
HIGHLIGHTED_CHARS: Final = 100_000
QR_MARGIN: Final = 4  # modules of light margin (ISO/IEC 18004)

_PLAIN: Final = frozenset({"", "text"})
_NOT_TEXT: Final = "not text: send it to a file, as in satchel show ID > FILE"
_DIM: Final = "\x1b[2m{}\x1b[0m\n"
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m{}\x1b[0m\n"
# Each character cell holds two modules, one above the other.
_DARK_ON_LIGHT: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_LIGHT_ON_DARK: Final = {(1, 1): " ", (0, 1): "▀", (1, 0): "▄", (0, 0): "█"}


def draw_section(section: Section, *, color: bool) -> str:
    """Return a further file below its heading, separated by an empty line."""
    heading = f"── {section.heading}"
    if section.text == "":
        return "\n" + (_DIM.format(heading) if color else f"{heading}\n")
    shown = draw_content(heading, section.text, section.language, color=color, instead=section.instead)
    return f"\n{shown}"


def draw_content(
    heading: str, text: str | None, language: str, *, color: bool, instead: str = _NOT_TEXT
) -> str:
    """Return a Piece's content below its heading; if `text` is None, `instead` replaces it.

    Lines are never wrapped, so that code copied from the terminal is intact.
    """
    above = (_DIM.format(heading) if color else f"{heading}\n") if heading else ""
    if text is None:
        return f"{above}{instead}\n"
    shown = printable(text.removesuffix("\n"))
    if color and language not in _PLAIN and len(shown) <= HIGHLIGHTED_CHARS:
        shown = _highlighted(shown, language)
    return f"{above}{shown}\n"


def _highlighted(text: str, language: str) -> str:
    """Return text in the colours of its language, or unchanged if Pygments does not know the language."""
    # Pygments costs over 20 ms, and only coloured content needs it.
    from pygments import highlight  # noqa: PLC0415
    from pygments.formatters.terminal import TerminalFormatter  # noqa: PLC0415
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return text
    return highlight(text, lexer, TerminalFormatter(bg="dark"))


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
