"""Several files that another tool keeps as one item, as one Piece: the first that can be is its main content."""

import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from satchel.exchange.items import Ignored, Item
from satchel.exchange.names import UniqueNames, safe_name
from satchel.exchange.pieces_from import draft_of, unwanted
from satchel.store.model import WholeFile
from satchel.store.normal import is_file_name


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
