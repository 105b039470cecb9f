"""cheat's cheatsheets: commands below comments, after a front matter with the syntax and tags.

Format: https://github.com/cheat/cheat. Every block of a sheet for a shell becomes a Piece: its comment is the title.
A sheet in another syntax becomes one Piece.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from satchel.exchange.cheatsheets.commands import command_draft, read_sheets, sheets_in, text_of
from satchel.exchange.items import Item, Skipped
from satchel.exchange.masscode.front_matter import split
from satchel.exchange.reading import RejectedError
from satchel.pieces.fields import MAX_LANGUAGE_CHARS
from satchel.pieces.languages import canonical_language

KIND: Final = "cheat"
_MEMBERS: Final = frozenset({"syntax", "tags"})
_SAMPLE: Final = 200
_SHELLS: Final = frozenset({"", "bash", "fish"})


def is_cheat(path: Path, text: str) -> bool:
    """Whether a file without a suffix has the front matter of a sheet, and nothing else in it."""
    if path.suffix or not text.startswith("---\n"):
        return False
    front, _ = split(text)
    return bool(front) and front.keys() <= _MEMBERS


def is_cheat_folder(folder: Path) -> bool:
    """Whether no file of a folder has a suffix, and one is a sheet with a front matter."""
    paths = [path for path, _ in zip(sheets_in(folder), range(_SAMPLE), strict=False)]
    return all(not path.suffix for path in paths) and any(_is_sheet(path) for path in paths)


def _is_sheet(path: Path) -> bool:
    try:
        return is_cheat(path, text_of(path))
    except RejectedError:
        return False


def read_cheat(path: Path, text: str) -> Iterator[Item]:
    """Yield each block of commands of a sheet."""
    front, body = split(text)
    syntax, given = front.get("syntax"), front.get("tags")
    language = canonical_language(syntax[:MAX_LANGUAGE_CHARS]) if isinstance(syntax, str) else ""
    tags = (
        [path.name, *(tag for tag in given if isinstance(tag, str))]
        if isinstance(given, list)
        else [path.name]
    )
    if language not in _SHELLS:
        yield command_draft(
            body, path=path, kind=KIND, title=path.name, number=1, tags=tags, language=language
        )
        return
    number, about = 0, ""
    for block in _blocks(body):
        comments, command = _divided(block)
        about = f"{about} {comments}".strip()
        if not command:
            continue  # a heading: it tells about the next block
        number += 1
        title = f"{path.name}: {about}" if about else ""
        yield command_draft(
            command, path=path, kind=KIND, title=title, number=number, tags=tags, language=language or "bash"
        )
        about = ""
    if about:
        yield Skipped(f"{path.name} {number + 1}", "only a comment")


def read_cheat_folder(folder: Path) -> Iterator[Item]:
    """Yield each block of commands of a folder's sheets."""
    return read_sheets(folder, lambda path: not path.suffix, read_cheat)


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _divided(block: list[str]) -> tuple[str, str]:
    """Return the comment above a block as one line, and the commands below it."""
    at = next(
        (at for at, line in enumerate(block) if not line.startswith("#") or line.startswith("#!")), len(block)
    )
    comments = " ".join(line.lstrip("#").strip() for line in block[:at])
    return comments.strip().removesuffix(":"), "\n".join(block[at:])
