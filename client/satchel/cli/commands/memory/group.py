"""`satchel memory` and `satchel memory status`: which sources are on, and what they have recorded."""

import datetime as dt
from typing import Any

import click

from satchel.cli.app import App
from satchel.cli.arguments import DURATION
from satchel.cli.memory_opening import find_memory, now_ms
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import format_count, format_moment, format_size
from satchel.cli.views import moment
from satchel.memory import SOURCES, MemoryStore
from satchel.memory.control import FOREVER_MS


@group(
    "memory",
    examples=[
        ("satchel memory on shell", "record your commands on this device"),
        ("satchel memory on git ~/src/parser", "take in your commits"),
        ("satchel memory pause 1h", "take in nothing for an hour"),
        ("satchel memory forget --from 2026-03-01 --to 2026-03-02", "forget a day"),
        ("satchel memory commands pytest", "search your commands"),
    ],
    alone=True,
)
@click.option(
    "--retention",
    type=DURATION,
    default="90d",
    show_default=True,
    help="How long events are kept; episodes stay. Change the setting memory.retention.",
)
@pass_app
def memory(app: App, /, *, retention: dt.timedelta) -> None:
    """Remember your work on this device: commands, commits, notes, what agents note.

    Nothing is recorded until you turn a source on. Recorded events stay on this device, with secrets removed.
    They are not part of a backup unless you include them: satchel backup --with-memory.
    """
    del retention  # a setting: see `memory_opening.retention_ms`
    if click.get_current_context().invoked_subcommand is None:
        print_status(app)


@memory.subcommand("status", examples=[("satchel memory status", "which sources are on")])
@pass_app
def status(app: App, /) -> None:
    """Show which sources are on, and what they have recorded."""
    print_status(app)


def print_status(app: App) -> None:
    """Print the state of the memory."""
    found = find_memory(app)
    if found is None:
        document: dict[str, Any] = {
            "sources": [{"name": name, "on": False, "since": None, "events": 0} for name in SOURCES],
            "paused_until": None, "repositories": [], "folders": [], "exclusions": [],
            "oldest": None, "newest": None, "size_bytes": 0,
        }  # fmt: skip
    else:
        with found:
            document = _document(found)
    app.out.text(lambda: document, lambda _color: "".join(f"{line}\n" for line in _lines(document)))


def _document(found: MemoryStore) -> dict[str, Any]:
    control = found.control
    on, counts = control.sources(), found.counts()
    paused = control.paused_until(now_ms())
    oldest, newest = found.span() or (None, None)
    return {
        "sources": [
            {"name": name, "on": name in on, "since": _moment(on.get(name)), "events": counts.get(name, 0)}
            for name in SOURCES
        ],
        "paused_until": "resume" if paused is not None and paused >= FOREVER_MS else _moment(paused),
        "repositories": [each.path for each in control.watched("git")],
        "folders": [each.path for each in control.watched("files")],
        "exclusions": control.exclusions(),
        "oldest": _moment(oldest),
        "newest": _moment(newest),
        "size_bytes": found.size_bytes(),
    }


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else moment(time_of(at_ms))


def time_of(at_ms: int) -> dt.datetime:
    """Return the time of milliseconds since 1970."""
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)


def _lines(document: dict[str, Any]) -> list[str]:
    lines = []
    for each in document["sources"]:
        count = format_count(each["events"], "event") if each["events"] else ""
        lines.append(f"{each['name']:<8}{'on ' if each['on'] else 'off'}  {count}".rstrip())
    lines += [f"repository  {path}" for path in document["repositories"]]
    lines += [f"folder  {path}" for path in document["folders"]]
    lines += [f"excluded  {pattern}" for pattern in document["exclusions"]]
    if document["paused_until"] is not None:
        until = document["paused_until"]
        when = (
            "satchel memory resume" if until == "resume" else format_moment(dt.datetime.fromisoformat(until))
        )
        lines.append(f"paused until {when}")
    if document["oldest"] is not None:
        first, last = (
            format_moment(dt.datetime.fromisoformat(document[name])) for name in ("oldest", "newest")
        )
        lines.append(f"from {first} to {last}, {format_size(document['size_bytes'])}")
    if not any(each["on"] for each in document["sources"]):
        lines.append("nothing is recorded; to begin: satchel memory on shell")
    return lines
