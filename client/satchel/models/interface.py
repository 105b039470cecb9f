"""What a model is given, and what it returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

EXAMINED_CHARS: Final = 65_536  # of each text; a model describes a Piece by its beginning

Field = Literal["title", "description", "language", "tag", "link", "framework", "query"]
"""What a suggestion is about. `framework` and `query` are shown with a Piece and are no fields of it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a Piece, or of a draft of one.

    `text` is the start of its main content, at most `EXAMINED_CHARS`; empty for an image and other binary content.
    `content` is the main content as bytes. The other fields are those that the owner has set: empty or None if not.
    `vocabulary` are the tags of the owner's other Pieces, the most used first, as far as they are known.
    """

    text: str = field(repr=False)
    content: bytes = field(default=b"", repr=False)
    media_type: str = "text/plain"
    file_name: str = ""
    title: str = ""
    description: str = ""
    language: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One value for one field. `confidence` is from 0 to 1; `reason` is one line without line breaks."""

    field: Field
    value: str
    confidence: float
    reason: str


class Model(Protocol):
    """Describes a Piece.

    Promises: never fails for any content; depends on the subject alone (no network, no store, no clock); returns
    the same suggestions for the same subject, the most confident first.
    """

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Return suggestions; none for content that the model cannot tell anything about."""
        ...
