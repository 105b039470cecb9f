"""Recording what is new in the sources "git" and "files", and pruning old events."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from satchel.errors import SatchelError
from satchel.memory.control import is_excluded
from satchel.memory.database import MemoryStore
from satchel.memory.event_tables import add_events, read_events
from satchel.memory.files_source import find_notes, read_note
from satchel.memory.forming import form_new
from satchel.memory.git_source import read_commits
from satchel.memory.model import Event


@dataclass(slots=True)
class Collected:
    """How many events were taken in by source, how many were pruned, and what could not be read."""

    added: dict[str, int] = field(default_factory=lambda: {"git": 0, "files": 0})
    pruned: int = 0
    problems: list[SatchelError] = field(default_factory=list)


def collect(
    memory: MemoryStore,
    now: dt.datetime,
    retention_ms: int | None,
    host: str,
    variables: Mapping[str, str],
) -> Collected:
    """Take in new commits and notes, unless the memory is paused, and prune events that are older than the retention.

    `now` has the owner's time zone. `retention_ms` None keeps all. Episodes are formed of events before these go. `variables` are those of the process; git gets PATH of them. A repository or folder
    that cannot be read is a problem of the result, and stops nothing else.
    """
    done = Collected()
    now_ms = int(now.timestamp() * 1000)
    oldest_ms = 0 if retention_ms is None else max(0, now_ms - retention_ms)
    if memory.control.paused_until(now_ms) is None:
        on = memory.control.sources()
        if "git" in on:
            _collect_commits(memory, oldest_ms, host, variables, done)
        if "files" in on:
            _collect_notes(memory, oldest_ms, host, done)
    if next(memory.events(until_ms=oldest_ms), None) is not None:
        form_new(memory, now.tzinfo or dt.UTC, budget_s=None)
        done.pruned = memory.prune(oldest_ms)
    return done


def _collect_commits(
    memory: MemoryStore, oldest_ms: int, host: str, variables: Mapping[str, str], done: Collected
) -> None:
    for place in memory.control.watched("git"):
        try:
            commits, position = read_commits(place, oldest_ms, host, variables)
        except SatchelError as exc:
            done.problems.append(exc)
            continue
        if position == place.position:
            continue
        with memory.writing():
            if memory.control.move_position(place, position):  # else another process was faster
                new = [each for each in commits if not _is_known(memory, each)]
                done.added["git"] += len(add_events(memory.connection, new))


def _is_known(memory: MemoryStore, commit: Event) -> bool:
    """Whether there is a commit with the same time and message: this one, before a rebase."""
    return any(
        each.text == commit.text and each.repository == commit.repository
        for each in read_events(memory.connection, commit.at_ms, commit.at_ms + 1, "git")
    )


def _collect_notes(memory: MemoryStore, oldest_ms: int, host: str, done: Collected) -> None:
    excluded = memory.control.exclusions()
    for place in memory.control.watched("files"):
        seen = memory.control.seen(place.path)
        try:
            found = list(find_notes(Path(place.path)))
        except SatchelError as exc:
            done.problems.append(exc)
            continue
        changed = [
            note for note in found if seen.get(note.path) != note.stamp and note.changed_ms >= oldest_ms
        ]
        read = [(note, read_note(note, host)) for note in changed if not is_excluded(excluded, "", note.path)]
        with memory.writing():
            before = memory.control.seen(place.path)
            new = [event for note, event in read if event is not None and before.get(note.path) != note.stamp]
            memory.control.see(place.path, {note.path: note.stamp for note in found}, before)
            done.added["files"] += len(add_events(memory.connection, new))
