"""`satchel search`: find Pieces by what they say."""

from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.output import Column
from satchel.errors import UsageError

if TYPE_CHECKING:
    from satchel.index import Hit

DEFAULT_LIMIT = 20
COLUMNS = (
    Column("ID", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE"),
    Column("MATCH", shrinks=True, dim=True),
)


@command(
    "search",
    examples=[
        ("satchel search http header", "finds parseHttpHeader, too"),
        ("satchel search 'pars* lang:py tag:http'", "a beginning, a language, a tag"),
        ("satchel search '\"exact phrase\" -draft'", "a phrase, without a word"),
    ],
    ignore_unknown_options=True,
)
@click.argument("query", metavar="QUERY...", nargs=-1, required=True, type=click.UNPROCESSED)
@language_option("Only Pieces in this language; the same as lang: in the query.")
@tag_option("Only Pieces with this tag; the same as tag: in the query.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=DEFAULT_LIMIT, show_default=True, help="How many."
)
@pass_app
def search(
    app: App, /, *, query: tuple[str, ...], language: str | None, tags: tuple[str, ...], limit: int
) -> None:
    """Find Pieces, the best match first.

    All words must occur. Names in code are found by their parts: "http header" finds parseHttpHeader.
    In a pipe the columns are separated by tabs: id, title, language, and the line that matches.
    """
    wrong = next((word for word in query if word.startswith("--")), None)
    if wrong is not None:
        raise UsageError(f"no such option '{wrong}'", hint="see satchel search --help")
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


def _fields(hit: "Hit") -> dict[str, object]:
    from satchel.cli.views import piece_fields  # noqa: PLC0415  costs SQLite

    return {**piece_fields(hit.piece), "score": hit.score, "snippet": hit.snippet}


def _row(hit: "Hit", *, for_terminal: bool) -> tuple[str, ...]:
    from satchel.cli.views import title_of  # noqa: PLC0415  costs SQLite

    piece = hit.piece
    if for_terminal:
        return (piece.short_id, title_of(piece), piece.language or "", hit.snippet)
    return (piece.id, piece.title, piece.language or "", hit.snippet)
