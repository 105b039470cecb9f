"""Telling apart the kinds of sources that are JSON, by the outline of the document or of its first element."""

from pathlib import Path
from typing import Any

import msgspec

from satchel.exchange.documents import decode
from satchel.exchange.gists import Gist
from satchel.exchange.jsonc import to_json
from satchel.exchange.limits import MAX_DOCUMENT_BYTES
from satchel.exchange.masscode import Database
from satchel.exchange.pieces_os import Asset, Assets
from satchel.exchange.reading import UnfitError, read_regular


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
