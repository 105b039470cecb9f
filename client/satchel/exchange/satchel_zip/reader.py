"""Reading satchel's own export, plain or sealed: every Piece with its history.

Imported Pieces get new ids, because ids belong to a store; everything else is unchanged.
"""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from satchel.age import Identity
from satchel.errors import UsageError
from satchel.exchange.items import Edit, History, Item, Problem, normalized
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.reading import RejectedError, decode
from satchel.exchange.satchel_zip.document import (
    DOCUMENT_NAME,
    FORMATS,
    Export,
    ExportedFile,
    ExportedPiece,
    ExportedState,
)
from satchel.exchange.satchel_zip.sealed import UnsealedFile, is_sealed
from satchel.exchange.ziptable import ZipTable, open_zip
from satchel.pieces.digests import digest_of
from satchel.pieces.fields import MAX_CONTENT_BYTES
from satchel.pieces.model import Changes, Draft, Source, WholeFile


def read_export(source: Path, unlock: Callable[[], Sequence[Identity]]) -> Iterator[Item]:
    """Read every Piece of an export; a sealed one is opened with the identities that `unlock` returns."""
    with _opened(source, unlock) as file:
        try:
            table = open_zip(file)
            export = decode(table.read(DOCUMENT_NAME, MAX_DOCUMENT_BYTES), Export)
        except RejectedError as exc:
            raise UsageError(
                f"{str(source)!r} is not an export of satchel: {exc}", hint="omit --from to detect the format"
            ) from exc
        if export.format not in FORMATS:
            raise UsageError(
                f"{str(source)!r} is an export in the unknown format {export.format!r}",
                hint="update satchel to read it",
            )
        yield from _pieces(table, export.pieces)


def _opened(source: Path, unlock: Callable[[], Sequence[Identity]]) -> BinaryIO:
    if not is_sealed(source):
        return source.open("rb")
    return cast("BinaryIO", io.BufferedReader(UnsealedFile(source, unlock()), buffer_size=1 << 20))


def _pieces(table: ZipTable, documents: list[msgspec.Raw]) -> Iterator[Item]:
    for number, document in enumerate(documents, 1):
        where = f"Piece {number} of {len(documents)}"
        try:
            piece = decode(document, ExportedPiece)
            where = f"Piece {piece.id}"
            yield _item(table, piece, where)
        except RejectedError as exc:
            yield Problem(where, str(exc))


def _item(table: ZipTable, piece: ExportedPiece, where: str) -> Item:
    """Return a Piece. Its current content is read first, because the history is useless without it."""
    content, files = _content(table, piece), _files(table, piece)
    first = piece.history[0] if piece.history else piece
    draft = normalized(
        Draft(
            content=_content(table, first) if piece.history else content,
            media_type=first.media_type,
            title=first.title,
            description=first.description,
            language=first.language,
            tags=tuple(first.tags),
            links=tuple(first.links),
            source=_source(piece),
            created=piece.created,
            updated=piece.history[0].at if piece.history else piece.updated,
            files=_files(table, first) if piece.history else files,
        ),
        where,
    )
    if not piece.history or isinstance(draft, Problem):
        return draft
    return History(draft, _edits(table, piece), digest_of(content, files))


def _source(piece: ExportedPiece) -> Source | None:
    source = piece.source
    return Source(source.kind, source.location, source.file_name) if source else None


def _edits(table: ZipTable, piece: ExportedPiece) -> Iterator[Edit]:
    """Yield the edits after the first revision. Skip those whose content is damaged."""
    for revision in piece.history[1:]:
        try:
            yield Edit(revision.at, _changes(table, revision))
        except RejectedError:
            continue
    yield Edit(piece.updated, _changes(table, piece))


def _changes(table: ZipTable, state: ExportedState) -> Changes:
    return Changes(
        content=_content(table, state),
        media_type=state.media_type,
        title=state.title,
        description=state.description,
        language=state.language or "",
        tags=tuple(state.tags),
        links=tuple(state.links),
        files=_files(table, state),
    )


def _files(table: ZipTable, state: ExportedState) -> tuple[WholeFile, ...]:
    return tuple(
        WholeFile(file.name, _content(table, file), file.language or "", file.media_type)
        for file in state.files
    )


def _content(table: ZipTable, state: ExportedState | ExportedFile) -> bytes:
    content = table.read(state.file, MAX_CONTENT_BYTES)
    if hashlib.sha256(content).hexdigest() != state.sha256:
        raise RejectedError("its content does not match its SHA-256 digest")
    return content
