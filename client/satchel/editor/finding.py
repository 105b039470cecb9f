"""Finding Pieces for an editor, in an open store: to complete, to show, and those that are similar."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from satchel.editor.proposals import (
    Proposal,
    bounded,
    by_meaning,
    by_prefix,
    fits,
    languages_for,
    ranked,
)
from satchel.editor.snippets import is_snippet
from satchel.editor.typed import Question, Typed
from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.index import Index, Meaning
from satchel.index.words import names_in
from satchel.models.embedding import is_available
from satchel.pieces.fields import tag as normal_tag
from satchel.pieces.model import Piece
from satchel.pieces.ulid import canonical, is_id
from satchel.store import Store, decode_text

SCHEME: Final = "satchel://piece/"
MOST_BEGINNING: Final = 80  # Pieces among which the best are chosen, by tags and by titles
MOST_ANSWERS: Final = 10
MOST_SIMILAR: Final = 10
MOST_LISTED: Final = 200
MAX_SHOWN_BYTES: Final = 2**20
ENOUGH: Final = (
    10  # Pieces in the document's language; with fewer, Pieces without a language are offered as well
)
MIN_SHOWN_CHARS: Final = 4  # of a word that a title holds; a shorter one says too little
_NOW_S: Final = 0.0  # a completion embeds nothing; `warm_up` does
_SIMILAR_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A Piece with its text; None for an image or another file."""

    piece: Piece
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Similar:
    """A Piece that resembles a text, and how much: from 0 to 1."""

    piece: Piece
    likeness: float


def complete(
    store: Store, index: Index, typed: Typed, language: str | None, *, uses_meaning: bool
) -> list[Proposal]:
    """Return what to offer at the cursor, the best first."""
    if typed.question is not None:
        if not uses_meaning or not is_available():
            return []
        return list(bounded(_answers(store, index, typed, typed.question, language)))
    return list(bounded(_named(store, index, typed, language)))


def _named(store: Store, index: Index, typed: Typed, language: str | None) -> Iterator[Proposal]:
    for prefix in typed.prefixes:
        found = _beginning(store, index, prefix, language)
        for piece, match in ranked(found, prefix, language):
            content = _text_of(store, piece)
            if content is not None:
                yield by_prefix(piece, match, content, typed, prefix)


def _beginning(store: Store, index: Index, prefix: str, language: str | None) -> list[Piece]:
    languages = languages_for(language)
    found = store.in_view(index.beginning(prefix, MOST_BEGINNING, languages=languages))
    if languages and len(found) < ENOUGH:
        known = {piece.id for piece in found}
        others = store.in_view(index.beginning(prefix, MOST_BEGINNING))
        found += [piece for piece in others if piece.id not in known]
    return [piece for piece in found if fits(piece, languages)]


def _answers(
    store: Store, index: Index, typed: Typed, question: Question, language: str | None
) -> Iterator[Proposal]:
    languages = languages_for(language)
    words = " ".join(names_in(question.text)).lower()
    query = f'lang:"{languages[0]}" {words}' if languages else words
    try:
        hits = index.find(query, MOST_ANSWERS, meaning=Meaning(_NOW_S)).hits
    except UsageError:  # too many words, or none
        return
    for hit in hits:
        content = _text_of(store, hit.piece) if fits(hit.piece, languages) else None
        if content is not None:
            yield by_meaning(hit.piece, content, typed, question)


def warm_up(index: Index, budget_s: float) -> int:
    """Make the index ready for completions by meaning, for a limited time; return how many Pieces still wait."""
    return index.embed_waiting(budget_s) if is_available() else 0


def show(store: Store, index: Index, word: str, language: str | None) -> list[Piece]:
    """Return the Pieces that a word of a document names, the best first; none if it is a word like any other.

    A Piece is named by its id, by the prefix of a snippet, by its title, or by a name of code that its title holds.
    """
    piece_id = word.removeprefix(SCHEME)
    if is_id(canonical(piece_id)):
        return store.in_view([piece_id])
    found = _beginning(store, index, word, language)
    return [piece for piece, _ in ranked(found, word, language) if _is_named(piece, word)]


def _is_named(piece: Piece, word: str) -> bool:
    if piece.title.casefold() == word.casefold():
        return True
    if is_snippet(piece) and normal_tag(word) in piece.tags:
        return True
    is_code = "_" in word.strip("_") or not (word.islower() or word.istitle() or word.isupper())
    return is_code and len(word) >= MIN_SHOWN_CHARS and word in names_in(piece.title)


def similar(store: Store, index: Index, text: str, advance: Callable[[int], None]) -> list[Similar]:
    """Return the Pieces that resemble a text, the most similar first. `advance` takes Pieces that are fingerprinted."""
    meaning = Meaning(_SIMILAR_S) if is_available() else None
    found = index.similar(text, MOST_SIMILAR, advance=advance, meaning=meaning)
    pieces = {piece.id: piece for piece in store.in_view([one.piece_id for one in found])}
    return [
        Similar(pieces[one.piece_id], min(1.0, max(one.shape, one.meaning)))
        for one in found
        if one.piece_id in pieces
    ]


def search(store: Store, index: Index, query: str, limit: int) -> list[Piece]:
    """Return the Pieces that a query finds, or without a query those that were changed last."""
    limit = max(1, min(limit, MOST_LISTED))
    if not query.strip():
        return list(store.pieces(limit=limit))
    meaning = Meaning(_NOW_S) if is_available() else None
    return [hit.piece for hit in index.find(query, limit, meaning=meaning).hits]


def read(store: Store, piece_id: str) -> Shown:
    """Return a Piece with its text. Raise NotFoundError if there is none, UsageError if it is too large to show."""
    piece = store.piece(store.resolve(piece_id))
    if piece.size_bytes > MAX_SHOWN_BYTES:
        raise UsageError("the Piece is too large to show here", hint=f"satchel show {piece.short_id}")
    return Shown(piece, decode_text(store.content(piece.id), piece.media_type))


def _text_of(store: Store, piece: Piece) -> str | None:
    """Return the text of a Piece; None if it is damaged, was just removed, or is no text."""
    try:
        return decode_text(store.content(piece.id), piece.media_type)
    except (NotFoundError, IntegrityError):
        return None
