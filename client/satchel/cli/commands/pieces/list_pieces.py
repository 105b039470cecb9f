"""`satchel list`: the Pieces, newest first."""

from itertools import islice

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, tag_option
from satchel.cli.options import command, pass_app

DEFAULT_LIMIT = 50


@command(
    "list",
    examples=[
        ("satchel list", "the newest Pieces"),
        ("satchel list --language python --tag http", "those in Python with a tag"),
        ("satchel list --all --json", "every Piece, for a program"),
    ],
)
@language_option("Only Pieces in this language.")
@tag_option("Only Pieces with this tag; several: with all of them.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=DEFAULT_LIMIT, show_default=True, help="How many."
)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@pass_app
def list_pieces(
    app: App, /, *, language: str | None, tags: tuple[str, ...], limit: int, everything: bool
) -> None:
    """List Pieces, the newest first.

    In a pipe the columns are separated by tabs: id, title, language, tags, time of change, size in bytes.
    """
    from satchel.cli.views import COLUMNS, piece_fields, piece_row  # noqa: PLC0415  costs SQLite
    from satchel.pieces.normal import tags as normal_tags  # noqa: PLC0415  costs SQLite

    wanted = set(normal_tags(tags))
    with app.open_store(read_only=True) as store:
        matching = store.pieces(language=language, tag=min(wanted, default=None))
        found = (piece for piece in matching if wanted <= set(piece.tags))
        pieces = list(found if everything else islice(found, limit + 1))
    has_more = not everything and len(pieces) > limit
    shown = pieces[:limit] if has_more else pieces
    app.out.table(
        lambda: {"pieces": [piece_fields(piece) for piece in shown], "has_more": has_more},
        COLUMNS,
        (piece_row(piece, for_terminal=app.out.is_terminal) for piece in shown),
    )
    if not pieces:
        app.out.note(
            "no Pieces match" if wanted or language else "no Pieces yet: satchel save PATH keeps one"
        )
    elif has_more:
        app.out.note(f"the newest {limit} only; --all lists every one")
