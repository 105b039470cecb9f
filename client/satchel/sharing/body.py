"""What a share holds: one Piece without its history or provenance, as a sealed zip (docs/spec/share.md, section 4)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import msgspec

from satchel.age import AgeError, seal, unseal
from satchel.errors import IntegrityError, UsageError
from satchel.sharing.container import MAX_CONTENT_BYTES, MAX_DOCUMENT_BYTES, MAX_ZIP_BYTES, pack, unpack

if TYPE_CHECKING:
    from datetime import datetime

    from satchel.sharing.identity import ShareKey
    from satchel.store.model import Piece

FORMAT: Final = "satchel-share/1"
MAX_BODY_BYTES: Final = MAX_ZIP_BYTES + (64 << 10)  # age adds a header and 16 bytes for every 64 KiB


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """`piece.json`. A field that this satchel does not know is passed over; a missing or wrong one is an error."""

    format: str
    title: str
    description: str
    language: str
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    shared: str


@dataclass(frozen=True)
class SharedPiece:
    """A Piece as its share tells it. Where it came from, its id and its other revisions stay at home."""

    content: bytes
    title: str
    description: str
    language: str
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    shared: str

    @classmethod
    def of(cls, piece: "Piece", content: bytes, *, now: "datetime") -> Self:
        """What of a Piece goes into its share; `now` is the time that the share will show."""
        return cls(
            content=content,
            title=piece.title,
            description=piece.description,
            language=piece.language or "",
            media_type=piece.media_type,
            tags=piece.tags,
            links=piece.links,
            shared=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


def to_zip(piece: SharedPiece) -> bytes:
    """The zip of a share, before it is sealed. Too large for a share: UsageError."""
    if len(piece.content) > MAX_CONTENT_BYTES:
        raise UsageError(
            f"the Piece has {len(piece.content)} bytes; a share holds up to {MAX_CONTENT_BYTES}",
            hint="export it instead: satchel export --sealed FILE",
        )
    document = msgspec.json.format(msgspec.json.encode(_document(piece)), indent=2) + b"\n"
    if len(document) > MAX_DOCUMENT_BYTES:
        raise UsageError(
            f"the Piece's title, description, tags and links have {len(document)} bytes; "
            f"a share holds up to {MAX_DOCUMENT_BYTES}",
            hint="shorten the description: satchel edit",
        )
    return pack(piece.content, document)


def from_zip(data: bytes) -> SharedPiece:
    """Read a share's zip; every deviation from the format is an IntegrityError."""
    content, text = unpack(data)
    try:
        document = msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise IntegrityError(
            "the share's piece.json does not fit its format", hint="ask for a new link"
        ) from exc
    if document.format != FORMAT:
        raise IntegrityError(
            f"the share has the format {document.format[:40]!r}, not {FORMAT!r}",
            hint="a newer satchel may read it",
        )
    fields = msgspec.structs.asdict(document)
    del fields["format"]
    return SharedPiece(content=content, **fields)


def seal_piece(piece: SharedPiece, key: "ShareKey") -> bytes:
    """The body of a share: its zip, sealed to the share's own identity."""
    return seal(to_zip(piece), [key.recipient])


def open_body(body: bytes, key: "ShareKey") -> SharedPiece:
    """Open a share's body; one that does not authenticate under the key, or is damaged: IntegrityError."""
    if len(body) > MAX_BODY_BYTES:
        raise IntegrityError(
            f"the share has {len(body)} bytes, more than any share may", hint="ask for a new link"
        )
    try:
        data = unseal(body, [key.identity])
    except AgeError as exc:
        raise IntegrityError(
            "the share does not authenticate under its link's key", hint="ask for a new link"
        ) from exc
    return from_zip(data)


def _document(piece: SharedPiece) -> _Document:
    return _Document(
        format=FORMAT,
        title=piece.title,
        description=piece.description,
        language=piece.language,
        media_type=piece.media_type,
        tags=piece.tags,
        links=piece.links,
        shared=piece.shared,
    )
