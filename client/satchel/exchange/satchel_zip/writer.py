"""Writing a whole store as a zip file: readable files for every Piece, and all fields in `pieces.json`.

`pieces/` holds the current content of every Piece, as a folder if it has several files; `history/` holds
earlier contents; `pieces.json` refers to both. The zip file is written sequentially, so that it can be
sealed while it is written.
"""

import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

import msgspec

from satchel.exchange.names import UniqueNames, extension_for, safe_name
from satchel.exchange.satchel_zip.document import (
    DOCUMENT_NAME,
    FIRST_FORMAT,
    FORMAT,
    HISTORY_FOLDER,
    PIECES_FOLDER,
    SEVERAL_FILES_FORMAT,
    SUGGESTED_FORMAT,
    ExportedAuthor,
    ExportedFile,
    ExportedPiece,
    ExportedRevision,
    ExportedSource,
    ExportedSuggestions,
)
from satchel.progress import SILENT, Progress
from satchel.store import Author, Piece, Revision, Store, SuggestedValue, WholeFile

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time in a zip file


@dataclass(frozen=True, slots=True)
class WrittenContent:
    """The zip entry of a content, and its digest."""

    file: str
    sha256: str


ZipTime = tuple[int, ...]
"""The time of a zip entry: year, month, day, hour, minute, second."""


def export(store: Store, sink: BinaryIO, *, with_sources: bool = True, progress: Progress = SILENT) -> int:
    """Write every Piece of a store that is in view, oldest first, as a zip file to `sink`, and return their number.

    Without sources, the export does not contain the paths and URLs that Pieces came from.
    """
    documents: list[bytes] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        writer = _Writer(store, archive)
        with progress.phase("exporting", store.count(), unit="pieces") as advance:
            for piece in store.pieces(order="saved", newest_first=False):
                exported = piece if with_sources else replace(piece, source=None)
                documents.append(msgspec.json.encode(writer.write(exported)))
                advance(1)
        archive.writestr(_entry(DOCUMENT_NAME, _EPOCH), b"".join(_document(documents, writer.format)))
    return len(documents)


def _document(pieces: list[bytes], format_: str) -> Iterator[bytes]:
    """Yield `pieces.json` around the encoded Pieces, one per line."""
    yield b'{"format":' + msgspec.json.encode(format_) + b',"pieces":[\n'
    yield b",\n".join(pieces)
    yield b"\n]}\n"


class _Writer:
    """Writes contents to unique entries.

    `format` is the lowest version of the format that can express everything written so far.
    """

    def __init__(self, store: Store, archive: zipfile.ZipFile) -> None:
        self._store = store
        self._archive = archive
        self._names: dict[str, UniqueNames] = defaultdict(UniqueNames)
        self.format = FIRST_FORMAT

    def write(self, piece: Piece) -> ExportedPiece:
        """Write a Piece's contents and return its entry in `pieces.json`."""
        content, moment = self._store.content(piece.id), piece.updated.timetuple()[:6]
        if piece.files:
            folder = f"{PIECES_FOLDER}/{self._names[PIECES_FOLDER].take(_folder_name(piece))}"
            written = self._put(folder, _name_inside(piece), content, moment)
        else:
            folder = PIECES_FOLDER
            written = self._put(folder, _file_name(piece), content, moment)
        files = [
            _exported_file(file, self._put(folder, safe_name(file.name), file.content, moment))
            for file in self._files(piece.id)
        ]
        known = {each.sha256: WrittenContent(each.file, each.sha256) for each in files} | {
            written.sha256: written
        }
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
            files=files,
            suggested=self._suggested(piece.suggested),
            author=self._author(piece.author),
            history=list(self._history(piece, known)),
        )

    def _history(self, piece: Piece, known: dict[str, WrittenContent]) -> Iterator[ExportedRevision]:
        """Yield every revision except the last. Equal contents share an entry."""
        if piece.revision == 1:
            return
        for revision in self._store.revisions(piece.id)[:-1]:
            stem, moment = f"{piece.short_id}-{revision.number}", revision.at.timetuple()[:6]
            written = self._put_once(
                known,
                safe_name(stem, extension_for(revision.media_type, revision.language)),
                self._store.content(piece.id, revision.number),
                moment,
            )
            files = [
                _exported_file(
                    file, self._put_once(known, safe_name(f"{stem}.{file.name}"), file.content, moment)
                )
                for file in self._files(piece.id, revision.number)
            ]
            exported = _exported_revision(revision, written, files, self._suggested(revision.suggested))
            exported.author = self._author(revision.author)
            yield exported

    def _files(self, piece_id: str, revision: int | None = None) -> tuple[WholeFile, ...]:
        files = self._store.files(piece_id, revision)
        if files:
            self.format = max(self.format, SEVERAL_FILES_FORMAT)
        return files

    def _suggested(self, values: tuple[SuggestedValue, ...]) -> ExportedSuggestions:
        if not values:
            return msgspec.UNSET
        self.format = max(self.format, SUGGESTED_FORMAT)
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for one in values:
            found[one.field][one.value] = one.model
        return found

    def _author(self, author: Author | None) -> ExportedAuthor | msgspec.UnsetType:
        if author is None:
            return msgspec.UNSET
        self.format = FORMAT
        return ExportedAuthor(author.agent, author.client)

    def _put_once(
        self, known: dict[str, WrittenContent], name: str, content: bytes, moment: ZipTime
    ) -> WrittenContent:
        """Write an earlier content, unless the same content of the Piece is already written."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in known:
            known[digest] = self._put(HISTORY_FOLDER, name, content, moment)
        return known[digest]

    def _put(self, folder: str, name: str, content: bytes, moment: ZipTime) -> WrittenContent:
        path = f"{folder}/{self._names[folder].take(name)}"
        self._archive.writestr(_entry(path, moment), content)
        return WrittenContent(path, hashlib.sha256(content).hexdigest())


def _exported_source(piece: Piece) -> ExportedSource | None:
    source = piece.source
    return ExportedSource(source.kind, source.location, source.file_name) if source else None


def _exported_file(file: WholeFile, written: WrittenContent) -> ExportedFile:
    return ExportedFile(
        name=file.name,
        language=file.language or None,
        media_type=file.media_type or "",
        size_bytes=len(file.content),
        sha256=written.sha256,
        file=written.file,
    )


def _exported_revision(
    revision: Revision, written: WrittenContent, files: list[ExportedFile], suggested: ExportedSuggestions
) -> ExportedRevision:
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
        files=files,
        suggested=suggested,
    )


def _folder_name(piece: Piece) -> str:
    """Return the folder name for a Piece with several files: its title without an extension."""
    name = _file_name(piece)
    return name.rpartition(".")[0] or name


def _name_inside(piece: Piece) -> str:
    """Return the main content's name in the folder. Other files may refer to it by this name."""
    return safe_name(piece.file_name) if piece.file_name else _file_name(piece)


def _file_name(piece: Piece) -> str:
    fallback = piece.source.file_name if piece.source else ""
    return safe_name(
        piece.title or fallback or f"untitled {piece.short_id}",
        extension_for(piece.media_type, piece.language),
    )


def _entry(name: str, moment: ZipTime) -> zipfile.ZipInfo:
    """Return an entry with a time (UTC) and permissions for its owner only."""
    entry = zipfile.ZipInfo(name, date_time=max(_EPOCH, moment)[:6])  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
