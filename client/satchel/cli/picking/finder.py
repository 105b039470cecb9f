"""Finding Pieces in a thread: searches for the latest input and skips everything in between.

Titles and tags are matched in memory, texts by the index. The first answer comes before the outlines are read, so
that a large store shows its newest Pieces at once.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.cli.picking.results import Preview, Results, newest_pieces
from satchel.cli.terminal.highlighting import Highlighter
from satchel.cli.terminal.text import printable
from satchel.errors import SatchelError
from satchel.store import Piece, Store

if TYPE_CHECKING:
    from satchel.cli.picking.searching import Search

PREVIEW_CHARS: Final = 16_384
_LAST_WAIT_S: Final = 2.0


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

    @property
    def is_running(self) -> bool:
        """Whether an answer may still come."""
        return self._thread.is_alive()

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
        search: Search | None = None
        while True:
            with self._changed:
                while self._query is None and self._wanted is None and not self._is_over:
                    self._changed.wait()
                if self._is_over:
                    return
                query, self._query = self._query, None
                wanted, self._wanted = (self._wanted, None) if query is None else (None, self._wanted)
            if query is not None:
                search = search or self._prepared(store, query, opened)
                if not self._is_stale():
                    self._answer(search.find(query))
            elif wanted is not None:
                self._color_text(*wanted)

    def _prepared(self, store: Store, query: str, opened: ExitStack) -> "Search":
        """Return what searches, after answering with the newest Pieces if nothing was typed."""
        if not query.strip():
            self._answer(Results(query, newest_pieces(store, self._languages)))
        # The index costs 200 ms, and the screen is drawn without it.
        from satchel.cli.picking.searching import Search  # noqa: PLC0415

        return Search(self._home, store, self._languages, opened)

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
