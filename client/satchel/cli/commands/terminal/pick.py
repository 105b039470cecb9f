"""`satchel pick`: choose a Piece on a full screen."""

import shutil
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import WordType
from satchel.cli.commands.terminal.run import command_of
from satchel.cli.options import command, pass_app
from satchel.cli.shell_running import SHELLS, dialect_of, shell_for
from satchel.cli.terminal.clipboard import TERMINAL
from satchel.cli.terminal.clipboard import copy as copy_text
from satchel.cli.terminal.text import format_size
from satchel.cli.views import all_fields, content_fields, label_of
from satchel.errors import NotFoundError, UsageError
from satchel.placeholders import fill
from satchel.store import Piece, Store, decode_text

COMMAND_LANGUAGES: Final = ("bash", "fish")


@command(
    "pick",
    examples=[
        ("satchel pick", "choose a Piece and copy it"),
        ("satchel pick http --print | sh", "begin with a search, and print the Piece"),
        ("satchel pick --command", "choose a command, and fill in its placeholders"),
    ],
)
@click.argument("query", metavar="[QUERY]...", nargs=-1)
@click.option("--print", "is_printed", is_flag=True, help="Print the content instead of copying it.")
@click.option("--command", "is_command", is_flag=True, help="Only commands; ask for their placeholders.")
@click.option(
    "--shell",
    type=WordType(SHELLS),
    metavar="NAME",
    help="With --command: quote values for this shell (default: the one that satchel run takes).",
)
@pass_app
def pick(
    app: App, /, *, query: tuple[str, ...], is_printed: bool, is_command: bool, shell: str | None
) -> None:
    """Choose a Piece on a full screen, with a preview.

    Type to search titles, tags and texts; titles and tags are matched fuzzily. Filters work as in satchel
    search. Pinned Pieces come first. The arrow keys select, Enter copies, Ctrl-O opens the Piece in
    your editor, Ctrl-U clears what you typed, Escape leaves.
    """
    from satchel.cli.picking.choosing import choose  # noqa: PLC0415  threads and the index, for this command only

    try:
        choice = choose(
            app.home,
            " ".join(query),
            accepts="prints" if is_printed or app.out.as_json else "copies",
            languages=COMMAND_LANGUAGES if is_command else (),
            command_of=command_of if is_command else None,
            color=app.environment.color,
        )
    except OSError as exc:
        raise UsageError("there is no terminal to choose on", hint="satchel search finds Pieces") from exc
    if choice is None:
        raise NotFoundError("no Piece was chosen")
    if choice.is_opened:
        _open(choice.piece)
        return
    with app.open_store(read_only=True) as store:
        content = store.content(choice.piece.id)
        if is_command:
            chosen = shell_for(choice.piece.language, shell, app.environment.variables)
            content = fill(command_of(store, choice.piece), choice.values, dialect_of(chosen)).encode()
        if is_printed or app.out.as_json:
            _print(app, choice.piece, content)
        else:
            _copy(app, store, choice.piece, content)


def _open(piece: Piece) -> None:
    """Open a Piece in the owner's editor, as `satchel edit` does."""
    from satchel.cli.commands.pieces.edit import edit  # noqa: PLC0415  for Ctrl-O only

    click.get_current_context().invoke(edit, piece=piece.id)


def _print(app: App, piece: Piece, content: bytes) -> None:
    text = decode_text(content, piece.media_type)
    app.out.plain(lambda: {**all_fields(piece), **content_fields(content, text)}, [(content, text)])


def _copy(app: App, store: Store, piece: Piece, content: bytes) -> None:
    text = decode_text(content, piece.media_type)
    if text is None:
        raise UsageError("only text can be copied", hint="write it to a file: satchel pick --print > FILE")
    used = copy_text(text, app.environment.desktop, find=shutil.which, terminal=TERMINAL)
    app.out.answer(
        {"id": piece.id, "size_bytes": len(content), "used": used},
        f"copied {label_of(store, piece)} with {used}: {format_size(len(content))}",
    )
