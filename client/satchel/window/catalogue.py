"""All Pieces in memory, without their texts: what a list of 100,000 rows is filtered, counted and scrolled by.

    catalogue.refresh(store)
    keys = catalogue.select(Selection(language="python"))
    page = keys[4_000:4_050]

It is read once, and then follows the store by its changes, whichever process made them.
"""

import threading
from bisect import bisect_left, insort
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from satchel.pieces.media import is_image, is_text
from satchel.store import Store
from satchel.store.database import Row, rows
from satchel.store.rows import IN_VIEW, WITH_HEAD, to_ms
from satchel.window.messages.pieces import Kind

if TYPE_CHECKING:
    from satchel.pieces.model import Mark

PROSE: Final = frozenset({None, "text", "markdown", "rst", "asciidoc", "latex", "org"})
"""Languages of texts that are no code."""
MAX_REMEMBERED: Final = 4
_ALL: Final = f"SELECT p.id, r.at, r.language, r.media_type, r.tags, r.size_bytes {WITH_HEAD} WHERE {IN_VIEW}"


class Entry(NamedTuple):
    """A Piece. `at` is the time of its last change in milliseconds since 1970."""

    at: int
    language: str | None
    kind: Kind
    tags: tuple[str, ...]
    size_bytes: int


class Selection(NamedTuple):
    """Which Pieces are wanted, the newest change first or last."""

    language: str | None = None
    tags: tuple[str, ...] = ()
    kind: Kind | None = None
    first: int | None = None
    last: int | None = None
    newest_first: bool = True

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Selection(newest_first=self.newest_first)

    def accepts(self, entry: Entry) -> bool:
        """Whether a Piece is wanted."""
        return (
            (self.language is None or entry.language == self.language)
            and (self.kind is None or entry.kind == self.kind)
            and all(tag in entry.tags for tag in self.tags)
            and (self.first is None or entry.at >= self.first)
            and (self.last is None or entry.at <= self.last)
        )


def kind_of(media_type: str, language: str | None) -> Kind:
    """Return what a Piece holds."""
    if is_image(media_type):
        return "image"
    if not is_text(media_type):
        return "other"
    return "text" if language in PROSE else "code"


class Catalogue:
    """The Pieces of a store. Used from any thread; one refreshes or reads it at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._store_id = ""
        self._mark: Mark | None = None
        self._entries: dict[int, Entry] = {}
        self._order: list[tuple[int, int]] = []
        self._selected: OrderedDict[Selection, Sequence[int]] = OrderedDict()

    def refresh(self, store: Store) -> None:
        """Follow the changes of the store, or read it anew if it is another one."""
        with self._lock:
            mark = store.mark
            if self._store_id == store.store_id and self._mark == mark:
                return
            self._selected.clear()
            if self._mark is None or self._store_id != store.store_id or not store.recognizes(self._mark):
                self._read(store)
            else:
                self._follow(store, self._mark)

    def select(self, wanted: Selection) -> Sequence[int]:
        """Return the keys of Pieces in their order."""
        with self._lock:
            found = self._selected.get(wanted)
            if found is None:
                found = self._select(wanted)
                self._selected[wanted] = found
                while len(self._selected) > MAX_REMEMBERED:
                    self._selected.popitem(last=False)
            self._selected.move_to_end(wanted)
            return found

    def accepts(self, selection: Selection, key: int) -> bool:
        """Whether a Piece is wanted."""
        entry = self._entries.get(key)
        return entry is not None and selection.accepts(entry)

    def entry(self, key: int) -> Entry | None:
        """Return a Piece by its key."""
        return self._entries.get(key)

    def entries(self) -> list[Entry]:
        """Return all Pieces."""
        with self._lock:
            return list(self._entries.values())

    def counts(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Return how many Pieces each language, each tag and each kind has."""
        languages, tags, kinds = Counter[str](), Counter[str](), Counter[str]()
        for entry in self.entries():
            if entry.language is not None:
                languages[entry.language] += 1
            tags.update(entry.tags)
            kinds[entry.kind] += 1
        return languages, tags, kinds

    def __len__(self) -> int:
        return len(self._entries)

    # -- inside, under the lock

    def _select(self, wanted: Selection) -> list[int]:
        ordered: Iterable[tuple[int, int]] = reversed(self._order) if wanted.newest_first else self._order
        if wanted.is_everything:
            return [key for _, key in ordered]
        return [key for _, key in ordered if wanted.accepts(self._entries[key])]

    def _read(self, store: Store) -> None:
        with store.snapshot() as connection:
            found: list[Row] = rows(connection, _ALL)
            self._mark, self._store_id = store.mark, store.store_id
        shared: dict[str, tuple[str, ...]] = {}
        self._entries = {
            key: Entry(at, language, kind_of(media_type, language), _tags(tags, shared), size)
            for key, at, language, media_type, tags, size in found
        }
        self._order = sorted((entry.at, key) for key, entry in self._entries.items())

    def _follow(self, store: Store, mark: "Mark") -> None:
        for batch in store.changed_since(mark.counter, text_bytes=0):
            for key in batch.removed:
                self._drop(key)
            for one in batch.changed:
                self._drop(one.key)
                piece = one.piece
                kind = kind_of(piece.media_type, piece.language)
                entry = Entry(to_ms(piece.updated), piece.language, kind, piece.tags, piece.size_bytes)
                self._entries[one.key] = entry
                insort(self._order, (entry.at, one.key))
            self._mark = batch.mark

    def _drop(self, key: int) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            del self._order[bisect_left(self._order, (entry.at, key))]


def _tags(text: str, shared: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the tags of a column. Pieces with the same tags share them."""
    found = shared.get(text)
    if found is None:
        found = shared[text] = tuple(msgspec.json.decode(text, type=list[str]))
    return found
