"""The store: a directory whose store.db holds every Piece and all its revisions.

A `Store` belongs to one thread. Any number of processes can open the same directory. Each writing method runs one
transaction, which is durable when the method returns.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import apsw

from satchel.errors import IntegrityError, SatchelError
from satchel.pieces import ulid
from satchel.pieces.fields import language as normalize_language
from satchel.pieces.fields import normalize_changes, normalize_draft
from satchel.pieces.fields import tag as normalize_tag
from satchel.pieces.model import (
    ChangeBatch,
    Changes,
    Clock,
    Draft,
    Entropy,
    Mark,
    Outline,
    Piece,
    Revision,
    WholeFile,
    system_entropy,
    utc_now,
)
from satchel.store import change_feed, checks, listing, naming, queries, writes
from satchel.store.database import is_read_only, reading, scalar, translated, writing
from satchel.store.files import StoredFile, files_of
from satchel.store.rows import piece_of, to_ms
from satchel.store.store_file import STORE_FILE, create_database, open_database

BATCH_DRAFTS: Final = 512  # holds the write lock for about 20 ms
BATCH_BYTES: Final = 8 * 2**20
PAGE_PIECES: Final = 512

Witness = Callable[[Piece], None]


class Store:
    """An open store. Close it with `close`, or use it as a context manager."""

    def __init__(
        self,
        home: Path,
        connection: apsw.Connection,
        clock: Clock,
        entropy: Entropy,
        name: str = STORE_FILE,
    ) -> None:
        self.home = home
        self._name = name
        self._connection = connection
        self._clock = clock
        self._entropy = entropy
        with self._reading():
            self.store_id = _store_id(connection)

    @classmethod
    def create(cls, home: Path, *, clock: Clock = utc_now, entropy: Entropy = system_entropy) -> Self:
        """Create an empty store and its directory. UsageError if the store exists."""
        return cls(home, create_database(home, entropy), clock, entropy)

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        clock: Clock = utc_now,
        entropy: Entropy = system_entropy,
        read_only: bool = False,
        name: str = STORE_FILE,
    ) -> Self:
        """Open the store in a directory, read-only if the directory is not writable.

        `name` is the file of a previous store that a restore has kept.

        NotFoundError if there is no store; IntegrityError if it is damaged or not a store; SatchelError if a
        newer satchel wrote it.
        """
        return cls(home, open_database(home, read_only=read_only, name=name), clock, entropy, name)

    def close(self) -> None:
        """Close the store. The last process to close it checkpoints the log into store.db. Idempotent."""
        with translated(self.path):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The database file."""
        return self.home / self._name

    @property
    def read_only(self) -> bool:
        """Whether this store is read-only, by request or because its directory is."""
        return is_read_only(self._connection)

    # -- adding and changing

    def add(self, draft: Draft, *, witness: Witness | None = None) -> Piece:
        """Save one Piece. UsageError if a field exceeds its limit (`satchel.pieces.fields`).

        `witness` gets it just before it is durable; if it raises, nothing is saved.
        """
        if witness is None:
            return next(self.add_many((draft,)))
        wanted = normalize_draft(draft)
        with self._writing() as connection:
            piece = writes.add_piece(connection, wanted, self._now_ms(), self._entropy)
            witness(piece)
        return piece

    def add_many(self, drafts: Iterable[Draft]) -> Iterator[Piece]:
        """Save many Pieces, several hundred per transaction. Each yielded Piece is durable.

        No transaction is open while the iterable runs, so it may be slow. A draft that exceeds a limit raises
        UsageError after all earlier drafts are saved and yielded.
        """
        for batch in _batches(drafts):
            with self._writing() as connection:
                added = [
                    writes.add_piece(connection, draft, self._now_ms(), self._entropy) for draft in batch
                ]
            yield from added

    def edit(
        self,
        piece_id: str,
        changes: Changes,
        *,
        based_on: int | None = None,
        witness: Witness | None = None,
    ) -> Piece:
        """Append a revision with the changes, unless they have no effect.

        `based_on` is the revision that the caller has seen. SatchelError if it is no longer current. `witness` gets
        the new state just before it is durable; if it raises, nothing changes.
        """
        wanted = normalize_changes(changes)
        with self._writing() as connection:
            key = queries.key_of(connection, piece_id)
            head = queries.head_of(connection, key)
            _require_current(head.revision, based_on)
            is_changed = writes.apply_changes(
                connection, key, head, wanted, now_ms=self._now_ms(), entropy=self._entropy
            )
            piece = queries.piece_at(connection, key)
            if witness is not None and is_changed:
                witness(piece)
            return piece

    def restore_revision(self, piece_id: str, number: int) -> Piece:
        """Append a copy of an earlier revision as the current one. NotFoundError if it does not exist."""
        with self._writing() as connection:
            key = queries.key_of(connection, piece_id)
            current = queries.head_of(connection, key).revision
            stored = queries.revision_numbered(connection, key, number)
            if number != current.number:
                again = writes.again(current, stored.revision, self._now_ms(), self._entropy)
                stored_files = files_of(connection, stored.seq)
                writes.append_revision(connection, key, again, stored.content, stored_files)
            return queries.piece_at(connection, key)

    def withdraw(self, piece_id: str) -> Piece:
        """Take a Piece out of view, keeping its history; `restore_revision` brings it back. NotFoundError if none."""
        with self._writing() as connection:
            key = queries.key_of(connection, piece_id)
            head = queries.head_of(connection, key)
            if not head.revision.is_withdrawn:
                writes.withdraw(connection, key, head, now_ms=self._now_ms(), entropy=self._entropy)
            return queries.piece_at(connection, key)

    def remove(self, piece_id: str) -> None:
        """Remove a Piece with its history, and overwrite its bytes. NotFoundError if it does not exist."""
        with self._writing() as connection:
            now_ms, entropy = self._now_ms(), self._entropy(ulid.RANDOM_BYTES)
            key = queries.key_of(connection, piece_id)
            removal = ulid.later_id(queries.newest_revision(connection, key), now_ms, entropy)
            writes.remove_piece(connection, key, ulid.canonical(piece_id), removal, now_ms)

    # -- reading

    def piece(self, piece_id: str) -> Piece:
        """Return the Piece with this whole id. NotFoundError if there is none."""
        with self._reading() as connection:
            return queries.piece_at(connection, queries.key_of(connection, piece_id))

    def in_view(self, piece_ids: Iterable[str]) -> list[Piece]:
        """Return the Pieces in view with these whole ids, in their order. Those that do not exist are left out."""
        wanted = {ulid.canonical(each): number for number, each in enumerate(piece_ids)}
        with self._reading() as connection:
            return sorted(queries.in_view(connection, wanted), key=lambda piece: wanted[piece.id])

    def resolve(self, prefix: str) -> str:
        """Return the whole id that a text stands for: the beginning of an id, or else of its random part.

        In upper or lower case. NotFoundError for none; UsageError for several or an empty text.
        """
        with self._reading() as connection:
            return naming.id_with_prefix(connection, prefix)

    def with_prefix(self, prefix: str, limit: int) -> list[Piece]:
        """Return Pieces whose id, or its random part, begins with a text; the newest ids first."""
        with self._reading() as connection, reading(connection):
            found = naming.ids_with_prefix(connection, prefix, limit)
            return [queries.piece_at(connection, queries.key_of(connection, each)) for each in found]

    def short_ids(self, piece_ids: Collection[str]) -> dict[str, str]:
        """Return the shortest text of at least four characters with which `resolve` finds each whole id."""
        with self._reading() as connection:
            return naming.short_ids(connection, piece_ids)

    def titled(self, title: str, limit: int) -> list[Piece]:
        """Return Pieces with exactly this title, the newest ids first."""
        with self._reading() as connection:
            return naming.pieces_titled(connection, title, limit)

    def last_changed(self) -> Piece | None:
        """Return the Piece with the newest revision of this store, whatever its time; None if the store is empty."""
        with self._reading() as connection:
            return naming.last_changed(connection)

    def content(self, piece_id: str, revision: int | None = None) -> bytes:
        """Return the content, current or at a revision. IntegrityError if it is damaged."""
        with self._reading() as connection:
            content = _wanted(connection, piece_id, revision).content
            return queries.content_at(connection, content)

    def files(self, piece_id: str, revision: int | None = None) -> tuple[WholeFile, ...]:
        """Return the further files with their contents, in order, current or at a revision.

        IntegrityError if one is damaged.
        """
        with self._reading() as connection:
            found = files_of(connection, _wanted(connection, piece_id, revision).seq)
            return tuple(_whole(connection, stored) for stored in found)

    def readable(self, piece_id: str, max_bytes: int) -> tuple[Piece, str]:
        """Return a Piece and its readable text: the first `max_bytes` of its texts, followed by its description.

        NotFoundError if there is no such Piece.
        """
        with self._reading() as connection:
            return queries.readable(connection, piece_id, max_bytes)

    def pieces(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        language: str | None = None,
        tag: str | None = None,
        order: listing.Order = "changed",
        newest_first: bool = True,
    ) -> Iterator[Piece]:
        """Yield Pieces by the time of their last change, or in the order of saving, starting after `after` if given.

        Pieces are read in pages, each in its own transaction, so the store may change in between. NotFoundError if
        there is no Piece `after`.
        """
        language, tag = normalize_language(language), None if tag is None else normalize_tag(tag)
        with self._reading() as connection:
            beyond = listing.position_after(connection, after, order=order, newest_first=newest_first)
        left = limit
        while left is None or left > 0:
            size = PAGE_PIECES if left is None else min(left, PAGE_PIECES)
            with self._reading() as connection:
                rows = listing.page(
                    connection,
                    beyond,
                    size,
                    order=order,
                    language=language,
                    tag=tag,
                    newest_first=newest_first,
                )
                found = [piece_of(row[2:]) for row in rows]
            yield from found
            if len(rows) < size:
                return
            beyond, left = rows[-1][:2], None if left is None else left - size

    def outlines(self) -> Iterator[Outline]:
        """Yield the title, language and tags of every Piece in one state of the store, the one saved first at first."""
        with self._reading() as connection, reading(connection):
            yield from listing.outlines(connection)

    def revisions(self, piece_id: str) -> list[Revision]:
        """Return every revision, oldest first."""
        with self._reading() as connection:
            found = queries.revisions_of(connection, queries.key_of(connection, piece_id))
            return [stored.revision for stored in found]

    def count(self) -> int:
        """Return the number of Pieces in view."""
        with self._reading() as connection, reading(connection):
            return queries.count(connection)

    def tags(self) -> dict[str, int]:
        """Return the number of Pieces with each tag, most used first."""
        with self._reading() as connection:
            return queries.tags(connection)

    def languages(self) -> dict[str, int]:
        """Return the number of Pieces in each language, most used first."""
        with self._reading() as connection:
            return queries.languages(connection)

    def problems(self) -> Iterator[str]:
        """Check the whole store; yield every problem, one line each."""
        with self._reading() as connection:
            yield from checks.problems(connection)

    # -- change feed

    @property
    def change_counter(self) -> int:
        """Return the number of the newest change; 0 in a new store."""
        with self._reading() as connection:
            return writes.last_seq(connection)

    @property
    def mark(self) -> Mark:
        """Return the mark of the newest change, with which `recognizes` later identifies this history."""
        with self._reading() as connection:
            return change_feed.mark_of(connection)

    def recognizes(self, mark: Mark) -> bool:
        """Whether `mark` is part of this store's history. False after an older backup is restored."""
        with self._reading() as connection:
            return change_feed.recognizes(connection, mark)

    def changed_since(self, counter: int, *, text_bytes: int) -> Iterator[ChangeBatch]:
        """Yield the changes after a counter, oldest first, with the first `text_bytes` of each Piece's texts."""
        while True:
            with self._reading() as connection:
                batch = change_feed.changes_after(connection, counter, text_bytes)
            if batch is None:
                return
            yield batch
            counter = batch.mark.counter

    # -- for merging

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """Run one write transaction on the database, all or nothing."""
        with self._writing() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[apsw.Connection]:
        """Read the database in one state."""
        with self._reading() as connection, reading(connection):
            yield connection

    # -- internals

    @contextmanager
    def _reading(self) -> Iterator[apsw.Connection]:
        with translated(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[apsw.Connection]:
        with translated(self.path), writing(self._connection):
            yield self._connection

    def _now_ms(self) -> int:
        return to_ms(self._clock())


def _wanted(
    connection: apsw.Connection, piece_id: str, revision: int | None
) -> writes.Head | queries.StoredRevision:
    key = queries.key_of(connection, piece_id)
    if revision is None:
        return queries.head_of(connection, key)
    return queries.revision_numbered(connection, key, revision)


def _whole(connection: apsw.Connection, stored: StoredFile) -> WholeFile:
    file = stored.file
    content = queries.content_at(connection, stored.content)
    return WholeFile(file.name, content, file.language or "", file.media_type)


def _store_id(connection: apsw.Connection) -> str:
    found = scalar(connection, "SELECT value FROM meta WHERE key = 'store_id'")
    if not isinstance(found, str):
        raise IntegrityError("the store has no id", hint="restore a backup: satchel restore")
    return found


def _require_current(head: Revision, based_on: int | None) -> None:
    if based_on not in (None, head.number):
        raise SatchelError(
            f"the Piece has changed: it is at revision {head.number}, not {based_on}",
            hint="review the current revision, then repeat the edit",
        )


def _batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    """Yield normalized drafts, grouped by transaction. Raise for an invalid draft only after the ones before it."""
    batch: list[Draft] = []
    size = 0
    for draft in drafts:
        try:
            batch.append(normalize_draft(draft))
        except SatchelError:
            yield batch
            raise
        size += len(draft.content)
        if draft.files:
            size += sum(len(file.content) for file in draft.files)
        if len(batch) == BATCH_DRAFTS or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
