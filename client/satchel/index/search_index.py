"""The index: finds Pieces by their words and by the digest of their content. HOME/index.db.

It is rebuilt from the store when it is missing, damaged, of another version, of another store, or of a history
that the store did not go through. Otherwise an update indexes the changes since the last one, whichever process
made them. Any number of processes may use one index at once.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

import apsw

from satchel.errors import NotFoundError, SatchelError
from satchel.index import database, embedding_queue, updates
from satchel.index.beginnings import newest_beginning
from satchel.index.corrections import Correction, correct
from satchel.index.fusion import FoundBy
from satchel.index.meaning import Meaning, fused_matches
from satchel.index.prefetch import prefetch
from satchel.index.prefix_ranking import READ, best_of_long_prefix
from satchel.index.query import Query, parse, plain_words
from satchel.index.ranking import (
    FIRST_MATCHES,
    SCORED_MATCHES,
    Match,
    Order,
    Span,
    best_matches,
    count_matches,
    matches_among,
    matches_by_time,
    scored_keys,
    with_ids,
)
from satchel.index.snippet import SEARCHED_CHARS, MatchingLine, matching_lines, snippet
from satchel.index.words import Words
from satchel.local_files import locked
from satchel.models.embedding import open_encoder
from satchel.pieces.model import Mark, Piece
from satchel.store import Store
from satchel.store.database import first_row, rows, translated

if TYPE_CHECKING:
    from satchel.index.resembling import Resembling

Result = TypeVar("Result")

PREFETCHED_CHANGES: Final = 1_000  # fewer are indexed without a thread


@dataclass(frozen=True, slots=True)
class Hit:
    """A Piece that matches. A higher score is better; `snippet` is one printable line, or empty."""

    piece: Piece
    score: float
    snippet: str
    lines: tuple[MatchingLine, ...] = ()
    found_by: FoundBy = "words"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search: the Pieces, and the similar words that were searched for those that nothing contains.

    `waiting` counts the Pieces that meaning cannot find yet.
    """

    hits: list[Hit]
    corrections: tuple[Correction, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which matches of a query are wanted, and how many lines of each."""

    limit: int
    offset: int
    order: Order = "match"
    span: Span | None = None
    lines: int = 0

    def matches(self, connection: apsw.Connection, store: Store, query: Query) -> list[Match]:
        """Return the matches."""
        if self.order == "match":
            if self.limit + self.offset <= FIRST_MATCHES and self.span is None:
                found = best_of_long_prefix(connection, store, query, self.limit + self.offset)
                if found is not None:
                    return with_ids(connection, found[self.offset :])
            return best_matches(connection, query, self.limit, self.offset, self.span)
        return matches_by_time(connection, query, self.limit, self.offset, order=self.order, span=self.span)


class Index:
    """An open index of an open store. Close it with `close`, or use it as a context manager."""

    def __init__(self, path: Path, store: Store, connection: apsw.Connection) -> None:
        self.path = path
        self._store = store
        self._connection = connection
        self._words = Words()

    @classmethod
    def open(cls, home: Path, store: Store) -> Self:
        """Open the index of a store, or create it. `update` and every query bring it up to date.

        Where nothing can be written, an up-to-date index is used as it is, and any other is rebuilt in a
        temporary file.
        """
        path = home / database.INDEX_FILE
        with translated(path):
            index = cls(path, store, database.open_for(home, store))
        try:
            index._make_ready()
        except BaseException:
            index.close()
            raise
        return index

    def close(self) -> None:
        """Close. Idempotent."""
        with translated(self.path):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(
        self, query: str, limit: int = 20, offset: int = 0, *, advance: Callable[[int], None] | None = None
    ) -> list[Hit]:
        """Find Pieces, the best match first; a query of filters alone lists the newest first.

        A Piece that another process removes during the search is skipped. `advance` reports the progress of
        the update. UsageError if the query is empty or malformed (`satchel.index.query`).
        """
        self.update(advance)
        return self._hits(parse(query), _Wanted(limit, offset))

    def find(
        self,
        query: str,
        limit: int = 20,
        *,
        offset: int = 0,
        order: Order = "match",
        span: Span | None = None,
        lines: int = 0,
        advance: Callable[[int], None] | None = None,
        meaning: Meaning | None = None,
        corrects: bool = True,
    ) -> Found:
        """Find Pieces like `search`, in any order and span of time, each with up to `lines` matching lines.

        If nothing contains a word of the query, similar words are searched instead, if it `corrects`. With `meaning`, a query of
        several words also finds Pieces of similar meaning, and so does a single word that nothing contains.
        """
        parsed, wanted = parse(query), _Wanted(limit, offset, order, span, lines)
        self.update(advance)
        found, used = self._found_by_words(parsed, wanted, corrects=corrects)
        words = plain_words(query) if meaning is not None and order == "match" else ""
        if meaning is None or not words or (found.hits and len(parsed.phrases) == 1):
            return found
        return replace(self._fused(used, wanted, words, meaning), corrections=found.corrections)

    def matches(
        self, query: str, limit: int, *, order: Order = "match", span: Span | None = None
    ) -> list[Match]:
        """Return the ids and scores of matches in an order, without reading the Pieces."""
        self.update()
        parsed, wanted = parse(query), _Wanted(limit, 0, order, span)
        return self._with_rebuild(lambda: wanted.matches(self._connection, self._store, parsed))

    def first_accepted(self, query: str, accepts: Callable[[int], bool], limit: int) -> list[Match] | None:
        """Return the best matches whose key in the store is accepted.

        None if there are not that many among the likely best matches, and may be others.
        """
        self.update()
        return self._with_rebuild(lambda: self._first_accepted(parse(query), accepts, limit))

    def _first_accepted(self, query: Query, accepts: Callable[[int], bool], limit: int) -> list[Match] | None:
        if not query.phrases:
            return None
        scored = best_of_long_prefix(self._connection, self._store, query, READ)
        is_whole = False
        if scored is None:
            scored = scored_keys(self._connection, query)
            is_whole = len(scored) < SCORED_MATCHES
        found = [one for one in scored if accepts(one[0])]
        if len(found) < limit and not is_whole:
            return None
        return with_ids(self._connection, found[:limit])

    def matches_among(self, query: str, keys: Collection[int]) -> list[Match]:
        """Return the ids and scores of the matches among the Pieces with these keys of the store, the best first."""
        self.update()
        parsed = parse(query)
        return self._with_rebuild(lambda: matches_among(self._connection, parsed, keys))

    def count_matches(self, query: str, most: int, *, span: Span | None = None) -> int:
        """Count the matches of a query, up to `most`."""
        self.update()
        parsed = parse(query)
        return self._with_rebuild(lambda: count_matches(self._connection, parsed, most, span))

    def ids_of(self, keys: Iterable[int]) -> frozenset[str]:
        """Return the ids of Pieces by their keys in the store; of those that are indexed."""
        query = "SELECT ulid FROM pieces WHERE id IN (SELECT value FROM json_each(?))"
        text = json.dumps(list(keys))
        return frozenset(ulid for (ulid,) in self._with_rebuild(lambda: rows(self._connection, query, text)))

    def hits(self, query: str, matches: list[Match], *, lines: int = 0) -> list[Hit]:
        """Return matches with their Pieces and snippets. Those of removed Pieces are left out."""
        parsed = parse(query)
        found = (self._hit(ulid, score, parsed, lines) for ulid, score in matches)
        return [hit for hit in found if hit is not None]

    def _found_by_words(self, query: Query, wanted: _Wanted, *, corrects: bool) -> tuple[Found, Query]:
        """Return what words find, and the query that was used: perhaps with similar words."""
        hits = self._hits(query, wanted)
        corrected = (
            None if hits or not corrects else self._with_rebuild(lambda: correct(self._connection, query))
        )
        if corrected is None:
            return Found(hits), query
        hits = self._hits(corrected[0], wanted)
        return (Found(hits, corrected[1]), corrected[0]) if hits else (Found([]), query)

    def beginning(self, text: str, limit: int, *, languages: tuple[str, ...] = ()) -> list[str]:
        """Return the ids of Pieces with a tag, or a word of the title, that begins with a text: the newest of each.

        Up to `limit` by their tags, and up to `limit` by their titles. With `languages`, only Pieces in one of them.
        """
        self.update()
        return self._with_rebuild(lambda: newest_beginning(self._connection, text, languages, limit))

    def embed_waiting(self, budget_s: float) -> int:
        """Embed Pieces that wait for it, for a limited time, and return how many still wait. Loads MiniLM."""
        self.update()
        self._with_rebuild(lambda: self._embed(Meaning(budget_s)))
        return self._with_rebuild(lambda: embedding_queue.count(self._connection))

    def find_content(self, digest: bytes) -> str | None:
        """Return the id of the oldest Piece whose current content has this digest (`satchel.pieces.digests`)."""
        self.update()
        query = "SELECT ulid FROM pieces WHERE sha256 = ? ORDER BY id LIMIT 1"
        row = self._with_rebuild(lambda: first_row(self._connection, query, digest))
        return str(row[0]) if row else None

    def similar(
        self,
        text: str,
        limit: int = 10,
        *,
        advance: Callable[[int], None] | None = None,
        meaning: Meaning | None = None,
    ) -> "list[Resembling]":
        """Find the Pieces that resemble a text by their fingerprints, and with `meaning` by their vectors.

        Missing fingerprints are made first, and missing vectors for the time that `meaning` allows.
        """
        from satchel.index import resembling  # noqa: PLC0415  only where it is asked for

        self.update()
        vector = None if meaning is None else resembling.vector_of(text)

        def find() -> "list[Resembling]":
            if self._connection.readonly("main"):
                raise _UnfitError  # fingerprints cannot be added to it
            resembling.catch_up(self._connection, self._store, advance or _ignore_progress)
            if meaning is not None:
                self._embed(meaning)
            return resembling.resembling(self._connection, text, limit, vector)

        return self._with_rebuild(find)

    def count(self) -> int:
        """Count the indexed Pieces."""
        row = self._with_rebuild(lambda: first_row(self._connection, "SELECT count(*) FROM pieces"))
        return int(row[0]) if row else 0

    def update(self, advance: Callable[[int], None] | None = None) -> None:
        """Index what changed in the store since the last update.

        `advance` receives the number of Pieces indexed by each batch.
        """
        self._with_rebuild(lambda: self._update(advance or _ignore_progress))

    def rebuild(self, advance: Callable[[int], None] | None = None) -> None:
        """Delete the index and build it again."""
        with self._rebuilding():
            self._empty()
        self.update(advance)

    def problems(self) -> list[str]:
        """List what is wrong with the index; `rebuild` mends it. Slow: reads the whole index."""
        try:
            with _transient_errors(self.path):
                return database.problems(self._connection)
        except apsw.Error as error:
            return [f"the index is damaged: {type(error).__name__}"]

    # -- inside

    def _hits(self, query: Query, wanted: _Wanted) -> list[Hit]:
        found = self._with_rebuild(lambda: wanted.matches(self._connection, self._store, query))
        hits = (self._hit(ulid, score, query, wanted.lines) for ulid, score in found)
        return [hit for hit in hits if hit is not None]

    def _fused(self, query: Query, wanted: _Wanted, words: str, meaning: Meaning) -> Found:
        """Find by words and by meaning, after embedding what waits, for a limited time."""
        encoder = open_encoder()
        self._with_rebuild(lambda: self._embed(meaning))
        vector = encoder.vector(words)
        best = self._with_rebuild(
            lambda: fused_matches(self._connection, query, vector, wanted.limit, wanted.span)
        )
        hits = ((self._hit(ulid, one.score, query, wanted.lines), one.found_by) for ulid, one in best)
        found = [replace(hit, found_by=found_by) for hit, found_by in hits if hit is not None]
        return Found(found, waiting=self._with_rebuild(lambda: embedding_queue.count(self._connection)))

    def _embed(self, meaning: Meaning) -> None:
        if not self._connection.readonly("main"):
            embedding_queue.catch_up(
                self._connection,
                self._store,
                open_encoder(),
                budget_s=meaning.budget_s,
                advance=meaning.advance,
            )

    def _hit(self, ulid: str, score: float, query: Query, lines: int) -> Hit | None:
        try:
            piece, text = self._store.readable(ulid, SEARCHED_CHARS)
        except NotFoundError:  # removed by another process since the match
            return None
        shown = matching_lines(text, query.phrases, lines) if lines else ()
        return Hit(piece, score, snippet(text, query.phrases), shown)

    def _update(self, advance: Callable[[int], None]) -> None:
        while (mark := self._mark()).counter < self._store.change_counter:
            if self._connection.readonly("main"):
                raise _UnfitError
            self._follow(mark, advance)

    def _mark(self) -> Mark:
        mark = database.mark_of(self._connection, self._store)
        if mark is None:
            raise _UnfitError
        return mark

    def _follow(self, mark: Mark, advance: Callable[[int], None]) -> None:
        """Index the changes after a mark; stop early if another process indexes them first."""
        changes = self._store.change_counter - mark.counter
        found = self._store.changed_since(mark.counter, text_bytes=updates.INDEXED_TEXT_BYTES)
        average = database.average_length(self._connection)
        batches = (updates.prepare(batch, self._words, average) for batch in found)
        with closing(prefetch(batches) if changes >= PREFETCHED_CHANGES else batches) as ready:
            for batch in ready:
                if not updates.write(self._connection, self._store, batch, mark):
                    return
                mark = batch.mark
                advance(len(batch.words))
        updates.merge_if_due(self._connection, changes)

    def _make_ready(self) -> None:
        """Empty an index that does not fit the store, unless another thread or process has just done so."""
        if not self._fits():
            with self._rebuilding():
                if not self._fits():
                    self._empty()

    def _fits(self) -> bool:
        """Whether the index can be used: it fits the store and is not damaged."""
        try:
            with _transient_errors(self.path):
                return database.is_ready(self._connection, self._store)
        except apsw.Error:
            return False

    def _with_rebuild(self, work: Callable[[], Result]) -> Result:
        """Do the work; if the index turns out to be damaged or outdated, rebuild it and try once more."""
        with suppress(apsw.Error, _UnfitError), _transient_errors(self.path):
            return work()
        with self._rebuilding():
            # Another thread or process may have rebuilt it meanwhile.
            with suppress(apsw.Error, _UnfitError), _transient_errors(self.path):
                self._update(_ignore_progress)
                return work()
            self._empty()
            self._update(_ignore_progress)
            return work()

    def _empty(self) -> None:
        if self._connection.readonly("main"):
            self._connection.close()
            self._connection = database.open_temporary()
        database.recreate(self._connection, self._store)

    @contextmanager
    def _rebuilding(self) -> Iterator[None]:
        """Lock the index against other rebuilds, and turn a failed rebuild into an error for the owner."""
        try:
            with locked(self.path.parent), _transient_errors(self.path):
                yield
        except (apsw.Error, _UnfitError) as error:
            raise SatchelError(
                f"the index '{self.path}' cannot be rebuilt", hint="delete it while no program uses it"
            ) from error


class _UnfitError(Exception):
    """The index does not belong to this state of the store, and must be rebuilt."""


@contextmanager
def _transient_errors(path: Path) -> Iterator[None]:
    """Translate errors that do not mean a damaged index (busy, full, read-only); pass on the others."""
    try:
        yield
    except database.TRANSIENT as error:
        with translated(path):
            raise error from None


def _ignore_progress(_pieces: int) -> None:
    """Report no progress."""
