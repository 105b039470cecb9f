"""What a store holds: Pieces, their revisions, and the requests that make or change them.

All of it is plain frozen values. Times are aware datetimes in UTC with a precision of milliseconds.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from satchel.store.ulid import TIME_CHARS

Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]

system_entropy: Final[Entropy] = os.urandom


def utc_now() -> datetime:
    """Read the system's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a Piece came from: the kind ("file", "gist", …), the place there, and a file's name."""

    kind: str
    location: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What shall become a Piece. Nothing but the content is needed.

    `media_type` None: found from the content. `updated` None: `created`; `created` None: now.
    """

    content: bytes = field(repr=False)
    media_type: str | None = None
    title: str = ""
    description: str = ""
    language: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    source: Source | None = None
    created: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """An edit. None leaves a field as it is; an empty `language` says that there is none.

    `tags` replaces all tags; `add_tags` and `remove_tags` then apply to what is there at that moment.
    """

    content: bytes | None = field(default=None, repr=False)
    media_type: str | None = None
    title: str | None = None
    description: str | None = None
    language: str | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    links: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A saved item as it is now, without its content. `revision` counts its edits from 1."""

    id: str
    title: str
    description: str
    language: str | None
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    source: Source | None
    created: datetime
    updated: datetime
    size_bytes: int
    revision: int

    @property
    def short_id(self) -> str:
        """The part of the id that names this Piece and no other of its store."""
        return self.id[:TIME_CHARS]


@dataclass(frozen=True, slots=True)
class Revision:
    """A Piece as it was after one edit, without its content; `number` 1 is what was first saved."""

    number: int
    at: datetime
    title: str
    description: str
    language: str | None
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in a store's history: its change counter, and the Piece and the time of that change.

    `piece` is the time part of the id. The last two tell whether another history has the same counter.
    """

    counter: int
    piece: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A Piece that is new or was edited, with the hash of its content and, if that is text, its start.

    `key` is the time part of its id.
    """

    key: int
    piece: Piece
    sha256: bytes
    text: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Some changes, oldest first, that lead up to `mark`; `removed` holds time parts of ids."""

    mark: Mark
    changed: tuple[Changed, ...]
    removed: tuple[int, ...]
