"""The arguments and options that several commands share, with their completion in a shell."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from satchel.cli.options import Globals, find_home
from satchel.cli.output import one_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from satchel.store import Store

F = TypeVar("F", bound=Callable[..., Any])

_COMPLETIONS = 50


def piece_argument(function: F) -> F:
    """Add the argument ID: a Piece's id, or its beginning."""
    return click.argument("piece", metavar="ID", shell_complete=_complete_pieces)(function)


def pieces_argument(function: F) -> F:
    """Add one or more arguments ID."""
    return click.argument(
        "pieces", metavar="ID...", nargs=-1, required=True, shell_complete=_complete_pieces
    )(function)


def language_option(help_text: str) -> Callable[[F], F]:
    """Add --language."""
    return click.option("--language", metavar="NAME", help=help_text, shell_complete=_complete_languages)


def tag_option(help_text: str, *, name: str = "--tag") -> Callable[[F], F]:
    """Add --tag, which may be given several times."""
    return click.option(
        name, "tags", metavar="TAG", multiple=True, help=help_text, shell_complete=complete_tags
    )


def _complete_pieces(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list["CompletionItem[str]"]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415  only for a shell

    from satchel.store.ulid import canonical  # noqa: PLC0415  only for a shell

    prefix = canonical(incomplete)
    found: list[CompletionItem[str]] = []
    with _open_store(ctx) as store:
        for piece in store.pieces(after=_after(prefix), limit=_COMPLETIONS):
            if not piece.id.startswith(prefix):
                break
            found.append(CompletionItem(piece.short_id, help=one_line(piece.title)))
    return found


def _after(prefix: str) -> str | None:
    """Return an id behind which, newest first, those that start with `prefix` come; None is the very start."""
    from satchel.store.ulid import MAX_TIME, RANDOM_BYTES, encode, time_range  # noqa: PLC0415  only for a shell

    _, last = time_range(prefix)
    return encode(last + 1, bytes(RANDOM_BYTES)) if last < MAX_TIME else None


def complete_tags(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list["CompletionItem[str]"]:
    """Complete a tag that some Piece has."""
    with _open_store(ctx) as store:
        return _counted(store.tags(), incomplete)


def _complete_languages(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list["CompletionItem[str]"]:
    with _open_store(ctx) as store:
        return _counted(store.languages(), incomplete)


def _counted(counts: dict[str, int], incomplete: str) -> list["CompletionItem[str]"]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415  only for a shell

    return [
        CompletionItem(name, help=f"{count:,} Pieces")
        for name, count in counts.items()
        if name.startswith(incomplete.casefold())
    ]


def _open_store(ctx: click.Context) -> "Store":
    from satchel.store import Store  # noqa: PLC0415  costs SQLite

    given = ctx.find_root().obj
    if not isinstance(given, Globals):
        raise TypeError("the root context holds no Globals")
    return Store.open(find_home(given), read_only=True)
