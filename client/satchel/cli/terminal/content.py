"""A Piece's content on a terminal: under a heading, highlighted where that helps and does not take long.

The colours are the terminal's own sixteen, which suit whatever background it was set up for. Pygments is
used by itself: rich would add more to the start than all other imports together.
"""

from typing import Final

from satchel.cli.terminal.output import Section, printable

# Highlighting takes about a second for this much; whoever looks at more is not reading it.
HIGHLIGHTED_CHARS: Final = 100_000

_THEME: Final = (
    "ansi_dark"  # the terminal's own sixteen colours: readable on any background it was set up for
)
_PLAIN: Final = frozenset({"", "text"})
_NOT_TEXT: Final = "not text: send it to a file, as in satchel show ID > FILE"
_DIM: Final = "\x1b[2m{}\x1b[0m\n"


def draw_section(section: Section, *, color: bool) -> str:
    """Return a further file under its heading, apart from what stands above."""
    heading = f"── {section.heading}"
    if section.text == "":
        return "\n" + (_DIM.format(heading) if color else f"{heading}\n")
    shown = draw_content(heading, section.text, section.language, color=color, instead=section.instead)
    return f"\n{shown}"


def draw_content(
    heading: str, text: str | None, language: str, *, color: bool, instead: str = _NOT_TEXT
) -> str:
    """Return a Piece's content under its heading; what is no text is not drawn.

    Long lines are left to the terminal to wrap, so that code can be copied from it as it is.
    """
    above = (_DIM.format(heading) if color else f"{heading}\n") if heading else ""
    if text is None:
        return f"{above}{instead}\n"
    shown = printable(text.removesuffix("\n"))
    if color and language not in _PLAIN and len(shown) <= HIGHLIGHTED_CHARS:
        shown = _highlighted(shown, language)
    return f"{above}{shown}\n"


def _highlighted(text: str, language: str) -> str:
    """Return text with the colours of its language; of one that nobody knows, as it is."""
    from pygments import highlight  # noqa: PLC0415  costs as much as half of all the rest
    from pygments.formatters.terminal import TerminalFormatter  # noqa: PLC0415
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return text
    return highlight(text, lexer, TerminalFormatter(bg="dark"))
