"""Conversion between rows of store.db and the data model."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from satchel.errors import IntegrityError
from satchel.pieces.fields import MAX_MODEL_CHARS, MAX_SUGGESTED, MAX_SUGGESTED_CHARS, SUGGESTED_FIELDS
from satchel.pieces.model import Author, Draft, File, Piece, Revision, Source, SuggestedValue
from satchel.store.database import Row

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# The further files of a revision as one JSON array, in the order of the table's key.
_FILES: Final = (
    "(SELECT json_group_array(json_array(f.name, f.language, f.media_type, f.size_bytes))"
    " FROM files AS f WHERE f.revision = r.seq)"
)
_STATE_COLUMNS: Final = f"r.number, r.at, r.title, r.description, r.language, r.media_type, r.tags, r.links, r.size_bytes, {_FILES}, r.suggested, r.agent, r.client, r.withdrawn"
REVISION_COLUMNS: Final = f"{_STATE_COLUMNS}, coalesce(r.ulid, p.ulid)"
PIECE_COLUMNS: Final = f"p.ulid, p.created, p.source_kind, p.source_location, p.file_name, {_STATE_COLUMNS}"

# The row of a Piece's current revision: its last edit, or else its first revision.
HEAD: Final = (
    "coalesce((SELECT e.seq FROM revisions AS e WHERE e.piece = p.id AND e.number > 1"
    " ORDER BY e.number DESC LIMIT 1), p.first)"
)


IN_VIEW: Final = "r.withdrawn IS NULL"
"""Of a current revision: whether its Piece is in lists and searches."""
WITH_HEAD: Final = f"FROM pieces AS p JOIN revisions AS r ON r.seq = {HEAD}"


def to_ms(at: datetime) -> int:
    """Return milliseconds since 1970. A time without a zone is taken as UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """Return the UTC time for milliseconds since 1970."""
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError as error:
        raise IntegrityError("the store holds a time that is out of range", hint="satchel doctor") from error


def piece_of(row: Row) -> Piece:
    """Return the Piece in a row of `PIECE_COLUMNS`."""
    (
        ulid,
        created,
        kind,
        location,
        file_name,
        number,
        at,
        title,
        description,
        language,
        media,
        tags,
        links,
        size,
        files,
        suggested,
        agent,
        client,
        withdrawn,
    ) = row
    return Piece(
        id=ulid,
        title=title,
        description=description,
        language=language,
        media_type=media,
        tags=read_list(tags),
        links=read_list(links),
        source=None if kind is None else Source(kind, location or "", file_name or ""),
        created=from_ms(created),
        updated=from_ms(at),
        size_bytes=size,
        revision=number,
        files=_read_files(files),
        suggested=read_suggested(suggested),
        author=read_author(agent, client),
        is_withdrawn=withdrawn is not None,
    )


def revision_of(row: Row) -> Revision:
    """Return the revision in a row of `REVISION_COLUMNS`."""
    *state, suggested, agent, client, withdrawn, revision_id = row
    number, at, title, description, language, media, tags, links, size, files = state
    return Revision(
        number=number,
        at=from_ms(at),
        title=title,
        description=description,
        language=language,
        media_type=media,
        tags=read_list(tags),
        links=read_list(links),
        size_bytes=size,
        files=_read_files(files),
        id=revision_id,
        suggested=read_suggested(suggested),
        author=read_author(agent, client),
        is_withdrawn=withdrawn is not None,
    )


def read_author(agent: str | None, client: str | None) -> Author | None:
    """Return the author in two columns; None for the owner."""
    return None if agent is None else Author(agent, client or "")


def _read_files(text: str) -> tuple[File, ...]:
    """Read the result of `_FILES`. SQLite builds it from typed columns, so it needs no check."""
    return tuple(File(*fields) for fields in json.loads(text)) if text != "[]" else ()


def source_row(draft: Draft) -> tuple[str | None, str | None, str | None]:
    """Return the three columns of a draft's source."""
    if draft.source is None:
        return None, None, None
    return draft.source.kind, draft.source.location, draft.source.file_name


def author_row(author: Author | None) -> tuple[str | None, str | None]:
    """Return the two columns of an author."""
    return (None, None) if author is None else (author.agent, author.client or None)


def write_list(values: tuple[str, ...]) -> str:
    """Write strings as one canonical JSON array."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else "[]"


def read_list(text: str) -> tuple[str, ...]:
    """Read the result of `write_list`. IntegrityError for anything else."""
    if text == "[]":
        return ()
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise IntegrityError("the store holds a damaged list", hint="satchel doctor")
    return tuple(values)


# JSON writes a character as at most two, since no value holds a control character except newline and tab.
MAX_SUGGESTED_JSON_CHARS: Final = len(SUGGESTED_FIELDS) * (
    MAX_SUGGESTED * (2 * (MAX_SUGGESTED_CHARS + MAX_MODEL_CHARS) + 6) + 20
)

_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def write_suggested(values: Iterable[SuggestedValue]) -> str | None:
    """Write values that models suggested as one canonical JSON object: field, value, model. None for none."""
    document: dict[str, dict[str, str]] = {}
    for one in values:
        document.setdefault(one.field, {})[one.value] = one.model
    if not document:
        return None
    return _CANONICAL.encode(document)


def read_suggested(text: str | None) -> tuple[SuggestedValue, ...]:
    """Read the result of `write_suggested`. IntegrityError for anything else, but not for another form of the same."""
    if text is None:
        return ()
    try:
        document = json.loads(text) if len(text) <= MAX_SUGGESTED_JSON_CHARS else {}
        values = [
            SuggestedValue(field, value, model)
            for field, models in document.items()
            for value, model in models.items()
        ]
    except (ValueError, RecursionError, AttributeError):
        values = []
    if not values or not all(one.field in SUGGESTED_FIELDS and isinstance(one.model, str) for one in values):
        raise IntegrityError("the store holds damaged suggestions", hint="satchel doctor")
    return tuple(values)
