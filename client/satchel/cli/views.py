"""How a Piece is shown: its fields in JSON, and its row in a table."""

import datetime as dt
from dataclasses import replace
from typing import Any, Final

from satchel.cli.terminal.output import Column, one_line
from satchel.cli.terminal.units import format_moment, format_size
from satchel.store import File, Piece, Revision, Source

COLUMNS: Final = (
    Column("ID", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE"),
    Column("TAGS", shrinks=True),
    Column("UPDATED", dim=True),
    Column("SIZE", right=True, dim=True),
)


def moment(value: dt.datetime) -> str:
    """Return a moment as JSON has it: RFC 3339 in UTC with milliseconds."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"


def piece_fields(piece: Piece) -> dict[str, Any]:
    """Return the fields that every list of Pieces has."""
    return {
        "id": piece.id,
        "title": piece.title,
        "language": piece.language,
        "tags": list(piece.tags),
        "created": moment(piece.created),
        "updated": moment(piece.updated),
        "size_bytes": piece.size_bytes,
    }


def all_fields(piece: Piece) -> dict[str, Any]:
    """Return everything about a Piece but its content."""
    return {
        **piece_fields(piece),
        "description": piece.description,
        "links": list(piece.links),
        "media_type": piece.media_type,
        "source": _source_fields(piece.source),
        "revision": piece.revision,
        "files": [file_fields(file) for file in piece.files],
    }


def file_fields(file: File) -> dict[str, Any]:
    """Return everything about a further file but its content."""
    return {
        "name": file.name,
        "language": file.language,
        "media_type": file.media_type,
        "size_bytes": file.size_bytes,
    }


def _source_fields(source: Source | None) -> dict[str, str] | None:
    if source is None:
        return None
    return {"kind": source.kind, "location": source.location, "file_name": source.file_name}


def revision_fields(revision: Revision) -> dict[str, Any]:
    """Return what a list of revisions says about each."""
    return {
        "revision": revision.number,
        "updated": moment(revision.at),
        "title": revision.title,
        "language": revision.language,
        "tags": list(revision.tags),
        "size_bytes": revision.size_bytes,
        "files": [file_fields(file) for file in revision.files],
    }


def as_it_was(piece: Piece, revision: Revision) -> Piece:
    """Return a Piece as it was at one of its revisions."""
    return replace(
        piece,
        title=revision.title,
        description=revision.description,
        language=revision.language,
        media_type=revision.media_type,
        tags=revision.tags,
        links=revision.links,
        updated=revision.at,
        size_bytes=revision.size_bytes,
        revision=revision.number,
        files=revision.files,
    )


def piece_row(piece: Piece, *, for_terminal: bool) -> tuple[str, ...]:
    """Return a Piece's row: short and friendly on a terminal, exact in a pipe."""
    tags = ",".join(piece.tags)
    if for_terminal:
        return (
            piece.short_id,
            title_of(piece),
            piece.language or "",
            tags,
            format_moment(piece.updated),
            format_size(piece.size_bytes),
        )
    return (piece.id, piece.title, piece.language or "", tags, moment(piece.updated), str(piece.size_bytes))


def title_of(piece: Piece | Revision) -> str:
    """Return a title to show, also for a Piece that has none."""
    return piece.title or "(untitled)"


def named(piece: Piece) -> str:
    """Return a Piece in the middle of a sentence: its short id and its title."""
    return f"{piece.short_id} ({one_line(title_of(piece))})"


def heading(piece: Piece) -> str:
    """Return the line above a Piece's content."""
    parts = (
        title_of(piece),
        piece.language or "",
        " ".join(f"#{tag}" for tag in piece.tags),
        format_moment(piece.updated),
        format_size(piece.size_bytes),
        f"{len(piece.files) + 1} files" if piece.files else "",
    )
    return " · ".join(one_line(part) for part in parts if part)


def file_heading(name: str, language: str | None, size_bytes: int) -> str:
    """Return the line above a further file."""
    return " · ".join(one_line(part) for part in (name, language or "", format_size(size_bytes)) if part)


REVISION_COLUMNS: Final = (
    Column("REVISION", right=True),
    Column("CHANGED", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE"),
    Column("TAGS", shrinks=True),
    Column("SIZE", right=True, dim=True),
    Column("FILES", right=True, dim=True),
)


def revision_row(revision: Revision, *, for_terminal: bool) -> tuple[str, ...]:
    """Return a revision's row."""
    number, tags, language = str(revision.number), ",".join(revision.tags), revision.language or ""
    files = str(len(revision.files) + 1)
    if for_terminal:
        changed, size = format_moment(revision.at), format_size(revision.size_bytes)
        return (number, changed, title_of(revision), language, tags, size, files)
    return (number, moment(revision.at), revision.title, language, tags, str(revision.size_bytes), files)
