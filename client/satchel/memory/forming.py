"""Forming episodes from what was added to the memory, in the background of a command that the owner runs.

    waiting = form_new(memory, local_zone, budget_s=2)

New events are grouped into spans, each as long as there is no long pause, together with the events around them. The
newest span is formed first, and a budget of time limits how many are. A span is formed outside of any transaction, so
that shells can add events meanwhile, and written in one. Episodes whose events are partly gone, because they are older
than the retention, stay as they are.
"""

import datetime as dt
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import apsw

from satchel.memory.database import MemoryStore
from satchel.memory.episode_tables import (
    add_episodes,
    erase_episodes,
    put_summaries,
    queue_span,
    read_episodes,
)
from satchel.memory.event_tables import read_events
from satchel.memory.formation import form_block, summarize
from satchel.memory.formation.blocks import PAUSE_MS, WEEK_MS, blocks_of_times, order, week_of
from satchel.memory.formation.summaries import day_of
from satchel.memory.model import Episode, Event, Summary
from satchel.store.database import first_row, rows, scalar

BUDGET_S: Final = 2.0
FORMED_ID: Final = "formed_event"
_MOST_TRIES: Final = 3  # of one block into which others add events meanwhile

_Span = tuple[int, int]


def form_new(
    memory: MemoryStore,
    zone: dt.tzinfo,
    *,
    budget_s: float | None = BUDGET_S,
    advance: Callable[[int], None] = lambda _events: None,
) -> int:
    """Form what is new, the newest first, until the time is up but at least one span. Return how many spans of work still wait.

    `zone` is that of the days and weeks. None as the budget forms everything. `advance` receives the number of events.
    """
    until = None if budget_s is None else time.monotonic() + budget_s
    _queue_new(memory)
    span = _next_span(memory)
    while span is not None:
        _form_span(memory, span, zone, advance)
        span = _next_span(memory) if until is None or time.monotonic() < until else None
    return int(scalar(memory.connection, "SELECT count(*) FROM unformed"))


def _next_span(memory: MemoryStore) -> _Span | None:
    with memory.reading():
        row = first_row(
            memory.connection, "SELECT start_ms, end_ms FROM unformed ORDER BY start_ms DESC LIMIT 1"
        )
    return (int(row[0]), int(row[1])) if row else None


# -- what is new ------------------------------------------------------------------------------


def _queue_new(memory: MemoryStore) -> None:
    """Note the spans of the events that were added since the last time."""
    connection = memory.connection
    newest = int(scalar(connection, "SELECT max(id) FROM events") or 0)
    if newest <= _formed_id(connection):
        return
    with memory.writing():
        newest = int(scalar(connection, "SELECT max(id) FROM events") or 0)
        spans = _spans_since(connection, _formed_id(connection))
        for start_ms, end_ms in spans:
            queue_span(connection, *_whole(connection, start_ms, end_ms))
        connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (FORMED_ID, str(newest)))


def _formed_id(connection: apsw.Connection) -> int:
    return int(scalar(connection, "SELECT value FROM state WHERE name = ?", FORMED_ID) or 0)


def _spans_since(connection: apsw.Connection, event_id: int) -> list[_Span]:
    spans: list[_Span] = []
    for (at_ms,) in connection.execute("SELECT at_ms FROM events WHERE id > ? ORDER BY at_ms", (event_id,)):
        if spans and at_ms - spans[-1][1] < PAUSE_MS:
            spans[-1] = (spans[-1][0], at_ms)
        else:
            spans.append((at_ms, at_ms))
    return spans


def _whole(connection: apsw.Connection, start_ms: int, end_ms: int) -> _Span:
    """Return the span with the events before and after it, up to the next pauses or the end of the week."""
    before = "SELECT min(at_ms) FROM events WHERE at_ms < ?1 AND at_ms > ?1 - ?2"
    earlier = scalar(connection, before, start_ms, PAUSE_MS)
    while earlier is not None and week_of(earlier) == week_of(start_ms):
        start_ms = earlier
        earlier = scalar(connection, before, start_ms, PAUSE_MS)
    after = "SELECT max(at_ms) FROM events WHERE at_ms > ?1 AND at_ms < ?1 + ?2"
    later = scalar(connection, after, end_ms, PAUSE_MS)
    while later is not None and week_of(later) == week_of(end_ms):
        end_ms = later
        later = scalar(connection, after, end_ms, PAUSE_MS)
    return start_ms, end_ms


