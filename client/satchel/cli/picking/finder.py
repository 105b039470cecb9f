"""Finding Pieces in a thread: what was typed last is searched, and everything in between is left out.

Titles and tags are matched in memory, texts by the index. The first answer comes before the outlines are read, so
that a large store shows its newest Pieces at once.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from satchel.cli.picking.fuzzy import SURE
from satchel.cli.picking.outlines import Outlines, Typed, typed_of
from satchel.cli.terminal.highlighting import Highlighter
from satchel.cli.terminal.text import printable
from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.index import Index
from satchel.pieces.collections import PINNED
from satchel.store import Piece, Store

SHOWN: Final = 200
TEXT_HITS: Final = 50
MIN_TEXT_CHARS: Final = 2  # typed characters from which texts are searched
PREVIEW_CHARS: Final = 16_384
_LAST_WAIT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Results:
    """The Pieces found for what was typed, the best first, of `total` that could be chosen (None: not counted yet)."""

    typed: str
    pieces: Sequence[Piece]
    total: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The start of a Piece's text, with colours."""

    piece_id: str
    text: str = field(repr=False)


class Finder:
    """A thread that searches and highlights. `wakes` is a descriptor that can be read when something is new."""

    def __init__(self, home: Path, languages: Sequence[str] = (), *, color: bool = True) -> None:
        self._home = home
        self._languages = tuple(languages)
        self._color = color
        self.wakes, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        self._changed = threading.Condition()
        self._query: str | None = None
        self._wanted: tuple[Piece, str] | None = None
        self._is_over = False
        self._results: Results | None = None
        self._preview: Preview | None = None
        self._thread = threading.Thread(target=self._work, name="finder", daemon=True)
        self._thread.start()

    def find(self, typed: str) -> None:
        """Search for what was typed, instead of anything that waits."""
        with self._changed:
            self._query = typed
            self._changed.notify()

    def highlight(self, piece: Piece, text: str) -> None:
        """Highlight the start of a Piece's text, instead of another one that waits."""
        with self._changed:
            self._wanted = (piece, text)
            self._changed.notify()

    def news(self) -> tuple[Results | None, Preview | None]:
        """Return what is new since the last call, and make `wakes` unreadable."""
        with self._changed:
            found = self._results, self._preview
            self._results = self._preview = None
            os.set_blocking(self.wakes, False)
            with suppress(BlockingIOError):
                os.read(self.wakes, 4096)
            return found

    def wake(self) -> None:
        """Make `wakes` readable."""
        with suppress(OSError):  # full: it is readable already
            os.write(self._waker, b"x")

    def close(self) -> None:
        """End the thread, or leave it behind if its search takes long."""
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.join(_LAST_WAIT_S)

    # -- in the thread

    def _work(self) -> None:
        try:
            with ExitStack() as opened:
                store = opened.enter_context(Store.open(self._home, read_only=True))
                self._serve(store, opened)
        except SatchelError as exc:
            self._answer(Results("", (), error=exc.message))

    def _serve(self, store: Store, opened: ExitStack) -> None:
        search = _Search(store, self._languages)
        while True:
            with self._changed:
                while self._query is None and self._wanted is None and not self._is_over:
                    self._changed.wait()
                if self._is_over:
                    return
                query, self._query = self._query, None
                wanted, self._wanted = (self._wanted, None) if query is None else (None, self._wanted)
            if query is not None:
                self._find(search, query, opened)
            elif wanted is not None:
                self._color_text(*wanted)

    def _find(self, search: "_Search", query: str, opened: ExitStack) -> None:
        if not search.is_ready:
            if not query.strip():
                self._answer(Results(query, search.newest()))
            search.get_ready(self._home, opened)
        if not self._is_stale():
            self._answer(search.find(query))

    def _is_stale(self) -> bool:
        with self._changed:
            return self._query is not None or self._is_over

    def _answer(self, results: Results) -> None:
        with self._changed:
            self._results = results
        self.wake()

    def _color_text(self, piece: Piece, text: str) -> None:
        if not self._color or not piece.language:
            return
        with Highlighter() as highlighter:
            colored = highlighter.highlight(printable(text), piece.language)
        with self._changed:
            self._preview = Preview(piece.id, colored)
        self.wake()


class _Search:
    """Searches one store. Belongs to the thread of the finder."""

    def __init__(self, store: Store, languages: tuple[str, ...]) -> None:
        self._store = store
        self._languages = languages
        self._outlines: Outlines | None = None
        self._index: Index | None = None
        self._total = 0

    @property
    def is_ready(self) -> bool:
        return self._outlines is not None

    def newest(self) -> list[Piece]:
        """Return the Pieces that changed last."""
        if not self._languages:
            return list(self._store.pieces(limit=SHOWN))
        found = [
            one for language in self._languages for one in self._store.pieces(limit=SHOWN, language=language)
        ]
        return sorted(found, key=lambda one: one.updated, reverse=True)[:SHOWN]

    def get_ready(self, home: Path, opened: ExitStack) -> None:
        """Read the outlines and open the index."""
        self._outlines = Outlines(self._store.outlines())
        self._total = self._outlines.count(self._languages)
        self._index = opened.enter_context(Index.open(home, self._store))

    def find(self, query: str) -> Results:
        """Return the Pieces for what was typed."""
        if self._outlines is None or self._index is None:
            return Results(query, ())
        typed = typed_of(query)
        if not query.strip():
            return Results(query, self._newest_and_pinned(), self._total)
        titled = self._outlines.find(typed, self._languages, SHOWN) if typed.is_plain else []
        sure = [ulid for ulid, fits in titled if fits >= SURE]
        others = [ulid for ulid, fits in titled if fits < SURE]
        hits = self._by_text(query, typed)
        ids = dict.fromkeys([*sure, *(hit.id for hit in hits), *others])
        known = {hit.id: hit for hit in hits}
        return Results(query, self._pieces(list(ids)[:SHOWN], known), self._total)

    def _newest_and_pinned(self) -> list[Piece]:
        pinned = (
            self._outlines.find(Typed((), (), (PINNED,), is_plain=True), self._languages, SHOWN)
            if self._outlines
            else []
        )
        newest = {piece.id: piece for piece in self.newest()}
        return self._pieces(list(dict.fromkeys([*(ulid for ulid, _ in pinned), *newest]))[:SHOWN], newest)

    def _by_text(self, query: str, typed: Typed) -> list[Piece]:
        """Return the Pieces whose text has the words, the last one perhaps only begun."""
        if self._index is None or sum(map(len, typed.words)) < MIN_TEXT_CHARS:
            return []
        languages = " OR ".join(f'lang:"{each}"' for each in self._languages)
        for end in ("*", "") if query[-1].isalnum() else ("",):
            with suppress(UsageError):  # no query yet: a quotation mark that is still open, or a short prefix
                found = self._index.find(f"{query}{end} {languages}", TEXT_HITS)
                if found.hits:
                    return [hit.piece for hit in found.hits]
        return []

    def _pieces(self, ids: Sequence[str], known: dict[str, Piece]) -> list[Piece]:
        found = []
        for each in ids:
            with suppress(NotFoundError):  # another process has removed it
                found.append(known.get(each) or self._store.piece(each))
        return found
