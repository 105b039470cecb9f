"""What an import yields: a Piece to be, something left out on purpose, or something that cannot be read.

An importer is a function from a path to an iterator of items. It never writes, never follows a path that
the source names, and turns whatever is wrong with one item into a `Problem`; it raises only where the
source as a whole cannot be read (UsageError, NotFoundError).

One place where what an importer found becomes a Draft: what a Piece can hold is judged here.

Several files that another tool keeps as one item, as one Piece: the first that can be is its main content.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.errors import UsageError
from satchel.exchange.names import UniqueNames, safe_name
from satchel.pieces.media import is_image, is_text, sniff
from satchel.pieces.model import Changes, Draft, Source, WholeFile
from satchel.pieces.normal import is_file_name, normal_draft


@dataclass(frozen=True, slots=True)
class Ignored:
    """Left out on purpose; `why` is one of few words, so that it can be counted: `not text or image`."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Could not be read; the rest can. `where` names the item, `reason` is one clause without its content."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a Piece that was made at a time in the past."""

    at: dt.datetime
    changes: Changes


@dataclass(frozen=True, slots=True)
class Past:
    """A Piece with its history: as it was first saved, then every edit, in order.

    `digest` is of what it contains now (`satchel.pieces.digests`). The edits are read from the source while they
    are taken.
    """

    first: Draft
    edits: Iterator[Edit]
    digest: bytes


Item = Draft | Past | Ignored | Problem


NOT_A_PIECE: Final = "neither text nor image"


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
    """Return a Draft, Ignored for an empty content, or a Problem for what a Piece cannot hold."""
    why_not = unwanted(content)
    if why_not:
        return Ignored(where, why_not)
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
    return fitting(draft, where)


def unwanted(content: bytes) -> str:
    """Tell in few words why a content is left out; empty if it is not."""
    if not content.strip():
        return "empty"
    media_type = sniff(content)
    return "" if is_text(media_type) or is_image(media_type) else NOT_A_PIECE


def fitting(draft: Draft, where: str) -> Draft | Problem:
    """Return a draft as the store will keep it; one with a field over its limit is a Problem."""
    try:
        return normal_draft(draft)
    except UsageError as exc:
        return Problem(where, exc.message)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the files: `where` names it in a report; `name` is its name there, whatever that looks like.

    Only the one part of an item may have none.
    """

    where: str
    name: str
    content: bytes
    language: str | None


@dataclass(frozen=True, slots=True)
class About:
    """What the item says of all of them. Without a title, that is the main file's name."""

    where: str
    kind: str
    title: str = ""
    description: str = ""
    location: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    created: dt.datetime | None = None


def piece_of(about: About, parts: Sequence[Part]) -> Iterator[Item]:
    """Yield the one Piece that these parts are, and what of them is left out; nothing for no parts at all."""
    kept: list[Part] = []
    for part in parts:
        why_not = unwanted(part.content)
        if why_not:
            yield Ignored(part.where, why_not)
        else:
            kept.append(part)
    if kept:
        yield _piece(about, kept)


def _piece(about: About, parts: list[Part]) -> Item:
    names = UniqueNames(key=str)
    named = [(names.take(_fitting_name(part.name)), part) for part in parts]
    (first_name, first), *more = named
    return draft_of(
        first.content,
        where=about.where,
        title=about.title or first_name,
        description=about.description,
        language=first.language,
        tags=about.tags,
        links=about.links,
        kind=about.kind,
        location=about.location,
        file_name=first_name if first.name else "",
        created=about.created,
        files=tuple(WholeFile(name, part.content, part.language) for name, part in more),
    )


def _fitting_name(name: str) -> str:
    """Return the name as it is, if a file of a Piece may have it; else one that is like it."""
    normal = unicodedata.normalize("NFC", name)
    return normal if is_file_name(normal) else safe_name(name)
