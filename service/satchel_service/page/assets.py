"""The built files of the page: their names carry a hash of their content, so that each may be kept for ever."""

import base64
import gzip
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

PREFIX: Final = "/assets/"
_NAME: Final = re.compile(r"[A-Za-z0-9_+-]{1,80}-[0-9A-Z]{8}\.(js|css|svg|txt)")
_TYPES: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_HERE: Final = files(__package__)


class Asset(NamedTuple):
    """A built file and what it is."""

    media_type: str
    data: bytes
    gzipped: bytes


class Language(NamedTuple):
    """A language of the page.

    The chunk with its words (none for the one that the page brings along), and the words that the service itself
    puts into the page and into the form that reports a share.
    """

    chunk: str | None
    words: dict[str, str]
    report: dict[str, str]


class Manifest(NamedTuple):
    """What the build says of its output: names of files below `assets`, and words by language, the default first."""

    early: str
    script: str
    style: str
    report_style: str
    icon: str
    languages: dict[str, Language]


@cache
def manifest() -> Manifest:
    """Read the build's own list."""
    told: dict[str, Any] = json.loads(_HERE.joinpath("manifest.json").read_bytes())
    languages = {code: Language(**language) for code, language in told["languages"].items()}
    return Manifest(
        told["early"], told["script"], told["style"], told["report_style"], told["icon"], languages
    )


@cache
def template(name: str) -> str:
    """Read a template."""
    return _HERE.joinpath(name).read_text("utf-8")


@cache
def integrity(name: str) -> str:
    """What a browser checks a built file against (Subresource Integrity)."""
    digest = hashlib.sha256(_HERE.joinpath("assets", name).read_bytes()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def names() -> frozenset[str]:
    """The names of all built files."""
    return frozenset(file.name for file in _HERE.joinpath("assets").iterdir())


def asset(name: str) -> Asset | None:
    """One built file; None for any other name. Only these names are ever looked up on the disk."""
    return _load(name) if _NAME.fullmatch(name) and name in names() else None


@cache
def _load(name: str) -> Asset:
    data = _HERE.joinpath("assets", name).read_bytes()
    return Asset(_TYPES[name.rpartition(".")[2]], data, gzip.compress(data, mtime=0))
