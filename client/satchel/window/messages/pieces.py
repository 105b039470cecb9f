"""Messages of the views Find, Read and Edit."""

from typing import Annotated, Literal

import msgspec

from satchel.window.messages.base import Answer, Limit, Line, Lines, Number, PieceId, Request, Text, UploadId

Kind = Literal["text", "code", "image", "other"]
"""What a Piece holds: text with a programming language is code."""
Order = Literal["match", "newest", "oldest"]
SuggestedField = Literal["title", "description", "language", "tags", "links"]
Query = Annotated[str, msgspec.Meta(max_length=4_000)]


# -- find -------------------------------------------------------------------------------------


class FindRequest(Request, frozen=True, kw_only=True):
    """A search. An empty query lists all Pieces; `is_typing` also finds words that begin as the last one does.

    `since` and `before` are RFC 3339; they bound the time of the last change. `lines` is how many matching lines of each
    Piece are wanted. `by_meaning` also finds Pieces of similar meaning, which takes longer. Without `is_counted`, the
    matches beyond the first are not counted, and no similar words are searched if nothing is found, which is faster.
    """

    query: Query = ""
    language: Line = ""
    tags: Lines = ()
    kind: Kind | None = None
    since: Line | None = None
    before: Line | None = None
    order: Order = "match"
    limit: Limit = 50
    offset: Number = 0
    lines: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0
    is_typing: bool = True
    by_meaning: bool = False
    is_counted: bool = True


class MatchingLine(Answer, frozen=True, kw_only=True):
    """The part of a line of a Piece around its first match, and the places of the matches in it.

    Each place is a start and an end, in UTF-16 units as the page counts them.
    """

    text: str
    spans: tuple[tuple[int, int], ...]


class Row(Answer, frozen=True, kw_only=True):
    """A Piece in a list. `files` counts its further files; `agent` is the agent that wrote it last, or empty.

    `found_by` is "words", "meaning" or "both"; empty in a list without a query. `suggested` names the fields that hold
    a value of a model.
    """

    id: str
    title: str
    language: str | None
    tags: tuple[str, ...]
    kind: Kind
    media_type: str
    created: str
    updated: str
    size_bytes: int
    revision: int
    files: int = 0
    agent: str = ""
    suggested: tuple[str, ...] = ()
    snippet: str = ""
    lines: tuple[MatchingLine, ...] = ()
    found_by: str = ""


class Correction(Answer, frozen=True, kw_only=True):
    """A word that nothing contains, and the similar words that were searched instead."""

    typed: str
    used: tuple[str, ...]


class FindAnswer(Answer, frozen=True, kw_only=True):
    """Pieces from `offset` on. `total` counts all matches; None if there are very many, or they were not counted.

    `change` is the number of the newest change of the store, to recognize an answer that is out of date. `waiting`
    counts the Pieces that meaning cannot find yet. `took_ms` is the time in the server.
    """

    pieces: tuple[Row, ...]
    offset: int
    total: int | None
    has_more: bool
    change: int
    corrections: tuple[Correction, ...] = ()
    waiting: int = 0
    took_ms: float = 0.0


class Counted(Answer, frozen=True, kw_only=True):
    """A language, a tag or a kind, and how many Pieces have it."""

    name: str
    count: int


class Filters(Answer, frozen=True, kw_only=True):
    """What Pieces can be filtered by, the most used first."""

    languages: tuple[Counted, ...]
    tags: tuple[Counted, ...]
    kinds: tuple[Counted, ...]
    pieces: int


# -- read -------------------------------------------------------------------------------------


class ReadRequest(Request, frozen=True, kw_only=True):
    """A Piece by its id, or the part of it that one can type; at an earlier revision if one is named."""

    id: Line
    revision: Number | None = None


class FileView(Answer, frozen=True, kw_only=True):
    """The main content (number 0) or a further file. `text` is None if it is not text or not sent here.

    `is_whole` tells whether `text` is all of it: of a long text, the beginning is sent, and `read_file` gives the rest.
    """

    number: int
    name: str
    language: str | None
    media_type: str
    size_bytes: int
    text: str | None
    is_whole: bool


class SourceView(Answer, frozen=True, kw_only=True):
    """Where a Piece is from."""

    kind: str
    location: str
    file_name: str


class SuggestedView(Answer, frozen=True, kw_only=True):
    """A value that a model suggested: taken if the field holds it, refused if not."""

    field: SuggestedField
    value: str
    model: str
    is_taken: bool


class PieceView(Answer, frozen=True, kw_only=True):
    """A whole Piece. `files` begins with the main content."""

    id: str
    short_id: str
    title: str
    description: str
    language: str | None
    media_type: str
    kind: Kind
    tags: tuple[str, ...]
    links: tuple[str, ...]
    source: SourceView | None
    created: str
    updated: str
    size_bytes: int
    revision: int
    newest_revision: int
    files: tuple[FileView, ...]
    suggested: tuple[SuggestedView, ...]
    agent: str
    client: str
    is_withdrawn: bool


class ReadFileRequest(Request, frozen=True, kw_only=True):
    """The bytes of the main content (number 0) or of a further file."""

    id: PieceId
    number: Number = 0
    revision: Number | None = None


# -- edit -------------------------------------------------------------------------------------


class FileEdit(Request, frozen=True, kw_only=True):
    """A further file to add or replace: its text, or an upload. A language of None keeps or detects it."""

    name: Line
    text: Text | None = None
    upload: UploadId | None = None
    language: Line | None = None


