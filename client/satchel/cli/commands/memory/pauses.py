"""`satchel memory pause`, `resume` and `exclude`: what the memory does not record."""

import datetime as dt
from pathlib import Path

import click

from satchel.cli.app import App
from satchel.cli.arguments import DURATION, NEVER
from satchel.cli.commands.memory.group import memory, time_of
from satchel.cli.memory_opening import find_memory, now_ms, open_memory
from satchel.cli.options import pass_app
from satchel.cli.terminal.text import Column, format_moment
from satchel.cli.views import moment
from satchel.errors import UsageError
from satchel.memory.control import FOREVER_MS

_MOST_CHARS = 1_000


@memory.subcommand(
    "pause",
    examples=[
        ("satchel memory pause 1h", "for an hour"),
        ("satchel memory pause", "until satchel memory resume"),
    ],
)
@click.argument("duration", type=DURATION, metavar="[DURATION]", required=False)
@pass_app
def pause(app: App, /, *, duration: dt.timedelta | None) -> None:
    """Record nothing for a while: 30m, 12h, 7d. Without a duration, until you resume."""
    length = NEVER if duration is None else duration
    endless = length == NEVER
    until = FOREVER_MS if endless else now_ms() + int(length.total_seconds() * 1000)
    with open_memory(app) as opened:
        opened.control.pause(until)
    when = "satchel memory resume" if endless else format_moment(time_of(until))
    document = {"paused_until": "resume" if endless else moment(time_of(until))}
    app.out.answer(document, f"the memory is paused until {when}")


@memory.subcommand("resume", examples=[("satchel memory resume", "end a pause")])
@pass_app
def resume(app: App, /) -> None:
    """End a pause."""
    with open_memory(app) as opened:
        opened.control.resume()
    app.out.answer({"paused_until": None}, "the memory is no longer paused")


@memory.subcommand(
    "exclude",
    examples=[
        ("satchel memory exclude ssh", "record no command that begins with ssh"),
        ("satchel memory exclude ~/private", "record nothing in a directory and below it"),
        ("satchel memory exclude", "list what is excluded"),
        ("satchel memory exclude --remove ssh", "record it again"),
    ],
)
@click.argument("pattern", metavar="[PATTERN]", required=False)
@click.option("--remove", is_flag=True, help="Remove the pattern.")
@pass_app
def exclude(app: App, /, *, pattern: str | None, remove: bool) -> None:
    """Exclude commands or directories; without a pattern, list what is excluded.

    A pattern with a path (/srv, ~/private, ./here) excludes a directory and everything below it. Any other
    pattern excludes commands that begin with it, or, with the wildcards * and ?, commands that match it as a
    whole. What is already recorded stays; see satchel memory forget.
    """
    if pattern is None:
        _list(app)
        return
    chosen = _pattern(pattern)
    with open_memory(app) as opened:
        if remove:
            opened.control.include(chosen)
        else:
            opened.control.exclude(chosen)
    verb = "records" if remove else "excludes"
    app.out.answer({"pattern": chosen, "excluded": not remove}, f"the memory {verb} {chosen!r}")


def _list(app: App) -> None:
    opened = find_memory(app)
    patterns: list[str] = []
    if opened is not None:
        with opened:
            patterns = opened.control.exclusions()
    app.out.table(lambda: {"exclusions": patterns}, (Column("PATTERN"),), [(each,) for each in patterns])


def _pattern(text: str) -> str:
    """Return a pattern, a path in it made absolute. Raise UsageError if it is empty or far too long."""
    if not text.strip() or len(text) > _MOST_CHARS:
        raise UsageError(f"a pattern has 1 to {_MOST_CHARS:,} characters")
    if text.startswith(("/", "~", "./", "../")) or text == ".":
        return str(Path(text).expanduser().resolve())
    return text
