"""What importers yield: drafts of Pieces, skipped items, and problems.

An importer is a function from a path to an iterator of items. It never writes, never follows a path that
the source names, and yields a `Problem` for anything wrong with a single item. It raises UsageError or
NotFoundError only if the source as a whole cannot be read.

`draft_of` turns one content into a draft; `drafts_of` turns several files into a draft of one Piece.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.errors import UsageError
from satchel.exchange.names import UniqueNames, safe_name
from satchel.pieces.fields import is_file_name, normalize_draft, visible_name
from satchel.pieces.fields import tag as normal_tag
from satchel.pieces.media import is_image, is_text, sniff
from satchel.pieces.model import Changes, Draft, Source, WholeFile

NOT_A_PIECE: Final = "neither text nor image"


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that is skipped on purpose. `reason` is one of a few phrases, so that it can be counted."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An item that cannot be read. `where` names it; `reason` is one clause without its content."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """An earlier edit of a Piece."""

    at: dt.datetime
    changes: Changes


@dataclass(frozen=True, slots=True)
class History:
    """A Piece with its history: the draft first saved, then every edit in order.

    `digest` is the digest of its current content (`satchel.pieces.digests`). Edits are read from the source
    one by one.
    """

    first: Draft
    edits: Iterator[Edit]
    digest: bytes


Item = Draft | History | Skipped | Problem


@dataclass(frozen=True, slots=True)
class ItemFile:
    """A file of an item with several files. `where` names it in reports; `name` is its original name.

    The name may be empty only if the item has no other file.
    """

    where: str
    name: str
    content: bytes
    language: str | None


@dataclass(frozen=True, slots=True)
class ItemFields:
    """The fields of an item with several files. An empty title defaults to the main file's name."""

    where: str
    kind: str
    title: str = ""
    description: str = ""
    location: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    created: dt.datetime | None = None


def draft_of(
    content: bytes,
    *,
    where: str,
    title: str,
    kind: str,
    location: str = "",
    file_name: str = "",
    description: str = "",
    language: str | None = None,
    tags: Iterable[str] = (),
    links: Iterable[str] = (),
    created: dt.datetime | None = None,
    files: tuple[WholeFile, ...] = (),
) -> Item:
    """Return a Draft, Skipped for content that a Piece cannot hold, or a Problem for a field over its limit."""
    reason = skip_reason(content)
    if reason:
        return Skipped(where, reason)
    media_type = sniff(content)
    draft = Draft(
        content=content,
        media_type=media_type,
        title=title,
        description=description,
        language=language,
        tags=tuple(tags),
        links=tuple(links),
        source=Source(kind=kind, location=location, file_name=file_name),
        created=created,
        files=files,
    )
    return normalized(draft, where)


def skip_reason(content: bytes) -> str:
    """Return why a content is skipped, or an empty string if it is not."""
    if not content.strip():
        return "empty"
    media_type = sniff(content)
    return "" if is_text(media_type) or is_image(media_type) else NOT_A_PIECE


def normalized(draft: Draft, where: str) -> Draft | Problem:
    """Return a draft as the store will keep it, or a Problem if a field is over its limit."""
    try:
        return normalize_draft(draft)
    except UsageError as exc:
        return Problem(where, exc.message)


def is_tag(text: str) -> bool:
    """Tell whether a text fits into a tag."""
    try:
        return bool(normal_tag(text))
    except UsageError:
        return False


def drafts_of(fields: ItemFields, files: Sequence[ItemFile]) -> Iterator[Item]:
    """Yield one draft for all files, and each file that is skipped. The first file kept is the main content."""
    kept: list[ItemFile] = []
    for file in files:
        reason = skip_reason(file.content)
        if reason:
            yield Skipped(file.where, reason)
        else:
            kept.append(file)
    if kept:
        yield _draft(fields, kept)


def _draft(fields: ItemFields, files: list[ItemFile]) -> Item:
    names = UniqueNames(key=str)
    named = [(names.take(_file_name(file.name)), file) for file in files]
    (main_name, main), *further = named
    return draft_of(
        main.content,
        where=fields.where,
        title=fields.title or main_name,
        description=fields.description,
        language=main.language,
        tags=fields.tags,
        links=fields.links,
        kind=fields.kind,
        location=fields.location,
        file_name=main_name if main.name else "",
        created=fields.created,
        files=tuple(WholeFile(name, file.content, file.language) for name, file in further),
    )


def _file_name(name: str) -> str:
    """Return a name unchanged if a Piece's file may have it, otherwise a similar safe one."""
    normal = visible_name(name)
    return normal if is_file_name(normal) else safe_name(normal)
