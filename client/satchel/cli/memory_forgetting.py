"""Forgetting what the memory has taken in, everywhere on this device where it is quoted."""

from typing import TYPE_CHECKING

from satchel.cli.app import App
from satchel.cli.quotes import forget_quotes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.memory import Episode, Event, MemoryStore, Range


def forget_events(app: App, memory: "MemoryStore", events: "Sequence[Event]") -> int:
    """Erase events, the episodes made of them, and the prompts that quote them; return how many events there were."""
    erased = memory.forget(events) if events else 0
    forget_quotes(app, events=[event.id for event in events])
    return erased


def forget_episodes(app: App, memory: "MemoryStore", chosen: "Range", episodes: "Sequence[Episode]") -> int:
    """Erase the episodes of a range, which are `episodes`, and the prompts that quote them; return how many there were."""
    erased = memory.forget_episodes(chosen) if episodes else 0
    forget_quotes(app, events=[event for episode in episodes for event in episode.events])
    return erased
