"""VS Code snippets: `.code-snippets` files, language files such as `python.json`, and the folder of both.

Files are read as VS Code reads them (`snippetsFile.ts`): JSON with comments and trailing commas; snippets may
stand in groups; a file template needs no prefix; a language file's name is the language of all its snippets.
The body becomes the content and the first scope the language; prefixes and further scopes become tags.
Placeholders such as `${1:name}` are kept.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import IntegrityError, UsageError
from satchel.exchange.items import Item, Problem, Skipped, draft_of, is_tag
from satchel.exchange.json_text import Part, as_utf8, decode_part, documents, members
from satchel.exchange.limits import MIB
from satchel.exchange.names import language_named
from satchel.exchange.reading import ENDS_EARLY, RejectedError, decode, read_document
from satchel.pieces.fields import MAX_TAGS

SUFFIX: Final = ".code-snippets"
MAX_FILES: Final = 10_000
MAX_SNIPPET_FILE_BYTES: Final = 16 * MIB  # a larger file is taken for one of another format
MAX_TAGS_OF_A_SNIPPET: Final = MAX_TAGS // 3  # prefixes, scopes and the tags of the import fit together

# Strings come first in each alternation, so that comments inside them are left alone. Unterminated strings
# and comments extend to the end of the text: searching for an end from every quote would take quadratic time.
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_COMMENTS: Final = re.compile(_STRING + r"|//[^\r\n]*|/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_TRAILING_COMMAS: Final = re.compile(_STRING + r"|,(?=\s*[}\]])", re.DOTALL)
# The comment that VS Code writes into a new file.
_TEMPLATE: Final = re.compile(rb"Place your (?:[^\r\n]{0,200} )?snippets (?:for|here)")

Text = str | float | bool | None
"""An element of a body, prefix or description. VS Code joins elements as JavaScript does."""


class Snippet(msgspec.Struct):
    """A snippet, as in VS Code's documentation of user-defined snippets."""

    body: str | list[Text]
    prefix: msgspec.Raw = msgspec.Raw(b"null")
    description: msgspec.Raw = msgspec.Raw(b"null")
    scope: msgspec.Raw = msgspec.Raw(b"null")


def read_vscode(source: Path, data: bytes) -> Iterator[Item]:
    """Read every snippet of a file."""
    document = _document(data)
    if document is None:
        raise IntegrityError(
            f"{str(source)!r} is not a file of VS Code snippets, or it is damaged", hint="check the file"
        )
    language = "" if source.suffix == SUFFIX else source.stem
    for name, part in members(document).items():
        if part.is_whole:
            yield from _snippet_or_group(name, part, language)
    if not document.is_whole:
        yield Problem("the file", ENDS_EARLY)


def read_vscode_folder(source: Path) -> Iterator[Item]:
    """Read every file of snippets in a folder, such as VS Code's `User/snippets`."""
    paths = snippet_files(source)
    if not paths:
        raise UsageError(f"{str(source)!r} holds no VS Code snippets", hint="omit --from to import its files")
    for path in paths:
        try:
            items = list(read_vscode(path, as_utf8(read_document(path))))
        except (RejectedError, IntegrityError) as exc:
            yield Problem(path.name, str(exc))
        else:
            yield from (_within(path.name, item) for item in items)


def snippet_files(folder: Path) -> list[Path]:
    """Return the files of snippets in a folder, without its subfolders."""
    found = [path for path in sorted(folder.iterdir())[:MAX_FILES] if path.suffix in {SUFFIX, ".json"}]
    return [path for path in found if not path.is_symlink() and path.is_file() and _holds_snippets(path)]


def is_snippets_folder(folder: Path) -> bool:
    """Tell whether every visible file in a folder holds snippets, as in VS Code's `User/snippets`."""
    try:
        entries = [each for each in islice(folder.iterdir(), MAX_FILES) if not each.name.startswith(".")]
        has_suffixes = all(each.suffix in {SUFFIX, ".json"} and each.is_file() for each in entries)
        return bool(entries) and has_suffixes and len(snippet_files(folder)) == len(entries)
    except OSError:
        return False


