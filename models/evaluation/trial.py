"""A search over a list of texts with the product's own index, in a temporary home: for evaluations.

    with Trial(texts) as trial:
        trial.find("split a header")                     # fused: the places of the found texts, best first
        trial.find("split a header", mode="words")       # full-text search; any word suffices
        trial.find("split a header", mode="command")     # what `satchel search` shows

Embedding takes about 25 ms for each text on one core.
"""

from contextlib import ExitStack
from types import TracebackType
from typing import Final, Literal, Self

from models.evaluation.stores import searched
from satchel.errors import UsageError
from satchel.index import Meaning, parse
from satchel.index.meaning import any_word, fused_matches
from satchel.index.query import MAX_ITEMS, MAX_QUERY_CHARS, plain_words
from satchel.index.ranking import best_matches
from satchel.models.embedding import open_encoder
from satchel.store import Draft

Mode = Literal["fused", "words", "command"]

_NOT_ASKED: Final = str.maketrans('"*:', "   ")  # operators of the query language


class Trial:
    """A store of texts. `titles`, if given, are as many."""

    def __init__(self, texts: list[str], titles: list[str] | None = None) -> None:
        self._exits = ExitStack()
        pairs = zip(texts, titles or [""] * len(texts), strict=True)
        drafts = [Draft(text.encode(), title=title) for text, title in pairs]
        opened = self._exits.enter_context(searched(drafts))
        self._index, self._places = opened.index, opened.places
        self._index.find("embed every text", meaning=Meaning(budget_s=None))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    def find(self, query: str, *, mode: Mode = "fused", limit: int = 10) -> list[int]:
        """Return the places of the best texts. A query is plain words: operators in it are blanks."""
        return [self._places[ulid] for ulid in self._ids(query, mode, limit) if ulid in self._places]

    def _ids(self, query: str, mode: Mode, limit: int) -> list[str]:
        words = [word.lstrip("-") for word in query.translate(_NOT_ASKED).split()]
        asked = " ".join("or" if word == "OR" else word for word in words[:MAX_ITEMS])[:MAX_QUERY_CHARS]
        try:
            parsed = parse(asked)
        except UsageError:  # no letter or digit
            return []
        if mode == "command":
            found = self._index.find(asked, limit, meaning=Meaning())
            return [hit.piece.id for hit in found.hits]
        connection = self._index._connection  # noqa: SLF001
        if mode == "words":
            return [ulid for ulid, _ in best_matches(connection, any_word(parsed), limit, 0)]
        vector = open_encoder().vector(plain_words(asked))
        return [ulid for ulid, _ in fused_matches(connection, parsed, vector, limit, None)]
