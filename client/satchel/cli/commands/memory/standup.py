"""`satchel standup`: what the owner did since the last working day, by repository."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.commands.memory.episode_views import (
    BOLD,
    DIM,
    FAILED,
    INDENT,
    TIME,
    episode_fields,
    form,
    note_waiting,
    painter,
    when,
)
from satchel.cli.options import command, pass_app
from satchel.cli.views import moment
from satchel.memory import MemoryStore
from satchel.memory.formation.summaries import by_repository, name_of
from satchel.memory.model import Episode
from satchel.memory.time_expressions import TimeSpan, find_time, local_now, local_time

LAST_WORKING_DAY: Final = "last working day"
_MOST_LINES: Final = 12  # of a repository on a terminal
_OUTCOMES: Final = {"done": 0, "open": 1, "failed": 2}


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in one repository, or outside of any: commits, and the episodes in order."""

    repository: str
    episodes: Sequence[Episode]

    @property
    def commits(self) -> tuple[str, ...]:
        """The subjects of the commits, each once, in order."""
        return tuple(dict.fromkeys(subject for episode in self.episodes for subject in episode.commits))

    @property
    def others(self) -> tuple[Episode, ...]:
        """The episodes without a commit."""
        return tuple(one for one in self.episodes if not one.commits)


@command(
    "standup",
    examples=[
        ("satchel standup", "since the last working day, which is Friday on a Monday"),
        ("satchel standup --since 'last monday'", "since another day"),
        ("satchel standup --since 7d --json", "for a script"),
    ],
)
@click.option("--since", type=TIME, metavar="TIME", help="Since: yesterday, 'last monday', 7d, 2026-01-31.")
@pass_app
def standup(app: App, /, *, since: TimeSpan | None) -> None:
    """Show what you did since the last working day: commits and other work of each repository, and how it ended.

    The last working day is the last day before today from Monday to Friday. satchel groups the recorded work
    into episodes when you ask.
    """
    with MemoryStore.open(app.home) as memory:
        waiting = form(app, memory)
        start_ms = since.start_ms if since else _start_ms()
        works = [Work(*each) for each in by_repository(memory.episodes(start_ms))]
    app.out.custom(
        lambda: _document(start_ms, works, waiting),
        lambda color: _drawn(works, color=color),
        (row for work in works for row in _rows(work)),
    )
    if not works:
        app.out.note(f"nothing since {local_time(start_ms):%Y-%m-%d %H:%M}; try: satchel standup --since 7d")
    note_waiting(app, waiting)


def _start_ms() -> int:
    span = find_time(LAST_WORKING_DAY, local_now()).span
    return span.start_ms if span else 0


# -- output -----------------------------------------------------------------------------------


def _document(start_ms: int, works: Sequence[Work], waiting: int) -> dict[str, Any]:
    return {
        "since": moment(local_time(start_ms)),
        "repositories": [
            {
                "repository": work.repository or None,
                "name": name_of(work.repository),
                "commits": list(work.commits),
                "episodes": [episode_fields(episode) for episode in work.episodes],
            }
            for work in works
        ],
        "waiting": waiting,
    }


def _rows(work: Work) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a repository in a pipe: its name, how it ended, and what was done."""
    name = name_of(work.repository)
    yield from ((name, "committed", subject) for subject in work.commits)
    yield from ((name, one.outcome, one.title) for one in work.others)


def _drawn(works: Sequence[Work], *, color: bool) -> str:
    return "\n".join("".join(f"{line}\n" for line in _lines(work, color=color)) for work in works)


def _lines(work: Work, *, color: bool) -> Iterator[str]:
    paint = painter(color=color)
    first, last = work.episodes[0], work.episodes[-1]
    days = when(first).partition(" ")[0], when(last).partition(" ")[0]
    yield f"{paint(BOLD, name_of(work.repository))}  {paint(DIM, ' – '.join(dict.fromkeys(days)))}"
    lines = [("committed", subject) for subject in work.commits]
    lines += [(one.outcome, one.title) for one in sorted(work.others, key=lambda one: _OUTCOMES[one.outcome])]
    for outcome, text in lines[:_MOST_LINES]:
        style = FAILED if outcome == "failed" else DIM
        yield f"{INDENT}{paint(style, outcome.ljust(9))}  {paint('{}', text)}"
    if len(lines) > _MOST_LINES:
        yield f"{INDENT}{paint(DIM, f'and {len(lines) - _MOST_LINES} more')}"
