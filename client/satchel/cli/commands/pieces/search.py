"""`satchel search`: find Pieces by their text."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import (
    MOMENT,
    collection_option,
    language_option,
    limit_option,
    pinned_option,
    tag_option,
)
from satchel.cli.options import Command, command, pass_app
from satchel.cli.recent_list import write_recent
from satchel.cli.suggested_queries import nearby_queries
from satchel.cli.terminal.matches import Match, draw_matches
from satchel.cli.terminal.text import format_count, one_line
from satchel.cli.views import details_of, piece_fields, title_of
from satchel.errors import UsageError
from satchel.index import Hit, Meaning, Order
from satchel.index.corrections import Correction
from satchel.index.meaning import BUDGET_S
from satchel.index.ranking import Span
from satchel.models.embedding import is_available
from satchel.pieces.collections import filter_tags
from satchel.spelling import closest
from satchel.store import Store

DEFAULT_LIMIT: Final = 20
LINES: Final = 3  # matching lines of a Piece on a terminal
ORDERS: Final[tuple[Order, ...]] = ("match", "newest", "oldest")
LITERAL: Final = "satchel.search.literal"
_LAST_MS: Final = 2**62


class SearchCommand(Command):
    """A command that takes words which look like options after `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set aside the words after `--`."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[LITERAL] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])


@command(
    "search",
    examples=[
        ("satchel search http header", "also finds parseHttpHeader"),
        ("satchel search 'pars* lang:py tag:http'", "the start of a word, a language, a tag"),
        ("satchel search '\"exact phrase\" -draft'", "a phrase, and a word to exclude"),
        ("satchel search 'curl OR wget' --since 30d", "either word, changed in the last 30 days"),
        ("satchel search remove duplicates from a list", "also finds Pieces of similar meaning"),
        ("satchel search -- --force-with-lease", "words that look like options"),
    ],
    kind=SearchCommand,
    ignore_unknown_options=True,
)
@click.argument("query", metavar="QUERY...", nargs=-1, type=click.UNPROCESSED)
@language_option("Only Pieces in this language; the same as lang: in the query.")
@tag_option("Only Pieces with this tag; the same as tag: in the query.")
@collection_option("Only Pieces in this collection; the same as collection: in the query.")
@pinned_option
@click.option(
    "--since", type=MOMENT, help="Only Pieces changed since: 7d (ago), 2026-01-31, '2026-01-31 09:00'."
)
@click.option("--before", type=MOMENT, help="Only Pieces last changed before that.")
@click.option(
    "--sort",
    "order",
    type=click.Choice(ORDERS),
    default="match",
    show_default=True,
    help="The best match first, or by the time of the last change.",
)
@click.option("--no-meaning", is_flag=True, help="Search only by words.")
@click.option(
    "--catch-up",
    is_flag=True,
    help="First prepare every Piece for the search by meaning, however long it takes.",
)
@limit_option(DEFAULT_LIMIT)
@pass_app
def search(
    app: App,
    /,
    *,
    query: tuple[str, ...],
    language: str | None,
    tags: tuple[str, ...],
    collection: str | None,
    pinned: bool,
    since: dt.datetime | None,
    before: dt.datetime | None,
    order: Order,
    no_meaning: bool,
    catch_up: bool,
    limit: int,
) -> None:
    """Find Pieces, best match first.

    All words must match; OR joins alternatives. Parts of names in code match too: "http header" finds
    parseHttpHeader. If no Piece contains a word, satchel searches for similar words instead, and says so.
    With satchel[models], a query of several words also finds Pieces of similar meaning, and so does a single
    word that no Piece contains. Queries with quotation marks, word* or OR search only for words.

    On a terminal, you see the matching lines. In a pipe, columns are separated by tabs: id, title, language,
    and the matching line.
    """
    text = _query_text(query, language, (*tags, *filter_tags(collection, is_pinned=pinned)))
    span = _span(since, before)
    if no_meaning and catch_up:
        raise UsageError("--no-meaning and --catch-up exclude each other", hint="give one of them")
    lines = LINES if app.out.is_terminal else 0
    with app.open_store(read_only=True) as store, app.open_index(store) as index:
        with app.indexing() as advance:
            index.update(advance)
        with app.out.progress().phase("reading for the search by meaning", unit="pieces") as advance:
            meaning = None
            if not no_meaning and is_available():
                meaning = Meaning(None if catch_up else BUDGET_S, advance)
            found = index.find(text, limit, order=order, span=span, lines=lines, meaning=meaning)
        if not app.out.as_json:
            write_recent(app.home, [hit.piece.id for hit in found.hits])
        _note_corrections(app, found.corrections)
        app.out.custom(
            lambda: {
                "pieces": [_fields(hit) for hit in found.hits],
                "corrections": _corrections(found.corrections),
                "waiting": found.waiting,
            },
            lambda color: draw_matches(_matches(store, found.hits), color=color),
            (_row(hit) for hit in found.hits),
        )
        if not found.hits:
            nearby = [] if app.out.as_json else nearby_queries(store, index, " ".join(query))
            app.out.note("nothing found" + (f"; try: {' · '.join(nearby)}" if nearby else ""))
    if found.waiting:
        counted = format_count(found.waiting, "Piece")
        app.out.note(f"{counted} cannot be found by meaning yet; to prepare all: satchel search --catch-up")


def _query_text(query: tuple[str, ...], language: str | None, tags: tuple[str, ...]) -> str:
    literal: tuple[str, ...] = click.get_current_context().meta[LITERAL]
    unknown = next((word for word in query if word.startswith("--")), None)
    if unknown is not None:
        raise _no_such_option(unknown.partition("=")[0])
    if not (query or literal):
        raise UsageError("nothing to search for", hint="see satchel search --help")
    filters = [*([f'lang:"{language}"'] if language else []), *(f'tag:"{tag}"' for tag in tags)]
    return " ".join([*query, *literal, *filters])


def _no_such_option(unknown: str) -> UsageError:
    names = {
        name.lstrip("-"): name for param in click.get_current_context().command.params for name in param.opts
    }
    meant = names.get(closest(unknown.lstrip("-"), names) or "")
    suggestion = f"did you mean {meant}? " if meant else ""
    return UsageError(
        f"no such option '{unknown}'", hint=f"{suggestion}to search for it: satchel search -- {unknown}"
    )


def _span(since: dt.datetime | None, before: dt.datetime | None) -> Span | None:
    if since is None and before is None:
        return None
    first = -_LAST_MS if since is None else int(since.timestamp() * 1000)
    beyond = _LAST_MS if before is None else int(before.timestamp() * 1000)
    if first >= beyond:
        raise UsageError("--since is not earlier than --before", hint="no Piece can be found between them")
    return first, beyond - 1


def _note_corrections(app: App, corrections: Sequence[Correction]) -> None:
    for each in corrections:
        used = " or ".join(f'"{one_line(word)}"' for word in each.used)
        app.out.note(f'nothing contains "{one_line(each.typed)}"; searched {used}')


def _corrections(corrections: Sequence[Correction]) -> list[dict[str, object]]:
    return [{"typed": each.typed, "used": list(each.used)} for each in corrections]


def _fields(hit: Hit) -> dict[str, object]:
    return {**piece_fields(hit.piece), "score": hit.score, "snippet": hit.snippet, "found_by": hit.found_by}


def _row(hit: Hit) -> tuple[str, ...]:
    return (hit.piece.id, hit.piece.title, hit.piece.language or "", hit.snippet)


def _details(hit: Hit) -> str:
    return details_of(hit.piece) + (" · by meaning" if hit.found_by == "meaning" else "")


def _matches(store: Store, hits: Sequence[Hit]) -> list[Match]:
    short = store.short_ids([hit.piece.id for hit in hits])
    return [
        Match(
            names=f"@{number}  {short[hit.piece.id]}",
            title=one_line(title_of(hit.piece)),
            details=_details(hit),
            lines=[(line.text, line.spans) for line in hit.lines],
        )
        for number, hit in enumerate(hits, 1)
    ]
