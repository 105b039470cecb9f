"""Telling apart the kinds of sources that are JSON, by the outline of the document or of its first element.

Every kind of source that can be imported, and which of them a path is.

A reader's module is imported only for a source of its kind: most of them cost more than a small import.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from satchel.errors import NotFoundError, UsageError
from satchel.exchange.gists.api import Gist
from satchel.exchange.items import Item
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.masscode.library import Database
from satchel.exchange.pieces_os.assets import Asset, Assets
from satchel.exchange.reading import UnfitError, decode, read_regular
from satchel.exchange.vscode.jsonc import to_json

if TYPE_CHECKING:
    from satchel.age import Identity


def kind_of_json(source: Path) -> str:
    """Return the kind of a JSON document; `file` for one that is nothing special."""
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


Unlock = Callable[[], "Sequence[Identity]"]
"""Gives the identities that open a sealed export; called only for one."""

# What `--from` takes, and what it is.
KINDS: Final[dict[str, str]] = {
    "file": "one file",
    "folder": "the files below a folder, but for what .gitignore leaves out",
    "satchel": "an export of satchel, plain or sealed",
    "gists": "GitHub gists as JSON",
    "vscode": "VS Code snippets",
    "masscode": "massCode's db.json or its SQLite file",
    "pieces": "Pieces for Developers: a folder of its export tool, or assets as JSON",
}

# The module and the function that read a kind as a file, and as a folder.
_FILE_READERS: Final[dict[str, tuple[str, str]]] = {
    "file": ("folder.tree", "read_file"),
    "gists": ("gists.api", "read_gists"),
    "vscode": ("vscode.snippets", "read_vscode"),
    "masscode": ("masscode.library", "read_masscode_json"),
    "pieces": ("pieces_os.assets", "read_pieces_document"),
}
_FOLDER_READERS: Final[dict[str, tuple[str, str]]] = {
    "folder": ("folder.tree", "read_folder"),
    "pieces": ("pieces_os.assets", "read_pieces_archive"),
}
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_AGE_MAGIC: Final = b"age-encryption.org/v1\n"
_HEAD_BYTES: Final = 64


def kind_of(source: Path) -> str:
    """Return the kind of a source by what it holds; an ordinary file is `file`. Nothing there: NotFoundError."""
    if source.is_dir():
        return "pieces" if _is_pieces_archive(source) else "folder"
    head = _head(source)
    if head.startswith(_AGE_MAGIC) or (head.startswith(_ZIP_MAGIC) and _is_export(source)):
        return "satchel"
    if head.startswith(_SQLITE_MAGIC):
        return "masscode"
    if source.suffix == ".code-snippets":
        return "vscode"
    if source.suffix.lower() == ".json" and head.lstrip()[:1] in {b"{", b"[", b"/"}:
        return kind_of_json(source)
    return "file"


def read(source: Path, kind: str, unlock: Unlock) -> Iterator[Item]:
    """Read a source as this kind, a name of KINDS."""
    readers = _FOLDER_READERS if source.is_dir() else _FILE_READERS
    head = b"" if source.is_dir() else _head(source)
    if kind == "satchel" and not source.is_dir():
        from satchel.exchange.satchel_zip.reader import read_export  # noqa: PLC0415  costs cryptography

        return read_export(source, unlock)
    if kind == "masscode" and head.startswith(_SQLITE_MAGIC):
        from satchel.exchange.masscode.sqlite import read_masscode_sqlite  # noqa: PLC0415

        return read_masscode_sqlite(source)
    if kind not in readers:
        what = "a folder" if source.is_dir() else "a file"
        raise UsageError(f"{str(source)!r} is {what}, so it cannot be read as {kind!r}")
    module, function = readers[kind]
    items: Iterator[Item] = getattr(import_module(f"satchel.exchange.{module}"), function)(source)
    return items


def _head(source: Path) -> bytes:
    if not source.is_file():
        raise NotFoundError(f"there is no file or folder {str(source)!r}")
    with source.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _is_pieces_archive(folder: Path) -> bool:
    has_assets = any((folder / name / "assets").is_dir() for name in ("raw", "data"))
    return has_assets and (folder / "manifest.json").is_file()


def _is_export(source: Path) -> bool:
    from satchel.exchange.reading import UnfitError  # noqa: PLC0415
    from satchel.exchange.satchel_zip.document import DOCUMENT_NAME  # noqa: PLC0415  costs msgspec
    from satchel.exchange.ziptable import open_zip  # noqa: PLC0415  costs zipfile

    try:
        with source.open("rb") as file:
            return DOCUMENT_NAME in open_zip(file)
    except (UnfitError, OSError):
        return False
