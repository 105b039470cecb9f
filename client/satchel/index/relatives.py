"""What is related to a Piece: documentation of what it imports and calls, and Pieces that use the same.

    found = relatives_of(store, index, piece)

Addresses are made from tables on this device; none is fetched.
"""

from dataclasses import dataclass
from typing import Final

from satchel.index.search_index import Index
from satchel.models.interface import EXAMINED_CHARS, Subject
from satchel.models.parsing import language_of, outline_of
from satchel.models.related import documentation_of
from satchel.models.related.documentation import Documentation
from satchel.pieces.model import Piece
from satchel.store import Store

MAX_LINKS: Final = 10
MAX_PIECES: Final = 10
_MAX_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class Relatives:
    """Documentation, the most certain first, and Pieces with the reason why each is related."""

    links: tuple[Documentation, ...]
    pieces: tuple[tuple[Piece, str], ...]


def relatives_of(store: Store, index: Index, piece: Piece, limit: int = MAX_PIECES) -> Relatives:
    """Return what goes with a Piece, at most `limit` Pieces."""
    text = store.readable(piece.id, EXAMINED_CHARS)[1]
    name = piece.source.file_name if piece.source else ""
    language = language_of(Subject(text, file_name=name, language=piece.language))
    modules = list(dict.fromkeys(one.module for one in outline_of(text, language).imports))
    found: dict[str, tuple[Piece, str]] = {}
    for reason, query in [
        *((f"uses {module}", f'"{module}"') for module in modules[:_MAX_WORDS] if '"' not in module),
        *((f"has the tag {tag}", f'tag:"{tag}"') for tag in piece.tags[:_MAX_WORDS]),
    ]:
        for hit in index.search(query, limit):
            if hit.piece.id != piece.id:
                found.setdefault(hit.piece.id, (hit.piece, reason))
    links = tuple(documentation_of(text, language)[:MAX_LINKS])
    return Relatives(links, tuple(found.values())[:limit])