# -- one span ---------------------------------------------------------------------------------


def _form_span(memory: MemoryStore, span: _Span, zone: dt.tzinfo, advance: Callable[[int], None]) -> None:
    """Form the blocks of a span, each in a transaction, and then remove it from the queue."""
    with memory.reading():
        start_ms, end_ms = _whole(memory.connection, *span)
        times = [
            row[0]
            for row in rows(
                memory.connection,
                "SELECT at_ms FROM events WHERE at_ms BETWEEN ? AND ? ORDER BY at_ms",
                start_ms,
                end_ms,
            )
        ]
    blocks = list(blocks_of_times(times))
    bounds = itertools.pairwise([*(block[0] for block in blocks), end_ms + 1])
    for block, bound in zip(blocks, bounds, strict=True):
        _form_block(memory, bound, zone)
        advance(len(block))
    with memory.writing():
        if not blocks:
            put_summaries(memory.connection, *_week(memory.connection, start_ms, end_ms, zone))
        memory.connection.execute("DELETE FROM unformed WHERE start_ms = ? AND end_ms = ?", span)


def _form_block(memory: MemoryStore, span: _Span, zone: dt.tzinfo) -> None:
    """Replace the episodes that begin in a span by those of its events."""
    connection = memory.connection
    for _ in range(_MOST_TRIES):
        with memory.reading():
            state = _state(connection, span)
            events = list(read_events(connection, *span))
            old = _old_episodes(connection, span)
        formed, replaced = _changes(events, old)
        with memory.writing():
            if _state(connection, span) == state:
                _write(connection, span, formed, replaced, zone)
                return
    with memory.writing():  # others keep adding events: let them wait
        formed, replaced = _changes(list(read_events(connection, *span)), _old_episodes(connection, span))
        _write(connection, span, formed, replaced, zone)


def _old_episodes(connection: apsw.Connection, span: _Span) -> list[Episode]:
    """Return the episodes that share time with a span. None is longer than a week."""
    start_ms, end_ms = span
    return [one for one in read_episodes(connection, start_ms - WEEK_MS, end_ms) if one.end_ms >= start_ms]


def _state(connection: apsw.Connection, span: _Span) -> tuple[int, int | None, int]:
    """Return what changes if events of a span are added or erased, or its episodes are replaced."""
    counts = first_row(
        connection, "SELECT count(*), max(id) FROM events WHERE at_ms >= ? AND at_ms < ?", *span
    )
    newest = "SELECT coalesce(max(id), 0) FROM episodes WHERE start_ms >= ? AND start_ms < ?"
    count, event = counts or (0, None)
    return count, event, int(scalar(connection, newest, *span))


def _changes(events: Sequence[Event], old: Sequence[Episode]) -> tuple[list[Episode], list[Episode]]:
    """Return the new episodes of a block, and the old ones that they replace.

    An episode that has lost events to the retention stays, with those that it still has.
    """
    here = {event.id for event in events}
    whole = [episode for episode in old if here.issuperset(episode.events)]
    kept = {id_ for episode in old if not here.issuperset(episode.events) for id_ in episode.events}
    formed = form_block(sorted((event for event in events if event.id not in kept), key=order))
    same = {replace(episode, id=0): episode for episode in whole}
    new = [episode for episode in formed if episode not in same]
    unchanged = {same[episode].id for episode in formed if episode in same}
    return new, [episode for episode in whole if episode.id not in unchanged]


def _write(
    connection: apsw.Connection,
    span: _Span,
    formed: Sequence[Episode],
    replaced: Sequence[Episode],
    zone: dt.tzinfo,
) -> None:
    erase_episodes(connection, [episode.id for episode in replaced])
    add_episodes(connection, formed)
    if formed or replaced:
        put_summaries(connection, *_week(connection, *span, zone))


def _week(
    connection: apsw.Connection, start_ms: int, end_ms: int, zone: dt.tzinfo
) -> tuple[_Span, list[Summary]]:
    """Return the weeks that a span touches, and their summaries."""
    first, last = day_of(start_ms, zone), day_of(end_ms, zone)
    monday, next_monday = (
        dt.datetime.combine(day - dt.timedelta(days=day.weekday() - days), dt.time(), zone)
        for day, days in ((first, 0), (last, 7))
    )
    weeks = round(monday.timestamp() * 1000), round(next_monday.timestamp() * 1000)
    return weeks, summarize(read_episodes(connection, *weeks), zone)