class EditRequest(Request, frozen=True, kw_only=True):
    """Changes to a Piece. What is None stays; an empty language removes it.

    `base` is the revision that the page shows. If it is no longer the current one, nothing changes, and the answer has
    the status 409 and a `Conflict`.
    """

    id: PieceId
    base: Number
    text: Text | None = None
    title: Line | None = None
    description: Text | None = None
    language: Line | None = None
    tags: Lines | None = None
    links: Lines | None = None
    put_files: Annotated[tuple[FileEdit, ...], msgspec.Meta(max_length=300)] = ()
    remove_files: Lines = ()


class EditAnswer(Answer, frozen=True, kw_only=True):
    """The Piece after an edit."""

    piece: PieceView
    is_changed: bool


class Conflict(Answer, frozen=True, kw_only=True):
    """The Piece was changed since the page read it. `base` is what the page showed, `current` what the store holds.

    The page keeps what was typed: it shows both, and repeats the edit with the current revision as its base.
    """

    base: PieceView
    current: PieceView
    code: Literal["conflict"] = "conflict"
    message: str = ""


class RevisionView(Answer, frozen=True, kw_only=True):
    """A revision in the history. `changed` names what differs from the one before."""

    revision: int
    updated: str
    title: str
    language: str | None
    tags: tuple[str, ...]
    size_bytes: int
    files: int
    agent: str
    client: str
    is_withdrawn: bool
    changed: tuple[str, ...]


class Revisions(Answer, frozen=True, kw_only=True):
    """All revisions of a Piece, newest first."""

    id: str
    title: str
    revisions: tuple[RevisionView, ...]


class CompareRequest(Request, frozen=True, kw_only=True):
    """Two revisions of a Piece."""

    id: PieceId
    before: Number
    after: Number


class DiffLine(Answer, frozen=True, kw_only=True):
    """A line of a diff, with its numbers in both texts. A gap stands for equal lines that are left out."""

    kind: Literal["same", "removed", "added", "gap"]
    text: str
    before: int | None = None
    after: int | None = None


class FileDiff(Answer, frozen=True, kw_only=True):
    """What changed in a file. Without lines, it is no text, or too much changed to compare line by line."""

    name: str
    change: Literal["changed", "added", "removed"]
    lines: tuple[DiffLine, ...]
    note: str = ""


class FieldDiff(Answer, frozen=True, kw_only=True):
    """A field that differs."""

    field: str
    before: str
    after: str


class Comparison(Answer, frozen=True, kw_only=True):
    """What differs between two revisions."""

    before: int
    after: int
    fields: tuple[FieldDiff, ...]
    files: tuple[FileDiff, ...]


class RestoreRevisionRequest(Request, frozen=True, kw_only=True):
    """Make an earlier revision the current one again. The history stays. `base` is the revision that the page shows."""

    id: PieceId
    revision: Number
    base: Number


class RemoveRequest(Request, frozen=True, kw_only=True):
    """Remove Pieces with their history and their copies on this device; with `revoke`, also the links to them."""

    ids: Annotated[tuple[PieceId, ...], msgspec.Meta(min_length=1, max_length=500)]
    revoke: bool = False


class Removed(Answer, frozen=True, kw_only=True):
    """The ids of what was removed, and of the live links that still show it, or that were revoked."""

    removed: tuple[str, ...]
    links: tuple[str, ...] | None
    revoked: tuple[str, ...]


# -- suggestions ------------------------------------------------------------------------------


class TagsRequest(Request, frozen=True, kw_only=True):
    """Tags that begin with a text; without one, those that fit the Piece or the text."""

    prefix: Line = ""
    id: PieceId | None = None
    limit: Limit = 20


class TagSuggestion(Answer, frozen=True, kw_only=True):
    """A tag that Pieces of the owner have, or that a model suggests; then `model` is its label."""

    tag: str
    count: int
    model: str = ""


class Tags(Answer, frozen=True, kw_only=True):
    """Tags, the best first."""

    tags: tuple[TagSuggestion, ...]


class ByPiece(Request, frozen=True, kw_only=True):
    """A Piece, and how many results are wanted."""

    id: PieceId
    limit: Limit = 10


class SimilarPiece(Answer, frozen=True, kw_only=True):
    """A Piece that resembles another. `similarity` is from 0 to 1."""

    piece: Row
    similarity: float
    reason: str


class SimilarAnswer(Answer, frozen=True, kw_only=True):
    """Pieces that resemble a Piece, the most similar first."""

    pieces: tuple[SimilarPiece, ...]


class Documentation(Answer, frozen=True, kw_only=True):
    """A page of documentation. Nothing fetches it until the owner opens it."""

    address: str
    reason: str
    confidence: float


class RelatedPiece(Answer, frozen=True, kw_only=True):
    """A Piece that uses the same."""

    piece: Row
    reason: str


class RelatedAnswer(Answer, frozen=True, kw_only=True):
    """Documentation of what a Piece imports and calls, and Pieces that use the same."""

    links: tuple[Documentation, ...]
    pieces: tuple[RelatedPiece, ...]


class OfferedSuggestion(Answer, frozen=True, kw_only=True):
    """A value that a model suggests now and that the Piece does not hold."""

    field: SuggestedField
    value: str
    model: str
    confidence: float


class Suggestions(Answer, frozen=True, kw_only=True):
    """What models suggested for a Piece: values that it holds or that the owner refused, and further ones."""

    revision: int
    suggested: tuple[SuggestedView, ...]
    offered: tuple[OfferedSuggestion, ...]
    missing_models: tuple[str, ...] = ()


class DecideRequest(Request, frozen=True, kw_only=True):
    """Accept or refuse a value that a model suggested.

    An accepted value is the owner's from then on; a refused one is never suggested for this Piece again. `model` is
    the label of the model that suggested it.
    """

    id: PieceId
    base: Number
    field: SuggestedField
    value: Text
    model: Line = "unknown"
