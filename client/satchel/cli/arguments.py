"""The arguments and options that several commands share, with their completion in a shell.

The options that say when something in the cloud ends.
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from satchel.cli.options import NEVER, Globals, find_home
from satchel.cli.terminal.output import one_line
from satchel.errors import UsageError

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

    from satchel.pieces.ulid import canonical  # noqa: PLC0415  only for a shell

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
    from satchel.pieces.ulid import MAX_TIME, RANDOM_BYTES, encode, time_range  # noqa: PLC0415  only for a shell

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


MAX_VIEWS: Final = 1_000_000  # the wire's `Views`
UNLIMITED: Final = 0


class ViewsType(click.ParamType[int]):
    """A number of openings, or `unlimited` (UNLIMITED)."""

    name = "views"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Read a number of openings."""
        text = str(value)
        if text == "unlimited":
            return UNLIMITED
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_VIEWS):
            self.fail(f"{text!r} is not a number from 1 to {MAX_VIEWS}, nor unlimited", param, ctx)
        return int(text)


VIEWS: Final = ViewsType()


def end_after(duration: dt.timedelta, *, now: dt.datetime) -> dt.datetime | None:
    """Return the moment in which something ends, to the second; None: it does not. Past all calendars: UsageError."""
    if duration == NEVER:
        return None
    try:
        return (now + duration).replace(microsecond=0)
    except OverflowError as exc:
        raise UsageError("that moment is past the end of the calendar", hint="say never") from exc
