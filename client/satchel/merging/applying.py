"""Carrying out decisions: the writes of a merge, inside one write transaction of this store."""

from dataclasses import replace
from typing import Final

import apsw

from satchel.merging.decisions import Decision
from satchel.merging.histories import History
from satchel.merging.incoming import read_content, read_origin, read_revision
from satchel.merging.other_store import OtherStore
from satchel.pieces import ulid
from satchel.pieces.model import Entropy
from satchel.pieces.suggested import after_return
from satchel.store import writes
from satchel.store.files import StoredFile, files_of
from satchel.store.queries import head_of, revisions_of
from satchel.store.rows import from_ms

_RENUMBER: Final = "UPDATE revisions SET number = ? WHERE seq = ?"


class Applier:
    """Writes decisions into a store. `now_ms` is the time of the revisions that the merge itself makes."""

    def __init__(
        self, connection: apsw.Connection, theirs: OtherStore, now_ms: int, entropy: Entropy
    ) -> None:
        self._connection = connection
        self._theirs = theirs
        self._now_ms = now_ms
        self._entropy = entropy

    def apply(self, decision: Decision) -> None:
        """Carry out one decision."""
        ours, theirs = decision.ours.history, decision.theirs.history
        erased = ours.key if ours is not None and decision.outcome == "removed" else 0
        if decision.removal is not None:
            removal = decision.removal
            writes.add_removal(self._connection, erased, decision.piece_id, removal.id, removal.at_ms)
        if erased:
            writes.erase_piece(self._connection, erased)
        if theirs is not None:
            key = ours.key if ours is not None else writes.highest_key(self._connection) + 1
            if decision.taken:
                self._take(key, decision, theirs)
            if decision.again:
                self._append_again(key, decision, theirs)

    def _take(self, key: int, decision: Decision, theirs: History) -> None:
        """Add the missing revisions of a live Piece."""
        numbers = {revision_id: number for number, revision_id in enumerate(decision.united, 1)}
        if decision.ours.history is not None:
            self._renumber(decision.ours.history, numbers)
        held = writes.contents_of(self._connection, key) if decision.ours.history is not None else {}
        receiver = _Receiver(self._connection, self._theirs, key, theirs, held)
        for revision_id in decision.taken:
            receiver.add(revision_id, numbers[revision_id], is_first=revision_id == decision.piece_id)

    def _renumber(self, ours: History, numbers: dict[str, int]) -> None:
        """Update the numbers of revisions that are no longer where they were."""
        changed = [
            (numbers[revision_id], seq)
            for number, (revision_id, seq) in enumerate(ours.revisions.items(), 1)
            if numbers[revision_id] != number
        ]
        self._connection.executemany(_RENUMBER, changed)

    def _append_again(self, key: int, decision: Decision, theirs: History) -> None:
        """Append a copy of the other store's current revision, later than everything known here."""
        current = head_of(self._connection, key).revision
        stored = next(
            each for each in revisions_of(self._connection, key) if each.revision.id == theirs.newest
        )
        newest = max(current.id, decision.ours.removed)
        copy = replace(
            stored.revision,
            suggested=after_return(current, stored.revision),
            author=None,
            number=current.number + 1,
            at=from_ms(self._now_ms),
            id=ulid.later_id(newest, self._now_ms, self._entropy(ulid.RANDOM_BYTES)),
        )
        files = files_of(self._connection, stored.seq)
        writes.append_revision(self._connection, key, copy, stored.content, files)


class _Receiver:
    """Adds revisions of one Piece of the other store to the Piece with the row number `key`.

    `contents` has the contents that this Piece holds already: the row of each by its digest.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        theirs: OtherStore,
        key: int,
        history: History,
        contents: dict[bytes, int],
    ) -> None:
        self._connection = connection
        self._theirs = theirs
        self._key = key
        self._history = history
        self._contents = contents

    def add(self, revision_id: str, number: int, *, is_first: bool) -> None:
        """Add a revision; with the first one, the Piece."""
        seq = self._history.revisions[revision_id]
        incoming = read_revision(self._theirs, self._history.key, seq, is_first=is_first)
        revision = replace(incoming.revision, number=number, id=revision_id)
        content = self._content(incoming.content, revision.size_bytes)
        files = [
            StoredFile(file, self._content(row, file.size_bytes))
            for file, row in zip(revision.files, incoming.file_contents, strict=True)
        ]
        added = writes.append_revision(self._connection, self._key, revision, content, files)
        if is_first:
            origin = read_origin(self._theirs, self._history.key)
            writes.add_origin(
                self._connection,
                self._key,
                revision_id,
                added,
                created_ms=origin.created,
                source=origin.source,
            )

    def _content(self, row: int, size_bytes: int) -> int:
        """Store a content unless the Piece has it; return its row."""
        data, digest = read_content(self._theirs, row, size_bytes)
        if digest not in self._contents:
            self._contents[digest] = writes.add_content(self._connection, data, digest)
        return self._contents[digest]
