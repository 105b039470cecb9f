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
from satchel.errors import IntegrityError, UsageError
from satchel.exchange.items import Edit, History, Item, Problem, normalized
from satchel.exchange.json_text import Part, decode_part, documents, elements, members
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.reading import FIRST_MOMENT, LAST_MOMENT, RejectedError
from satchel.exchange.satchel_zip.document import (
    DOCUMENT_NAME,
    FORMATS,
    ExportedFile,
    ExportedPiece,
    ExportedState,
)
from satchel.exchange.satchel_zip.sealed import UnsealedFile, is_sealed
from satchel.exchange.ziptable import ZipTable, open_zip
from satchel.pieces.digests import digest_of
from satchel.pieces.fields import MAX_CONTENT_BYTES, MAX_FILES
from satchel.pieces.model import Author, Changes, Draft, Source, SuggestedValue, WholeFile


def read_export(source: Path, unlock: Callable[[], Sequence[Identity]]) -> Iterator[Item]:
    """Read every Piece of an export; a sealed one is opened with the identities that `unlock` returns."""
    with _opened(source, unlock) as file:
        try:
            table = open_zip(file)
            if DOCUMENT_NAME not in table:
                raise UsageError(
                    f"{str(source)!r} is a zip file, but not an export of satchel",
                    hint="unpack it and import the folder",
                )
            format_, pieces = _document(table.read(DOCUMENT_NAME, MAX_DOCUMENT_BYTES))
        except RejectedError as exc:
            raise IntegrityError(
                f"{str(source)!r} is not an export of satchel, or it is damaged: {exc}",
                hint="copy or export it again",
            ) from exc
        if format_ not in FORMATS:
            raise UsageError(
                f"{str(source)!r} is an export in the unknown format {format_[:40]!r}",
                hint="update satchel to read it",
            )
        yield from _pieces(table, pieces)


def _opened(source: Path, unlock: Callable[[], Sequence[Identity]]) -> BinaryIO:
    if not is_sealed(source):
        return source.open("rb")
    return cast("BinaryIO", io.BufferedReader(UnsealedFile(source, unlock()), buffer_size=1 << 20))


def _document(data: bytes) -> tuple[str, list[Part]]:
    """Return the format and the Pieces of `pieces.json`. RejectedError if it lacks either."""
    document = next(documents(data), None)
    fields = members(document) if document is not None and document.is_object else {}
    if not {"format", "pieces"} <= fields.keys() or not fields["pieces"].is_list:
        raise RejectedError("its list of Pieces is missing")
    return decode_part(fields["format"], str), list(elements(fields["pieces"]))


def _pieces(table: ZipTable, parts: list[Part]) -> Iterator[Item]:
    for number, part in enumerate(parts, 1):
        where = f"Piece {number} of {len(parts)}"
        try:
            piece = decode_part(part, ExportedPiece)
            where = f"Piece {piece.id[:40]}"
            yield _item(table, piece, where)
        except RejectedError as exc:
            yield Problem(where, str(exc))


def _item(table: ZipTable, piece: ExportedPiece, where: str) -> Item:
    """Return a Piece. Its current content is read first, because the history is useless without it."""
    _require_plausible(piece)
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
            suggested=_suggested(first),
            author=_author(first),
        ),
        where,
    )
    if not piece.history or isinstance(draft, Problem):
        return draft
    return History(draft, _edits(table, piece), digest_of(content, files))


def _require_plausible(piece: ExportedPiece) -> None:
    """Raise RejectedError unless every time is one that a store keeps and shows."""
    moments = [piece.created, piece.updated, *(revision.at for revision in piece.history)]
    if not all(moment.tzinfo is not None and FIRST_MOMENT < moment < LAST_MOMENT for moment in moments):
        raise RejectedError("one of its times is out of range")
    if len(piece.files) > MAX_FILES or any(len(each.files) > MAX_FILES for each in piece.history):
        raise RejectedError(f"it has more than {MAX_FILES} files")


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
        suggested=_suggested(state),
        author=_author(state),
    )


def _files(table: ZipTable, state: ExportedState) -> tuple[WholeFile, ...]:
    return tuple(
        WholeFile(file.name, _content(table, file), file.language or "", file.media_type)
        for file in state.files
    )


def _suggested(state: ExportedState) -> tuple[SuggestedValue, ...]:
    if isinstance(state.suggested, msgspec.UnsetType):
        return ()
    return tuple(
        SuggestedValue(field, value, model)
        for field, models in state.suggested.items()
        for value, model in models.items()
    )


def _author(state: ExportedState) -> Author | None:
    if isinstance(state.author, msgspec.UnsetType):
        return None
    return Author(state.author.agent, state.author.client)


def _content(table: ZipTable, state: ExportedState | ExportedFile) -> bytes:
    content = table.read(state.file, MAX_CONTENT_BYTES)
    if hashlib.sha256(content).hexdigest() != state.sha256:
        raise RejectedError("its content does not match its SHA-256 digest")
    return content
