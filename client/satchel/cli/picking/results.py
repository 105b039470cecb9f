"""Results of the finder, and the Pieces that are listed before anything is typed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from satchel.store import Piece, Store

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Results:
    """The Pieces found for what was typed, the best first, of `total` that could be chosen (None: not counted yet)."""

    typed: str
    pieces: Sequence[Piece]
    total: int | None = None
    error: str = ""
    nearby: tuple[str, ...] = ()
    """Searches that find something, if this one does not."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The start of a Piece's text, with colours."""

    piece_id: str
    text: str = field(repr=False)


def newest_pieces(store: Store, languages: Sequence[str]) -> list[Piece]:
    """Return the Pieces in one of these languages that changed last; of none, in any."""
    if not languages:
        return list(store.pieces(limit=SHOWN))
    found = [one for language in languages for one in store.pieces(limit=SHOWN, language=language)]
    return sorted(found, key=lambda one: one.updated, reverse=True)[:SHOWN]
