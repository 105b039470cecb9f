"""Copies of the memory that backups and restores leave on this device: forget in them what the memory forgets.

    left = forget_copies(home, lambda memory: memory.forget(memory.find(chosen)))

A sealed backup with the memory that waits to be sent is discarded as a whole, and the next backup makes another one.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from satchel.backup.local.outbox import Outbox
from satchel.backup.local.places import Places, locked_home
from satchel.backup.local.previous_stores import previous_memories
from satchel.backup.local.record import read_record
from satchel.errors import SatchelError
from satchel.memory import Event, MemoryStore
from satchel.store.database import turn_on_log

Forget = Callable[[MemoryStore], object]
"""Forgets in an open memory what is to be forgotten."""


def forget_copies(home: Path, forget: Forget) -> list[Path]:
    """Forget in every copy on this device; return those that could not be changed.

    SatchelError, and nothing is changed, while a backup or restore runs.
    """
    if not previous_memories(home) and not Places(home).outbox.is_dir():
        return []
    left = []
    with locked_home(home) as places:
        outbox = Outbox(places.outbox)
        waiting = outbox.waiting()
        if waiting is not None and waiting.has_memory:
            outbox.discard(waiting.id)
        for path in previous_memories(home):
            try:
                _forget_in(path, forget)
            except SatchelError:
                left.append(path)
    return left


def are_in_backups(home: Path) -> bool:
    """Whether a backup that this home has made includes the memory."""
    return Places(home).known_memory.exists() or any(each.has_memory for each in read_record(home).backups)


def same_events(memory: MemoryStore, events: Sequence[Event]) -> list[Event]:
    """Return the events of a memory that are those of another one: their ids may differ."""
    wanted = {(event.source, event.at_ms, event.text) for event in events}
    span = min(one[1] for one in wanted), max(one[1] for one in wanted) + 1
    return [each for each in memory.events(*span) if (each.source, each.at_ms, each.text) in wanted]


def _forget_in(path: Path, forget: Forget) -> None:
    """Forget in a previous memory. A rollback journal would hold the old pages; a log holds only the new ones."""
    with MemoryStore.open_file(path) as memory, memory.translating():
        turn_on_log(memory.connection)
        forget(memory)
        memory.erase_traces()
        memory.connection.pragma("journal_mode", "delete")
