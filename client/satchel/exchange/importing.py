"""Adding items to a store: existing Pieces are skipped, histories are replayed."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from satchel.errors import SatchelError
from satchel.exchange.items import History, Item, Problem, Skipped, normalized
from satchel.exchange.limits import MAX_NAMED_PROBLEMS
from satchel.store import Changes, Draft, Store, digest_of, utc_now
from satchel.suggest import fill_quickly

IsKnown = Callable[[bytes], bool]
"""Tells whether the store has a Piece with this digest (`satchel.pieces.digests`)."""

MAX_QUOTED_CHARS: Final = 120  # of a name or reason in a problem
ALREADY_HERE: Final = "already here"


@dataclass(slots=True)
class ImportResult:
    """The outcome of an import.

    `skipped` counts skipped items by reason. `problems` holds the first MAX_NAMED_PROBLEMS of `unread` items.
    """

    added: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    unread: int = 0

    def report(self, problem: Problem) -> None:
        """Count an item that could not be read, and keep a short form of its problem."""
        self.unread += 1
        if len(self.problems) < MAX_NAMED_PROBLEMS:
            self.problems.append(Problem(_short(problem.where), _short(problem.reason)))


def _short(text: str) -> str:
    """Return a text of a source in at most MAX_QUOTED_CHARS characters."""
    return text if len(text) <= MAX_QUOTED_CHARS else f"{text[: MAX_QUOTED_CHARS - 1]}…"


def preparation(kind: str, tags: tuple[str, ...]) -> Callable[[Draft], Draft]:
    """Return a function that adds the tags to a draft, and suggestions unless satchel exported it."""

    def prepare(draft: Draft) -> Draft:
        tagged = replace(draft, tags=(*draft.tags, *tags))
        return tagged if kind == "satchel" else fill_quickly(tagged)

    return prepare


class ReplayClock:
    """The store's clock: the time of the edit during a replay, otherwise the system's time."""

    def __init__(self) -> None:
        self.at: dt.datetime | None = None

    def __call__(self) -> dt.datetime:
        """Return the current time."""
        return self.at or utc_now()


class Import:
    """An import into a store that was opened with `clock`.

    `prepare` is applied to every draft. A Piece with a history is added unchanged, except for `add_tags`.
    """

    def __init__(
        self,
        store: Store,
        clock: ReplayClock,
        *,
        known: IsKnown,
        prepare: Callable[[Draft], Draft],
        add_tags: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._is_known = known
        self._prepare = prepare
        self._add_tags = add_tags
        self._seen: set[bytes] = set()
        self.result = ImportResult()

    def run(self, items: Iterable[Item]) -> Iterator[None]:
        """Import every item; yield after each Piece that is durable, so that the caller can show progress."""
        for _piece in self._store.add_many(self._drafts(items)):
            self.result.added += 1
            yield

    def _drafts(self, items: Iterable[Item]) -> Iterator[Draft]:
        """Yield the drafts to add in bulk; handle all other items."""
        for item in items:
            if isinstance(item, Problem):
                self.result.report(item)
            elif isinstance(item, Skipped):
                self.result.skipped[item.reason] += 1
            elif not self._is_new(item):
                self.result.skipped[ALREADY_HERE] += 1
            elif isinstance(item, History):
                self._replay(item)
            else:
                prepared = normalized(self._prepare(item), item.title)
                if isinstance(prepared, Problem):
                    self.result.report(prepared)
                else:
                    yield prepared

    def _is_new(self, item: Draft | History) -> bool:
        digest = item.digest if isinstance(item, History) else digest_of(item.content, item.files)
        if digest in self._seen or self._is_known(digest):
            return False
        self._seen.add(digest)
        return True

    def _replay(self, history: History) -> None:
        """Add a Piece as it was first saved, then apply its edits at their original times."""
        try:
            piece = self._store.add(history.first)
        except SatchelError as exc:
            self.result.report(Problem(history.first.title, exc.message))
            return
        self.result.added += 1
        try:
            for edit in history.edits:
                self._clock.at = edit.at
                self._store.edit(piece.id, edit.changes)
        except SatchelError as exc:
            self.result.report(Problem(f"Piece {piece.id}", exc.message))
        finally:
            self._clock.at = None
        if self._add_tags:
            self._store.edit(piece.id, Changes(add_tags=self._add_tags))
