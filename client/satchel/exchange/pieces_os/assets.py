"""Pieces for Developers: an archive of its export tool, or assets from Pieces OS (`GET /assets`).

The archive (formats 4 and 5 of github.com/pieces-app/export-tool) has one JSON file per record, in
`data/<material>/` or, unfiltered, `raw/<material>/`; its name is the SHA-256 of the record's kind and id.
An asset's text is in its original format (`fragment.string.raw`, or the numbers of `file.bytes.raw`). Its
language is a file extension in `classification.specific`, and its description an annotation.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from satchel.exchange.items import Item, Problem, Skipped, draft_of
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.names import language_named
from satchel.exchange.reading import RejectedError, decode, moment_of_text, read_json, read_regular

R = TypeVar("R", bound=msgspec.Struct)

RECORD_FOLDERS: Final = ("raw", "data")


class Moment(msgspec.Struct):
    """Pieces OS's GroupedTimestamp."""

    value: str = ""


class TransferableString(msgspec.Struct):
    """A text; only `raw` is ever set."""

    raw: str | None = None


class TransferableBytes(msgspec.Struct):
    """Bytes as a list of numbers."""

    raw: list[int] | None = None


class Carrier(msgspec.Struct):
    """A FragmentFormat or FileFormat."""

    string: TransferableString | None = None
    bytes: TransferableBytes | None = None


class Classification(msgspec.Struct):
    """The type of a format: generic is CODE, TEXT, IMAGE, …; specific is a file extension."""

    generic: str = ""
    specific: str | None = None


class Format(msgspec.Struct):
    """One representation of an asset."""

    id: str = ""
    fragment: Carrier | None = None
    file: Carrier | None = None
    classification: Classification | None = None


class Note(msgspec.Struct):
    """An annotation; the desktop shows the one of type DESCRIPTION below the title."""

    id: str = ""
    type: str = ""
    text: str = ""


class Tag(msgspec.Struct):
    """A tag."""

    id: str = ""
    text: str = ""


class Website(msgspec.Struct):
    """A related link."""

    id: str = ""
    url: str = ""


class FormatReference(msgspec.Struct):
    """A format's id, and the format itself if it is embedded."""

    id: str = ""
    reference: Format | None = None


class References(msgspec.Struct):
    """A collection: records or references in `iterable`, or ids in `indices` (negative: removed)."""

    iterable: list[msgspec.Raw] = []
    indices: dict[str, float] = {}


class Reference(msgspec.Struct):
    """An element of `iterable` that may only refer to a record."""

    id: str = ""
    reference: msgspec.Raw = msgspec.Raw(b"")


class Asset(msgspec.Struct):
    """A saved snippet, note or screenshot."""

    id: str
    name: str | None = None
    created: Moment | None = None
    deleted: Moment | None = None
    original: FormatReference | None = None
    tags: References | None = None
    websites: References | None = None
    annotations: References | None = None
    favorited: bool = False


class Assets(msgspec.Struct):
    """Pieces OS's collection of assets."""

    iterable: list[msgspec.Raw]


Lookup = Callable[[str, str], bytes | None]
"""Returns a record by its kind ("TAGS") and id, or None if the source lacks it."""


def read_pieces_document(source: Path) -> Iterator[Item]:
    """Read the assets of a JSON document: a collection of Pieces OS, a list, or one asset."""
    document = read_json(source, msgspec.Raw)
    if bytes(document).lstrip()[:1] == b"[":
        assets = decode(document, list[msgspec.Raw])
    else:
        try:
            assets = decode(document, Assets).iterable
        except RejectedError:
            assets = [document]
    for number, asset in enumerate(assets, 1):
        yield _asset(asset, f"asset {number} of {len(assets)}", lambda _kind, _id: None)


def read_pieces_archive(source: Path) -> Iterator[Item]:
    """Read the assets of an archive of the export tool."""
    root = source.resolve()
    folders = [root / name / "assets" for name in RECORD_FOLDERS if (root / name / "assets").is_dir()]
    for path in (path for folder in folders for path in sorted(folder.glob("*.json"))):
        where = path.relative_to(root).as_posix()
        try:
            record = read_regular(path, MAX_DOCUMENT_BYTES)
        except RejectedError as exc:
            yield Problem(where, str(exc))
        else:
            yield _asset(msgspec.Raw(record), where, _lookup_beside(path))


def _lookup_beside(asset: Path) -> Lookup:
    """Return a lookup in the archive of an asset. File names are computed, never taken from a record."""
    materials = asset.parent.parent

    def lookup(kind: str, record_id: str) -> bytes | None:
        name = hashlib.sha256(f"{kind}\0{record_id}".encode("utf-8", "surrogatepass")).hexdigest()
        try:
            return read_regular(materials / kind.lower() / f"{name}.json", MAX_DOCUMENT_BYTES)
        except RejectedError:
            return None

    return lookup


def _asset(document: msgspec.Raw, where: str, lookup: Lookup) -> Item:
    try:
        asset = decode(document, Asset)
        if asset.deleted is not None:
            return Skipped(where, "deleted")
        format_ = _original(asset, lookup)
        content = _content(format_)
    except RejectedError as exc:
        return Problem(where, str(exc))
    notes = list(_records(asset.annotations, "ANNOTATIONS", Note, lookup))
    tags = [tag.text for tag in _records(asset.tags, "TAGS", Tag, lookup)]
    return draft_of(
        content,
        where=where,
        title=asset.name or "",
        description=next((note.text for note in notes if note.type == "DESCRIPTION"), ""),
        language=language_named(format_.classification.specific) if format_.classification else None,
        tags=[*tags, *(["favorite"] if asset.favorited else [])],
        links=[site.url for site in _records(asset.websites, "WEBSITES", Website, lookup)],
        kind="pieces",
        location=asset.id,
        created=moment_of_text(asset.created.value) if asset.created else None,
    )


def _original(asset: Asset, lookup: Lookup) -> Format:
    """Return the original format of an asset: embedded, or a record of its own."""
    if asset.original is None:
        raise RejectedError("it has no original format")
    embedded = asset.original.reference
    if embedded is not None and (embedded.fragment or embedded.file):
        return embedded
    record = lookup("FORMATS", asset.original.id)
    if record is None:
        raise RejectedError("its content is not in the export")
    return decode(record, Format)


def _content(format_: Format) -> bytes:
    for carrier in (format_.fragment, format_.file):
        if carrier is not None and carrier.string is not None and carrier.string.raw is not None:
            return carrier.string.raw.encode()
        if carrier is not None and carrier.bytes is not None and carrier.bytes.raw is not None:
            try:
                return bytes(carrier.bytes.raw)
            except ValueError as exc:
                raise RejectedError("its content is not a list of bytes") from exc
    raise RejectedError("its content is not in the export")


def _records(references: References | None, kind: str, shape: type[R], lookup: Lookup) -> Iterator[R]:
    """Yield the records of a collection, embedded or looked up. Skip those that are missing."""
    if references is None:
        return
    seen: set[str] = set()
    for element in references.iterable:
        try:
            named = decode(element, Reference)
            seen.add(named.id)
            whole = element if len(bytes(named.reference)) == 0 else named.reference
            yield decode(whole, shape)
        except RejectedError:
            continue
    for record_id in (key for key, index in references.indices.items() if index >= 0 and key not in seen):
        record = lookup(kind, record_id)
        if record is not None:
            try:
                yield decode(record, shape)
            except RejectedError:
                continue
