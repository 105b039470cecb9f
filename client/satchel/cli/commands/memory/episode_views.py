"""Episodes as answers, and what `recall` and `standup` share: options of time, forming, and drawing."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import MOMENT, shortened
from satchel.cli.memory_opening import bring_up_to_date
from satchel.cli.terminal.text import format_count, one_line
from satchel.cli.views import moment
from satchel.memory import MemoryStore
from satchel.memory.forming import form_new
from satchel.memory.model import Episode
from satchel.memory.time_expressions import TimeSpan, find_time, local_now, local_time
from satchel.store.database import is_read_only

DIM: Final = "\x1b[2m{}\x1b[0m"
BOLD: Final = "\x1b[1m{}\x1b[0m"
FAILED: Final = "\x1b[31m{}\x1b[0m"
INDENT: Final = "    "
MOST_FILES: Final = 5


class TimeType(click.ParamType[TimeSpan]):
    """A time in words ("last monday"), a date, or a duration before now, as a span."""

    name = "time"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> TimeSpan:
        """Parse a time."""
        if isinstance(value, TimeSpan):
            return value
        found = find_time(f"on {value}", local_now())
        if found.span is not None and found.rest == "" and ":" not in str(value):
            return found.span
        try:
            at_ms = round(MOMENT.convert(value, param, ctx).timestamp() * 1000)
        except click.UsageError:
            self.fail(
                f"{shortened(value)!r} is no time such as '2026-01-31', '7d', 'yesterday' or 'last monday'",
                param,
                ctx,
            )
        return TimeSpan(at_ms, at_ms)


TIME: Final = TimeType()


def form(app: App, memory: MemoryStore) -> int:
    """Take in new commits and notes, and form what is new, for a limited time.

    Return how many spans of work wait; 0 where nothing can be written.
    """
    if is_read_only(memory.connection):
        return 0
    bring_up_to_date(app, memory)
    with app.out.progress().phase("forming episodes", unit="pieces") as advance:
        return form_new(memory, local_now().tzinfo or dt.UTC, advance=advance)


def form_all(app: App, memory: MemoryStore) -> None:
    """Form everything that is new, however long it takes; nothing where nothing can be written."""
    if not is_read_only(memory.connection):
        with app.out.progress().phase("forming episodes", unit="pieces") as advance:
            form_new(memory, local_now().tzinfo or dt.UTC, budget_s=None, advance=advance)


def note_waiting(app: App, waiting: int) -> None:
    """Tell that older work is not formed yet."""
    if waiting:
        counted = format_count(waiting, "span")
        app.out.note(
            f"{counted} of older work not grouped into episodes yet; each run of this command does more"
        )


def episode_fields(episode: Episode) -> dict[str, Any]:
    """Return the fields of an episode in JSON."""
    return {
        "id": episode.id,
        "start": moment(local_time(episode.start_ms)),
        "end": moment(local_time(episode.end_ms)),
        "title": episode.title,
        "done": episode.done.splitlines(),
        "outcome": episode.outcome,
        "repository": episode.repository or None,
        "places": list(episode.places),
        "hosts": list(episode.hosts),
        "commands": list(episode.commands),
        "files": list(episode.files),
        "links": list(episode.links),
        "agents": list(episode.agents),
    }


def place_of(episode: Episode) -> str:
    """Return the short name of an episode's repository or directory."""
    place = episode.repository or "".join(episode.places[:1])
    return PurePosixPath(place).name or place


def when(episode: Episode) -> str:
    """Return when an episode was, in local time: `2026-11-16 Mon 09:02–09:34`."""
    start, end = local_time(episode.start_ms), local_time(episode.end_ms)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %a %H:%M}–{until}"


def painter(*, color: bool) -> Callable[[str, str], str]:
    """Return a function that makes a text safe on a terminal, and puts it into a style if there are colours."""
    return lambda style, text: style.format(one_line(text)) if color else one_line(text)


def note_lines(episode: Episode) -> Iterator[str]:
    """Yield what else is worth knowing about an episode: links, and agents that wrote parts of it."""
    yield from episode.links
    if episode.agents:
        yield f"with notes by {', '.join(episode.agents)}"


def joined(texts: Sequence[str], most: int = MOST_FILES) -> str:
    """Return some texts in one line."""
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more} more" if more > 0 else "")
