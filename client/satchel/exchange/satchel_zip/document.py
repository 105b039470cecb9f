"""`pieces.json` of satchel's own export: what it holds, as docs/guides/commands.md describes it.

Every Piece with everything about it, its whole history included; the contents are files beside it.
"""

import datetime as dt
from typing import Final

import msgspec

FIRST_FORMAT: Final = "satchel-export/1"  # of one content a Piece; still written where that suffices
FORMAT: Final = "satchel-export/2"
FORMATS: Final = (FIRST_FORMAT, FORMAT)
DOCUMENT_NAME: Final = "pieces.json"
PIECES_FOLDER: Final = "pieces"
HISTORY_FOLDER: Final = "history"


class ExportedSource(msgspec.Struct, omit_defaults=True):
    """Where a Piece came from."""

    kind: str
    location: str = ""
    file_name: str = ""


class ExportedFile(msgspec.Struct, kw_only=True):
    """A further file of a Piece: `file` is the entry of the zip that holds its content."""

    name: str
    language: str | None = None
    media_type: str
    size_bytes: int
    sha256: str
    file: str


class ExportedState(msgspec.Struct, kw_only=True):
    """A Piece as it is or was: `file` is the entry of the zip that holds its main content."""

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


class ExportedRevision(ExportedState, kw_only=True):
    """A Piece as it was after one edit; number 1 is what was first saved."""

    number: int
    at: dt.datetime


class ExportedPiece(ExportedState, kw_only=True):
    """A Piece as it is, and in `history` every revision before that, oldest first."""

    id: str
    created: dt.datetime
    updated: dt.datetime
    revision: int
    source: ExportedSource | None = None
    history: list[ExportedRevision] = []


class Export(msgspec.Struct):
    """The outline of the document; Pieces are decoded one by one, so that a bad one spoils nothing."""

    format: str
    pieces: list[msgspec.Raw]
