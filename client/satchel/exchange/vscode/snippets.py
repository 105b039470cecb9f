"""VS Code snippets: `.code-snippets` files, and the language files such as `python.json`.

prefix and further scopes become tags, the first scope is the language, the body's lines are the content.
Placeholders such as `${1:name}` stay as they are.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from satchel.errors import UsageError
from satchel.exchange.items import Item, Problem, draft_of
from satchel.exchange.names import language_named
from satchel.exchange.reading import UnfitError, decode, read_document
from satchel.exchange.vscode.jsonc import to_json

Lines = str | list[str]


class Snippet(msgspec.Struct):
    """One snippet as VS Code's documentation of user-defined snippets has it."""

    body: Lines
    prefix: Lines = ""
    description: Lines | None = None
    scope: str = ""


def read_vscode(source: Path) -> Iterator[Item]:
    """Read every snippet of a file."""
    try:
        snippets = decode(to_json(read_document(source).decode("utf-8")).encode(), dict[str, msgspec.Raw])
    except (UnfitError, UnicodeDecodeError) as exc:
        reason = str(exc) if isinstance(exc, UnfitError) else "it is not UTF-8 text"
        raise UsageError(f"cannot read {str(source)!r} as VS Code snippets: {reason}") from exc
    default_scope = "" if source.suffix == ".code-snippets" else source.stem
    for name, document in snippets.items():
        where = f"snippet {name!r}"
        try:
            yield _snippet(name, decode(document, Snippet), default_scope, where)
        except UnfitError as exc:
            yield Problem(where, str(exc))


def _snippet(name: str, snippet: Snippet, default_scope: str, where: str) -> Item:
    scopes = [scope for part in (snippet.scope or default_scope).split(",") if (scope := part.strip())]
    return draft_of(
        "\n".join(_lines(snippet.body)).encode(),
        where=where,
        title=name,
        description="\n".join(_lines(snippet.description)),
        language=language_named(scopes[0]) if scopes else None,
        tags=(*_lines(snippet.prefix), *scopes[1:]),
        kind="vscode",
    )


def _lines(value: Lines | None) -> list[str]:
    """Return a value that may be one string or several as a list; nothing is an empty list."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str) else value
