"""What a store holds: Pieces, their revisions, and the requests that make or change them.

All of it is plain frozen values. Times are aware datetimes in UTC with a precision of milliseconds.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from satchel.pieces.ulid import TIME_CHARS

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

    @property
    def base_name(self) -> str:
        """The file's name without a folder of any system; empty if none is known."""
        return PurePosixPath(PureWindowsPath(self.file_name).as_posix()).name


@dataclass(frozen=True, slots=True)
class File:
    """A further file of a Piece, without its content."""

    name: str
    language: str | None
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A further file with its content, to be kept or read.

    `language` None: found from the name; an empty one says that there is none. `media_type` None: found from
    the content.
    """

    name: str
    content: bytes = field(repr=False)
    language: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What shall become a Piece. Nothing but the content is needed; `files` are those behind it, in order.

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
    files: tuple[WholeFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """An edit. None leaves a field as it is; an empty `language` says that there is none.

    `tags` replaces all tags; `add_tags` and `remove_tags` then apply to what is there at that moment. So do
    `files` with `remove_files` (names) and then `add_files`: one whose name is there already takes its place, with
    its language unless another is given; any other comes last.
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


@dataclass(frozen=True, slots=True)
class Piece:
    """A saved item as it is now, without its content. `revision` counts its edits from 1.

    `media_type`, `language` and `size_bytes` are of its main content; `files` are what else it holds, in order.
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

    @property
    def short_id(self) -> str:
        """The part of the id that names this Piece and no other of its store."""
        return self.id[:TIME_CHARS]

    @property
    def file_name(self) -> str:
        """What its main content is called as a file, where it came from; empty if that is not known."""
        return self.source.base_name if self.source else ""


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
    files: tuple[File, ...] = ()


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
    """A Piece that is new or was edited, with the digest of its contents and, if that is text, its start.

    `key` is the time part of its id; `digest` is `satchel.pieces.digests.digest_of` of it. `file_texts` are the
    starts of those further files that are text, each with its media type.
    """

    key: int
    piece: Piece
    digest: bytes
    text: bytes | None = field(repr=False)
    file_texts: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Some changes, oldest first, that lead up to `mark`; `removed` holds time parts of ids."""

    mark: Mark
    changed: tuple[Changed, ...]
    removed: tuple[int, ...]
