"""Arguments and options that several commands share, their types, and their completion in a shell."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from satchel.cli.environment import Globals, find_home
from satchel.cli.recent_list import read_recent
from satchel.cli.terminal.text import one_line
from satchel.errors import NotFoundError, UsageError
from satchel.pieces.ulid import canonical

if TYPE_CHECKING:
    from satchel.store import Store

F = TypeVar("F", bound=Callable[..., Any])

NEVER: Final = dt.timedelta.max  # the duration `never`
UNLIMITED: Final = 0  # the number of views `unlimited`
MAX_VIEWS: Final = 1_000_000  # the wire's limit for `Views`
MAX_COMPLETIONS: Final = 50

MAX_DURATION_S: Final = 36_525 * 86_400
MAX_QUOTED_CHARS: Final = 40

_DIGITS: Final = re.compile(r"[0-9]+")
_DURATION: Final = re.compile(r"([0-9]+)([smhdw])")
_SIZE: Final = re.compile(r"([0-9]+)([KM]?)")
_UNIT_BYTES: Final = {"": 1, "K": 1 << 10, "M": 1 << 20}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


# -- types ------------------------------------------------------------------------------------


def parse_number(text: str, maximum: int, *, minimum: int = 1) -> int | None:
    """Return a whole number from `minimum` to `maximum` in ASCII digits, or None for anything else."""
    digits = text.lstrip("0") or "0"
    if not _DIGITS.fullmatch(text) or len(digits) > len(str(maximum)):
        return None
    return int(digits) if minimum <= int(digits) <= maximum else None


class NumberType(click.ParamType[int]):
    """A whole number in a range."""

    name = "number"

    def __init__(self, maximum: int, *, minimum: int = 1) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Parse a number."""
        number = parse_number(str(value), self.maximum, minimum=self.minimum)
        if number is None:
            self.fail(
                f"{shortened(value)!r} is not a number from {self.minimum} to {self.maximum:,}", param, ctx
            )
        return number


