"""What the owner types to name a Piece.

01KB3X   7Q2F     the beginning of an id, or of its random part (a short id, as lists show it)
@2                the second Piece of the last list or search
@last             the Piece that was saved or changed last
parse.py          an exact title

A title can also be the beginning of another Piece's id. Such a title names its Piece if it has fewer characters than
the ids that lists show. Otherwise either could be meant, and the error names both.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.cli.recent_list import read_recent
from satchel.cli.terminal.text import format_count, one_line
from satchel.errors import NotFoundError, UsageError
from satchel.pieces import ulid

if TYPE_CHECKING:
    from satchel.store import Piece, Store

LAST: Final = "@last"
PLACE: Final = re.compile(r"@([1-9][0-9]{0,5})")
SHOWN_CANDIDATES: Final = 5
TITLE_CHARS: Final = 40


def find_piece(store: "Store", home: Path, text: str, *, by_title: bool = True) -> "Piece":
    """Return the Piece that a text names. NotFoundError for none, UsageError for several or an empty text."""
    if text == LAST:
        return _last_changed(store)
    place = PLACE.fullmatch(text)
    if place:
        return _at_place(store, read_recent(home), int(place[1]))
    found = _with_id(store, text)
    unclear = f"several Pieces have ids that begin with {text!r}"
    is_whole = bool(found) and ulid.is_id(ulid.canonical(text))
    titled = store.titled(text, SHOWN_CANDIDATES + 1) if by_title and not is_whole else []
    if titled and (not found or len(text) < ulid.SHORT_ID_CHARS):
        found = titled
        unclear = f"several Pieces have the title {text!r}"
    elif titled:
        found = list({piece.id: piece for piece in [*found, *titled]}.values())
        unclear = f"several Pieces have the title {text!r} or an id that begins with it"
    if not found:
        raise NotFoundError(
            f"no Piece has the id{' or the title' if by_title else ''} {text!r}",
            hint="satchel list shows ids and titles",
        )
    if len(found) > 1:
        raise UsageError(unclear, hint=f"one of: {_candidates(store, found, text)}")
    return found[0]


def _with_id(store: "Store", text: str) -> "list[Piece]":
    """Return the Pieces whose id a text begins: one, several, or none."""
    if not text.strip():
        raise UsageError("no id given", hint="satchel list shows ids and titles")
    try:
        return [store.piece(store.resolve(text))]
    except NotFoundError:
        return []
    except UsageError:
        return store.with_prefix(text, SHOWN_CANDIDATES + 1)


def _last_changed(store: "Store") -> "Piece":
    found = store.last_changed()
    if found is None:
        raise NotFoundError("the store has no Pieces", hint="satchel save PATH saves one")
    return found


def _at_place(store: "Store", ids: Sequence[str], place: int) -> "Piece":
    if not ids:
        raise NotFoundError(
            f"@{place} refers to the last list, and there is none", hint="run satchel list first"
        )
    if place > len(ids):
        raise NotFoundError(
            f"the last list has {format_count(len(ids), 'Piece')}, so there is no @{place}",
            hint="run satchel list again",
        )
    try:
        return store.piece(ids[place - 1])
    except NotFoundError as exc:
        raise NotFoundError(
            f"the Piece at @{place} of the last list was removed", hint="run satchel list again"
        ) from exc


def _candidates(store: "Store", pieces: "Sequence[Piece]", text: str) -> str:
    """Return short ids with titles, for a hint; the whole id where the text that was not clear is the short id."""
    shown = pieces[:SHOWN_CANDIDATES]
    short = store.short_ids([piece.id for piece in shown])
    unclear = ulid.canonical(text)
    names = [piece.id if short[piece.id] == unclear else short[piece.id] for piece in shown]
    named = [f"{name} ({shorten(piece.title)})" for name, piece in zip(names, shown, strict=True)]
    return ", ".join(named) + (", …" if len(pieces) > len(shown) else "")


def shorten(title: str) -> str:
    """Return a title for a sentence."""
    line = one_line(title) or "untitled"
    return line if len(line) <= TITLE_CHARS else f"{line[: TITLE_CHARS - 1].rstrip()}…"
