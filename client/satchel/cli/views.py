"""Pieces, revisions and files as answers: fields in JSON, rows of tables, headings and sections."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, Protocol

from satchel.cli.terminal.output import Output
from satchel.cli.terminal.text import Column, Section, format_count, format_moment, format_size, one_line
from satchel.pieces import model
from satchel.pieces.collections import PINNED, collections_of, plain_tags, searched_tags
from satchel.pieces.suggested import State, taken
from satchel.store import File, Piece, Revision, Source, Store, SuggestedValue, decode_text

COLUMNS: Final = (
    Column("ID", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE", spare=True),
    Column("TAGS", shrinks=True, spare=True),
    Column("UPDATED", dim=True),
    Column("SIZE", right=True, dim=True, spare=True),
)
LIST_COLUMNS: Final = (Column("", right=True, dim=True), *COLUMNS)
REVISION_COLUMNS: Final = (
    Column("REVISION", right=True),
    Column("CHANGED", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE", spare=True),
    Column("TAGS", shrinks=True, spare=True),
    Column("SIZE", right=True, dim=True),
    Column("FILES", right=True, dim=True, spare=True),
    Column("SUGGESTED", shrinks=True, dim=True, spare=True),
    Column("BY", shrinks=True, dim=True, spare=True),
)
MAX_NAMES: Final = 5  # names of further files in a note


class WholeFileLike(Protocol):
    """A further file of a Piece or a share, with its content."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def content(self) -> bytes:
        """Its content."""

    @property
    def language(self) -> str | None:
        """Its language; None or empty if unknown."""

    @property
    def media_type(self) -> str | None:
        """Its media type."""


moment: Final = model.moment
"""Return a time for JSON."""


# -- fields in JSON ---------------------------------------------------------------------------


def piece_fields(piece: Piece) -> dict[str, Any]:
    """Return the fields of a Piece in a list."""
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
    """Return all fields of a Piece except its content."""
    return {
        **piece_fields(piece),
        "description": piece.description,
        "links": list(piece.links),
        "media_type": piece.media_type,
        "source": _source_fields(piece.source),
        "revision": piece.revision,
        "files": [file_fields(file) for file in piece.files],
        "suggested": suggested_fields(piece),
        **author_fields(piece),
    }


def author_fields(state: Piece | Revision) -> dict[str, Any]:
    """Return which agent wrote a state, null for the owner, and whether it takes the Piece out of view."""
    author = state.author
    return {
        "agent": author.agent if author else None,
        "client": author.client if author else None,
        "is_withdrawn": state.is_withdrawn,
    }


def author_of(state: Piece | Revision) -> str:
    """Return the agent that wrote a state, with its client; empty for the owner."""
    if state.author is None:
        return ""
    return f"{state.author.agent} ({state.author.client})" if state.author.client else state.author.agent


def suggested_fields(state: State) -> list[dict[str, object]]:
    """Return what models suggested: the values that were taken and those that the owner refused."""
    held = set(taken(state))
    return [{**one._asdict(), "is_taken": one in held} for one in state.suggested]


def file_fields(file: File) -> dict[str, Any]:
    """Return all fields of a further file except its content."""
    return {
        "name": file.name,
        "language": file.language,
        "media_type": file.media_type,
        "size_bytes": file.size_bytes,
    }


def whole_fields(file: WholeFileLike) -> dict[str, object]:
    """Return all fields of a further file, with its content."""
    media_type = file.media_type or ""
    return {
        "name": file.name,
        "language": file.language or None,
        "media_type": media_type,
        "size_bytes": len(file.content),
        **content_fields(file.content, decode_text(file.content, media_type)),
    }


def content_fields(content: bytes, text: str | None) -> dict[str, str]:
    """Return a content for JSON: the text, or base64 if it is not text."""
    if text is not None:
        return {"content": text, "encoding": "text"}
    return {"content": base64.b64encode(content).decode(), "encoding": "base64"}


def _source_fields(source: Source | None) -> dict[str, str] | None:
    if source is None:
        return None
    return {"kind": source.kind, "location": source.location, "file_name": source.file_name}


def revision_fields(revision: Revision) -> dict[str, Any]:
    """Return the fields of a revision in a list."""
    return {
        "revision": revision.number,
        "updated": moment(revision.at),
        "title": revision.title,
        "language": revision.language,
        "tags": list(revision.tags),
        "size_bytes": revision.size_bytes,
        "files": [file_fields(file) for file in revision.files],
        "suggested": suggested_fields(revision),
        **author_fields(revision),
    }


# -- rows of tables ---------------------------------------------------------------------------


def place_row(number: int, short: str, piece: Piece) -> tuple[str, ...]:
    """Return a Piece's row for a terminal: its place in the list, its short id, and abbreviated fields."""
    return (f"@{number}", short, *piece_row(piece, for_terminal=True)[1:])


