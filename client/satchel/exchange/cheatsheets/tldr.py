"""tldr's pages: a name, a description, and examples, each a line with a command in backticks below.

Format: https://github.com/tldr-pages/tldr/blob/main/CLIENT-SPECIFICATION.md#page-structure. A placeholder is
`{{path/to/file}}`, `{{a|b}}` one of several, and `{{[-l|--long]}}` two forms of one option.
"""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from satchel.exchange.cheatsheets.commands import command_draft, read_sheets, sheets_in, text_of
from satchel.exchange.items import Item
from satchel.exchange.reading import RejectedError
from satchel.placeholders import written

KIND: Final = "tldr"
SUFFIX: Final = ".md"
_PAGE: Final = re.compile(r"# [^\n]{1,200}\n\n(?:> [^\n]*\n)+\n(?:- [^\n]*\n\n?`[^\n]*`\n?\n?)+\s*")
_EXAMPLE: Final = re.compile(r"^- ([^\n]*)\n\n?`([^\n]*)`[ \t]*$", re.MULTILINE)
_MORE: Final = re.compile(r"<(https?://[^<>\s]+)>")
_PLACEHOLDER: Final = re.compile(r"\\?\{\\?\{((?:[^{}\n]|\{[^{}\n]*\})+)\\?\}\\?\}")
_PATH: Final = re.compile(r"(?:\.{0,2}/)?path/to/([^\s/]+)")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_SAMPLE: Final = 20


def is_tldr(text: str) -> bool:
    """Whether a Markdown text has the structure of a page, and nothing else."""
    return len(text) < 100_000 and _PAGE.fullmatch(text) is not None


def is_tldr_folder(folder: Path) -> bool:
    """Whether the files of a folder and its subfolders are pages, by the first of them."""
    paths = [path for path, _ in zip(sheets_in(folder), range(_SAMPLE), strict=False)]
    return bool(paths) and all(path.suffix == SUFFIX and _is_page(path) for path in paths)


def _is_page(path: Path) -> bool:
    try:
        return is_tldr(text_of(path))
    except RejectedError:
        return False


def read_tldr(path: Path, text: str) -> Iterator[Item]:
    """Yield each example of a page."""
    heading = text.partition("\n")[0].removeprefix("#").strip()
    about = [line[1:].strip() for line in text.split("\n") if line.startswith(">")]
    links = _MORE.findall("\n".join(about))
    description = " ".join(line for line in about if not line.startswith("More information:"))
    for number, (title, command) in enumerate(_EXAMPLE.findall(text), 1):
        plain = re.sub(r"\[(\w)\]", r"\1", title).strip().removesuffix(":")
        yield command_draft(
            converted(command),
            path=path,
            kind=KIND,
            title=f"{heading}: {plain}",
            number=number,
            tags=[heading.partition(" ")[0]],
            description=description,
            links=links[:1],
        )


def read_tldr_folder(folder: Path) -> Iterator[Item]:
    """Yield each example of a folder's pages."""
    return read_sheets(folder, lambda path: path.suffix == SUFFIX, read_tldr)


def converted(command: str) -> str:
    """Return a command with our placeholders."""
    numbers = count(1)
    names: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        if match[0].startswith("\\"):
            return match[0].replace("\\{", "{").replace("\\}", "}")
        inner = match[1].strip()
        if inner.startswith("[") and inner.endswith("]") and "|" in inner:
            return inner[1:-1].split("|")[-1]
        if inner not in names:
            names[inner] = _placeholder(inner, numbers)
        return names[inner]

    return _PLACEHOLDER.sub(replace, command)


def _placeholder(inner: str, numbers: "count[int]") -> str:
    choices = [each.strip() for each in inner.split("|")]
    if len(set(choices)) > 1:
        return written(f"choice{next(numbers)}", choices=tuple(choices))
    path = _PATH.match(inner)
    if path is not None:
        return written(path[1].replace(".", "_"))
    if _IDENTIFIER.fullmatch(inner):
        return written(inner)
    return written(f"value{next(numbers)}", default=inner)
