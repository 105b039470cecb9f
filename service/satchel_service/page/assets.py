"""The built files of the page. Their names contain a hash of their content, so browsers may cache them forever."""

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
    """A built file."""

    media_type: str
    data: bytes
    gzipped: bytes


class Language(NamedTuple):
    """A language of the pages.

    `chunk` and `request_chunk` are the files with the messages of the share page and of the page of requests (None for
    the bundled language). `words`, `report` and `request` are the messages that the service writes into the share page,
    the report form and the page of requests.
    """

    chunk: str | None
    words: dict[str, str]
    report: dict[str, str]
    request: dict[str, str]
    request_chunk: str | None


class Manifest(NamedTuple):
    """The output of the build: names of files in `assets`, and messages by language, the default language first."""

    script: str
    style: str
    report_style: str
    request_script: str
    request_style: str
    icon: str
    languages: dict[str, Language]


@cache
def manifest() -> Manifest:
    """Read the manifest that the build wrote."""
    fields: dict[str, Any] = json.loads(_HERE.joinpath("manifest.json").read_bytes())
    languages = {code: Language(**language) for code, language in fields["languages"].items()}
    return Manifest(
        **{name: fields[name] for name in Manifest._fields if name != "languages"}, languages=languages
    )


@cache
def template(name: str) -> str:
    """Read a template or the script that is written into the page."""
    return _HERE.joinpath(name).read_text("utf-8")


@cache
def integrity(name: str) -> str:
    """Return the digest of a built file for Subresource Integrity."""
    return digest(_HERE.joinpath("assets", name).read_bytes())


def digest(data: bytes) -> str:
    """Return the digest of data as integrity attributes and Content-Security-Policy write it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"


@cache
def names() -> frozenset[str]:
    """Return the names of all built files."""
    return frozenset(file.name for file in _HERE.joinpath("assets").iterdir())


def asset(name: str) -> Asset | None:
    """Return a built file, or None for any other name. No other name is ever looked up on disk."""
    return _load(name) if _NAME.fullmatch(name) and name in names() else None


@cache
def _load(name: str) -> Asset:
    data = _HERE.joinpath("assets", name).read_bytes()
    return Asset(_TYPES[name.rpartition(".")[2]], data, gzip.compress(data, mtime=0))
