"""The content of a share: one Piece, without history or source, as a sealed zip (docs/spec/share.md, section 4)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec

from satchel.age import AgeError, seal, unseal
from satchel.errors import IntegrityError, UsageError
from satchel.formats import read_format
from satchel.pieces.collections import plain_tags
from satchel.pieces.fields import was_file_name
from satchel.sharing.container import MAX_CONTENT_BYTES, MAX_DOCUMENT_BYTES, MAX_ZIP_BYTES, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from satchel.pieces.model import Piece, WholeFile
    from satchel.sharing.identity import ShareKey

ONE_FILE: Final = "satchel-share/1"
SEVERAL_FILES: Final = "satchel-share/2"
MAX_BODY_BYTES: Final = MAX_ZIP_BYTES + (64 << 10)  # age adds a header and 16 bytes per 64 KiB


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """`piece.json`. Unknown fields are ignored; a missing or malformed field is an error."""

    format: str
    title: str
    description: str
    language: str
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    shared: str


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """A further file in `piece.json`."""

    name: str
    language: str
    media_type: str


class _SeveralDocument(_Document, frozen=True, kw_only=True):
    """`piece.json` of version 2: adds the file name of the content, and further files."""

    name: str
    files: tuple[_File, ...]


_D = TypeVar("_D")


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A further file of a shared Piece."""

    name: str
    content: bytes = field(repr=False)
    language: str
    media_type: str


@dataclass(frozen=True)
class SharedPiece:
    """A Piece as shared: without its id, source and earlier revisions.

    `name` is the file name of its content, or ""; it is set only in a share of several files.
    """

    content: bytes
    title: str
    description: str
    language: str
    media_type: str
    tags: tuple[str, ...]
    links: tuple[str, ...]
    shared: str
    name: str = ""
    files: tuple[SharedFile, ...] = ()

    @classmethod
    def of(
        cls, piece: "Piece", content: bytes, files: "Sequence[WholeFile]" = (), *, now: "datetime"
    ) -> Self:
        """Return the shared form of a Piece; `now` is the time that the share shows.

        Raise ValueError unless `files` are all files of the Piece.
        """
        if [file.name for file in files] != [file.name for file in piece.files]:
            raise ValueError("these are not the files of the Piece")
        return cls(
            content=content,
            title=piece.title,
            description=piece.description,
            language=piece.language or "",
            media_type=piece.media_type,
            tags=plain_tags(piece.tags),  # collections and pins are for the owner alone
            links=piece.links,
            shared=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            name=piece.file_name if files and was_file_name(piece.file_name) else "",
            files=tuple(
                SharedFile(file.name, file.content, file.language or "", file.media_type or "")
                for file in files
            ),
        )


def to_zip(piece: SharedPiece) -> bytes:
    """Return the zip of a share, not yet sealed. Raise UsageError if it exceeds the limits of shares."""
    size = len(piece.content) + sum(len(file.content) for file in piece.files)
    if size > MAX_CONTENT_BYTES:
        raise UsageError(
            f"the Piece has {size} bytes; a share holds up to {MAX_CONTENT_BYTES}",
            hint="export it instead: satchel export --sealed FILE",
        )
    document = msgspec.json.format(msgspec.json.encode(_document(piece)), indent=2) + b"\n"
    if len(document) > MAX_DOCUMENT_BYTES:
        raise UsageError(
            f"the Piece's title, description, tags, links and names have {len(document)} bytes; "
            f"a share holds up to {MAX_DOCUMENT_BYTES}",
            hint="shorten the description: satchel edit ID --description TEXT",
        )
    return pack(piece.content, document, [file.content for file in piece.files])


def from_zip(data: bytes) -> SharedPiece:
    """Parse the zip of a share. Raise IntegrityError on any deviation from the format."""
    content, contents, text = unpack(data)
    version = read_format(text)
    if version is None:
        raise _malformed()
    if version == ONE_FILE:
        document = _decoded(text, _Document)
        if contents:
            raise _malformed()
        return SharedPiece(content=content, **_fields(document))
    if version == SEVERAL_FILES:
        several = _decoded(text, _SeveralDocument)
        _check_names(several, len(contents))
        files = tuple(
            SharedFile(file.name, data, file.language, file.media_type)
            for file, data in zip(several.files, contents, strict=True)
        )
        return SharedPiece(content=content, **_fields(several) | {"files": files})
    raise IntegrityError(
        f"the share has the format {version[:40]!r}, which this version of satchel does not support",
        hint="update satchel",
    )


def seal_piece(piece: SharedPiece, key: "ShareKey") -> bytes:
    """Return the body of a share: its zip, sealed to the share's own identity."""
    return seal(to_zip(piece), [key.recipient])


def open_body(body: bytes, key: "ShareKey") -> SharedPiece:
    """Open the body of a share. Raise IntegrityError if it is damaged or does not authenticate under the key."""
    if len(body) > MAX_BODY_BYTES:
        raise IntegrityError(
            f"the share has {len(body)} bytes, more than the limit of {MAX_BODY_BYTES}",
            hint="ask for a new link",
        )
    try:
        data = unseal(body, [key.identity])
    except AgeError as exc:
        raise IntegrityError(
            "the share does not authenticate under its link's key", hint="ask for a new link"
        ) from exc
    return from_zip(data)


def _decoded(text: bytes, shape: type[_D]) -> _D:
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _malformed() from exc


def _fields(document: _Document) -> dict[str, Any]:
    fields = msgspec.structs.asdict(document)
    del fields["format"]
    return fields


def _check_names(document: _SeveralDocument, contents: int) -> None:
    """Require one valid and unique name for each file in the zip."""
    names = [file.name for file in document.files]
    if not names or len(names) != contents or len(set(names)) != len(names):
        raise _malformed()
    if not all(map(was_file_name, names)) or not (document.name == "" or was_file_name(document.name)):
        raise _malformed()


def _malformed() -> IntegrityError:
    return IntegrityError("the share's piece.json is malformed", hint="ask for a new link")


def _document(piece: SharedPiece) -> _Document:
    """Return `piece.json`. A Piece with one file gets version 1, so that older readers can open it."""
    fields = {name: getattr(piece, name) for name in _Document.__struct_fields__ if name != "format"}
    if not piece.files:
        return _Document(format=ONE_FILE, **fields)
    files = tuple(
        _File(name=file.name, language=file.language, media_type=file.media_type) for file in piece.files
    )
    return _SeveralDocument(format=SEVERAL_FILES, **fields, name=piece.name, files=files)
