"""`satchel copy`: put the content of a Piece into the clipboard."""

import shutil

import click

from satchel.cli.app import App
from satchel.cli.arguments import piece_argument
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import file_named
from satchel.cli.terminal.clipboard import TERMINAL
from satchel.cli.terminal.clipboard import copy as copy_text
from satchel.cli.terminal.text import format_size
from satchel.cli.views import label_of
from satchel.errors import UsageError
from satchel.store import decode_text


@command(
    "copy",
    examples=[
        ("satchel copy @last", "copy what you saved last"),
        ("satchel copy 7Q2F --only test_parse.py", "copy one of its files"),
    ],
)
@piece_argument
@click.option("--only", metavar="NAME", help="Copy this file.")
@pass_app
def copy(app: App, /, *, piece: str, only: str | None) -> None:
    """Copy the content of a Piece to the clipboard.

    It uses wl-copy, xclip, xsel, pbcopy or clip.exe, and says which. Over SSH, or without such a program, it
    asks your terminal to set its clipboard (OSC 52), which some terminals do not allow.
    """
    with app.open_store(read_only=True) as store:
        found = app.find_piece(store, piece)
        content, media_type = store.content(found.id), found.media_type
        if only is not None:
            file = file_named(store, found, content, only)
            content, media_type = file.content, file.media_type or ""
        label = label_of(store, found)
    text = decode_text(content, media_type)
    if text is None:
        raise UsageError("only text can be copied", hint="write it to a file: satchel cat ID > FILE")
    terminal = TERMINAL if app.out.has_terminal else None
    used = copy_text(text, app.environment.desktop, find=shutil.which, terminal=terminal)
    app.out.answer(
        {"id": found.id, "size_bytes": len(content), "used": used},
        f"copied {label} with {used}: {format_size(len(content))}",
    )
