"""Blocks: runs of events without a long pause. No episode spans such a pause, so each block is formed separately.

That keeps memory bounded, and lets new events be formed without the old ones. A run that goes on for days is cut once
a week, when few people work, and after many events.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from satchel.memory.model import Event

PAUSE_MS: Final = 3 * 3_600_000
MOST_EVENTS: Final = 5_000  # of a block; a longer one is cut, wherever that is
WEEK_MS: Final = 7 * 86_400_000
_WEEK_BEGINS_MS: Final = 2 * 86_400_000 + 21 * 3_600_000  # Saturday, 21:00 UTC; 1970 began on a Thursday

T = TypeVar("T")


def order(event: Event) -> tuple[int, str, str, str, int]:
    """Return what events are sorted by: their time, and not the order in which they arrived."""
    return event.at_ms, event.source, event.session, event.text, event.id


def week_of(at_ms: int) -> int:
    """Return the number of the week in which a run of events is cut at the latest."""
    return (at_ms - _WEEK_BEGINS_MS) // WEEK_MS


def blocks_of(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the blocks of events that are sorted by `order`."""
    return _cut(events, lambda event: event.at_ms)


def blocks_of_times(times: Iterable[int]) -> Iterator[list[int]]:
    """Yield the blocks of events by their times alone, from sorted times. The first one must begin a block."""
    return _cut(times, lambda at_ms: at_ms)


def _cut(items: Iterable[T], time_of: Callable[[T], int]) -> Iterator[list[T]]:
    block: list[T] = []
    for item in items:
        if block and _ends(time_of(block[-1]), time_of(item), len(block)):
            yield block
            block = []
        block.append(item)
    if block:
        yield block


def _ends(last_ms: int, at_ms: int, count: int) -> bool:
    """Whether a block of so many events ends before an event."""
    if at_ms - last_ms >= PAUSE_MS or week_of(at_ms) != week_of(last_ms):
        return True
    return count >= MOST_EVENTS and at_ms > last_ms