def _holds_snippets(path: Path) -> bool:
    if path.suffix == SUFFIX:
        return True
    try:
        return is_vscode(as_utf8(read_document(path)))
    except RejectedError:
        return False


def is_vscode(data: bytes) -> bool:
    """Tell whether a text is a language file of snippets: most members are snippets or groups of them."""
    document = _document(data) if len(data) <= MAX_SNIPPET_FILE_BYTES else None
    if document is None:
        return False
    found = [part for part in members(document).values() if part.is_whole and part.is_object]
    if not found:
        return _TEMPLATE.search(data) is not None
    return 2 * sum(map(_is_snippet_or_group, found)) > len(found)


def _is_snippet_or_group(part: Part) -> bool:
    fields = members(part)
    inside = [each for each in fields.values() if each.is_object]
    return _is_snippet(fields) or any(_is_snippet(members(each)) for each in inside[:10])


def _is_snippet(fields: dict[str, Part]) -> bool:
    return "body" in fields and not fields.keys().isdisjoint({"prefix", "isFileTemplate"})


def _document(data: bytes) -> Part | None:
    """Return the object in a file, or None if it holds none. Invalid bytes stay, for the snippet around them."""
    text = to_json(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return next((each for each in documents(text) if each.is_object), None)


def to_json(text: str) -> str:
    """Return JSON with comments as plain JSON. Never fail; invalid text is left to the parser."""
    without_comments = _COMMENTS.sub(lambda match: _keep_string(match, " "), text.removeprefix("\ufeff"))
    return _TRAILING_COMMAS.sub(lambda match: _keep_string(match, ""), without_comments)


def _keep_string(match: re.Match[str], otherwise: str) -> str:
    return match[0] if match[0].startswith('"') else otherwise


def _snippet_or_group(name: str, part: Part, language: str) -> Iterator[Item]:
    """Yield a snippet, or the snippets of a group: an object without a body."""
    fields = members(part) if part.is_object else {}
    if "body" in fields or not any(each.is_object for each in fields.values()):
        yield _snippet(name, part, language)
        return
    for inner_name, inner in fields.items():
        yield _snippet(inner_name, inner, language)


def _snippet(name: str, part: Part, language: str) -> Item:
    where = f"snippet {name!r}"
    try:
        snippet = decode_part(part, Snippet)
    except RejectedError as exc:
        return Problem(where, str(exc))
    named = [language] if language else ",".join(_lines(snippet.scope)).split(",")
    scopes = [scope for each in named if (scope := each.strip())]
    prefixes = list(dict.fromkeys(filter(None, _lines(snippet.prefix))))
    tags = list(filter(is_tag, prefixes))[:MAX_TAGS_OF_A_SNIPPET]
    untagged = [f"prefix: {prefix}" for prefix in prefixes if prefix not in tags]
    return draft_of(
        _joined(snippet.body).encode(),
        where=where,
        title=name,
        description="\n".join([*_lines(snippet.description), *untagged]),
        language=language_named(scopes[0]) if scopes else None,
        tags=(*tags, *filter(is_tag, scopes[1:MAX_TAGS_OF_A_SNIPPET])),
        kind="vscode",
    )


def _lines(value: msgspec.Raw) -> list[str]:
    """Return a prefix or description: one string or several. A value of another type counts as missing."""
    try:
        if Part(memoryview(value)).is_list:
            return list(map(_as_text, decode(value, list[Text])))
        return [decode(value, str)]
    except RejectedError:
        return []


def _joined(body: str | list[Text]) -> str:
    return body if isinstance(body, str) else "\n".join(map(_as_text, body))


def _as_text(value: Text) -> str:
    """Return an element of a list as JavaScript joins it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else "" if value is None else f"{value:g}"


def _within(file: str, item: Item) -> Item:
    """Return an item of a folder; problems and skipped items name its file."""
    return replace(item, where=f"{file}: {item.where}") if isinstance(item, (Problem, Skipped)) else item
