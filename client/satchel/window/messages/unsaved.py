"""Messages about drafts, which were typed in the page and are not saved yet, and about the page's preferences."""

from typing import Annotated, Final, Literal

import msgspec

from satchel.window.messages.base import Answer, Line, Number, PieceId, Request, Text, UploadId

MAX_FILES: Final = 1_000

DraftId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$", max_length=32)]
"""Made by the page, one for each form that is open, so that two forms never write the same draft."""
Words = Annotated[tuple[Text, ...], msgspec.Meta(max_length=10_000)]


class DraftText(Request, frozen=True, kw_only=True):
    """The text of a file, by its number in the Piece."""

    number: Number
    name: Text
    text: Text


class DraftFile(Request, frozen=True, kw_only=True):
    """A file that was put into the form: an upload, also of another window whose draft this one goes on with."""

    upload: UploadId
    name: Line
    size_bytes: Number
    is_image: bool


class UnsavedDraft(Request, frozen=True, kw_only=True, omit_defaults=True):
    """What is in a form. `piece` and `base` are the Piece and the revision that are edited; None and 0 for a new Piece.

    `version` counts what the form has sent. `typed` is the time by the browser's clock. `source` is the address of the
    page that a new Piece is from.
    """

    id: DraftId
    version: Number
    piece: PieceId | None
    base: Number
    title: Text
    description: Text
    language: Text
    tags: Words
    links: Words
    texts: Annotated[tuple[DraftText, ...], msgspec.Meta(max_length=MAX_FILES)]
    source: Text
    typed: Line
    files: Annotated[tuple[DraftFile, ...], msgspec.Meta(max_length=MAX_FILES)] = ()


class DraftVersion(Request, frozen=True, kw_only=True):
    """A draft as a page has read it."""

    id: DraftId
    version: Number


class KeepDraftRequest(Request, frozen=True, kw_only=True):
    """Keep a draft in the home. `replaces` is the one that the form began with, which is dropped if nobody changed it."""

    draft: UnsavedDraft
    replaces: DraftVersion | None = None


class KeptDraft(Answer, frozen=True, kw_only=True):
    """The draft is kept, except these of its files: nothing has them, or drafts may not hold that much.

    Those that are too large can be saved with the Piece as long as the window is open.
    """

    missing: tuple[str, ...]
    too_large: tuple[str, ...]


class ByDraft(Request, frozen=True, kw_only=True):
    """A draft by its id."""

    id: DraftId


class DraftView(Answer, frozen=True, kw_only=True):
    """A draft in a list. `is_removed`: its Piece is gone. `excerpt` is the start of its text, or of its files' names."""

    id: str
    version: int
    piece: str | None
    is_removed: bool
    title: str
    excerpt: str
    typed: str


class Drafts(Answer, frozen=True, kw_only=True):
    """All drafts, the latest first.

    `damaged` are the files that could not be read and were set aside, `newer` those that a newer satchel wrote.
    """

    drafts: tuple[DraftView, ...]
    damaged: tuple[str, ...]
    newer: tuple[str, ...]


class WholeDraft(Answer, frozen=True, kw_only=True):
    """A draft with everything in it. `missing` are those of its files that were not kept."""

    draft: UnsavedDraft
    missing: tuple[str, ...]


class PreferenceRequest(Request, frozen=True, kw_only=True):
    """A preference of the page: its theme, language, line wrap, formatted Markdown, or shortcuts of one letter."""

    name: Literal["theme", "language", "wrap", "markdown", "keys"]
    value: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,12}$", max_length=12)]
