"""GitHub gists as the REST API gives them: one document of `GET /gists/{id}`, or a list of such documents.

A gist becomes one Piece, its first file the main content. The list of `GET /gists` has no contents, and the API cuts contents at one megabyte; both are reported.
"""

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path

import msgspec

from satchel.exchange.items import About, Item, Part, Problem, piece_of
from satchel.exchange.names import language_named
from satchel.exchange.reading import UnfitError, decode, moment_of_text, read_json


class GistFile(msgspec.Struct):
    """One file of a gist."""

    filename: str = ""
    language: str | None = None
    content: str | None = None
    encoding: str | None = None
    truncated: bool = False


class Gist(msgspec.Struct):
    """One gist; `truncated` says that files beyond the first 300 are missing."""

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
        except UnfitError as exc:
            yield Problem(f"gist {number} of {len(gists)}", str(exc))
        else:
            yield from _gist(gist)


def _gist(gist: Gist) -> Iterator[Item]:
    if gist.truncated:
        yield Problem(
            f"gist {gist.id}",
            "GitHub left out files beyond the first 300; clone the gist and import the folder",
        )
    parts = []
    for name, document in gist.files.items():
        where = f"gist {gist.id}: {name}"
        try:
            parts.append(_part(decode(document, GistFile), name, where))
        except UnfitError as exc:
            yield Problem(where, str(exc))
    yield from piece_of(_about(gist), parts)


def _about(gist: Gist) -> About:
    return About(
        where=f"gist {gist.id}",
        kind="gist",
        description=gist.description or "",
        location=gist.html_url or gist.id,
        links=(gist.html_url,) if gist.html_url else (),
        created=moment_of_text(gist.created_at),
    )


def _part(file: GistFile, name: str, where: str) -> Part:
    if file.truncated:
        raise UnfitError("GitHub cut its content off; clone the gist and import the folder")
    if file.content is None:
        raise UnfitError("its content is not in the document; export each gist with GET /gists/{id}")
    return Part(where, file.filename or name, _content(file), language_named(file.language))


def _content(file: GistFile) -> bytes:
    if file.encoding != "base64":
        return (file.content or "").encode()
    try:
        return base64.b64decode(file.content or "", validate=True)
    except binascii.Error as exc:
        raise UnfitError("its content is not valid base64") from exc
