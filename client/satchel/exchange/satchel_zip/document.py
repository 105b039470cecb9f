"""`pieces.json` of satchel's own export (described in docs/guides/commands.md).

It holds every Piece with all fields and its history. The contents are other entries of the zip file.
"""

import datetime as dt
from typing import Final

import msgspec

FIRST_FORMAT: Final = "satchel-export/1"  # one content per Piece; still written if it is enough
SEVERAL_FILES_FORMAT: Final = "satchel-export/2"
SUGGESTED_FORMAT: Final = "satchel-export/3"  # tells what models suggested
FORMAT: Final = "satchel-export/4"  # tells what agents wrote
FORMATS: Final = (FIRST_FORMAT, SEVERAL_FILES_FORMAT, SUGGESTED_FORMAT, FORMAT)
DOCUMENT_NAME: Final = "pieces.json"
PIECES_FOLDER: Final = "pieces"
HISTORY_FOLDER: Final = "history"


ExportedSuggestions = dict[str, dict[str, str]] | msgspec.UnsetType


class ExportedSource(msgspec.Struct, omit_defaults=True):
    """The source of a Piece."""

    kind: str
    location: str = ""
    file_name: str = ""


class ExportedFile(msgspec.Struct, kw_only=True):
    """A further file of a Piece; `file` is the zip entry with its content."""

    name: str
    language: str | None = None
    media_type: str
    size_bytes: int
    sha256: str
    file: str


class ExportedAuthor(msgspec.Struct, omit_defaults=True):
    """The agent that wrote a state, and its client."""

    agent: str
    client: str = ""


class ExportedState(msgspec.Struct, kw_only=True):
    """A state of a Piece; `file` is the zip entry with its main content.

    `suggested` maps fields to the values that models suggested, and these to the models. `author` is the agent that
    wrote it.
    """

    title: str
    description: str = ""
    language: str | None = None
    media_type: str
    tags: list[str] = []
    links: list[str] = []
    size_bytes: int
    sha256: str
    file: str
    files: list[ExportedFile] = []
    suggested: ExportedSuggestions = msgspec.UNSET
    author: ExportedAuthor | msgspec.UnsetType = msgspec.UNSET


class ExportedRevision(ExportedState, kw_only=True):
    """A Piece after an edit; number 1 is the state first saved."""

    number: int
    at: dt.datetime


class ExportedPiece(ExportedState, kw_only=True):
    """The current state of a Piece; `history` holds the earlier revisions, oldest first."""

    id: str
    created: dt.datetime
    updated: dt.datetime
    revision: int
    source: ExportedSource | None = None
    history: list[ExportedRevision] = []
