"""Messages of the view Put in: uploads, new Pieces, text in images, imports."""

from typing import Annotated

import msgspec

from satchel.window.messages.base import Answer, Line, Lines, Request, Text, UploadId
from satchel.window.messages.pieces import PieceView, TagSuggestion


class Upload(Answer, frozen=True, kw_only=True):
    """A file that the page sent, for one of the requests below. It is gone when the window closes."""

    upload: str
    size_bytes: int
    media_type: str
    is_text: bool
    is_image: bool


class NamedUpload(Request, frozen=True, kw_only=True):
    """An upload and its name, with folders if it is from one: `notes/http.md`."""

    upload: UploadId
    name: Line


class AddRequest(Request, frozen=True, kw_only=True):
    """A new Piece: a text, or files, of which the first is the main content.

    Empty fields are filled by the models of this device. With `read_images`, the code in a screenshot becomes the
    content, and the image a further file. With `again`, content that a Piece has already is added nevertheless.
    """

    text: Text | None = None
    file_name: Line = ""
    title: Line = ""
    description: Text = ""
    language: Line | None = None
    tags: Lines = ()
    links: Lines = ()
    files: Annotated[tuple[NamedUpload, ...], msgspec.Meta(max_length=300)] = ()
    read_images: bool = True
    suggest: bool = True
    again: bool = False
    source_location: Line = ""
    source_title: Line = ""


class Added(Answer, frozen=True, kw_only=True):
    """The new Piece, or the one that has this content already. `image_lines` counts lines read in an image."""

    piece: PieceView
    is_new: bool
    image_lines: int = 0
    secrets: int = 0


class ProposeRequest(Request, frozen=True, kw_only=True):
    """A text for which models suggest the fields of a Piece, before it is added."""

    text: Text
    file_name: Line = ""
    tags: Lines = ()
    source_location: Line = ""


class Proposal(Answer, frozen=True, kw_only=True):
    """What the models of this device suggest. Nothing is saved.

    `source_secrets` counts what looks like a secret in the address that the text is from.
    """

    title: str
    description: str
    language: str | None
    tags: tuple[TagSuggestion, ...]
    links: tuple[str, ...]
    source_secrets: int = 0
    existing: str | None = None
    """The id of the Piece that has this content already."""


class ReadImageRequest(Request, frozen=True, kw_only=True):
    """An uploaded image."""

    upload: UploadId


class ImageText(Answer, frozen=True, kw_only=True):
    """The text in an image. `confidence` is from 0 to 1."""

    text: str
    lines: int
    is_code: bool
    engine: str
    confidence: float
    numbers_removed: bool


class ImportRequest(Request, frozen=True, kw_only=True):
    """Files of the page, or a file or folder of this device by its path, to import.

    `kind` is the format, detected if it is None (`import_kinds`). `tags` are added to every Piece.
    """

    files: Annotated[tuple[NamedUpload, ...], msgspec.Meta(max_length=10_000)] = ()
    path: Line | None = None
    kind: Line | None = None
    tags: Lines = ()
    include_generated: bool = False


class ImportItem(Answer, frozen=True, kw_only=True):
    """An item that an import would add."""

    title: str
    language: str | None
    tags: tuple[str, ...]
    size_bytes: int
    source: str


class Skipped(Answer, frozen=True, kw_only=True):
    """How many items are skipped for a reason."""

    reason: str
    count: int


class ImportProblem(Answer, frozen=True, kw_only=True):
    """An item that cannot be read."""

    where: str
    reason: str


class ImportPreview(Answer, frozen=True, kw_only=True):
    """What an import would do. `items` are the first of the new ones. Nothing was added.

    `is_whole` is False if the source has more items than a preview reads.
    """

    kind: str
    new: int
    items: tuple[ImportItem, ...]
    skipped: tuple[Skipped, ...]
    unread: int
    problems: tuple[ImportProblem, ...]
    is_whole: bool


class Imported(Answer, frozen=True, kw_only=True):
    """The result of an import."""

    kind: str
    imported: int
    skipped: tuple[Skipped, ...]
    unread: int
    problems: tuple[ImportProblem, ...]


class ImportKind(Answer, frozen=True, kw_only=True):
    """A format that can be imported."""

    kind: str
    description: str


class ImportKinds(Answer, frozen=True, kw_only=True):
    """All formats that can be imported."""

    kinds: tuple[ImportKind, ...]
