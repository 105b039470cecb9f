"""A whole store as a plain zip: one readable file a Piece, and `pieces.json` with everything about them.

`pieces/` holds every Piece as it is, `history/` every earlier content; `pieces.json` says which is which.
The zip is written from front to back, so that it can be sealed on its way to the disk.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

import msgspec

from satchel.exchange.document import (
    DOCUMENT_NAME,
    FORMAT,
    HISTORY_FOLDER,
    PIECES_FOLDER,
    ExportedPiece,
    ExportedRevision,
    ExportedSource,
)
from satchel.exchange.languages import usual_extension
from satchel.exchange.names import UniqueNames, safe_name
from satchel.progress import SILENT, Progress
from satchel.store import Piece, Revision, Store
from satchel.store.media import is_text

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say
_IMAGE_EXTENSIONS: Final = {"image/jpeg": ".jpg", "image/vnd.microsoft.icon": ".ico"}


@dataclass(frozen=True, slots=True)
class Written:
    """Where a content went in the zip, and its digest."""

    file: str
    sha256: str


def export(store: Store, sink: BinaryIO, *, with_sources: bool = True, progress: Progress = SILENT) -> int:
    """Write every Piece of a store, oldest first, as a zip to `sink`, and return how many there are.

    Without sources, nothing tells where on its owner's computer or on the net a Piece was taken from.
    """
    documents: list[bytes] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        writer = _Writer(store, archive)
        with progress.phase("exporting", store.count(), unit="pieces") as advance:
            for piece in store.pieces(newest_first=False):
                told = piece if with_sources else replace(piece, source=None)
                documents.append(msgspec.json.encode(writer.write(told)))
                advance(1)
        archive.writestr(_entry(DOCUMENT_NAME, _EPOCH), b"".join(_document(documents)))
    return len(documents)


def _document(pieces: list[bytes]) -> Iterator[bytes]:
    """Yield `pieces.json`: an outline around what is encoded already, one Piece a line."""
    yield b'{"format":' + msgspec.json.encode(FORMAT) + b',"pieces":[\n'
    yield b",\n".join(pieces)
    yield b"\n]}\n"


class _Writer:
    """Writes contents under names that are taken once each."""

    def __init__(self, store: Store, archive: zipfile.ZipFile) -> None:
        self._store = store
        self._archive = archive
        self._names = {PIECES_FOLDER: UniqueNames(), HISTORY_FOLDER: UniqueNames()}

    def write(self, piece: Piece) -> ExportedPiece:
        """Write a Piece's contents and return what `pieces.json` says about it."""
        content = self._store.content(piece.id)
        written = self._put(PIECES_FOLDER, _file_name(piece), content, piece.updated.timetuple()[:6])
        return ExportedPiece(
            id=piece.id,
            title=piece.title,
            description=piece.description,
            language=piece.language,
            media_type=piece.media_type,
            tags=list(piece.tags),
            links=list(piece.links),
            source=_exported_source(piece),
            created=piece.created,
            updated=piece.updated,
            revision=piece.revision,
            size_bytes=piece.size_bytes,
            sha256=written.sha256,
            file=written.file,
            history=list(self._history(piece, written)),
        )

    def _history(self, piece: Piece, current: Written) -> Iterator[ExportedRevision]:
        """Yield every revision before the last; equal contents share a file."""
        if piece.revision == 1:
            return
        known = {current.sha256: current}
        for revision in self._store.revisions(piece.id)[:-1]:
            content = self._store.content(piece.id, revision.number)
            digest = hashlib.sha256(content).hexdigest()
            if digest not in known:
                name = safe_name(f"{piece.short_id}.{revision.number}", _extension(revision))
                known[digest] = self._put(HISTORY_FOLDER, name, content, revision.at.timetuple()[:6])
            yield _exported_revision(revision, known[digest])

    def _put(self, folder: str, name: str, content: bytes, moment: tuple[int, ...]) -> Written:
        path = f"{folder}/{self._names[folder].take(name)}"
        self._archive.writestr(_entry(path, moment), content)
        return Written(path, hashlib.sha256(content).hexdigest())


def _exported_source(piece: Piece) -> ExportedSource | None:
    source = piece.source
    return ExportedSource(source.kind, source.location, source.file_name) if source else None


def _exported_revision(revision: Revision, written: Written) -> ExportedRevision:
    return ExportedRevision(
        number=revision.number,
        at=revision.at,
        title=revision.title,
        description=revision.description,
        language=revision.language,
        media_type=revision.media_type,
        tags=list(revision.tags),
        links=list(revision.links),
        size_bytes=revision.size_bytes,
        sha256=written.sha256,
        file=written.file,
    )


def _file_name(piece: Piece) -> str:
    fallback = piece.source.file_name if piece.source else ""
    return safe_name(piece.title or fallback or f"untitled {piece.short_id}", _extension(piece))


def _extension(item: Piece | Revision) -> str:
    if is_text(item.media_type):
        return usual_extension(item.language)
    kind = item.media_type.removeprefix("image/")
    return _IMAGE_EXTENSIONS.get(item.media_type, f".{kind}" if kind.isalnum() else ".bin")


def _entry(name: str, moment: tuple[int, ...]) -> zipfile.ZipInfo:
    """Return an entry with a time of its own (UTC) and the permissions of a file for its owner alone."""
    entry = zipfile.ZipInfo(name, date_time=max(_EPOCH, moment)[:6])  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
