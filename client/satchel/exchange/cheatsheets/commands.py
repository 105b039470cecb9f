"""What the importers of commands share: their texts, their folders, and the draft of one command."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from satchel.exchange.items import Item, Problem, Skipped, draft_of, is_tag
from satchel.exchange.limits import MIB
from satchel.exchange.reading import NOT_UTF8, RejectedError, Work, read_regular
from satchel.pieces.fields import MAX_TAGS, MAX_TITLE_CHARS

MAX_SHEET_BYTES: Final = 4 * MIB  # the largest published sheet has 60 KiB
MAX_SHEETS: Final = 50_000  # tldr has 30,000 pages in all languages
MAX_ALL_BYTES: Final = 256 * MIB
_ABOUT: Final = ("README", "LICENSE", "CONTRIBUTING", "CHANGELOG", "TODO")

SheetReader = Callable[[Path, str], Iterator[Item]]
"""Reads the text of one sheet; the path names it in reports."""


def text_of(path: Path) -> str:
    """Return the text of a sheet. RejectedError if it is too large, no regular file or not UTF-8."""
    return decoded(read_regular(path, MAX_SHEET_BYTES))


def decoded(data: bytes) -> str:
    """Return a text with unified line ends. RejectedError if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as exc:
        raise RejectedError(NOT_UTF8) from exc


def sheets_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders, without links, hidden files and pages about the sheets."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith((".", *_ABOUT)) or path.is_symlink():
                continue
            count += 1
            if count > MAX_SHEETS:
                return
            yield path


def read_sheets(folder: Path, is_sheet: Callable[[Path], bool], read: SheetReader) -> Iterator[Item]:
    """Read the sheets of a folder, and skip its other files. A sheet that cannot be read is a problem."""
    work = Work(MAX_ALL_BYTES, "the sheets are larger than 256 MiB together")
    for path in sheets_in(folder):
        where = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")
        if not is_sheet(path):
            yield Skipped(where, "no cheatsheet")
            continue
        try:
            data = read_regular(path, MAX_SHEET_BYTES)
            work.spend(len(data))
            items = list(read(path, decoded(data)))
        except RejectedError as exc:
            yield Problem(where, str(exc))
            continue
        yield from items


def command_draft(
    command: str,
    *,
    path: Path,
    kind: str,
    title: str,
    number: int,
    tags: Sequence[str] = (),
    description: str = "",
    links: Sequence[str] = (),
    language: str = "bash",
) -> Item:
    """Return the draft of one command. Without a title, its first line is the title."""
    where = f"{path.name} {number}"
    text = command.strip("\n")
    if not text.strip():
        return Skipped(where, "no command")
    first = text.strip().partition("\n")[0]
    return draft_of(
        text.encode("utf-8", "replace"),
        where=where,
        title=(title.strip() or first)[:MAX_TITLE_CHARS],
        kind=kind,
        location=str(path),
        description=description.strip(),
        language=language,
        tags=[tag for tag in dict.fromkeys(tags) if is_tag(tag)][: MAX_TAGS // 2],
        links=links,
    )
