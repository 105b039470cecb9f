"""Searches to offer: those that find a Piece, and those that find something where a search found nothing."""

from contextlib import suppress
from typing import Final

from satchel.cli.terminal.text import one_line
from satchel.errors import NotFoundError
from satchel.index import Index
from satchel.models.interface import EXAMINED_CHARS, Subject
from satchel.store import Piece, Store, decode_text

SHOWN: Final = 3
NEAR: Final = 3  # Pieces whose searches are offered after an empty search
_MAX_WORDS: Final = 8


def queries_of(piece: Piece, content: bytes) -> list[str]:
    """Return up to `SHOWN` searches that find a Piece, the surest first; none for an image."""
    text = decode_text(content, piece.media_type)
    if not text:
        return []
    from satchel.models.registry import open_model  # noqa: PLC0415 (only where searches are shown)

    subject = Subject(
        text[:EXAMINED_CHARS],
        media_type=piece.media_type,
        title=piece.title,
        description=piece.description,
        language=piece.language,
        tags=piece.tags,
    )
    return [one_line(one.value) for one in open_model("queries").suggest(subject)[:SHOWN]]


def nearby_queries(store: Store, index: Index, query: str) -> list[str]:
    """Return searches that find Pieces with any of the words of a query; none if no Piece has one."""
    words = [word for word in query.split()[:_MAX_WORDS] if word.isalnum() and word != "OR"]
    if len(words) < 2:  # a search of one word is corrected already
        return []
    found: list[str] = []
    for hit in index.search(" OR ".join(words), NEAR):
        with suppress(NotFoundError):  # another process has removed it
            found += queries_of(hit.piece, store.content(hit.piece.id))[:1]
    return list(dict.fromkeys(found))
