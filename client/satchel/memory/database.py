"""memory.db: opening it, adding events, reading them by time, and forgetting.

    with MemoryStore.create(home) as memory:
        memory.add([Event("shell", at_ms, "make test", place="/home/ann/parser", exit_code=0)])
        for event in memory.events(since_ms=start): print(event.text)

The file has one writer at a time, whichever process it is; the others wait. What `add` returned survives the end of
the process; a power failure may take the last moments.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import apsw

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import make_home, translate_os_errors
from satchel.memory.control import Control
from satchel.memory.event_tables import add_events, count_events, erase_events, read_events
from satchel.memory.model import Episode, Event, Source, Summary
from satchel.memory.schema import APPLICATION_ID, FORMAT, MEMORY_FILE, TABLES
from satchel.store.database import (
    BUSY_TIMEOUT_MS,
    connect,
    create_file,
    first_row,
    open_file,
    reading,
    rows,
    scalar,
    translated,
    turn_on_log,
    writing,
)

_KEEP: Final = "move it to another place and keep it; satchel memory on SOURCE then begins a new one"
_CACHE_KIB: Final = 16_384


@dataclass(frozen=True, slots=True)
class Range:
    """Events to forget: from `since_ms` on, before `until_ms`, that contain `text`; all of them by default."""

    since_ms: int | None = None
    until_ms: int | None = None
    text: str = ""
    source: Source | None = None


class MemoryStore:
    """The open memory of a home. Use it in one thread at a time, and close it."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.path = path
        self.connection = connection
        self.control = Control(path, connection)

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the memory of a home. Raise NotFoundError if no source was ever on.

        Raise IntegrityError if it is damaged or of a newer format.
        """
        path = home / MEMORY_FILE
        if not path.is_file():
            raise NotFoundError(
                f"there is no memory in '{home}': no source has been switched on",
                hint="switch one on: satchel memory on shell",
            )
        return cls._set_up(path, connect(path))

    @classmethod
    def create(cls, home: Path) -> Self:
        """Open the memory of a home, or begin it. The directory is created if there is none.

        Raise SatchelError if nothing can be written there.
        """
        path = home / MEMORY_FILE
        with translate_os_errors(home):
            if not home.is_dir():
                make_home(home)
            with suppress(FileExistsError):
                create_file(path)
        with _translated(path):
            connection = open_file(path, apsw.SQLITE_OPEN_READWRITE)
        return cls._set_up(path, connection)

    @classmethod
    def _set_up(cls, path: Path, connection: apsw.Connection) -> Self:
        with _closed_on_error(connection):
            with _translated(path):
                connection.set_busy_timeout(BUSY_TIMEOUT_MS)
                connection.execute(
                    f"PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA cache_size = -{_CACHE_KIB};"
                    "PRAGMA synchronous = NORMAL"
                ).fetchall()
                if not scalar(connection, "PRAGMA application_id") and not connection.readonly("main"):
                    _begin(connection)
                application = scalar(connection, "PRAGMA application_id")
                found = scalar(connection, "PRAGMA user_version")
            if application != APPLICATION_ID:
                raise IntegrityError(f"'{path}' is damaged, or no memory", hint=_KEEP)
            if found != FORMAT:
                raise IntegrityError(
                    f"'{path}' has the format {found}, which this version of satchel does not know",
                    hint="update satchel",
                )
        return cls(path, connection)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Return the memory."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one write transaction, all or nothing, and raise SQLite's errors as satchel's."""
        with _translated(self.path), writing(self.connection):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Run several reads on one snapshot, and raise SQLite's errors as satchel's."""
        with _translated(self.path), reading(self.connection):
            yield

    def add(self, events: Iterable[Event]) -> list[int]:
        """Add events in one transaction, whatever sources are on, and return their ids."""
        with self.writing():
            return add_events(self.connection, events)

    def events(
        self, since_ms: int | None = None, until_ms: int | None = None, source: Source | None = None
    ) -> Iterator[Event]:
        """Yield the events from `since_ms` on and before `until_ms`, oldest first."""
        with _translated(self.path):
            yield from read_events(self.connection, since_ms, until_ms, source)

    def events_of(self, ids: Iterable[int]) -> list[Event]:
        """Return the events with these ids that are still there, oldest first."""
        with _translated(self.path):
            return list(read_events(self.connection, ids=ids))

    def episodes(self, since_ms: int | None = None, until_ms: int | None = None) -> Iterator[Episode]:
        """Yield the episodes that begin from `since_ms` on and before `until_ms`, oldest first (`forming.form_new`)."""
        with _translated(self.path):
            from satchel.memory.episode_tables import read_episodes  # noqa: PLC0415  see episode_schema

            yield from read_episodes(self.connection, since_ms, until_ms)

    def summaries(self, since_ms: int, until_ms: int) -> list[Summary]:
        """Return the summaries of the days and weeks that share time with a span."""
        from satchel.memory.episode_tables import read_summaries  # noqa: PLC0415

        with _translated(self.path):
            return read_summaries(self.connection, since_ms, until_ms)

    def counts(self) -> dict[str, int]:
        """Return how many events of each source there are."""
        with _translated(self.path):
            return count_events(self.connection)

    def span(self) -> tuple[int, int] | None:
        """Return the times of the first and the last event; None if there is none."""
        with _translated(self.path):
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
        return [
            each
            for each in self.episodes(None, chosen.until_ms)
            if (chosen.since_ms is None or each.end_ms >= chosen.since_ms)
            and chosen.text.casefold()
            in "\n".join((each.title, each.done, *each.commands, *each.files, *each.links)).casefold()
        ]

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
        with _translated(self.path):
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
        with _translated(self.path):
            busy = scalar(self.connection, "PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise SatchelError(
                f"'{self.path}' is in use, so its log still has what was deleted",
                hint="repeat the command when the other program has finished",
            )


def _begin(connection: apsw.Connection) -> None:
    """Create the tables of an empty file, once, whichever process comes first."""
    turn_on_log(connection)
    with writing(connection):
        if scalar(connection, "PRAGMA application_id") or scalar(
            connection, "SELECT count(*) FROM sqlite_schema"
        ):
            return
        from satchel.memory.episode_schema import EPISODES  # noqa: PLC0415

        for statement in (*TABLES, *EPISODES):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@contextmanager
def _closed_on_error(connection: apsw.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about the file as satchel's."""
    try:
        with translated(path):
            yield
    except IntegrityError as exc:
        exc.hint = _KEEP
        raise
