"""`satchel show` and `satchel cat`: a Piece's content and files, now or at an earlier revision."""

import click

from satchel.cli.app import App
from satchel.cli.arguments import REVISION, piece_argument, pieces_argument
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import file_named
from satchel.cli.suggested_queries import queries_of
from satchel.cli.views import (
    all_fields,
    at_revision,
    content_fields,
    file_heading,
    heading,
    marks_of,
    note_more_files,
    sections,
    short_id,
    whole_fields,
)
from satchel.store import Piece, Store, decode_text


@command(
    "show",
    examples=[
        ("satchel show 01KB3", "show a Piece; the start of an id is enough"),
        ("satchel show 01KB3 > parse.py", "write only its content, byte for byte"),
        ("satchel show 01KB3 --only test_parse.py", "show one of its files"),
        ("satchel show 01KB3 --revision 1", "show it as it was first saved"),
    ],
)
@piece_argument
@click.option("--only", metavar="NAME", help="Show only this file.")
@click.option("--revision", type=REVISION, metavar="N", help="Show this revision.")
@pass_app
def show(app: App, /, *, piece: str, only: str | None, revision: int | None) -> None:
    """Show a Piece.

    On a terminal, the content is highlighted below a heading, and further files follow. In a pipe or a
    file, only the content is printed, byte for byte; --only selects another file.
    """
    with app.open_store(read_only=True) as store:
        found = app.find_piece(store, piece)
        content = store.content(found.id, revision)
        if revision is not None:
            found = at_revision(found, store.revisions(found.id)[revision - 1])
        if only is None:
            _show_piece(app, store, found, content)
        else:
            _show_file(app, store, found, content, only)


def _show_piece(app: App, store: Store, piece: Piece, content: bytes) -> None:
    text = decode_text(content, piece.media_type)
    app.out.content(
        lambda: {
            **all_fields(piece),
            **content_fields(content, text),
            "files": [whole_fields(file) for file in store.files(piece.id, piece.revision)],
        },
        content,
        heading="\n".join(filter(None, (heading(piece), marks_of(piece)))),
        text=text,
        language=piece.language or "",
        more=lambda: sections(
            store.files(piece.id, piece.revision),
            instead=f"satchel show {short_id(store, piece)} --only NAME > FILE",
        ),
    )
    if not app.out.is_terminal:
        note_more_files(app.out, [file.name for file in piece.files], "--only NAME prints one of them")
    elif queries := queries_of(piece, content):
        app.out.note(f"find it with: {' · '.join(queries)}")


def _show_file(app: App, store: Store, piece: Piece, content: bytes, name: str) -> None:
    file = file_named(store, piece, content, name)
    text = decode_text(file.content, file.media_type or "")
    app.out.content(
        lambda: {"id": piece.id, "revision": piece.revision, **whole_fields(file)},
        file.content,
        heading=file_heading(file.name, file.language, len(file.content)),
        text=text,
        language=file.language or "",
    )


@command(
    "cat",
    examples=[
        ("satchel cat 01KB3", "print the content of a Piece"),
        ("satchel cat 01KB3 01KB5 > both.txt", "write two contents into one file"),
    ],
)
@pieces_argument
@pass_app
def cat(app: App, /, *, pieces: tuple[str, ...]) -> None:
    """Print the content of Pieces, one after another.

    Unlike show, it prints no heading, colours or further files on a terminal. In a pipe or a file, both print
    the content byte for byte.
    """
    with app.open_store(read_only=True) as store:
        found = [app.find_piece(store, piece) for piece in pieces]
        contents = [store.content(piece.id) for piece in found]
    texts = [decode_text(content, piece.media_type) for piece, content in zip(found, contents, strict=True)]
    app.out.plain(
        lambda: {
            "pieces": [
                {"id": piece.id, "title": piece.title, **content_fields(content, text)}
                for piece, content, text in zip(found, contents, texts, strict=True)
            ]
        },
        zip(contents, texts, strict=True),
    )
