"""The data model of a store: Pieces, revisions, drafts, changes, and entries of the change feed.

All values are immutable. Times are aware datetimes in UTC, precise to the millisecond.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, NamedTuple

from satchel.pieces.ulid import TIME_CHARS

Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]

system_entropy: Final[Entropy] = os.urandom


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def moment(value: datetime) -> str:
    """Return a time for JSON: RFC 3339 in UTC with milliseconds."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a Piece: its kind ("file", "gist", …), location and file name."""

    kind: str
    location: str = ""
    file_name: str = ""

    @property
    def base_name(self) -> str:
        """The file name without folders, of any system; empty if unknown."""
        return PurePosixPath(PureWindowsPath(self.file_name).as_posix()).name


class SuggestedValue(NamedTuple):
    """A value that a model suggested for a field of a Piece.

    `field` is "title", "description", "language", "tags" or "links"; `model` is the label of the model, such as
    "titles/1". If the field holds the value, it was taken; if not, the owner has refused it.
    """

    field: str
    value: str
    model: str


@dataclass(frozen=True, slots=True)
class Author:
    """The agent that made a revision, by the name that the owner gave it, and what its client calls itself.

    Revisions of the owner have no author.
    """

    agent: str
    client: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A further file of a Piece, without its content."""

    name: str
    language: str | None
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A further file of a Piece, with its content.

    A `language` of None is detected from the name; an empty one means none. A `media_type` of None is detected
    from the content.
    """

    name: str
    content: bytes = field(repr=False)
    language: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A Piece to add. Only the content is required; `files` are its further files, in order.

    A `media_type` of None is detected from the content. `created` defaults to now, `updated` to `created`.
    `suggested` tells which values are from models, `author` which agent saves it.
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
    files: tuple[WholeFile, ...] = ()
    suggested: tuple[SuggestedValue, ...] = ()
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """An edit. A field that is None stays unchanged; an empty `language` removes the language.

    `tags` replaces all tags; `add_tags` and `remove_tags` then apply to the result. Likewise `files` replaces all
    files, then `remove_files` (names) and `add_files` apply. A file with the name of an existing one replaces it
    in place and keeps its language unless another is given; other files are appended.

    A `suggested` of None is an edit by a person or an agent: the values that it sets are no longer a model's.
    Otherwise it replaces what is known of suggestions. `author` is the agent that edits.
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
    files: tuple[WholeFile, ...] | None = None
    add_files: tuple[WholeFile, ...] = ()
    remove_files: tuple[str, ...] = ()
    suggested: tuple[SuggestedValue, ...] | None = None
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The current state of a saved item, without its content. `revision` is the number of its current revision.

    A Piece that `is_withdrawn` is out of view: it is in no list and found by no search, but its history is kept.
    `media_type`, `language` and `size_bytes` describe the main content; `files` are the further files, in order.
    """

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
    files: tuple[File, ...] = ()
    suggested: tuple[SuggestedValue, ...] = ()
    author: Author | None = None
    is_withdrawn: bool = False

    @property
    def short_id(self) -> str:
        """The beginning of the id that holds its time. It identifies a Piece unless stores were merged."""
        return self.id[:TIME_CHARS]

    @property
    def file_name(self) -> str:
        """The original file name of the main content; empty if unknown."""
        return self.source.base_name if self.source else ""


class Outline(NamedTuple):
    """What a list of all Pieces needs. `tags` is a JSON array."""

    id: str
    title: str
    language: str | None
    tags: str


@dataclass(frozen=True, slots=True)
class Revision:
    """The state of a Piece after one edit, without its content. The Piece as first saved is number 1.

    `id` is the same in every store; that of number 1 is the id of the Piece. Numbers follow the order of the ids,
    so merging another store can change them.
    """

    number: int
    at: datetime
    title: str
    description: str
    language: str | None
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    size_bytes: int
    files: tuple[File, ...] = ()
    id: str = ""
    suggested: tuple[SuggestedValue, ...] = ()
    author: Author | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in a store's history: a change counter, with the Piece and the time of that change.

    `piece` is the Piece's row number, 0 if the store never held it. Piece and time distinguish histories with the same counter.
    """

    counter: int
    piece: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A new or edited Piece, with the digest of its contents and the start of its text.

    `key` is its row number; `digest` is its `satchel.pieces.digests.digest_of`. `text` is None unless the
    main content is text. `file_texts` holds the media type and the start of each further text file.
    """

    key: int
    piece: Piece
    digest: bytes
    text: bytes | None = field(repr=False)
    file_texts: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Consecutive changes up to `mark`, oldest first; `removed` holds row numbers of Pieces, withdrawn ones too."""

    mark: Mark
    changed: tuple[Changed, ...]
    removed: tuple[int, ...]
