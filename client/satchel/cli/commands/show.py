"""`satchel show`: a Piece's content, now or as it was."""

import base64

import click

from satchel.cli.app import App
from satchel.cli.arguments import piece_argument
from satchel.cli.options import command, pass_app


@command(
    "show",
    examples=[
        ("satchel show 01KB3", "show a Piece; the beginning of an id suffices"),
        ("satchel show 01KB3 > parse.py", "its content alone, byte for byte"),
        ("satchel show 01KB3 --revision 1", "as it was first saved"),
    ],
)
@piece_argument
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="As it was at this revision.")
@pass_app
def show(app: App, /, *, piece: str, revision: int | None) -> None:
    """Show a Piece.

    On a terminal the content is highlighted, under a line that says what it is. In a pipe or a file it
    is the content alone, byte for byte.
    """
    from satchel.cli.views import all_fields, as_it_was, heading  # noqa: PLC0415  costs SQLite
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    with app.open_store(read_only=True) as store:
        found = store.piece(store.resolve(piece))
        content = store.content(found.id, revision)
        if revision is not None:
            found = as_it_was(found, store.revisions(found.id)[revision - 1])
    text = decode_text(content, found.media_type)
    app.out.content(
        lambda: {**all_fields(found), **content_fields(content, text)},
        content,
        heading=heading(found),
        text=text,
        language=found.language or "",
    )


def content_fields(content: bytes, text: str | None) -> dict[str, str]:
    """Return a content for JSON: text as it is, anything else in base64."""
    if text is not None:
        return {"content": text, "encoding": "text"}
    return {"content": base64.b64encode(content).decode(), "encoding": "base64"}
