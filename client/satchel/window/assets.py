"""The files of the page, as they were built from client/window: `page/manifest.json` names them."""

import gzip
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from satchel.errors import IntegrityError

PREFIX: Final = "/assets/"
FOREVER: Final = "public, max-age=31536000, immutable"
_NAME: Final = re.compile(r"[A-Za-z0-9_.+-]{1,120}")
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "txt": "text/plain; charset=utf-8",
}
_COMPRESSIBLE: Final = frozenset({"html", "js", "css", "svg", "json", "webmanifest", "txt"})


class Asset(NamedTuple):
    """A file of the page."""

    media_type: str
    data: bytes
    gzipped: bytes | None

    def changed(self, data: bytes) -> "Asset":
        """Return the file with other content."""
        return Asset(self.media_type, data, gzip.compress(data, 6, mtime=0))


class Manifest(NamedTuple):
    """The names of files: the page itself, those at the root, and those in `assets`, whose names have a digest."""

    page: str
    root: frozenset[str]
    assets: frozenset[str]


@cache
def manifest() -> Manifest:
    """Read the manifest of the build. IntegrityError if the page is missing from this installation."""
    try:
        fields: dict[str, Any] = json.loads(_page().joinpath("manifest.json").read_bytes())
    except (OSError, ValueError) as exc:
        raise IntegrityError(
            "the page of the window is missing from this installation", hint="reinstall it"
        ) from exc
    return Manifest(fields["index"], frozenset(fields["root"]), frozenset(fields["assets"]))


def index() -> Asset:
    """Return the page."""
    return _read(manifest().page)


def at_root(name: str) -> Asset | None:
    """Return a file that is served at the root, such as the manifest of the application; None if there is none."""
    return _read(name) if _NAME.fullmatch(name) and name in manifest().root else None


def named(name: str) -> Asset | None:
    """Return a file of `assets`; None if there is none."""
    return _read(f"assets/{name}") if _NAME.fullmatch(name) and name in manifest().assets else None


@cache
def _read(path: str) -> Asset:
    suffix = path.rpartition(".")[2]
    data = _page().joinpath(*path.split("/")).read_bytes()
    return Asset(
        _TYPES.get(suffix, "application/octet-stream"),
        data,
        gzip.compress(data, 6, mtime=0) if suffix in _COMPRESSIBLE else None,
    )


def _page() -> Any:  # noqa: ANN401  Traversable differs between versions of Python
    return files("satchel.window").joinpath("page")
