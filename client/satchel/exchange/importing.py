"""Putting what an importer yields into a store: what is there already is left out, the rest is added."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from satchel.errors import SatchelError
from satchel.exchange.items import Ignored, Item, Past, Problem
from satchel.store import Changes, Draft, Store, digest_of, utc_now

Known = Callable[[bytes], bool]
"""Tells whether a store holds a Piece that contains what this digest is of (`satchel.pieces.digests`)."""

ALREADY_HERE = "already here"


@dataclass(slots=True)
class Imported:
    """What became of every item of a source: `ignored` counts what was left out, by the reason."""

    added: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


class ReplayClock:
    """The store's clock while a history is replayed; at other times the system's."""

    def __init__(self) -> None:
        self.at: dt.datetime | None = None

    def __call__(self) -> dt.datetime:
        """Return the time at which an edit is said to happen."""
        return self.at or utc_now()


class Import:
    """One import into one store, which must have been opened with `clock`.

    `prepare` is done to every draft; a Piece with a history stays as it was, but for `add_tags`.
    """

    def __init__(
        self,
        store: Store,
        clock: ReplayClock,
        *,
        known: Known,
        prepare: Callable[[Draft], Draft],
        add_tags: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._known = known
        self._prepare = prepare
        self._add_tags = add_tags
        self._seen: set[bytes] = set()
        self.result = Imported()

    def run(self, items: Iterable[Item]) -> Iterator[None]:
        """Take in every item; yields after each Piece that is on the disk, so that progress can be told."""
        for _piece in self._store.add_many(self._drafts(items)):
            self.result.added += 1
            yield

    def _drafts(self, items: Iterable[Item]) -> Iterator[Draft]:
        """Yield the drafts to add in bulk; whatever else an item is, is dealt with here."""
        for item in items:
            if isinstance(item, Problem):
                self.result.problems.append(item)
            elif isinstance(item, Ignored):
                self.result.ignored[item.why] += 1
            elif not self._is_new(item):
                self.result.ignored[ALREADY_HERE] += 1
            elif isinstance(item, Past):
                self._replay(item)
            else:
                yield self._prepare(item)

    def _is_new(self, item: Draft | Past) -> bool:
        digest = item.digest if isinstance(item, Past) else digest_of(item.content, item.files)
        if digest in self._seen or self._known(digest):
            return False
        self._seen.add(digest)
        return True

    def _replay(self, past: Past) -> None:
        """Add a Piece as it was first saved, then edit it as it was edited, at the times of then."""
        piece = self._store.add(past.first)
        self.result.added += 1
        try:
            for edit in past.edits:
                self._clock.at = edit.at
                self._store.edit(piece.id, edit.changes)
        except SatchelError as exc:
            self.result.problems.append(Problem(f"Piece {piece.id}", exc.message))
        finally:
            self._clock.at = None
        if self._add_tags:
            self._store.edit(piece.id, Changes(add_tags=self._add_tags))
