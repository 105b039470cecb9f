"""A Piece's content on a terminal: under a heading, highlighted where that helps and does not take long."""

import io
from typing import Final

from satchel.cli.output import printable

# Highlighting takes about a second for this much; whoever looks at more is not reading it.
HIGHLIGHTED_CHARS: Final = 100_000

_THEME: Final = (
    "ansi_dark"  # the terminal's own sixteen colours: readable on any background it was set up for
)
_PLAIN: Final = frozenset({"", "text"})
_NOT_TEXT: Final = "not text: send it to a file, as in satchel show ID > FILE"
_DIM: Final = "\x1b[2m{}\x1b[0m\n"


def draw_content(heading: str, text: str | None, language: str, *, color: bool) -> str:
    """Return a Piece's content under its heading; what is no text is not drawn.

    Long lines are left to the terminal to wrap, so that code can be copied from it as it is.
    """
    above = (_DIM.format(heading) if color else f"{heading}\n") if heading else ""
    if text is None:
        return f"{above}{_NOT_TEXT}\n"
    shown = printable(text.removesuffix("\n"))
    if color and language not in _PLAIN and len(shown) <= HIGHLIGHTED_CHARS:
        shown = _highlighted(shown, language)
    return f"{above}{shown}\n"


def _highlighted(text: str, language: str) -> str:
    """Return text with the colours of its language; of one that is not known, as it is."""
    from rich.console import Console  # noqa: PLC0415  costs as much as all the rest
    from rich.syntax import Syntax  # noqa: PLC0415

    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, color_system="standard", legacy_windows=False)
    highlighted = Syntax(text, language, theme=_THEME, background_color="default").highlight(text)
    highlighted.rstrip()
    console.print(highlighted, soft_wrap=True, end="")
    return drawn.getvalue()
