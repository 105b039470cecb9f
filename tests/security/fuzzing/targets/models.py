"""Models that describe any text, and the values that they leave in a store, an index and a home.

The networks are not run: a forked process lacks the threads of onnxruntime.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.security.fuzzing.table import JSON_SYNTAX, Target, require

from satchel.errors import IntegrityError, SatchelError
from satchel.local_files import write_private
from satchel.models.discovery.regions import regions_in
from satchel.models.interface import Subject
from satchel.models.registry import describing
from satchel.models.secrets.scanning import scan
from satchel.models.similarity.fingerprints import unpacked
from satchel.store.rows import read_suggested, write_suggested
from satchel.suggest.allowed_values import FILE_NAME, AllowedValues
from satchel.suggest.filling import describe_safely
from satchel_service.moving.command import read_url
from satchel_service.settings import SettingsError

FILE_NAMES: Final = ("README.md", "notes.ipynb", "page.html", "data.json", "parse.py", "")
SOURCES: Final = (
    b"# A [title](https://example.org/a&amp;b) https://example.org/?a=1&amp;b=2 &lt;here&gt;\n\n[ref]\n\n[ref]: https://example.org/x 'y'\n",
    b'{"cells": [{"cell_type": "code", "source": ["import os\\n", "print(os.name)"]}]}',
    b"<!doctype html><title>A &amp; B</title><meta name='description' content='c &lt; d'>",
    b'{"name": "left-pad", "version": "1.0.0", "keywords": ["pad"]}',
    b"import re\n\ndef parse_header(line: str) -> str:\n    # split\n    return re.split(':', line)[0]\n",
    b"Authorization: Basic dXNlcjpub3QtYS1yZWFsLXBhc3N3b3Jk\nPASSWORD = 'changeme'\n",
)


def texts() -> Iterator[bytes]:
    for number, source in enumerate(SOURCES):
        yield bytes([number]) + source


def describe(data: bytes) -> None:
    """Describe a text; the first byte chooses the name of its file."""
    name, content = FILE_NAMES[data[0] % len(FILE_NAMES)] if data else "", data[1:]
    text = content.decode("utf-8", "replace")
    plain = [entry for entry in describing() if not entry.packages]
    found, failed = describe_safely(Subject(text, content, file_name=name), plain)
    require(not failed, "a model that cannot be loaded")
    require(all(0 <= one.suggestion.confidence <= 1 for one in found), "a confidence that is none")
    require(len(regions_in(text, "markdown" if name.endswith(".md") else "python", name)) < 10_000, "regions")
    require(all(secret.line >= 1 for secret in scan(content)), "a secret outside the text")


def suggested(data: bytes) -> None:
    values = read_suggested(data.decode("utf-8", "replace"))
    again = read_suggested(write_suggested(values))
    require(sorted(again) == sorted(values), "values that are not read as they were written")


def allowed(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as home:
        write_private(Path(home) / FILE_NAME, data)
        AllowedValues.read(Path(home))


def address(data: bytes) -> None:
    url = read_url(data.decode("utf-8", "replace"))
    require(not url or read_url(url) == url, "an address that is not canonical")


TARGETS: Final = (
    Target("models", describe, seeds=texts, words=(b"](", b"&#", b"```", b"def ", b"<", b'": {')),
    Target(
        "suggested-values",
        suggested,
        seeds=lambda: [b'{"tags":{"http":"tags/1"},"title":{"Parse a header":"titles/1"}}'],
        raises=(IntegrityError,),
        words=JSON_SYNTAX,
    ),
    Target("fingerprint", unpacked, seeds=lambda: [bytes(8), b"\1\0\0\0" + bytes(8)], raises=(ValueError,)),
    Target(
        "allowed-secrets",
        allowed,
        seeds=lambda: [
            b'{"format":"satchel-allowed-secrets/1","salt":"00","digests":["00"]}',
            b'{"format":"satchel-allowed-secrets/2"}',
        ],
        raises=(SatchelError,),
        words=JSON_SYNTAX,
    ),
    Target("moved-address", address, seeds=lambda: [b"https://ann.example.org/"], raises=(SettingsError,)),
)
