"""Highlighted code for a terminal; imports rich and pygments, so nothing may import it early."""

import io

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from satchel.cli.output import printable

_THEME = "ansi_dark"  # the terminal's own sixteen colours: readable on any background it was set up for


def _console(*, color: bool) -> tuple[Console, io.StringIO]:
    """Return a console that draws into memory, as wide as the terminal (COLUMNS overrides, as everywhere)."""
    drawn = io.StringIO()
    console = Console(
        file=drawn,
        force_terminal=True,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    return console, drawn


def draw_content(heading: str, text: str | None, language: str, *, color: bool) -> str:
    """Return a Piece's content under its heading, the text highlighted; what is no text is not drawn."""
    console, drawn = _console(color=color)
    if heading:
        console.print(Text(heading, style="dim"))
    if text is None:
        console.print(Text("not text: send it to a file, as in satchel show ID > FILE", style="italic"))
    else:
        console.print(_highlighted(printable(text), language))
    return drawn.getvalue()


def _highlighted(text: str, language: str) -> Syntax | Text:
    if not language or language == "text":
        return Text(text)
    return Syntax(text, language, theme=_THEME, word_wrap=True, background_color="default")
