"""Collections and favourites, which are tags: `collection:NAME`, and `pinned`.

As tags they are part of a revision, so that history, backups, merges, exports and imports keep them
(docs/adr/0022-collections-are-tags.md).
"""

from collections.abc import Iterable
from typing import Final

from satchel.errors import UsageError

PINNED: Final = "pinned"
"""The tag of a favourite."""

_PREFIX: Final = "collection:"


def collection_tag(name: str) -> str:
    """Return the tag of a collection. UsageError for a name that is empty or too long."""
    from satchel.pieces.fields import tag as normal_tag  # noqa: PLC0415  lists of Pieces do not need it

    plain = normal_tag(name)
    if not plain:
        raise UsageError("the name of the collection is empty", hint="name it, for example release")
    return normal_tag(f"{_PREFIX}{plain}")


def filter_tags(collection: str | None, *, is_pinned: bool) -> tuple[str, ...]:
    """Return the tags of the Pieces in a collection, if one is named, and of favourites, if they are wanted."""
    named = () if collection is None else (collection_tag(collection),)
    return (*named, PINNED) if is_pinned else named


def collection_of(tag: str) -> str | None:
    """Return the name of the collection that a tag stands for; None for any other tag."""
    return tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) and tag != _PREFIX else None


def collections_of(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the collections of a Piece with these tags."""
    return tuple(name for tag in tags if (name := collection_of(tag)) is not None)


def plain_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that say what a Piece is about: neither collections nor `pinned`."""
    return tuple(tag for tag in tags if tag != PINNED and collection_of(tag) is None)


def searched_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags as a search for words sees them: collections by their names, and without `pinned`."""
    return tuple(collection_of(tag) or tag for tag in tags if tag != PINNED)
