"""`satchel run`: fill in the placeholders of a command, show it, and run it."""

from collections.abc import Sequence

import click

from satchel.cli.app import App
from satchel.cli.arguments import WordType, piece_argument
from satchel.cli.command_values import ask_values, default_values, given_values
from satchel.cli.options import command, pass_app
from satchel.cli.shell_running import SHELLS, dialect_of, run_in_shell, shell_for
from satchel.cli.terminal.output import EndOfInputError
from satchel.errors import SatchelError, UsageError
from satchel.placeholders import Placeholder, fill, placeholders_of
from satchel.store import Piece, Store, decode_text

MAX_COMMAND_BYTES = 1 << 20


@command(
    "run",
    examples=[
        ("satchel run 7Q2F", "ask for the values, show the command, run it on Enter"),
        ("satchel run 7Q2F --set host=web1", "give a value; the others are asked for"),
        ("satchel run 7Q2F --set host=web1 --print", "print the command, and run nothing"),
    ],
)
@piece_argument
@click.option(
    "--set", "given", metavar="NAME=VALUE", multiple=True, help="The value of a placeholder; can be repeated."
)
@click.option("--print", "is_printed", is_flag=True, help="Print the command, and run nothing.")
@click.option("--as-is", is_flag=True, help="Treat <name> as part of the command, not as a placeholder.")
@click.option(
    "--shell",
    type=WordType(SHELLS),
    metavar="NAME",
    help=f"The shell: {', '.join(SHELLS)} (default: yours, or fish for a Piece in fish).",
)
@pass_app
def run(
    app: App,
    /,
    *,
    piece: str,
    given: tuple[str, ...],
    is_printed: bool,
    as_is: bool,
    shell: str | None,
) -> None:
    """Run a saved command on a terminal.

    satchel asks for the values of placeholders: <name>, <name=default>, and <name:a|b|c>, a choice. It quotes
    each value, so that the shell takes it as one word and neither expands nor runs it. It then shows the
    command, and Enter runs it. Nothing runs before you have seen it. The exit code is the command's, or 128
    plus the number of the signal that ended it.
    """
    with app.open_store(read_only=True) as store:
        found = app.find_piece(store, piece)
        text = command_of(store, found)
    chosen = shell_for(found.language, shell, app.environment.variables)
    placeholders = () if as_is else placeholders_of(text)
    values = given_values(given, placeholders)
    if not is_printed and not app.out.can_ask:
        raise UsageError(
            "there is no terminal to show the command on", hint="--print prints it, and runs nothing"
        )
    values = _complete(app, placeholders, values)
    filled = text if as_is else fill(text, values, dialect_of(chosen))
    if is_printed:
        app.out.answer(
            {"id": found.id, "command": filled, "shell": chosen, "values": values}, filled, brief=filled
        )
        return
    _confirm(app, filled, chosen)
    click.get_current_context().exit(run_in_shell(chosen, filled + "\n"))


def command_of(store: Store, piece: Piece) -> str:
    """Return the main content of a Piece as a command. UsageError if it is no text, empty or very long."""
    text = decode_text(store.content(piece.id), piece.media_type)
    if text is None or "\0" in text:
        raise UsageError("the Piece is not text, so there is no command in it", hint="see satchel show ID")
    command = text.replace("\r\n", "\n").strip("\n")
    if not command.strip() or len(command) > MAX_COMMAND_BYTES:
        raise UsageError("the Piece holds no command: it is empty or over 1 MiB", hint="see satchel show ID")
    return command


def _complete(app: App, placeholders: Sequence[Placeholder], values: dict[str, str]) -> dict[str, str]:
    """Return a value for each placeholder: asked for on a terminal, else its default."""
    if not app.out.can_ask:
        return default_values(placeholders, values)
    try:
        return ask_values(placeholders, values, app.out.ask_line, app.out.notice)
    except EndOfInputError:
        raise _cancelled() from None


def _confirm(app: App, filled: str, shell: str) -> None:
    """Show the command, and return if the owner presses Enter."""
    app.out.notice("\n".join(f"  {line}" for line in filled.split("\n")))
    app.out.forget_typed()
    try:
        answer = app.out.ask_line(f"Enter runs this in {shell}; anything else cancels: ")
    except EndOfInputError:
        raise _cancelled() from None
    if answer:
        raise _cancelled()


def _cancelled() -> SatchelError:
    return SatchelError("cancelled; nothing was run", hint="--print prints the command")
