"""What a completion offers: Pieces named by the text before the cursor, and Pieces that answer a comment.

Deciding which Pieces to offer, in which order and as which text, reads nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from satchel.editor.snippets import escaped, is_snippet
from satchel.editor.typed import Question, Typed
from satchel.index.words import names_in, parts_of
from satchel.pieces.fields import tag as normal_tag
from satchel.pieces.model import Piece

MAX_OFFERED: Final = 30
MAX_INSERTED_BYTES: Final = 64 * 1024  # a larger Piece is nothing to insert at a cursor
MAX_ANSWER_BYTES: Final = 512 * 1024
MAX_LABEL_CHARS: Final = 80

# Languages whose snippets fit as well, beside those of the document's own.
_FITTING: Final = {
    "typescript": ("javascript",),
    "cpp": ("c",),
    "scss": ("css",),
    "less": ("css",),
    "vue": ("html", "css", "javascript", "typescript"),
    "svelte": ("html", "css", "javascript", "typescript"),
    "html": ("css", "javascript"),
    "php": ("html",),
    "postgres": ("sql",),
}
# Any Piece may be inserted into a document in one of these.
_OPEN: Final = frozenset(["text", "markdown", "rst", ""])

FoundBy = Literal["prefix", "meaning"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A Piece to insert: `text` replaces the line from the column `start` (in characters) up to the cursor.

    `matched` is the text of the Piece that what is typed begins, for the editor to filter by.
    """

    piece: Piece
    label: str
    matched: str
    start: int
    text: str = field(repr=False)
    is_snippet: bool
    found_by: FoundBy


def languages_for(language: str | None) -> tuple[str, ...]:
    """Return the languages whose Pieces fit into a document; empty for all."""
    return () if (language or "") in _OPEN else (str(language), *_FITTING.get(str(language), ()))


def fits(piece: Piece, languages: tuple[str, ...]) -> bool:
    """Whether a Piece is text of one of some languages, or of none, and small enough to insert."""
    is_fitting = not languages or piece.language in (*languages, None, "text")
    return is_fitting and piece.media_type.startswith("text/") and piece.size_bytes <= MAX_INSERTED_BYTES


def ranked(found: Iterable[Piece], prefix: str, language: str | None) -> list[tuple[Piece, str]]:
    """Return Pieces with the tag or the words of the title that a prefix begins, the best first.

    Snippets named exactly so come first, then other snippets, then titles that begin so, then other words and tags;
    among equals those in the document's language, and then the last changed.
    """
    matches = ((piece, matched_by(piece, prefix)) for piece in found)
    kept = [(piece, match) for piece, match in matches if match]
    kept.sort(key=lambda one: one[0].updated, reverse=True)
    kept.sort(key=lambda one: _place(*one, prefix=prefix, language=language))
    return kept


def matched_by(piece: Piece, prefix: str) -> str:
    """Return the tag, or the title from the word on, that a prefix begins; empty if there is none."""
    tag = normal_tag(prefix)
    tags = sorted((one for one in piece.tags if tag and one.startswith(tag)), key=len)
    if tags and is_snippet(piece):
        return tags[0]
    return _from_word(piece.title, prefix) or (tags[0] if tags else "")


def _from_word(title: str, prefix: str) -> str:
    """Return a title from the word on that a prefix begins; words inside of names count, as in `parseHTTP`."""
    folded, wanted = title.lower(), prefix.lower()
    if len(folded) == len(title):
        at = folded.find(wanted)
        while at >= 0:
            if at == 0 or not title[at - 1].isalnum() or title[at].isupper():
                return title[at:]
            at = folded.find(wanted, at + 1)
    parts = [part for name in names_in(prefix) for part in parts_of(name)]
    words = [part for name in names_in(title) for part in parts_of(name)]
    places = range(len(words) - len(parts) + 1)
    is_there = any(_begins(words[place : place + len(parts)], parts) for place in places) if parts else False
    return prefix + title if is_there else ""


def _begins(words: list[str], parts: list[str]) -> bool:
    return words[:-1] == parts[:-1] and words[-1].startswith(parts[-1])


def _place(piece: Piece, match: str, *, prefix: str, language: str | None) -> tuple[int, bool, int]:
    """Return where a match stands; lower is better."""
    is_other = piece.language != language
    if is_snippet(piece) and match in piece.tags:
        is_exact = match == normal_tag(prefix)
        return (0 if is_exact else 1), is_other, len(match)
    return (2 if match == piece.title else 3), is_other, 0


def by_prefix(piece: Piece, match: str, content: str, typed: Typed, prefix: str) -> Proposal:
    """Return the proposal of a Piece that a prefix names."""
    label = match if is_snippet(piece) and match in piece.tags else _title(piece, content)
    text = content.rstrip("\r\n")
    return Proposal(piece, label, match, len(typed.line) - len(prefix), text, is_snippet(piece), "prefix")


def by_meaning(piece: Piece, content: str, typed: Typed, question: Question) -> Proposal:
    """Return the proposal of a Piece that answers a question. A comment stays above it."""
    above = f"{typed.line[question.start :]}\n" if question.stays else ""
    text = content.rstrip("\r\n")
    inserted = (escaped(above) if is_snippet(piece) else above) + text
    matched = typed.line[question.start :]
    return Proposal(
        piece, _title(piece, content), matched, question.start, inserted, is_snippet(piece), "meaning"
    )


def bounded(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """Yield the first proposals, up to the limits of an answer. A Piece is proposed once."""
    seen: set[str] = set()
    size_bytes = 0
    for proposal in proposals:
        if proposal.piece.id in seen:
            continue
        seen.add(proposal.piece.id)
        size_bytes += len(proposal.text) * 2  # texts are seldom more in JSON
        if size_bytes > MAX_ANSWER_BYTES or len(seen) > MAX_OFFERED:
            return
        yield proposal


def _title(piece: Piece, content: str) -> str:
    title = piece.title or next(
        (line.strip() for line in content.splitlines() if line.strip()), piece.short_id
    )
    return title if len(title) <= MAX_LABEL_CHARS else f"{title[: MAX_LABEL_CHARS - 1]}…"
