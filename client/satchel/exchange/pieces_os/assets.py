"""Pieces for Developers: an archive of its export tool, or assets from Pieces OS (`GET /assets`).

The archive (formats 4 and 5 of github.com/pieces-app/export-tool) has one JSON file per record, in
`data/<material>/` or, unfiltered, `raw/<material>/`; its name is the SHA-256 of the record's kind and id.
An asset's text is in its original format (`fragment.string.raw`, or the numbers of `file.bytes.raw`). Its
language is a file extension in `classification.specific`, and its description an annotation.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from satchel.errors import SatchelError
from satchel.exchange.items import Item, Problem, Skipped, draft_of
from satchel.exchange.json_text import (
    Part,
    as_utf8,
    decode_part,
    elements,
    flat_elements,
    members,
    value_of,
    whole_text,
)
from satchel.exchange.limits import MIB
from satchel.exchange.names import language_named
from satchel.exchange.reading import RejectedError, Work, decode, moment_of_text
from satchel.pieces.fields import MAX_CONTENT_BYTES

R = TypeVar("R", bound=msgspec.Struct)

RECORD_FOLDERS: Final = ("raw", "data")
MAX_RECORDS: Final = 300  # tags, links or annotations of one asset that are read
MAX_ARCHIVE_BYTES: Final = 16 * 1024 * MIB

_NUMBERS: Final = re.compile(rb"\s*\[[\d,\s]*\]\s*")
_NUMBER: Final = re.compile(rb"\d{1,10}")


class Moment(msgspec.Struct):
    """Pieces OS's GroupedTimestamp."""

    value: msgspec.Raw = msgspec.Raw(b"null")


class TransferableString(msgspec.Struct):
    """A text; only `raw` is ever set."""

    raw: str | None = None


class TransferableBytes(msgspec.Struct):
    """Bytes as a list of numbers, which is decoded last, because it can be long."""

    raw: msgspec.Raw = msgspec.Raw(b"null")


class Carrier(msgspec.Struct):
    """A FragmentFormat or FileFormat."""

    string: TransferableString | None = None
    bytes: TransferableBytes | None = None


class Classification(msgspec.Struct):
    """The type of a format: generic is CODE, TEXT, IMAGE, …; specific is a file extension."""

    generic: str | None = None
    specific: str | None = None


class Format(msgspec.Struct):
    """One representation of an asset."""

    id: str | None = None
    fragment: Carrier | None = None
    file: Carrier | None = None
    classification: Classification | None = None


class Note(msgspec.Struct):
    """An annotation; the desktop shows the one of type DESCRIPTION below the title."""

    id: str | None = None
    type: str | None = None
    text: str | None = None


class Tag(msgspec.Struct):
    """A tag."""

    id: str | None = None
    text: str | None = None


class Website(msgspec.Struct):
    """A related link."""

    id: str | None = None
    url: str | None = None


class FormatReference(msgspec.Struct):
    """A format's id, and the format itself if it is embedded."""

    id: str | None = None
    reference: Format | None = None


class References(msgspec.Struct):
    """A collection: records or references in `iterable`, or ids in `indices` (negative: removed)."""

    iterable: msgspec.Raw = msgspec.Raw(b"null")
    indices: msgspec.Raw = msgspec.Raw(b"null")


class Reference(msgspec.Struct):
    """An element of `iterable` that may only refer to a record."""

    id: str | None = None
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
    favorited: bool | None = None


Lookup = Callable[[str, str], bytes | None]
"""Returns a record by its kind ("TAGS") and id, or None if the source lacks it."""


def read_pieces_document(source: Path, data: bytes) -> Iterator[Item]:
    """Read the assets of JSON documents: collections of Pieces OS, lists, or single assets."""
    del source
    parts = [asset for part in flat_elements(data) for asset in _assets_in(part)]
    for number, part in enumerate(parts, 1):
        yield _asset(part, f"asset {number} of {len(parts)}", lambda _kind, _id: None)


def _assets_in(part: Part) -> Iterator[Part]:
    """Yield the assets of a collection, or the part itself if it is not one."""
    iterable = members(part).get("iterable") if part.is_object else None
    yield from elements(iterable) if iterable is not None and iterable.is_list else (part,)


def read_pieces_archive(source: Path) -> Iterator[Item]:
    """Read the assets of an archive of the export tool."""
    root, work = source.resolve(), Work(MAX_ARCHIVE_BYTES, "the archive has more content than any real one")
    folders = [root / name / "assets" for name in RECORD_FOLDERS if (root / name / "assets").is_dir()]
    if not folders:
        raise SatchelError(
            f"{str(source)!r} is an archive of Pieces without snippets (assets)",
            hint="export with --scope all, or import its Markdown documents with --from folder",
        )
    for path in (path for folder in folders for path in sorted(folder.glob("*.json"))):
        where = path.relative_to(root).as_posix()
        try:
            record = as_utf8(work.read(path))
        except RejectedError as exc:
            yield Problem(where, str(exc))
        else:
            yield _asset(Part(memoryview(record)), where, _lookup_beside(path, work))


