"""What two stores know of each Piece: the ids of its revisions, and its newest removal.

Both are read in the order of the ids, side by side, so memory does not grow with the stores.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice, pairwise
from operator import itemgetter
from typing import Any, Final

import apsw

from satchel.merging.other_store import OtherStore, invalid
from satchel.pieces import ulid
from satchel.store.database import Row
from satchel.store.revision_ids import derived_ids

MAX_REVISIONS: Final = 100_000  # of one Piece; they are held in memory together

FIRST_WITH_IDS: Final = 3  # the schema version that stores the ids of edits and removals

_COLUMNS: Final = "SELECT p.ulid, p.id, p.first, r.number, r.seq"
_HISTORIES: Final = (
    f"{_COLUMNS}, r.ulid FROM pieces AS p INDEXED BY piece_ids LEFT JOIN revisions AS r INDEXED BY edits"
    " ON r.piece = p.id AND r.number > 1 ORDER BY p.ulid, r.number"
)
_HISTORIES_WITHOUT_IDS: Final = (
    f"{_COLUMNS}, '' FROM pieces AS p LEFT JOIN revisions AS r INDEXED BY edits"
    " ON r.piece = p.id AND r.number > 1 ORDER BY p.ulid, r.number"
)
# With max(), the other columns are those of its row: https://www.sqlite.org/lang_select.html#bareagg
_REMOVALS: Final = (
    "SELECT piece_ulid, max(ulid), at FROM removals WHERE ulid IS NOT NULL AND piece_ulid IS NOT NULL"
    " GROUP BY piece_ulid ORDER BY piece_ulid"
)


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of a Piece in one store: the row of each by its id, oldest first. `key` is the Piece's row."""

    key: int
    revisions: dict[str, int] = field(repr=False)

    @property
    def current(self) -> int:
        """The row of the current revision."""
        return self.revisions[self.newest]

    @property
    def newest(self) -> str:
        """The id of the current revision."""
        return next(reversed(self.revisions))


@dataclass(frozen=True, slots=True)
class Removal:
    """The newest removal of a Piece."""

    id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Known:
    """What one store knows of a Piece."""

    history: History | None = None
    removal: Removal | None = None

    @property
    def newest(self) -> str:
        """The id of the current revision; empty if the store does not hold the Piece."""
        return self.history.newest if self.history else ""

    @property
    def removed(self) -> str:
        """The id of the newest removal; empty if there is none."""
        return self.removal.id if self.removal else ""


_NOTHING: Final = Known()
_Entry = tuple[str, str, Any]


def side_by_side(ours: apsw.Connection, theirs: OtherStore) -> Iterator[tuple[str, Known, Known]]:
    """Yield every Piece that one of two stores knows, in the order of ids: its id, and what each store knows.

    IntegrityError if an id is invalid or a history is out of order.
    """
    streams = (
        _labelled("our history", _histories(ours, FIRST_WITH_IDS)),
        _labelled("our removal", _removals(ours, FIRST_WITH_IDS)),
        _labelled("their history", theirs.guarded(_histories(theirs.connection, theirs.version))),
        _labelled("their removal", theirs.guarded(_removals(theirs.connection, theirs.version))),
    )
    for piece_id, entries in groupby(heapq.merge(*streams, key=itemgetter(0)), key=itemgetter(0)):
        found = {label: value for _, label, value in entries}
        yield (
            piece_id,
            Known(found.get("our history"), found.get("our removal")),
            Known(found.get("their history"), found.get("their removal")),
        )


def histories(other: OtherStore) -> Iterator[tuple[str, History]]:
    """Yield every Piece of a store with its history, in the order of ids."""
    return other.guarded(_histories(other.connection, other.version))


def _labelled(label: str, found: Iterable[tuple[str, Any]]) -> Iterator[_Entry]:
    return ((piece_id, label, value) for piece_id, value in found)


def _histories(connection: apsw.Connection, version: int) -> Iterator[tuple[str, History]]:
    query = _HISTORIES if version >= FIRST_WITH_IDS else _HISTORIES_WITHOUT_IDS
    for piece_id, group in groupby(connection.execute(query), key=itemgetter(0)):
        rows = list(islice(group, MAX_REVISIONS))
        if len(rows) == MAX_REVISIONS:
            raise invalid(f"has a Piece with more than {MAX_REVISIONS:,} revisions")
        yield piece_id, _history(connection, version, rows)


def _history(connection: apsw.Connection, version: int, rows: list[Row]) -> History:
    piece_id, key, first, number, _, _ = rows[0]
    if number is None and len(rows) == 1 and ulid.is_id(piece_id):
        return History(key, {piece_id: first})
    edits = [] if number is None else rows
    ids = [row[5] for row in edits]
    if edits and version < FIRST_WITH_IDS:
        ids = [one.ulid for one in derived_ids(connection, has_files=version > 1, piece=key)]
    numbers = [row[3] for row in edits]
    is_whole = {row[1] for row in rows} == {key} and numbers == list(range(2, len(edits) + 2))
    if not is_whole or not _are_ascending([piece_id, *ids]) or len(ids) != len(edits):
        raise invalid("has a Piece whose revisions are not in order")
    return History(key, {piece_id: first, **{one: row[4] for one, row in zip(ids, edits, strict=True)}})


def _are_ascending(ids: list[str | None]) -> bool:
    """Whether all are valid ids, each greater than the one before."""
    valid = [one for one in ids if one is not None and ulid.is_id(one)]
    return len(valid) == len(ids) and all(one < other for one, other in pairwise(valid))


def _removals(connection: apsw.Connection, version: int) -> Iterator[tuple[str, Removal]]:
    if version < FIRST_WITH_IDS:
        return
    for piece_id, removal_id, at_ms in connection.execute(_REMOVALS):
        if not ulid.is_id(piece_id) or not ulid.is_id(removal_id) or not is_time(at_ms):
            raise invalid("has a removal with an invalid id or time")
        yield piece_id, Removal(removal_id, at_ms)


def is_time(ms: int) -> bool:
    """Whether a time lies in the years that a date can express, 1 to 9999."""
    return EARLIEST_MS <= ms <= ulid.LATEST_TIME


EARLIEST_MS: Final = -62_135_596_800_000
