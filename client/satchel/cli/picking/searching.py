"""Searching one store for what was typed: titles and tags in memory, texts by the index."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from satchel.cli.picking.fuzzy import SURE
from satchel.cli.picking.outlines import Outlines, Typed, typed_of
from satchel.cli.picking.results import SHOWN, Results, newest_pieces
from satchel.cli.suggested_queries import nearby_queries
from satchel.errors import NotFoundError, UsageError
from satchel.index import Index
from satchel.pieces.collections import PINNED
from satchel.store import Piece, Store

TEXT_HITS: Final = 50
MIN_TEXT_CHARS: Final = 2  # typed characters from which texts are searched


class Search:
    """The outlines and the index of a store. Belongs to one thread; `opened` closes the index."""

    def __init__(self, home: Path, store: Store, languages: Sequence[str], opened: ExitStack) -> None:
        self._store = store
        self._languages = tuple(languages)
        self._outlines = Outlines(store.outlines())
        self._total = self._outlines.count(self._languages)
        self._index = opened.enter_context(Index.open(home, store))

    def find(self, query: str) -> Results:
        """Return the Pieces for what was typed; if there are none, searches that find something."""
        if not query.strip():
            return Results(query, self._pinned_and_newest(), self._total)
        typed = typed_of(query)
        titled = self._outlines.find(typed, self._languages, SHOWN) if typed.is_plain else []
        hits = {piece.id: piece for piece in self._by_text(query, typed)}
        sure = [ulid for ulid, fits in titled if fits >= SURE]
        others = [ulid for ulid, fits in titled if fits < SURE]
        found = self._pieces(list(dict.fromkeys([*sure, *hits, *others]))[:SHOWN], hits)
        nearby = [] if found else nearby_queries(self._store, self._index, query)
        return Results(query, found, self._total, nearby=tuple(nearby))

    def _pinned_and_newest(self) -> list[Piece]:
        favourites = Typed((), (), (PINNED,), is_plain=True)
        pinned = [ulid for ulid, _ in self._outlines.find(favourites, self._languages, SHOWN)]
        newest = {piece.id: piece for piece in newest_pieces(self._store, self._languages)}
        return self._pieces(list(dict.fromkeys([*pinned, *newest]))[:SHOWN], newest)

    def _by_text(self, query: str, typed: Typed) -> list[Piece]:
        """Return the Pieces whose text has the words, the last one perhaps only begun."""
        if sum(map(len, typed.words)) < MIN_TEXT_CHARS:
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
