"""GitHub gists from the REST API: the document of `GET /gists/{id}`, or a list of such documents.

A gist becomes one Piece; its first file is the main content. `GET /gists` omits contents, and the API
truncates contents after one megabyte; both are reported as problems.
"""

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path

import msgspec

from satchel.exchange.items import Item, ItemFields, ItemFile, Problem, drafts_of
from satchel.exchange.names import language_named
from satchel.exchange.reading import RejectedError, decode, moment_of_text, read_json


class GistFile(msgspec.Struct):
    """A file of a gist."""

    filename: str = ""
    language: str | None = None
    content: str | None = None
    encoding: str | None = None
    truncated: bool = False


class Gist(msgspec.Struct):
    """A gist; `truncated` means that files after the first 300 are missing."""

    id: str
    files: dict[str, msgspec.Raw]
    description: str | None = None
    html_url: str | None = None
    created_at: str | None = None
    truncated: bool = False


def read_gists(source: Path) -> Iterator[Item]:
    """Read every gist of a document."""
    documents = read_json(source, msgspec.Raw)
    gists = decode(documents, list[msgspec.Raw]) if bytes(documents).lstrip()[:1] == b"[" else [documents]
    for number, document in enumerate(gists, 1):
        try:
            gist = decode(document, Gist)
        except RejectedError as exc:
            yield Problem(f"gist {number} of {len(gists)}", str(exc))
        else:
            yield from _gist(gist)


def _gist(gist: Gist) -> Iterator[Item]:
    if gist.truncated:
        yield Problem(
            f"gist {gist.id}",
            "GitHub omitted files after the first 300; clone the gist and import the folder",
        )
    files = []
    for name, document in gist.files.items():
        where = f"gist {gist.id}: {name}"
        try:
            files.append(_file(decode(document, GistFile), name, where))
        except RejectedError as exc:
            yield Problem(where, str(exc))
    yield from drafts_of(_fields(gist), files)


def _fields(gist: Gist) -> ItemFields:
    return ItemFields(
        where=f"gist {gist.id}",
        kind="gist",
        description=gist.description or "",
        location=gist.html_url or gist.id,
        links=(gist.html_url,) if gist.html_url else (),
        created=moment_of_text(gist.created_at),
    )


def _file(file: GistFile, name: str, where: str) -> ItemFile:
    if file.truncated:
        raise RejectedError("GitHub truncated its content; clone the gist and import the folder")
    if file.content is None:
        raise RejectedError("the document lacks its content; export each gist with GET /gists/{id}")
    return ItemFile(where, file.filename or name, _content(file), language_named(file.language))


def _content(file: GistFile) -> bytes:
    if file.encoding != "base64":
        return (file.content or "").encode()
    try:
        return base64.b64decode(file.content or "", validate=True)
    except binascii.Error as exc:
        raise RejectedError("its content is not valid base64") from exc
