"""What the device remembers of the owner's work, if the owner turns it on: events, episodes, summaries.

    with MemoryStore.create(home) as memory:
        memory.control.turn_on("shell", now_ms)
        memory.add([Event("shell", now_ms, "make test", place="/home/ann/parser", exit_code=0)])

Events stand in HOME/memory.db (docs/spec/memory.md), apart from the store. `model` has the values that the rest of the
package shares.
"""

from satchel.memory.database import MemoryStore, Range
from satchel.memory.model import SOURCES, Episode, Event, Outcome, Source
from satchel.memory.schema import MEMORY_FILE

__all__ = ["MEMORY_FILE", "SOURCES", "Episode", "Event", "MemoryStore", "Outcome", "Range", "Source"]
