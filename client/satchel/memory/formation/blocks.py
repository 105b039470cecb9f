"""Blocks: runs of events without a long pause. No episode reaches over a pause, so a block is formed by itself.

That keeps memory bounded, and lets new events be formed without the old ones.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from satchel.memory.model import Event

PAUSE_MS: Final = 3 * 3_600_000
MOST_EVENTS: Final = 20_000  # of a block; a longer one is cut, wherever that is


def order(event: Event) -> tuple[int, str, str, str, int]:
    """Return what events are sorted by: their time, and not the order in which they arrived."""
    return event.at_ms, event.source, event.session, event.text, event.id


def blocks_of(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the blocks of events that are sorted by time, with their events in order."""
    block: list[Event] = []
    for event in events:
        if block and (event.at_ms - block[-1].at_ms >= PAUSE_MS or _is_full(block, event)):
            yield sorted(block, key=order)
            block = []
        block.append(event)
    if block:
        yield sorted(block, key=order)


def _is_full(block: list[Event], event: Event) -> bool:
    return len(block) >= MOST_EVENTS and event.at_ms > block[-1].at_ms
