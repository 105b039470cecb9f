"""Stores of several devices, each with a clock and random ids of its own, and everything that they hold."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Self

import apsw

from satchel.store import Store
from satchel.store.database import open_file

START = datetime(2026, 3, 1, tzinfo=UTC)


class DeviceClock:
    """A clock that is wrong by `offset` and advances by a second each time it is read."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.now = START + offset
        self.step = timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


class Devices:
    """Opens stores below one directory and closes them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def new(self, name: str, offset: timedelta = timedelta(0)) -> Store:
        """Create an empty store."""
        clock, entropy = DeviceClock(offset), Random(name).randbytes
        return self._stack.enter_context(Store.create(self.folder / name, clock=clock, entropy=entropy))

    def copy(self, store: Store, name: str, offset: timedelta = timedelta(0)) -> Store:
        """Open a copy of a store, as if its home were copied to another computer."""
        copy_database(store, self.folder / name)
        clock, entropy = DeviceClock(offset), Random(name).randbytes
        return self._stack.enter_context(Store.open(self.folder / name, clock=clock, entropy=entropy))


def copy_database(store: Store, home: Path) -> Path:
    """Copy the current state of an open store into a new home. Return the database file."""
    home.mkdir(mode=0o700, parents=True)
    target = home / "store.db"
    store._connection.execute("VACUUM INTO ?", (str(target),))
    return target


def immutable(database: Path) -> apsw.Connection:
    """Open a database without creating files beside it."""
    return open_file(database, apsw.SQLITE_OPEN_READONLY, is_immutable=True)


def holdings(store: Store) -> dict[str, object]:
    """Return every Piece by id, with its origin and all its revisions, files and contents."""
    return {
        piece.id: (piece.created, piece.source, list(_revisions(store, piece.id))) for piece in store.pieces()
    }


def _revisions(store: Store, piece_id: str) -> Iterator[tuple[object, ...]]:
    for revision in store.revisions(piece_id):
        content = store.content(piece_id, revision.number)
        yield revision, content, store.files(piece_id, revision.number)


def newest_removal(store: Store) -> str:
    """Return the id of the newest removal."""
    return str(store._connection.execute("SELECT ulid FROM removals ORDER BY seq DESC LIMIT 1").get)