def is_pieces_archive(folder: Path) -> bool:
    """Tell whether a folder is an archive of the export tool."""
    return (folder / "manifest.json").is_file() and any(
        (folder / name / "assets").is_dir() or (folder / name / "workstream_summaries").is_dir()
        for name in RECORD_FOLDERS
    )


def _lookup_beside(asset: Path, work: Work) -> Lookup:
    """Return a lookup in the archive of an asset. File names are computed, never taken from a record."""
    materials = asset.parent.parent

    def lookup(kind: str, record_id: str) -> bytes | None:
        name = hashlib.sha256(f"{kind}\0{record_id}".encode("utf-8", "surrogatepass")).hexdigest()
        try:
            return as_utf8(work.read(materials / kind.lower() / f"{name}.json"))
        except RejectedError:
            return None

    return lookup


def _asset(part: Part, where: str, lookup: Lookup) -> Item:
    try:
        asset = decode(whole_text(part), Asset)
        if asset.deleted is not None:
            return Skipped(where, "deleted")
        format_ = _original(asset, lookup)
        content = _content(format_)
        notes = list(_records(asset.annotations, "ANNOTATIONS", Note, lookup))
        tags = [tag.text or "" for tag in _records(asset.tags, "TAGS", Tag, lookup)]
        links = [site.url or "" for site in _records(asset.websites, "WEBSITES", Website, lookup)]
    except RejectedError as exc:
        return Problem(where, str(exc))
    return draft_of(
        content,
        where=where,
        title=asset.name or "",
        description=next((note.text or "" for note in notes if note.type == "DESCRIPTION"), ""),
        language=language_named(format_.classification.specific) if format_.classification else None,
        tags=[*tags, *(["favorite"] if asset.favorited else [])],
        links=links,
        kind="pieces",
        location=asset.id,
        created=moment_of_text(value_of(asset.created.value)) if asset.created else None,
    )


def _original(asset: Asset, lookup: Lookup) -> Format:
    """Return the original format of an asset: embedded, or a record of its own."""
    if asset.original is None:
        raise RejectedError("it has no original format")
    embedded = asset.original.reference
    if embedded is not None and (embedded.fragment or embedded.file):
        return embedded
    record = lookup("FORMATS", asset.original.id or "")
    if record is None:
        raise RejectedError("its content is not in the export")
    return decode(record, Format)


def _content(format_: Format) -> bytes:
    for carrier in (format_.fragment, format_.file):
        if carrier is not None and carrier.string is not None and carrier.string.raw is not None:
            return carrier.string.raw.encode()
        if carrier is not None and carrier.bytes is not None and bytes(carrier.bytes.raw) != b"null":
            return _bytes_of(carrier.bytes.raw)
    raise RejectedError("its content is not in the export")


def _bytes_of(numbers: msgspec.Raw) -> bytes:
    """Return bytes given as a list of numbers, without a list in memory that is many times as large."""
    text = bytes(numbers)
    if _NUMBERS.fullmatch(text) is None or text.count(b",") >= MAX_CONTENT_BYTES:
        raise RejectedError("its content is not a list of bytes")
    try:
        return bytes(int(match[0]) for match in _NUMBER.finditer(text))
    except ValueError as exc:
        raise RejectedError("its content is not a list of bytes") from exc


def _records(references: References | None, kind: str, shape: type[R], lookup: Lookup) -> Iterator[R]:
    """Yield the records of a collection, embedded or looked up. Skip those that are missing."""
    if references is None:
        return
    seen: set[str] = set()
    iterable, indices = Part(memoryview(references.iterable)), Part(memoryview(references.indices))
    for element in islice(elements(iterable) if iterable.is_list else (), MAX_RECORDS):
        try:
            named = decode_part(element, Reference)
            seen.add(named.id or "")
            yield decode(named.reference if bytes(named.reference) else element.text, shape)
        except RejectedError:
            continue
    for record_id, index in islice(members(indices).items() if indices.is_object else (), MAX_RECORDS):
        is_removed = bytes(index.text).lstrip().startswith(b"-")
        record = None if is_removed or record_id in seen else lookup(kind, record_id)
        if record is not None:
            try:
                yield decode(record, shape)
            except RejectedError:
                continue
