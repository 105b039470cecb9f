"""Blocks: runs of events without a long pause. No episode reaches over a pause, so a block is formed by itself.

That keeps memory bounded, and lets new events be formed without the old ones. A run that goes on for days is cut once
a week, when few people work, and after many events.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from satchel.memory.model import Event

PAUSE_MS: Final = 3 * 3_600_000
MOST_EVENTS: Final = 5_000  # of a block; a longer one is cut, wherever that is
WEEK_MS: Final = 7 * 86_400_000
_WEEK_BEGINS_MS: Final = 2 * 86_400_000 + 21 * 3_600_000  # Saturday, 21:00 UTC; 1970 began on a Thursday

Bounds = tuple[int, int]
"""The times of the first and of the last event of a block."""


def order(event: Event) -> tuple[int, str, str, str, int]:
    """Return what events are sorted by: their time, and not the order in which they arrived."""
    return event.at_ms, event.source, event.session, event.text, event.id


def week_of(at_ms: int) -> int:
    """Return the number of the week in which a run of events is cut at the latest."""
    return (at_ms - _WEEK_BEGINS_MS) // WEEK_MS


def bounds_of(times: Iterable[int]) -> Iterator[Bounds]:
    """Yield the bounds of the blocks of sorted times. A run of events has to be given from its first one."""
    first = last = None
    count = 0
    for at_ms in times:
        if first is not None and last is not None and _ends(last, at_ms, count):
            yield first, last
            first = None
        if first is None:
            first, count = at_ms, 0
        last = at_ms
        count += 1
    if first is not None and last is not None:
        yield first, last


def blocks_of(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the blocks of events that are sorted by time, with their events in order."""
    block: list[Event] = []
    for event in events:
        if block and _ends(block[-1].at_ms, event.at_ms, len(block)):
            yield sorted(block, key=order)
            block = []
        block.append(event)
    if block:
        yield sorted(block, key=order)


def _ends(last_ms: int, at_ms: int, count: int) -> bool:
    """Whether a block of so many events ends before an event."""
    if at_ms - last_ms >= PAUSE_MS or week_of(at_ms) != week_of(last_ms):
        return True
    return count >= MOST_EVENTS and at_ms > last_ms
