"""`satchel memory export`: everything that the memory has, as JSON lines (docs/spec/memory.md, section 6)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.commands.memory.group import memory, time_of
from satchel.cli.memory_opening import open_memory
from satchel.cli.options import pass_app
from satchel.cli.terminal.text import format_count
from satchel.cli.views import moment
from satchel.errors import UsageError
from satchel.local_files import DurableFile
from satchel.memory import Episode, Event, MemoryStore

FORMAT: Final = "satchel-memory-export/1"


@memory.subcommand(
    "export",
    examples=[
        ("satchel memory export", "print every event and episode, one JSON object a line"),
        ("satchel memory export --output memory.jsonl", "into a new file that only you can read"),
    ],
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A new file, instead of standard output.",
)
@pass_app
def export(app: App, /, *, output: Path | None) -> None:
    """Print everything in the memory, oldest first, as one JSON object a line: events, then episodes."""
    if output is not None and output.exists():
        raise UsageError(f"'{output}' exists already", hint="name a new file")
    from satchel.cli.commands.memory.episode_views import form_all  # noqa: PLC0415  the hook of a shell waits for it

    with open_memory(app) as opened:
        form_all(app, opened)
        if output is not None:
            counts = _write(opened, output)
            app.out.answer({"file": str(output), **counts}, f"wrote {_counted(counts)}")
        elif app.out.as_json:
            app.out.answer(_document(opened), "")
        else:
            for line in map(_line, _objects(opened)):
                app.out.write(line)


def _write(opened: MemoryStore, path: Path) -> dict[str, int]:
    counts = {"events": 0, "episodes": 0}
    with DurableFile(path) as file:
        for one in _objects(opened):
            file.write(_line(one).encode())
            if "kind" in one:
                counts[f"{one['kind']}s"] += 1
        file.sync()
    return counts


def _counted(counts: dict[str, int]) -> str:
    return f"{format_count(counts['events'], 'event')} and {format_count(counts['episodes'], 'episode')}"


def _document(opened: MemoryStore) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "events": [event_fields(event) for event in opened.events()],
        "episodes": [exported_episode(episode) for episode in opened.episodes()],
    }


def _objects(opened: MemoryStore) -> Iterator[dict[str, Any]]:
    """Yield the lines of an export: its format, the events, the episodes."""
    yield {"format": FORMAT}
    for event in opened.events():
        yield {"kind": "event", **event_fields(event)}
    for episode in opened.episodes():
        yield {"kind": "episode", **exported_episode(episode)}


def _line(one: dict[str, Any]) -> str:
    return json.dumps(one, ensure_ascii=False) + "\n"


def event_fields(event: Event) -> dict[str, Any]:
    """Return the fields of an event for JSON."""
    return {
        "id": event.id,
        "source": event.source,
        "time": moment(time_of(event.at_ms)),
        "text": event.text,
        "place": event.place,
        "repository": event.repository,
        "session": event.session,
        "host": event.host,
        "duration_ms": event.duration_ms,
        "exit_code": event.exit_code,
        "detail": dict(event.detail),
    }


def exported_episode(episode: Episode) -> dict[str, Any]:
    """Return the fields of an episode for JSON, with the ids of its events."""
    from satchel.cli.commands.memory.episode_views import episode_fields  # noqa: PLC0415  see `export`

    return {**episode_fields(episode), "events": list(episode.events)}
