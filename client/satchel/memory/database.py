"""memory.db: opening it, adding events, reading them by time, and forgetting.

    with MemoryStore.create(home) as memory:
        memory.add([Event("shell", at_ms, "make test", place="/home/ann/parser", exit_code=0)])
        for event in memory.events(since_ms=start): print(event.text)

The file has one writer at a time, whichever process it is; the others wait. What `add` returned survives the end of
the process; a power failure may take the last moments.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from satchel.errors import SatchelError
from satchel.memory.control import Control
from satchel.memory.event_tables import add_events, count_events, erase_events, read_events
from satchel.memory.model import Episode, Event, Source, Summary
from satchel.memory.schema import APPLICATION_ID, FORMAT, MEMORY_FILE, TABLES
from satchel.store.database import (
    first_row,
    rows,
    scalar,
)
from satchel.store.separate_database import Kind, SeparateDatabase

_CACHE_KIB: Final = 16_384
_LONGEST_LOG_BYTES: Final = 500_000  # about ten commands; each opening reads it


@dataclass(frozen=True, slots=True)
class Range:
    """Events to forget: from `since_ms` on, before `until_ms`, that contain `text`; all of them by default."""

    since_ms: int | None = None
    until_ms: int | None = None
    text: str = ""
    source: Source | None = None


def _tables() -> tuple[str, ...]:
    from satchel.memory.episode_schema import EPISODES  # noqa: PLC0415

    return *TABLES, *EPISODES


class MemoryStore(SeparateDatabase):
    """The open memory of a home. Use it in one thread at a time, and close it."""

    kind = Kind(
        name="memory",
        file_name=MEMORY_FILE,
        application_id=APPLICATION_ID,
        format=FORMAT,
        tables=_tables,
        why_absent="no source has been turned on",
        if_absent="switch one on: satchel memory on shell",
        if_damaged="move it to another place and keep it; satchel memory on SOURCE then begins a new one",
        pragmas=f"PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA synchronous = NORMAL",
    )

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        super().__init__(path, connection)
        self.control = Control(path, connection)

    def leave_log(self) -> None:
        """Leave what was added in SQLite's log when the file is closed, which then waits for no disk.

        A long log is emptied all the same; so is any log when the file is closed after something else.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.exists() and log.stat().st_size < _LONGEST_LOG_BYTES:
            self.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)

    def add(self, events: Iterable[Event]) -> list[int]:
        """Add events in one transaction, whatever sources are on, and return their ids."""
        with self.writing():
            return add_events(self.connection, events)

    def events(
        self, since_ms: int | None = None, until_ms: int | None = None, source: Source | None = None
    ) -> Iterator[Event]:
        """Yield the events from `since_ms` on and before `until_ms`, oldest first."""
        with self.translating():
            yield from read_events(self.connection, since_ms, until_ms, source)

    def events_of(self, ids: Iterable[int]) -> list[Event]:
        """Return the events with these ids that are still there, oldest first."""
        with self.translating():
            return list(read_events(self.connection, ids=ids))

    def episodes(self, since_ms: int | None = None, until_ms: int | None = None) -> Iterator[Episode]:
        """Yield the episodes that begin from `since_ms` on and before `until_ms`, oldest first (`forming.form_new`)."""
        with self.translating():
            from satchel.memory.episode_tables import read_episodes  # noqa: PLC0415  see episode_schema

            yield from read_episodes(self.connection, since_ms, until_ms)

    def summaries(self, since_ms: int, until_ms: int) -> list[Summary]:
        """Return the summaries of the days and weeks that share time with a span."""
        from satchel.memory.episode_tables import read_summaries  # noqa: PLC0415

        with self.translating():
            return read_summaries(self.connection, since_ms, until_ms)

    def counts(self) -> dict[str, int]:
        """Return how many events of each source there are."""
        with self.translating():
            return count_events(self.connection)

    def count(self, since_ms: int | None = None) -> int:
        """Return how many events there are from a time on; all by default."""
        with self.translating():
            return int(
                scalar(self.connection, "SELECT count(*) FROM events WHERE at_ms >= ?", since_ms or 0)
                if since_ms is not None
                else scalar(self.connection, "SELECT count(*) FROM events")
            )

    def span(self) -> tuple[int, int] | None:
        """Return the times of the first and the last event; None if there is none."""
        with self.translating():
            row = first_row(self.connection, "SELECT min(at_ms), max(at_ms) FROM events")
        return (row[0], row[1]) if row and row[0] is not None else None

    def size_bytes(self) -> int:
        """Return the size of the file, with its log."""
        log = self.path.with_name(f"{self.path.name}-wal")
        return self.path.stat().st_size + (log.stat().st_size if log.exists() else 0)

    def find(self, chosen: Range) -> list[Event]:
        """Return the events that `forget` would forget, oldest first."""
        return [
            event
            for event in self.events(chosen.since_ms, chosen.until_ms, chosen.source)
            if chosen.text.casefold() in event.text.casefold()
        ]

    def find_episodes(self, chosen: Range) -> list[Episode]:
        """Return the episodes that `forget_episodes` would erase, oldest first."""
        from satchel.memory.episode_tables import find_episodes  # noqa: PLC0415

        with self.translating():
            return find_episodes(self.connection, chosen.since_ms, chosen.until_ms, chosen.text)

    def forget(self, events: Iterable[Event]) -> int:
        """Erase events, and the episodes made of them; return how many events there were.

        Nothing of their texts is left in the file or its log.
        """
        from satchel.memory.episode_tables import erase_episodes_of  # noqa: PLC0415

        chosen = [(event.id, event.at_ms) for event in events]
        with self.writing():
            erase_episodes_of(self.connection, chosen)
            erased = erase_events(self.connection, [id_ for id_, _ in chosen])
        self.erase_traces()
        return erased

    def forget_episodes(self, chosen: Range) -> int:
        """Erase the episodes that share time with a range and contain its text, if their events are gone or not.

        Return how many there were. The events that are left of them would be formed again: forget those first.
        """
        from satchel.memory.episode_tables import erase_episodes_in  # noqa: PLC0415

        with self.writing():
            erased = erase_episodes_in(self.connection, chosen.since_ms, chosen.until_ms, chosen.text)
        self.erase_traces()
        return erased

    def prune(self, before_ms: int) -> int:
        """Erase the events before a time and keep the episodes that were made of them; return how many there were."""
        with self.translating():
            old = [
                row[0] for row in rows(self.connection, "SELECT id FROM events WHERE at_ms < ?", before_ms)
            ]
        if not old:
            return 0
        with self.writing():
            erased = erase_events(self.connection, old)
        self.erase_traces()
        return erased

    def erase_traces(self) -> None:
        """Empty SQLite's own log, which still has deleted texts. Raise SatchelError if another program reads it."""
        with self.translating():
            busy = scalar(self.connection, "PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise SatchelError(
                f"'{self.path}' is in use, so its log still has what was deleted",
                hint="repeat the command when the other program has finished",
            )
