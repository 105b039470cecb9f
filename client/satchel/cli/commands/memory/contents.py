"""`satchel memory forget`, `collect` and `daemon`: what the memory has recorded."""

import datetime as dt
import signal
import threading
from collections.abc import Mapping
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import DURATION, MOMENT, NEVER, WordType
from satchel.cli.commands.memory.group import memory, time_of
from satchel.cli.memory_forgetting import forget_range
from satchel.cli.memory_opening import bring_up_to_date, open_memory
from satchel.cli.options import pass_app
from satchel.cli.terminal.text import format_count, format_moment, one_line
from satchel.errors import UsageError
from satchel.memory import SOURCES, Episode, Event, Range, Source

SHOWN: Final = 10
LEAST_EVERY: Final = dt.timedelta(minutes=1)


@memory.subcommand(
    "forget",
    examples=[
        ("satchel memory forget --from 2026-03-01 --to 2026-03-02", "forget a day"),
        ("satchel memory forget --from 1h", "forget the last hour"),
        ("satchel memory forget --matching staging.example.org", "forget what mentions a text"),
        ("satchel memory forget --all --yes", "forget everything"),
    ],
)
@click.option(
    "--from", "start", type=MOMENT, metavar="TIME", help="Events from a date, or a duration such as 7d."
)
@click.option(
    "--to", "end", type=MOMENT, metavar="TIME", help="Events before a date, or a duration such as 1d."
)
@click.option("--matching", metavar="TEXT", default="", help="Events that contain a text, in any case.")
@click.option("--source", type=WordType(SOURCES), metavar="SOURCE", help="Events of one source.")
@click.option("--all", "everything", is_flag=True, help="Everything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def forget(
    app: App,
    /,
    *,
    start: dt.datetime | None,
    end: dt.datetime | None,
    matching: str,
    source: Source | None,
    everything: bool,
    yes: bool,
) -> None:
    """Erase events, and the episodes and summaries made from them. None of their text stays on this device.

    satchel shows what it will erase first. It also erases the prompts of satchel ask that quote these events,
    and the events in memories that a restore has replaced. Backups that include the memory do not change.
    """
    if everything == bool(start or end or matching or source):
        raise UsageError("say what to forget: --from, --to, --matching, --source, or --all")
    chosen = Range(_ms(start), _ms(end), matching, source)
    with open_memory(app) as opened:
        found = opened.find(chosen)
        # episodes outlive their events, and may quote what only they still have
        episodes = opened.find_episodes(chosen) if source is None else []
        if (found or episodes) and not yes:
            _ask(app, found, episodes)
        erased, erased_episodes = forget_range(app, opened, chosen, found, episodes)
    app.out.answer(
        {"forgotten": erased, "episodes": erased_episodes}, f"forgot {_counted(erased, erased_episodes)}"
    )


def _ms(time: dt.datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)


def _counted(events: int, episodes: int) -> str:
    more = f" and {format_count(episodes, 'episode')}" if episodes else ""
    return f"{format_count(events, 'event')}{more}"


def _ask(app: App, found: list[Event], episodes: list[Episode]) -> None:
    if not app.out.can_ask:
        raise UsageError(
            f"{_counted(len(found), len(episodes))} would be forgotten, and there is no terminal to ask on",
            hint="add --yes",
        )
    shown = found if len(found) <= SHOWN else [*found[: SHOWN // 2], *found[-SHOWN // 2 :]]
    for number, event in enumerate(shown):
        if number == SHOWN // 2 and len(found) > SHOWN:
            app.out.notice(f"… {len(found) - SHOWN:,} more …")
        app.out.notice(
            f"{format_moment(time_of(event.at_ms))}  {event.source:<7} {one_line(event.text)[:100]}"
        )
    for episode in episodes[:SHOWN]:
        app.out.notice(f"{format_moment(time_of(episode.start_ms))}  episode {one_line(episode.title)[:100]}")
    if not app.out.confirm(f"forget {_counted(len(found), len(episodes))}?"):
        raise UsageError("cancelled; nothing was forgotten")


# -- taking in ----------------------------------------------------------------------------------


@memory.subcommand("collect", examples=[("satchel memory collect", "read repositories and folders now")])
@pass_app
def collect(app: App, /) -> None:
    """Record new commits and changed notes, and erase events that are older than the retention.

    Commands that use the memory do this first, so you rarely need it.
    """
    with open_memory(app) as opened:
        done = bring_up_to_date(app, opened)
    app.out.answer(
        {"git": done.added["git"], "files": done.added["files"], "pruned": done.pruned},
        f"recorded {_taken_in(done.added)}",
    )


def _taken_in(added: Mapping[str, int]) -> str:
    return f"{format_count(added['git'], 'commit')} and {format_count(added['files'], 'note')}"


@memory.subcommand(
    "daemon", examples=[("satchel memory daemon --every 10m", "until you stop it with Ctrl-C")]
)
@click.option("--every", type=DURATION, default="10m", show_default=True, help="How often: 10m, 1h.")
@pass_app
def daemon(app: App, /, *, every: dt.timedelta) -> None:
    """Run `satchel memory collect` repeatedly, in the foreground, until you stop it.

    You do not need it. It keeps the memory up to date on a computer where you rarely use satchel.
    """
    if every == NEVER or every < LEAST_EVERY:
        raise UsageError("the daemon collects at most once a minute", hint="--every 10m")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    signal.signal(signal.SIGINT, lambda _number, _frame: stopped.set())
    added = 0
    while not stopped.is_set():
        with open_memory(app) as opened:
            done = bring_up_to_date(app, opened)
        if any(done.added.values()):
            app.out.note(f"recorded {_taken_in(done.added)}")
        added += sum(done.added.values())
        stopped.wait(every.total_seconds())
    app.out.answer({"events": added}, f"stopped; recorded {format_count(added, 'event')}")