def piece_row(piece: Piece, *, for_terminal: bool) -> tuple[str, ...]:
    """Return a Piece's row: abbreviated on a terminal, exact in a pipe."""
    tags = ",".join(piece.tags)
    if for_terminal:
        tags = ",".join(searched_tags(piece.tags))
        return (
            piece.short_id,
            f"{'★ ' if PINNED in piece.tags else ''}{title_of(piece)}",
            piece.language or "",
            tags,
            format_moment(piece.updated),
            format_size(piece.size_bytes),
        )
    return (piece.id, piece.title, piece.language or "", tags, moment(piece.updated), str(piece.size_bytes))


def revision_row(revision: Revision, *, for_terminal: bool) -> tuple[str, ...]:
    """Return a revision's row: abbreviated on a terminal, exact in a pipe."""
    number, tags, language = str(revision.number), ",".join(revision.tags), revision.language or ""
    files = str(len(revision.files) + 1)
    if for_terminal:
        changed, size = format_moment(revision.at), format_size(revision.size_bytes)
        suggested = ", ".join(dict.fromkeys(one.field for one in taken(revision)))
        by = "withdrawn" if revision.is_withdrawn else one_line(author_of(revision))
        return (number, changed, title_of(revision), language, tags, size, files, suggested, by)
    return (number, moment(revision.at), revision.title, language, tags, str(revision.size_bytes), files)


# -- text -------------------------------------------------------------------------------------


def title_of(piece: Piece | Revision) -> str:
    """Return the title, or a placeholder if it is empty."""
    return piece.title or "(untitled)"


def label_of(store: Store, piece: Piece) -> str:
    """Return a Piece's short id and title, for a sentence."""
    return f"{short_id(store, piece)} ({one_line(title_of(piece))})"


def short_id(store: Store, piece: Piece) -> str:
    """Return the shortest id that names this Piece alone in its store."""
    return store.short_ids([piece.id])[piece.id]


def heading(piece: Piece) -> str:
    """Return the line above a Piece's content."""
    return f"{one_line(title_of(piece))} · {details_of(piece)}"


def details_of(piece: Piece) -> str:
    """Return language, tags, time of the last change, size and number of files in a line."""
    parts = (
        piece.language or "",
        "★" if PINNED in piece.tags else "",
        " ".join(f"#{tag}" for tag in plain_tags(piece.tags)),
        " ".join(f"[{name}]" for name in collections_of(piece.tags)),
        format_moment(piece.updated),
        format_size(piece.size_bytes),
        f"{len(piece.files) + 1} files" if piece.files else "",
    )
    return " · ".join(one_line(part) for part in parts if part)


def marks_of(piece: Piece) -> str:
    """Return which values are from models in a line, which agent wrote it, and whether it is withdrawn; or nothing."""
    parts = [f"{_marked(one)} ({one_line(one.model)})" for one in taken(piece)]
    marks = [f"suggested: {' · '.join(parts)}"] if parts else []
    marks += [f"written by {one_line(author_of(piece))}"] if piece.author else []
    marks += ["withdrawn: in no list and found by no search"] if piece.is_withdrawn else []
    return "; ".join(marks)


def _marked(one: SuggestedValue) -> str:
    """Return how a value is called: tags and languages by themselves, others by their field."""
    if one.field in {"language", "tags"}:
        return f"{'#' if one.field == 'tags' else ''}{one_line(one.value)}"
    return "link" if one.field == "links" else one.field


def file_heading(name: str, language: str | None, size_bytes: int) -> str:
    """Return the line above a further file."""
    return " · ".join(one_line(part) for part in (name, language or "", format_size(size_bytes)) if part)


def sections(files: Iterable[WholeFileLike], *, instead: str) -> Iterator[Section]:
    """Yield further files for a terminal; `instead` is the command that writes those that are not text."""
    for file in files:
        text = decode_text(file.content, file.media_type or "")
        title = file_heading(file.name, file.language, len(file.content))
        yield Section(title, text, file.language or "", f"not text: send it to a file, as in {instead}")


def note_more_files(out: Output, names: list[str], hint: str) -> None:
    """Note which further files were not printed."""
    if names:
        listed = ", ".join(map(one_line, names[:MAX_NAMES])) + (", …" if len(names) > MAX_NAMES else "")
        out.note(f"and {format_count(len(names), 'more file')}: {listed}; {hint}")


def at_revision(piece: Piece, revision: Revision) -> Piece:
    """Return a Piece as it was at a revision."""
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
        suggested=revision.suggested,
        author=revision.author,
        is_withdrawn=revision.is_withdrawn,
    )
