"""GitHub gists from the REST API: documents of `GET /gists/{id}`, in lists, pages, or one a line.

A gist becomes one Piece; its first file is the main content. `GET /gists` lists gists without their contents;
such a list is an error that says how to get them. The API truncates contents after one megabyte, which is a
problem of the gist.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import SatchelError
from satchel.exchange.items import Item, ItemFields, ItemFile, Problem, drafts_of
from satchel.exchange.json_text import Part, decode_part, flat_elements, value_of
from satchel.exchange.names import language_named
from satchel.exchange.reading import RejectedError, decode, moment_of_text

NO_CONTENT: Final = "the document lacks its content; export each gist with GET /gists/{id}"
_ID: Final = re.compile(r"[0-9A-Za-z]{1,64}")
_MAX_FILES: Final = 3_000  # ten times what GitHub allows
_MAX_IDS: Final = 100  # in the advice how to get the contents


class GistFile(msgspec.Struct):
    """A file of a gist."""

    filename: str | None = None
    language: str | None = None
    content: str | None = None
    encoding: str | None = None
    truncated: bool | None = None


class Gist(msgspec.Struct):
    """A gist; `truncated` means that files after the first 300 are missing."""

    id: str
    files: dict[str, msgspec.Raw]
    description: str | None = None
    html_url: str | None = None
    created_at: msgspec.Raw = msgspec.Raw(b"null")
    truncated: bool | None = None


def read_gists(source: Path, data: bytes) -> Iterator[Item]:
    """Read every gist of every document."""
    parts = list(flat_elements(data))
    _require_contents(source, parts)
    for number, part in enumerate(parts, 1):
        where = f"gist {number} of {len(parts)}"
        try:
            yield from _gist(decode_part(part, Gist))
        except RejectedError as exc:
            yield Problem(where, str(exc))


def _require_contents(source: Path, parts: list[Part]) -> None:
    """Raise SatchelError if this is a list of gists without any content, as `GET /gists` returns it."""
    ids: list[str] = []
    for part in parts:
        try:
            gist = decode_part(part, Gist)
            files = [decode(file, GistFile) for file in gist.files.values()]
        except RejectedError:
            continue
        if any(file.content is not None or file.truncated for file in files):
            return
        if files:
            ids.append(gist.id)
    if ids:
        raise SatchelError(
            f"{str(source)!r} lists gists without their contents: {len(ids):,} of them", hint=_how_to_get(ids)
        )


def _how_to_get(ids: list[str]) -> str:
    """Return a command that gets gists with their contents, if their ids are safe in a shell."""
    if len(ids) > _MAX_IDS or not all(_ID.fullmatch(each) for each in ids):
        each = "gh api --paginate /gists --jq '.[].id' | xargs -I {} gh api /gists/{}"
    else:
        each = f"for id in {' '.join(ids)}; do gh api /gists/$id; done"
    return f"get them and import the new file: {each} > gists.json"


def _gist(gist: Gist) -> Iterator[Item]:
    fields = _fields(gist)
    if len(gist.files) > _MAX_FILES:
        raise RejectedError(f"it has {len(gist.files):,} files")
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
    yield from drafts_of(fields, files)


def _fields(gist: Gist) -> ItemFields:
    return ItemFields(
        where=f"gist {gist.id}",
        kind="gist",
        description=gist.description or "",
        location=gist.html_url or gist.id,
        links=(gist.html_url,) if gist.html_url else (),
        created=moment_of_text(value_of(gist.created_at)),
    )


def _file(file: GistFile, name: str, where: str) -> ItemFile:
    if file.truncated:
        raise RejectedError("GitHub truncated its content; clone the gist and import the folder")
    if file.content is None:
        raise RejectedError(NO_CONTENT)
    return ItemFile(where, file.filename or name, _content(file), language_named(file.language))


def _content(file: GistFile) -> bytes:
    if file.encoding != "base64":
        return (file.content or "").encode()
    try:
        return base64.b64decode(file.content or "", validate=True)
    except binascii.Error as exc:
        raise RejectedError("its content is not valid base64") from exc
