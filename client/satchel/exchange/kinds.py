"""Every kind of source that can be imported, and which of them a path is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from satchel.errors import NotFoundError, UsageError
from satchel.exchange.document import DOCUMENT_NAME
from satchel.exchange.documents import decode
from satchel.exchange.folder import read_file, read_folder
from satchel.exchange.gists import Gist, read_gists
from satchel.exchange.items import Importer, Item
from satchel.exchange.jsonc import to_json
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.masscode import Database, read_masscode_json
from satchel.exchange.pieces_os import Asset, Assets, read_pieces_archive, read_pieces_document
from satchel.exchange.reading import UnfitError, read_regular
from satchel.exchange.satchel_export import Unlock, reader_of_exports
from satchel.exchange.sealed import AGE_MAGIC
from satchel.exchange.vscode import read_vscode
from satchel.exchange.ziptable import open_zip

# What `--from` takes, and what the help says about it.
KINDS: Final[dict[str, str]] = {
    "file": "one file",
    "folder": "the files below a folder, but for what .gitignore leaves out",
    "satchel": "an export of satchel, plain or sealed",
    "gists": "GitHub gists as JSON",
    "vscode": "VS Code snippets",
    "masscode": "massCode's db.json or its SQLite file",
    "pieces": "Pieces for Developers: a folder of its export tool, or assets as JSON",
}

_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_ZIP_MAGIC: Final = b"PK\x03\x04"


def kind_of(source: Path) -> str:
    """Return the kind of a source by what it holds; an ordinary file is `file`. Nothing there: NotFoundError."""
    if source.is_dir():
        return "pieces" if _is_pieces_archive(source) else "folder"
    if not source.is_file():
        raise NotFoundError(f"there is no file or folder {str(source)!r}")
    with source.open("rb") as file:
        head = file.read(64)
    if head.startswith(AGE_MAGIC) or (head.startswith(_ZIP_MAGIC) and _is_export(source)):
        return "satchel"
    if head.startswith(_SQLITE_MAGIC):
        return "masscode"
    if source.suffix == ".code-snippets":
        return "vscode"
    is_json = source.suffix.lower() == ".json" and head.lstrip()[:1] in {b"{", b"[", b"/"}
    return _kind_of_json(source) if is_json else "file"


def read(source: Path, kind: str, unlock: Unlock) -> Iterator[Item]:
    """Read a source as this kind, a name of KINDS."""
    importer = _importer(source, kind, unlock)
    return importer(source)


def _importer(source: Path, kind: str, unlock: Unlock) -> Importer:
    if not source.exists():
        raise NotFoundError(f"there is no file or folder {str(source)!r}")
    if source.is_dir() != (kind == "folder") and not (kind == "pieces" and source.is_dir()):
        what = "a folder" if source.is_dir() else "a file"
        raise UsageError(f"{str(source)!r} is {what}, so it cannot be read as {kind!r}")
    if kind == "masscode" and _starts_with(source, _SQLITE_MAGIC):
        from satchel.exchange.masscode_sqlite import read_masscode_sqlite  # noqa: PLC0415  costs SQLite

        return read_masscode_sqlite
    if kind == "pieces":
        return read_pieces_archive if source.is_dir() else read_pieces_document
    readers: dict[str, Importer] = {
        "file": read_file,
        "folder": read_folder,
        "satchel": reader_of_exports(unlock),
        "gists": read_gists,
        "vscode": read_vscode,
        "masscode": read_masscode_json,
    }
    return readers[kind]


def _starts_with(source: Path, magic: bytes) -> bool:
    with source.open("rb") as file:
        return file.read(len(magic)) == magic


def _is_pieces_archive(folder: Path) -> bool:
    has_assets = any((folder / name / "assets").is_dir() for name in ("raw", "data"))
    return has_assets and (folder / "manifest.json").is_file()


def _is_export(source: Path) -> bool:
    try:
        with source.open("rb") as file:
            return DOCUMENT_NAME in open_zip(file)
    except (UnfitError, OSError):
        return False


def _kind_of_json(source: Path) -> str:
    """Tell apart the kinds that are JSON by the outline of the document, or of its first element."""
    try:
        data = read_regular(source.resolve(), MAX_DOCUMENT_BYTES)
    except UnfitError:
        return "file"
    sample: bytes | msgspec.Raw = data
    if data.lstrip().startswith(b"["):
        items = _decoded(data, list[msgspec.Raw])
        sample = items[0] if items else b""
    shapes: list[tuple[Any, str]] = [(Gist, "gists"), (Database, "masscode"), (Assets, "pieces")]
    for shape, kind in shapes:
        if _decoded(sample, shape) is not None:
            return kind
    asset = _decoded(sample, Asset)
    if asset is not None and asset.original is not None:
        return "pieces"
    return "vscode" if _is_snippets(data) else "file"


def _is_snippets(data: bytes) -> bool:
    """Recognise VS Code's language files (`python.json`): nothing but objects with a body and a prefix."""
    text = to_json(data.decode("utf-8", "replace")).encode()
    snippets = _decoded(text, dict[str, dict[str, msgspec.Raw]])
    return bool(snippets) and all({"body", "prefix"} <= fields.keys() for fields in snippets.values())


def _decoded(data: bytes | msgspec.Raw, shape: Any) -> Any:  # noqa: ANN401  the shape is the argument
    try:
        return decode(data, shape)
    except UnfitError:
        return None
