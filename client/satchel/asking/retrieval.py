"""Finding Pieces that may answer a question: a search of the index, by words and by meaning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.asking.materials import Material
from satchel.asking.question import telling_words
from satchel.errors import NotFoundError
from satchel.index import Hit, Index, Meaning
from satchel.index.query import MAX_ITEMS
from satchel.index.words import names_in
from satchel.models.embedding import is_available
from satchel.store import Piece, Store, WholeFile, decode_text

LIMIT: Final = 6
MAX_WORDS: Final = MAX_ITEMS // 2
READ_CHARS: Final = 64 * 1024
"""Of each Piece with its further files."""
ANSWER: Final = "answer"
"""The kind of source of a Piece that is an answer."""
LEAST_SHARE: Final = 0.5
"""Of the best score: a Piece with a lower one says nothing about the question."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which Pieces are searched: all, or those of a language and with all of some tags."""

    language: str | None = None
    tags: Sequence[str] = ()

    @property
    def query(self) -> list[str]:
        """The filters as parts of a query."""
        return [
            *([f'lang:"{self.language}"'] if self.language else []),
            *(f'tag:"{tag}"' for tag in self.tags),
        ]


class Retrieval:
    """Finds materials in a store with its index, which is brought up to date."""

    def __init__(
        self,
        store: Store,
        index: Index,
        advance: Callable[[int], None] | None = None,
        *,
        uses_meaning: bool = True,
    ) -> None:
        self._store = store
        self._index = index
        self._advance = advance or (lambda _done: None)
        self._uses_meaning = uses_meaning and is_available()

    def find(self, question: str, limit: int = LIMIT, narrowed: Narrowed = Narrowed()) -> list[Material]:
        """Return what fits a question, the best first; nothing if no Piece has a word of it or a similar meaning."""
        words = telling_words(question)[:MAX_WORDS]
        if not words:
            return []
        # Without meaning, every Piece with one of the words is ranked.
        wanted = 2 * limit  # some may be answers
        anywhere = " ".join([" OR ".join(words), *narrowed.query])
        hits: list[Hit] = []
        if self._uses_meaning:
            whole = " ".join([*names_in(question.lower())[:MAX_WORDS], *narrowed.query])
            meaning = Meaning(advance=self._advance)
            hits = self._index.find(whole, wanted, meaning=meaning).hits
        return self._materials(hits or self._index.find(anywhere, wanted).hits)[:limit]

    def _materials(self, hits: Sequence[Hit]) -> list[Material]:
        kept = [hit for hit in hits if not _is_answer(hit.piece)]
        best = max((hit.score for hit in kept), default=0.0)
        found = []
        for hit in kept:
            share = hit.score / best if best > 0 else 1.0
            if share < LEAST_SHARE:
                continue
            try:
                text = text_of(hit.piece, self._store.content(hit.piece.id), self._store.files(hit.piece.id))
            except NotFoundError:  # removed by another process since it was found
                continue
            if text.strip():
                piece = hit.piece
                found.append(Material(piece.id, piece.title, text, share, piece.language or ""))
        return found


def _is_answer(piece: Piece) -> bool:
    """Whether a Piece is an answer that was kept: what it quotes is elsewhere, and what a model wrote is no evidence."""
    return piece.source is not None and piece.source.kind == ANSWER


def text_of(piece: Piece, content: bytes, files: Sequence[WholeFile]) -> str:
    """Return the content and the further files of a Piece as one text, or its description if none of them is text."""
    texts = [decode_text(content[: READ_CHARS * 4], piece.media_type) or ""]
    texts += (decode_text(file.content[: READ_CHARS * 4], file.media_type or "") or "" for file in files)
    shown = [text.strip("\n") for text in texts if text.strip()]
    return "\n\n".join(shown or [piece.description])[:READ_CHARS]
