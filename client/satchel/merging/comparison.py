"""Comparing two stores by the ids of revisions, without reading contents.

Reads the ids of all Pieces and edits, and one row for each difference, so it suits a database whose pages are
fetched as they are read. In a store of version 1 or 2 it also reads the edits and the digests of their contents.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final, Literal

import apsw

from satchel.merging.histories import History, histories, is_time
from satchel.merging.other_store import OtherStore, invalid, reading_other
from satchel.pieces.fields import MAX_TITLE_CHARS
from satchel.store.database import first_row
from satchel.store.rows import from_ms

_HEADLINE: Final = "SELECT substr(title, 1, ?), at FROM revisions WHERE seq = ?"
_BEFORE, _AFTER = 0, 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A Piece that only the later store holds, whose current revision differs, or that only the earlier one holds.

    Title and time are those of the current revision in the later store; of a removed Piece, in the earlier one.
    """

    kind: Literal["added", "changed", "removed"]
    piece_id: str
    title: str
    updated: datetime


def compare(before: apsw.Connection, after: apsw.Connection) -> Iterator[Difference]:
    """Yield the differences between two open stores of any version, in the order of the Pieces' ids.

    IntegrityError if one is not a store, or is damaged.
    """
    stores = (OtherStore.of(before), OtherStore.of(after))
    streams = [_of_side(side, store) for side, store in enumerate(stores)]
    for piece_id, entries in groupby(heapq.merge(*streams, key=itemgetter(0)), key=itemgetter(0)):
        found: dict[int, History] = {side: history for _, side, history in entries}
        if _AFTER not in found:
            yield _difference("removed", piece_id, stores[_BEFORE], found[_BEFORE])
        elif _BEFORE not in found:
            yield _difference("added", piece_id, stores[_AFTER], found[_AFTER])
        elif found[_BEFORE].newest != found[_AFTER].newest:
            yield _difference("changed", piece_id, stores[_AFTER], found[_AFTER])


def _of_side(side: int, store: OtherStore) -> Iterator[tuple[str, int, History]]:
    return ((piece_id, side, history) for piece_id, history in histories(store))


def _difference(
    kind: Literal["added", "changed", "removed"], piece_id: str, store: OtherStore, history: History
) -> Difference:
    with reading_other():
        row = first_row(store.connection, _HEADLINE, MAX_TITLE_CHARS, history.current)
    if row is None or not is_time(row[1]):
        raise invalid("lacks the current revision of a Piece")
    return Difference(kind, piece_id, row[0], from_ms(row[1]))
