"""The memory of a backup: assembling it, comparing it with the one here, and making it that of the home."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from satchel.backup import Context
from satchel.backup.local.places import Places
from satchel.backup.restore.assembly import Chain
from satchel.backup.restore.database import assemble_database
from satchel.backup.restore.memory_inspection import inspect_memory
from satchel.backup.restore.replacement import replace_memory
from satchel.errors import SatchelError
from satchel.local_files import sync_file
from satchel.memory import MemoryStore
from satchel.memory.adopting import adopt
from satchel.store.database import turn_on_log


class MemoryLosses(msgspec.Struct, frozen=True):
    """What the memory that would be replaced has: `events`, of which `newer` are later than all in the backup."""

    events: int
    newer: int


class AssembledMemory(NamedTuple):
    """A memory in the work directory, checked, with its known blocks and the number of its events."""

    database: Path
    blocks: Path
    events: int


class RestoredMemory(msgspec.Struct, frozen=True):
    """A memory that was restored."""

    events: int
    previous: Path | None
    """Where the memory that was there before is kept."""
    sources: tuple[str, ...]
    """What it takes in on this device."""


def assemble_memory(context: Context, chain: Chain, target: Places) -> AssembledMemory:
    """Assemble the memory and its known blocks in the work directory, check them and sync the database."""
    facts = chain.archives[0].manifest.memory_facts
    if facts is None:
        raise ValueError("the archive has no memory")
    database, blocks = target.work / "memory.db", target.work / "memory-blocks"
    assemble_database(context, chain.of_memory(), database, blocks, lambda: inspect_memory(database, facts))
    return AssembledMemory(database, blocks, facts.events)


def compare_memories(home: Path, restored: Path) -> MemoryLosses | None:
    """Compare the memory of a home with the one that would replace it; None if it cannot be read."""
    try:
        with MemoryStore.open(home) as live, MemoryStore.open_file(restored) as other:
            span = other.span()
            newer = live.count(since_ms=span[1] + 1 if span else None)
            return MemoryLosses(live.count(), newer)
    except SatchelError:
        return None


def make_memory(
    places: Places, restored: AssembledMemory, now: datetime, kept_store: Path | None
) -> RestoredMemory:
    """Make an inspected database the memory of the home, with the sources of this device, and keep the old one.

    `kept_store` is the store that the same restore has replaced.
    """
    with MemoryStore.open_file(restored.database) as memory:
        now_ms = int(now.timestamp() * 1000)
        try:
            with MemoryStore.open(places.home) as live:
                adopt(memory, live, now_ms)
        except SatchelError:  # there is none, or it cannot be read
            adopt(memory, None, now_ms)
        memory.erase_traces()
        sources = tuple(memory.control.sources())
    sync_file(restored.database)
    previous = replace_memory(places, restored.database, now, kept_store)
    return RestoredMemory(restored.events, previous, sources)


def bring_memory(places: Places, kept: Path, now: datetime, kept_store: Path | None) -> None:
    """Make a memory that a restore replaced the memory again, and keep the one that is there now."""
    with MemoryStore.open_file(kept) as memory, memory.translating():
        turn_on_log(memory.connection)
    replace_memory(places, kept, now, kept_store)
