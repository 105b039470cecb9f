"""VS Code snippets: `.code-snippets` files, and language files such as `python.json`.

The body becomes the content and the first scope the language; prefixes and further scopes become tags.
Placeholders such as `${1:name}` are kept. The files are JSON with comments and trailing commas.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import UsageError
from satchel.exchange.items import Item, Problem, draft_of
from satchel.exchange.names import language_named
from satchel.exchange.reading import RejectedError, decode, read_document

Lines = str | list[str]

# Strings come first in each alternation, so that comments inside them are left alone. Unterminated strings
# and comments extend to the end of the text: searching for an end from every quote would take quadratic time.
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_COMMENTS: Final = re.compile(_STRING + r"|//[^\r\n]*|/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_TRAILING_COMMAS: Final = re.compile(_STRING + r"|,(?=\s*[}\]])", re.DOTALL)


class Snippet(msgspec.Struct):
    """A snippet, as in VS Code's documentation of user-defined snippets."""

    body: Lines
    prefix: Lines = ""
    description: Lines | None = None
    scope: str = ""


def read_vscode(source: Path) -> Iterator[Item]:
    """Read every snippet of a file."""
    try:
        snippets = decode(to_json(read_document(source).decode("utf-8")).encode(), dict[str, msgspec.Raw])
    except (RejectedError, UnicodeDecodeError) as exc:
        reason = str(exc) if isinstance(exc, RejectedError) else "it is not UTF-8 text"
        raise UsageError(
            f"cannot read {str(source)!r} as VS Code snippets: {reason}", hint="check --from"
        ) from exc
    default_scope = "" if source.suffix == ".code-snippets" else source.stem
    for name, document in snippets.items():
        where = f"snippet {name!r}"
        try:
            yield _snippet(name, decode(document, Snippet), default_scope, where)
        except RejectedError as exc:
            yield Problem(where, str(exc))


def to_json(text: str) -> str:
    """Return JSON with comments as plain JSON. Never fail; invalid text is left to the parser."""
    without_comments = _COMMENTS.sub(lambda match: _keep_string(match, " "), text.removeprefix("\ufeff"))
    return _TRAILING_COMMAS.sub(lambda match: _keep_string(match, ""), without_comments)


def _keep_string(match: re.Match[str], otherwise: str) -> str:
    return match[0] if match[0].startswith('"') else otherwise


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
    """Return one string or several as a list; a missing value is an empty list."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str) else value
