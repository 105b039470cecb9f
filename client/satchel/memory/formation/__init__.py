"""Formation: events become episodes, and episodes the summaries of days and weeks.

    for episode in form(memory.events()): print(episode.title, episode.outcome)

1. Events are cut into blocks where there is a long pause (`blocks`).
2. A block is split into threads, one for each place of work (`threads`).
3. A thread is cut where the topic changes or the work pauses (`segments`).
4. Each segment becomes an episode that tells what was done (`description`); one that only looks around is skipped.

The time is linear in the number of events. Nothing but the events decides, and not the order in which they arrived,
so that a block can be formed again when events are added to it.
"""

from collections.abc import Iterable, Sequence

from satchel.memory.formation.blocks import blocks_of, order
from satchel.memory.formation.description import describe
from satchel.memory.formation.moments import moment_of
from satchel.memory.formation.segments import segments_of
from satchel.memory.formation.summaries import summarize
from satchel.memory.formation.threads import threads_of
from satchel.memory.model import Episode, Event

__all__ = ["form", "form_block", "summarize"]


def form(events: Iterable[Event]) -> list[Episode]:
    """Return the episodes of events in any order, by the times at which they began."""
    found = [episode for block in blocks_of(sorted(events, key=order)) for episode in form_block(block)]
    return sorted(found, key=_order)


def form_block(block: Sequence[Event]) -> list[Episode]:
    """Return the episodes of one block (`blocks.blocks_of`), by the times at which they began."""
    moments = [moment_of(event) for event in block]
    segments = (segment for thread in threads_of(moments) for segment in segments_of(thread))
    return sorted((episode for segment in segments if (episode := describe(segment))), key=_order)


def _order(episode: Episode) -> tuple[int, int, str, tuple[int, ...]]:
    return episode.start_ms, episode.end_ms, episode.title, episode.events
