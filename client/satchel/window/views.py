"""Pieces as the page sees them."""

from typing import Final

import msgspec

from satchel.errors import NotFoundError
from satchel.index import Hit
from satchel.index.snippet import MatchingLine as FoundLine
from satchel.pieces.model import Author, Piece, Revision, WholeFile, moment
from satchel.pieces.suggested import State, taken
from satchel.store import Store, decode_text
from satchel.window.catalogue import kind_of
from satchel.window.messages.pieces import (
    FileView,
    MatchingLine,
    PieceView,
    Row,
    SourceView,
    SuggestedView,
)

MAX_SHOWN_CHARS: Final = 2**20
"""Of one text that a view holds; `read_file` gives the rest."""
MAX_LINE_CHARS: Final = 400
"""Of a matching line; a row shows less than half of it."""
_LEAD_CHARS: Final = 60
MAX_SPANS: Final = 20


def row_of(piece: Piece) -> Row:
    """Return a Piece in a list."""
    return Row(
        id=piece.id,
        title=piece.title,
        language=piece.language,
        tags=piece.tags,
        kind=kind_of(piece.media_type, piece.language),
        media_type=piece.media_type,
        created=moment(piece.created),
        updated=moment(piece.updated),
        size_bytes=piece.size_bytes,
        revision=piece.revision,
        files=len(piece.files),
        agent=piece.author.agent if piece.author else "",
        suggested=tuple(dict.fromkeys(one.field for one in taken(piece))),
    )


def row_of_hit(hit: Hit) -> Row:
    """Return a Piece that a search found."""
    lines = tuple(map(line_of, hit.lines))
    return msgspec.structs.replace(row_of(hit.piece), snippet=hit.snippet, lines=lines, found_by=hit.found_by)


def line_of(line: FoundLine) -> MatchingLine:
    """Return the part of a matching line that a row can show: a line of minified code may be very long."""
    first = line.spans[0][0] if line.spans else 0
    start = first - _LEAD_CHARS if first > MAX_LINE_CHARS - 2 * _LEAD_CHARS else 0
    text = line.text[start : start + MAX_LINE_CHARS]
    lead = "…" if start else ""
    spans = []
    for begin, end in line.spans[:MAX_SPANS]:
        places = (begin - start, min(end - start, len(text)))
        if places[0] < places[1]:
            spans.append((len(lead) + _units(text[: places[0]]), len(lead) + _units(text[: places[1]])))
    return MatchingLine(text=lead + text, spans=tuple(spans))


def _units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def view_of(store: Store, piece_id: str, revision: int | None = None) -> PieceView:
    """Return a whole Piece, current or at a revision. NotFoundError if there is none."""
    current = store.piece(piece_id)
    state: Piece | Revision = current
    if revision is not None and revision != current.revision:
        state = _revision(store, current, revision)
        number = revision
    else:
        number = current.revision
    content = store.content(piece_id, number)
    files = store.files(piece_id, number)
    author: Author | None = state.author
    return PieceView(
        id=piece_id,
        short_id=store.short_ids([piece_id])[piece_id],
        title=state.title,
        description=state.description,
        language=state.language,
        media_type=state.media_type,
        kind=kind_of(state.media_type, state.language),
        tags=state.tags,
        links=state.links,
        source=_source_of(current),
        created=moment(current.created),
        updated=moment(state.at if isinstance(state, Revision) else state.updated),
        size_bytes=state.size_bytes,
        revision=number,
        newest_revision=current.revision,
        files=(
            _file_of(0, WholeFile(current.file_name, content, state.language, state.media_type)),
            *(_file_of(at, file) for at, file in enumerate(files, 1)),
        ),
        suggested=suggested_of(state),
        agent=author.agent if author else "",
        client=author.client if author else "",
        is_withdrawn=state.is_withdrawn,
    )


def suggested_of(state: State) -> tuple[SuggestedView, ...]:
    """Return what models suggested: the values that were taken and those that the owner refused."""
    held = set(taken(state))
    return tuple(
        SuggestedView(field=one.field, value=one.value, model=one.model, is_taken=one in held)  # type: ignore[arg-type]  # `fields` checks it
        for one in state.suggested
    )


def _revision(store: Store, piece: Piece, number: int) -> Revision:
    for revision in store.revisions(piece.id):
        if revision.number == number:
            return revision
    raise NotFoundError(f"the Piece has no revision {number}", hint="look at its history")


def _file_of(number: int, file: WholeFile) -> FileView:
    media_type = file.media_type or ""
    text = decode_text(file.content, media_type)
    return FileView(
        number=number,
        name=file.name,
        language=file.language or None,
        media_type=media_type,
        size_bytes=len(file.content),
        text=None if text is None else text[:MAX_SHOWN_CHARS],
        is_whole=text is not None and len(text) <= MAX_SHOWN_CHARS,
    )


def _source_of(piece: Piece) -> SourceView | None:
    source = piece.source
    if source is None:
        return None
    return SourceView(kind=source.kind, location=source.location, file_name=source.file_name)
