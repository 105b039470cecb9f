"""The formats that can be imported: detect the format of a source, and read it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from satchel.errors import NotFoundError, UsageError
from satchel.exchange.folder.tree import read_file, read_folder
from satchel.exchange.gists.api import Gist, read_gists
from satchel.exchange.items import Item
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.masscode.library import Database, read_masscode_json
from satchel.exchange.masscode.sqlite import read_masscode_sqlite
from satchel.exchange.pieces_os.assets import Asset, Assets, read_pieces_archive, read_pieces_document
from satchel.exchange.reading import RejectedError, decode, read_regular
from satchel.exchange.satchel_zip.document import DOCUMENT_NAME
from satchel.exchange.vscode.snippets import read_vscode, to_json
from satchel.exchange.ziptable import open_zip

if TYPE_CHECKING:
    from satchel.age import Identity

Reader = Callable[[Path], Iterator[Item]]

Unlock = Callable[[], "Sequence[Identity]"]
"""Returns the identities that open a sealed export. Called only for a sealed export."""

# The values of `--from`, with their meaning.
KINDS: Final[dict[str, str]] = {
    "file": "a single file",
    "folder": "the files in a folder, except those ignored by .gitignore",
    "satchel": "satchel's export, plain or sealed",
    "gists": "GitHub gists as JSON",
    "vscode": "VS Code snippets",
    "masscode": "massCode's db.json or its SQLite file",
    "pieces": "Pieces for Developers: a folder from its export tool, or assets as JSON",
}

# The readers of formats in a file, except "satchel" and massCode's SQLite file, and in a folder.
_FILE_READERS: Final[dict[str, Reader]] = {
    "file": read_file,
    "gists": read_gists,
    "vscode": read_vscode,
    "masscode": read_masscode_json,
    "pieces": read_pieces_document,
}
_FOLDER_READERS: Final[dict[str, Reader]] = {
    "folder": read_folder,
    "pieces": read_pieces_archive,
}
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_AGE_MAGIC: Final = b"age-encryption.org/v1\n"
_HEAD_BYTES: Final = 64


def kind_of(source: Path) -> str:
    """Return the format of a source, detected from its content. Raise NotFoundError if it does not exist."""
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
        return _kind_of_json(source)
    return "file"


def read(source: Path, kind: str, unlock: Unlock) -> Iterator[Item]:
    """Read a source in a format of KINDS."""
    if source.is_dir():
        readers = _FOLDER_READERS
    else:
        head, readers = _head(source), _FILE_READERS
        if kind == "satchel":
            # cryptography costs over 20 ms, and only exports can be sealed.
            from satchel.exchange.satchel_zip.reader import read_export  # noqa: PLC0415

            return read_export(source, unlock)
        if kind == "masscode" and head.startswith(_SQLITE_MAGIC):
            return read_masscode_sqlite(source)
    if kind not in readers:
        what = "a folder" if source.is_dir() else "a file"
        raise UsageError(
            f"{str(source)!r} is {what} and cannot be read as {kind!r}",
            hint="omit --from to detect the format",
        )
    return readers[kind](source)


def _head(source: Path) -> bytes:
    if not source.is_file():
        raise NotFoundError(f"there is no file or folder {str(source)!r}", hint="check the path")
    with source.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _is_pieces_archive(folder: Path) -> bool:
    has_assets = any((folder / name / "assets").is_dir() for name in ("raw", "data"))
    return has_assets and (folder / "manifest.json").is_file()


def _is_export(source: Path) -> bool:
    try:
        with source.open("rb") as file:
            return DOCUMENT_NAME in open_zip(file)
    except (RejectedError, OSError):
        return False


def _kind_of_json(source: Path) -> str:
    """Return the format of a JSON document by the shape of the document or of its first element."""
    try:
        data = read_regular(source.resolve(), MAX_DOCUMENT_BYTES)
    except RejectedError:
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
    """Tell whether this is a VS Code language file (`python.json`): only objects with a body and a prefix."""
    text = to_json(data.decode("utf-8", "replace")).encode()
    snippets = _decoded(text, dict[str, dict[str, msgspec.Raw]])
    return bool(snippets) and all({"body", "prefix"} <= fields.keys() for fields in snippets.values())


def _decoded(data: bytes | msgspec.Raw, shape: Any) -> Any:  # noqa: ANN401  the type depends on `shape`
    try:
        return decode(data, shape)
    except RejectedError:
        return None