class DurationType(click.ParamType[dt.timedelta]):
    """A duration: `90s`, `30m`, `12h`, `7d`, `2w` or `never` (NEVER)."""

    name = "duration"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> dt.timedelta:
        """Parse a duration."""
        if isinstance(value, dt.timedelta):
            return value
        if value == "never":
            return NEVER
        match = _DURATION.fullmatch(str(value))
        if match is None or match[1].strip("0") == "":
            self.fail(f"{shortened(value)!r} is not a duration such as 30m, 12h, 7d or never", param, ctx)
        number = parse_number(match[1], MAX_DURATION_S // _SECONDS[match[2]])
        if number is None:
            self.fail(f"{shortened(value)!r} is longer than 100 years; use never", param, ctx)
        return dt.timedelta(seconds=number * _SECONDS[match[2]])


class ViewsType(click.ParamType[int]):
    """A number of views, or `unlimited` (UNLIMITED)."""

    name = "views"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Parse a number of views."""
        text = str(value)
        if text == "unlimited":
            return UNLIMITED
        number = parse_number(text, MAX_VIEWS)
        if number is None:
            self.fail(
                f"{shortened(text)!r} is neither a number from 1 to {MAX_VIEWS} nor unlimited", param, ctx
            )
        return number


class WordType(click.ParamType[str]):
    """One of a few words."""

    name = "word"

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Accept one of the words."""
        if value not in self.words:
            self.fail(f"{shortened(value)!r} is not one of {', '.join(self.words)}", param, ctx)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete a word."""
        del ctx, param
        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


def shortened(value: object) -> str:
    """Return a value for an error message, in at most 40 characters."""
    text = str(value)
    return text if len(text) <= MAX_QUOTED_CHARS else f"{text[: MAX_QUOTED_CHARS - 1]}…"


class MomentType(click.ParamType[dt.datetime]):
    """A time: a date or a date and time in the local time zone, or a duration before now."""

    name = "time"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> dt.datetime:
        """Parse a time."""
        if isinstance(value, dt.datetime):
            return value
        try:
            if _DURATION.fullmatch(str(value)):
                return dt.datetime.now(dt.UTC) - DURATION.convert(value, param, ctx)
            return dt.datetime.fromisoformat(str(value)).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"{shortened(value)!r} is neither a date such as 2026-01-31 nor a duration such as 7d",
                param,
                ctx,
            )


class SizeType(click.ParamType[int]):
    """A size in bytes, such as `500K` or `10M`, in binary units."""

    name = "size"

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Parse a size."""
        match = _SIZE.fullmatch(str(value))
        unit = _UNIT_BYTES[match[2]] if match else 1
        number = parse_number(match[1], self.maximum // unit) if match else None
        if number is None or number * unit < self.minimum:
            self.fail(
                f"{shortened(value)!r} is not a size from {self.minimum >> 10}K to {self.maximum >> 20}M",
                param,
                ctx,
            )
        return number * unit


LIMIT: Final = NumberType(1_000_000)  # how many Pieces a command shows
REVISION: Final = NumberType(2**31 - 1)  # far above any revision, and safe in SQL
DURATION: Final = DurationType()
MOMENT: Final = MomentType()
VIEWS: Final = ViewsType()


def end_after(duration: dt.timedelta, *, now: dt.datetime) -> dt.datetime | None:
    """Return the time after a duration, to the second, or None for NEVER. Raise UsageError past year 9999."""
    if duration == NEVER:
        return None
    try:
        return (now + duration).replace(microsecond=0)
    except OverflowError as exc:
        raise UsageError("the expiry is later than the year 9999", hint="use never") from exc


def lifetime(duration: dt.timedelta, *, now: dt.datetime) -> dt.timedelta | None:
    """Return a duration, or None for NEVER. Raise UsageError if it would end past the year 9999."""
    return None if end_after(duration, now=now) is None else duration


# -- arguments and options --------------------------------------------------------------------


def piece_argument(function: F) -> F:
    """Add the argument ID: what names a Piece (`satchel.cli.piece_names`)."""
    return click.argument("piece", metavar="ID", shell_complete=complete_pieces)(function)


def pieces_argument(function: F) -> F:
    """Add one or more ID arguments."""
    return click.argument("pieces", metavar="ID...", nargs=-1, required=True, shell_complete=complete_pieces)(
        function
    )


def language_option(help_text: str) -> Callable[[F], F]:
    """Add --language."""
    return click.option("--language", metavar="NAME", help=help_text, shell_complete=_complete_languages)


def tag_option(help_text: str, *, name: str = "--tag") -> Callable[[F], F]:
    """Add --tag, which can be repeated."""
    return click.option(
        name, "tags", metavar="TAG", multiple=True, help=help_text, shell_complete=complete_tags
    )


def collection_option(help_text: str) -> Callable[[F], F]:
    """Add --collection."""
    return click.option("--collection", metavar="NAME", help=help_text, shell_complete=complete_collections)


def pinned_option(function: F) -> F:
    """Add --pinned."""
    return click.option("--pinned", is_flag=True, help="Only your favourites.")(function)


def since_option(help_text: str) -> Callable[[F], F]:
    """Add --since."""
    return click.option("--since", type=MOMENT, metavar="TIME", help=help_text)


def limit_option(default: int, what: str = "Pieces") -> Callable[[F], F]:
    """Add --limit."""
    return click.option(
        "--limit",
        type=LIMIT,
        metavar="N",
        default=default,
        show_default=True,
        help=f"The maximum number of {what}.",
    )


def title_option(help_text: str) -> Callable[[F], F]:
    """Add --title."""
    return click.option("--title", metavar="TEXT", help=help_text)


def description_option(help_text: str) -> Callable[[F], F]:
    """Add --description."""
    return click.option("--description", metavar="TEXT", help=help_text)


def link_option(help_text: str) -> Callable[[F], F]:
    """Add --link, which can be repeated."""
    return click.option("--link", "links", metavar="URL", multiple=True, help=help_text)


# -- completion -------------------------------------------------------------------------------


def complete_pieces(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the short id of a Piece, `@last`, and the places of the last list."""
    with _open_store(ctx) as store:
        if incomplete.startswith("@"):
            return _places(store, find_home(_globals(ctx)), incomplete)
        found = store.with_prefix(incomplete, MAX_COMPLETIONS)
        short = store.short_ids([piece.id for piece in found])
    typed = canonical(incomplete)
    return [
        CompletionItem(
            short[piece.id] if short[piece.id].startswith(typed) else piece.id, help=one_line(piece.title)
        )
        for piece in found
    ]


def _places(store: "Store", home: Path, incomplete: str) -> list[CompletionItem]:
    """Complete `@last`, and the places of the last list."""
    last = store.last_changed()
    named = [] if last is None else [("@last", last)]
    for number, piece_id in enumerate(read_recent(home)[:MAX_COMPLETIONS], 1):
        with suppress(NotFoundError):  # removed since
            named.append((f"@{number}", store.piece(piece_id)))
    return [
        CompletionItem(name, help=one_line(piece.title))
        for name, piece in named
        if name.startswith(incomplete)
    ]


def complete_pieces_and_files(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the id of a Piece, else the name of a file."""
    return complete_pieces(ctx, param, incomplete) or [CompletionItem(incomplete, type="file")]


def complete_tags(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a tag that is in use."""
    with _open_store(ctx) as store:
        return _with_counts(store.tags(), incomplete)


def complete_collections(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a collection."""
    from satchel.pieces.collections import collection_of  # noqa: PLC0415  only completion needs it here

    with _open_store(ctx) as store:
        counts = {collection_of(tag): count for tag, count in store.tags().items()}
        return _with_counts({name: count for name, count in counts.items() if name is not None}, incomplete)


def _complete_languages(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    with _open_store(ctx) as store:
        return _with_counts(store.languages(), incomplete)


def _with_counts(counts: dict[str, int], incomplete: str) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=f"{count:,} Pieces")
        for name, count in counts.items()
        if name.startswith(incomplete.casefold()) and not name.startswith("-")  # looks like an option
    ]


def _open_store(ctx: click.Context) -> "Store":
    # SQLite costs over 20 ms, and only completion needs it here.
    from satchel.store import Store  # noqa: PLC0415

    return Store.open(find_home(_globals(ctx)), read_only=True)


def _globals(ctx: click.Context) -> Globals:
    options = ctx.find_root().obj
    if not isinstance(options, Globals):
        raise TypeError("the root context holds no Globals")
    return options
