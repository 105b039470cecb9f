"""The formats that can be imported: detect the format of a source, and read it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.exchange.cheatsheets.kinds import (
    SHEET_FOLDER_READERS,
    SHEET_READERS,
    kind_of_sheet,
    kind_of_sheet_folder,
    read_sheet,
)
from satchel.exchange.folder.tree import DEFAULT_OPTIONS, FolderOptions, read_file, read_folder
from satchel.exchange.gists.api import read_gists
from satchel.exchange.items import Item, Skipped
from satchel.exchange.json_formats import is_empty, kind_of_json, resembled_kind
from satchel.exchange.json_text import as_utf8, json_of, require_documents
from satchel.exchange.limits import MIB
from satchel.exchange.masscode.library import read_masscode_json
from satchel.exchange.masscode.sqlite import read_masscode_sqlite
from satchel.exchange.masscode.vault import is_vault, read_masscode_vault
from satchel.exchange.pieces_os.assets import is_pieces_archive, read_pieces_archive, read_pieces_document
from satchel.exchange.reading import RejectedError, TooLargeError
from satchel.exchange.satchel_zip.document import DOCUMENT_NAME
from satchel.exchange.vscode.snippets import SUFFIX as SNIPPETS_SUFFIX
from satchel.exchange.vscode.snippets import is_snippets_folder, read_vscode, read_vscode_folder
from satchel.exchange.ziptable import open_zip
from satchel.store import Draft

if TYPE_CHECKING:
    from satchel.age import Identity

FileReader = Callable[[Path, bytes], Iterator[Item]]
"""Reads the text of a document; the path is only for messages and the name of the language."""

FolderReader = Callable[[Path], Iterator[Item]]

Unlock = Callable[[], "Sequence[Identity]"]
"""Returns the identities that open a sealed export. Called only for a sealed export."""

# The values of `--from`, with their meaning.
KINDS: Final[dict[str, str]] = {
    "file": "a single file",
    "folder": "the files in a folder, except those ignored by .gitignore and generated ones",
    "satchel": "satchel's export, plain or sealed",
    "gists": "GitHub gists as JSON",
    "vscode": "VS Code snippets: a file, or the folder User/snippets",
    "masscode": "massCode: its vault of Markdown files, its SQLite file, or db.json",
    "pieces": "Pieces for Developers: a folder from its export tool, or assets as JSON",
    "navi": "navi: a .cheat file, or a folder of them",
    "pet": "pet: snippet.toml",
    "cheat": "cheat: a cheatsheet, or a folder of them",
    "tldr": "tldr: a page, or a folder of them",
}

# The readers of documents, except satchel's export and massCode's SQLite file, and of folders.
_DOCUMENT_READERS: Final[dict[str, FileReader]] = {
    "gists": read_gists,
    "vscode": read_vscode,
    "masscode": read_masscode_json,
    "pieces": read_pieces_document,
}
_FOLDER_READERS: Final[dict[str, FolderReader]] = {
    "folder": read_folder,
    "masscode": read_masscode_vault,
    "pieces": read_pieces_archive,
    "vscode": read_vscode_folder,
    **SHEET_FOLDER_READERS,
}
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_AGE_MAGIC: Final = b"age-encryption.org/v1\n"
_MAGIC: Final = {_AGE_MAGIC: "satchel", _SQLITE_MAGIC: "masscode"}
_JSON_STARTS: Final = frozenset({b"{", b"["})
_JSON_SUFFIXES: Final = frozenset({".json", ".jsonc", ".jsonl", ".ndjson"})  # also if the start is damaged
_HEAD_BYTES: Final = 4096  # white space may come first
MAX_DETECTED_BYTES: Final = 4 * MIB  # of a document too large to be read


def kind_of(source: Path) -> str:
    """Return the format of a source, detected from its content. Raise NotFoundError if it does not exist."""
    if source.is_dir():
        return _kind_of_folder(source)
    head = _head(source)
    if head.startswith(_ZIP_MAGIC):
        return _kind_of_zip(source)
    marked = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    if marked is not None:
        return marked
    if source.suffix == SNIPPETS_SUFFIX:
        return "vscode"
    if _may_be_json(source, head) and source.suffix != ".toml":  # a table of TOML also begins with "["
        return _kind_of_document(source)
    return kind_of_sheet(source) or "file"


def read(source: Path, kind: str, unlock: Unlock, options: FolderOptions = DEFAULT_OPTIONS) -> Iterator[Item]:
    """Read a source in a format of KINDS. What cannot be read as a whole raises a SatchelError."""
    try:
        yield from _items(source, kind, unlock, options)
    except RejectedError as exc:
        raise IntegrityError(f"cannot read {str(source)!r}: {exc}", hint="check the file") from exc


def _items(source: Path, kind: str, unlock: Unlock, options: FolderOptions) -> Iterator[Item]:
    found = _of_folder(source, kind, options) if source.is_dir() else _of_file(source, kind, unlock)
    if found is None:
        what = "a folder" if source.is_dir() else "a file"
        raise UsageError(
            f"{str(source)!r} is {what} and cannot be read as {kind!r}",
            hint="omit --from to detect the format",
        )
    return found


def _of_folder(source: Path, kind: str, options: FolderOptions) -> Iterator[Item] | None:
    if kind == "folder":
        return _without_exports(read_folder(source, options))
    return _FOLDER_READERS[kind](source) if kind in _FOLDER_READERS else None


def _of_file(source: Path, kind: str, unlock: Unlock) -> Iterator[Item] | None:
    head = _head(source)
    if kind == "file":
        return read_file(source)
    if kind in SHEET_READERS:
        return read_sheet(source, kind)
    if kind == "satchel":
        # cryptography costs over 20 ms, and only exports can be sealed.
        from satchel.exchange.satchel_zip.reader import read_export  # noqa: PLC0415

        return read_export(source, unlock)
    if kind == "masscode" and head.startswith(_SQLITE_MAGIC):
        return read_masscode_sqlite(source)
    if kind in _DOCUMENT_READERS:
        data = json_of(source)
        require_documents(data, source)
        return _DOCUMENT_READERS[kind](source, data)
    return None


def _without_exports(items: Iterator[Item]) -> Iterator[Item]:
    """Skip the exports of other programs in a folder: none of them is kept as one Piece of raw JSON."""
    for item in items:
        if isinstance(item, Draft) and item.source is not None:
            kind = _kind_of_export(Path(item.source.file_name), item.content)
            if kind is not None:
                yield Skipped(item.title, f"in the format of {kind} (import by name)")
                continue
        yield item


def _kind_of_export(name: Path, content: bytes) -> str | None:
    """Return the format of which a text file is an export, whole or damaged; None for any other file."""
    if name.suffix == SNIPPETS_SUFFIX:
        return "vscode"
    if not _may_be_json(name, content[:_HEAD_BYTES]):
        return None
    data = as_utf8(content)
    try:
        return None if is_empty(data) else kind_of_json(data) or resembled_kind(data)
    except RejectedError:
        return None


def _may_be_json(name: Path, head: bytes) -> bool:
    return as_utf8(head).lstrip()[:1] in _JSON_STARTS or name.suffix.lower() in _JSON_SUFFIXES


def _kind_of_folder(source: Path) -> str:
    if is_pieces_archive(source):
        return "pieces"
    if is_vault(source):
        return "masscode"
    if is_snippets_folder(source):
        return "vscode"
    return kind_of_sheet_folder(source) or "folder"


def _head(source: Path) -> bytes:
    if not source.is_file():
        raise NotFoundError(f"there is no file or folder {str(source)!r}", hint="check the path")
    with source.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _kind_of_zip(source: Path) -> str:
    """Return "satchel" for an export. Raise an error for any other zip file: it is no text to import."""
    try:
        with source.open("rb") as file:
            is_export = DOCUMENT_NAME in open_zip(file)
    except RejectedError as exc:
        raise IntegrityError(
            f"{str(source)!r} is a damaged zip file: {exc}", hint="copy or export it again"
        ) from exc
    if not is_export:
        raise UsageError(
            f"{str(source)!r} is a zip file, but not an export of satchel",
            hint="unpack it and import the folder",
        )
    return "satchel"


def _kind_of_document(source: Path) -> str:
    """Return the format of a JSON document. Raise an error if it is one too large to be read."""
    try:
        data = json_of(source)
    except TooLargeError as exc:
        with source.open("rb") as file:
            kind = kind_of_json(as_utf8(file.read(MAX_DETECTED_BYTES)))
        if kind is None:
            return "file"
        raise UsageError(
            f"{str(source)!r} cannot be imported as {kind!r}: {exc}", hint="export fewer items at a time"
        ) from exc
    try:
        return _kind_of_text(source, data)
    except RejectedError as exc:
        raise IntegrityError(
            f"cannot tell the format of {str(source)!r}: {exc}", hint="--from file imports it as it is"
        ) from exc


def _kind_of_text(source: Path, data: bytes) -> str:
    if is_empty(data):
        return "gists" if data.lstrip().startswith(b"[") else "vscode"  # their exports of nothing
    kind = kind_of_json(data)
    resembled = resembled_kind(data) if kind is None else None
    if resembled is not None:
        raise IntegrityError(
            f"{str(source)!r} looks like an export of {resembled!r}, but it is damaged",
            hint="export it again; --from file imports it as it is",
        )
    return kind or "file"
