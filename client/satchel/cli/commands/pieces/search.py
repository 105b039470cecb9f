"""`satchel search`: find Pieces by their text."""

from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import LIMIT, language_option, tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column
from satchel.cli.views import piece_fields, title_of
from satchel.errors import UsageError
from satchel.index import Hit

DEFAULT_LIMIT: Final = 20
COLUMNS: Final = (
    Column("ID", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE"),
    Column("MATCH", shrinks=True, dim=True),
)


@command(
    "search",
    examples=[
        ("satchel search http header", "also finds parseHttpHeader"),
        ("satchel search 'pars* lang:py tag:http'", "the start of a word, a language, a tag"),
        ("satchel search '\"exact phrase\" -draft'", "a phrase, and a word to exclude"),
    ],
    ignore_unknown_options=True,
)
@click.argument("query", metavar="QUERY...", nargs=-1, required=True, type=click.UNPROCESSED)
@language_option("Only Pieces in this language; the same as lang: in the query.")
@tag_option("Only Pieces with this tag; the same as tag: in the query.")
@click.option(
    "--limit",
    type=LIMIT,
    metavar="N",
    default=DEFAULT_LIMIT,
    show_default=True,
    help="The maximum number of Pieces.",
)
@pass_app
def search(
    app: App, /, *, query: tuple[str, ...], language: str | None, tags: tuple[str, ...], limit: int
) -> None:
    """Find Pieces, best match first.

    All words must occur. Names in code match by their parts: "http header" finds parseHttpHeader.
    In a pipe, columns are separated by tabs: id, title, language, and the matching line.
    """
    unknown = next((word for word in query if word.startswith("--")), None)
    if unknown is not None:
        raise UsageError(f"no such option '{unknown}'", hint="see satchel search --help")
    filters = [*([f"lang:{language}"] if language else []), *(f"tag:{tag}" for tag in tags)]
    with app.open_store(read_only=True) as store, app.open_index(store) as index, app.indexing() as advance:
        hits = index.search(" ".join([*query, *filters]), limit=limit, advance=advance)
    app.out.table(
        lambda: {"pieces": [_fields(hit) for hit in hits]},
        COLUMNS,
        (_row(hit, for_terminal=app.out.is_terminal) for hit in hits),
    )
    if not hits:
        app.out.note("nothing found")


def _fields(hit: Hit) -> dict[str, object]:
    return {**piece_fields(hit.piece), "score": hit.score, "snippet": hit.snippet}


def _row(hit: Hit, *, for_terminal: bool) -> tuple[str, ...]:
    piece = hit.piece
    if for_terminal:
        return (piece.short_id, title_of(piece), piece.language or "", hit.snippet)
    return (piece.id, piece.title, piece.language or "", hit.snippet)
