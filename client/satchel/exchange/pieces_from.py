"""One place where what an importer found becomes a Draft: what a Piece can hold is judged here."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from satchel.errors import UsageError
from satchel.exchange.items import Ignored, Item, Problem
from satchel.store.media import is_image, is_text, sniff
from satchel.store.model import Draft, Source, WholeFile
from satchel.store.normal import normal_draft

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
