"""A store of the product in a temporary folder, filled with texts and searched as `satchel search` does."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from satchel.index import Index
from satchel.store import Draft, Store


class Searched:
    """An open store with its index. `find` returns the places of the texts that match, the best first.

    `places` are the positions of the texts by the ids of their Pieces.
    """

    def __init__(self, index: Index, places: dict[str, int]) -> None:
        self.index = index
        self.places = places

    def find(self, query: str, limit: int = 10) -> list[int]:
        """Return the places of the first Pieces; none for a query without a word."""
        words = " ".join(re.findall(r"\w+", query))
        found = self.index.find(words, limit).hits if words else ()
        return [self.places[hit.piece.id] for hit in found]


@contextmanager
def searched(drafts: Sequence[Draft]) -> Iterator[Searched]:
    """Save drafts into a new store, index them, and close and remove all of it at the end."""
    with tempfile.TemporaryDirectory(prefix="satchel-eval-") as name:
        home = Path(name, "home")
        Store.create(home).close()
        with Store.open(home) as store:
            ids = [piece.id for piece in store.add_many(drafts)]
        with Store.open(home) as store, Index.open(home, store) as index:
            index.update()
            yield Searched(index, {one: place for place, one in enumerate(ids)})
