"""`satchel list`: list Pieces, newest first."""

from itertools import islice
from typing import Final

import click
from click.core import ParameterSource

from satchel.cli.app import App
from satchel.cli.arguments import (
    collection_option,
    language_option,
    limit_option,
    pinned_option,
    tag_option,
)
from satchel.cli.options import command, pass_app
from satchel.cli.recent_list import write_recent
from satchel.cli.views import COLUMNS, LIST_COLUMNS, piece_fields, piece_row, place_row
from satchel.errors import UsageError
from satchel.pieces.collections import filter_tags
from satchel.pieces.fields import tags as normal_tags

DEFAULT_LIMIT: Final = 50


@command(
    "list",
    examples=[
        ("satchel list", "the newest Pieces"),
        ("satchel list --language python --tag http", "Python Pieces with the tag http"),
        ("satchel list --all --json", "every Piece, for a program"),
    ],
)
@language_option("Only Pieces in this language.")
@tag_option("Only Pieces with this tag; if repeated, with all of them.")
@collection_option("Only Pieces in this collection.")
@pinned_option
@limit_option(DEFAULT_LIMIT)
@click.option("--all", "everything", is_flag=True, help="List all Pieces.")
@pass_app
def list_pieces(
    app: App,
    /,
    *,
    language: str | None,
    tags: tuple[str, ...],
    collection: str | None,
    pinned: bool,
    limit: int,
    everything: bool,
) -> None:
    """List Pieces, last changed first.

    On a terminal, @1 is the first Piece of the list; other commands accept it as an id, and times are local.
    In a pipe, times are in UTC, and columns are separated by tabs: id, title, language, tags, time of the
    last change, and size in bytes.
    """
    if (
        everything
        and click.get_current_context().get_parameter_source("limit") is ParameterSource.COMMANDLINE
    ):
        raise UsageError("--all lists every Piece, so --limit has no effect", hint="choose one of the two")
    wanted = {*normal_tags(tags), *filter_tags(collection, is_pinned=pinned)}
    with app.open_store(read_only=True) as store:
        candidates = store.pieces(language=language, tag=min(wanted, default=None))
        matching = (piece for piece in candidates if wanted <= set(piece.tags))
        pieces = list(matching if everything else islice(matching, limit + 1))
        has_more = not everything and len(pieces) > limit
        shown = pieces[:limit] if has_more else pieces
        short = store.short_ids([piece.id for piece in shown]) if app.out.is_terminal else {}
    if not app.out.as_json:
        write_recent(app.home, [piece.id for piece in shown])
    app.out.table(
        lambda: {"pieces": [piece_fields(piece) for piece in shown], "has_more": has_more},
        LIST_COLUMNS if app.out.is_terminal else COLUMNS,
        (
            place_row(number, short[piece.id], piece)
            if app.out.is_terminal
            else piece_row(piece, for_terminal=False)
            for number, piece in enumerate(shown, 1)
        ),
    )
    if not pieces:
        app.out.note(
            "no matching Pieces" if wanted or language else "no Pieces yet: satchel save PATH saves one"
        )
    elif has_more:
        app.out.note(f"only the newest {limit}; --all lists all")
