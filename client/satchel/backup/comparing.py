"""Comparing two stores Piece by Piece: which were added, changed and removed, from ids and revisions alone.

    with open_live(home) as old:
        for change in changes(old, connection_to_a_backup): ...

Contents are never read, so comparing with a backup that is far away reads only the pages of two tables.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple

import apsw
import msgspec

from satchel.errors import IntegrityError
from satchel.store.database import reading, translated
from satchel.store.rows import HEAD
from satchel.store.store_file import STORE_FILE, open_database

Kind = Literal["added", "changed", "removed"]

FIRST_PIECES: Final = 5
"""How many Pieces a question or a message names."""

_HEADS: Final = " ".join(
    (
        "SELECT p.ulid, r.title, r.at, {revision}, r.size_bytes, r.media_type, r.language, r.tags",
        f"FROM pieces AS p JOIN revisions AS r ON r.seq = {HEAD} ORDER BY p.{{order}}",
    )
)
_IDS_OF_REVISIONS: Final = 3
"""The first version of the schema in which revisions have ids. Before it, row numbers are the times of ids."""


class Head(NamedTuple):
    """The current revision of a Piece."""

    id: str
    title: str
    at: int
    revision: str | None
    """Its id; None for an edit in a store of a version in which edits have none."""
    state: tuple[object, ...]

    def is_same(self, other: "Head") -> bool:
        """Whether two stores have the same current revision of a Piece."""
        if self.revision is not None and other.revision is not None:
            return self.revision == other.revision
        return (self.title, self.at, self.state) == (other.title, other.at, other.state)


class Change(msgspec.Struct, frozen=True):
    """A difference between two stores. The title is that in the new one, or in the old one if removed."""

    kind: Kind
    id: str
    title: str
    is_older: bool = False
    """Whether a changed Piece is older in the new store than in the old one."""


class Group(msgspec.Struct):
    """Pieces with something in common: how many, and the first of them."""

    count: int = 0
    first: list[Change] = msgspec.field(default_factory=list)

    def add(self, change: Change) -> None:
        """Count a Piece."""
        self.count += 1
        if len(self.first) < FIRST_PIECES:
            self.first.append(change)


class Losses(msgspec.Struct, frozen=True):
    """What a store loses when another one replaces it, and what it gains."""

    pieces: int
    """How many Pieces it has."""
    missing: Group
    """Pieces that the other one does not have."""
    newer: Group
    """Pieces that are older in the other one."""
    added: int
    updated: int


@contextmanager
def open_live(home: Path) -> Iterator[apsw.Connection]:
    """Open a home's store to compare it, at one moment. Raise as `open_database` does."""
    path = home / STORE_FILE
    connection = open_database(home, read_only=True)
    try:
        with translated(path), reading(connection):
            yield connection
    finally:
        connection.close()


def heads(connection: apsw.Connection, limit: int | None = None) -> Iterator[Head]:
    """Yield the current revision of every Piece, in the order of their ids.

    IntegrityError for ids out of order or more than `limit` Pieces, which only a malformed database has.
    """
    before = ""
    has_ids = connection.pragma("user_version") >= _IDS_OF_REVISIONS
    revision = "CASE WHEN r.number > 1 THEN r.ulid ELSE p.ulid END" if has_ids else "NULL"
    query = _HEADS.format(revision=revision, order="ulid" if has_ids else "id")
    for count, (ulid, title, at, revision_id, *state) in enumerate(connection.execute(query), 1):
        if ulid <= before or (limit is not None and count > limit):
            raise IntegrityError(
                "the database holds more Pieces than it says, or in a wrong order",
                hint="use another backup: satchel backups",
            )
        before = ulid
        yield Head(ulid, title, at, revision_id, tuple(state))


def changes(old: Iterable[Head], new: Iterable[Head]) -> Iterator[Change]:
    """Yield what differs between two stores, in the order of ids. Both are read once, side by side."""
    olds, news = iter(old), iter(new)
    left, right = next(olds, None), next(news, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left.id < right.id):
            assert left is not None  # noqa: S101  one of them is there
            yield Change("removed", left.id, left.title)
            left = next(olds, None)
        elif left is None or right.id < left.id:
            yield Change("added", right.id, right.title)
            right = next(news, None)
        else:
            if not left.is_same(right):
                yield Change("changed", right.id, right.title, right.at < left.at)
            left, right = next(olds, None), next(news, None)


def losses(live: apsw.Connection, other: Iterable[Head]) -> Losses:
    """Return what a live store would lose and gain if another one replaced it."""
    pieces = 0

    def counted() -> Iterator[Head]:
        nonlocal pieces
        for head in heads(live):
            pieces += 1
            yield head

    missing, newer, added, updated = Group(), Group(), 0, 0
    for change in changes(other, counted()):
        match change:
            case Change(kind="added"):
                missing.add(change)
            case Change(kind="changed", is_older=False):
                newer.add(change)
            case Change(kind="removed"):
                added += 1
            case _:
                updated += 1
    return Losses(pieces, missing, newer, added, updated)
