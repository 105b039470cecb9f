"""What a revision of a Piece changed: its fields, and the lines of its texts as a unified diff.

Only `state_of` reads the store.

Comparing lines takes time that grows with the square of their number, so only changed regions of moderate length
are compared line by line.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.pieces.media import decode_text
from satchel.pieces.model import Piece, Revision
from satchel.pieces.suggested import taken
from satchel.store.store import Store

CONTEXT: Final = 3
MAX_COMPARED_LINES: Final = 1_000  # of each side, without the equal lines around them

_HUNK: Final = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")
_NO_NEWLINE: Final = "\\ no newline at the end"


@dataclass(frozen=True, slots=True)
class State:
    """A Piece at a revision: its fields by name, and its texts by file name; None for content that is not text."""

    fields: dict[str, str]
    texts: dict[str, str | None]


def state_of(store: Store, piece: Piece, revision: Revision) -> State:
    """Return a Piece as it was at one of its revisions. The main content has its file name, else "content"."""
    content = store.content(piece.id, revision.number)
    texts = {piece.file_name or "content": decode_text(content, revision.media_type)}
    for file in store.files(piece.id, revision.number):
        texts[file.name] = decode_text(file.content, file.media_type or "")
    fields = {
        "title": revision.title,
        "description": revision.description,
        "language": revision.language or "",
        "tags": " ".join(revision.tags),
        "links": " ".join(revision.links),
        "suggested": ", ".join(f"{one.value} ({one.model})" for one in taken(revision)),
    }
    return State(fields, texts)


def changed_fields(before: State, after: State) -> dict[str, tuple[str, str]]:
    """Return the fields that differ, with their values before and after."""
    return {
        name: (before.fields.get(name, ""), value)
        for name, value in after.fields.items()
        if before.fields.get(name, "") != value
    }


def changed_lines(before: State, after: State) -> list[str]:
    """Return a diff of all texts that differ, without line ends."""
    lines: list[str] = []
    for name in dict.fromkeys([*before.texts, *after.texts]):
        old, new = before.texts.get(name, ""), after.texts.get(name, "")
        if old == new and (name in before.texts) == (name in after.texts):
            continue
        lines += _heading(name, is_old=name in before.texts, is_new=name in after.texts)
        lines += ["(not text)"] if old is None or new is None else diff(old, new)
    return lines


def _heading(name: str, *, is_old: bool, is_new: bool) -> list[str]:
    return [f"--- {name if is_old else '/dev/null'}", f"+++ {name if is_new else '/dev/null'}"]


def diff(before: str, after: str) -> list[str]:
    """Return the hunks of a unified diff, without line ends."""
    old, new = _lines(before), _lines(after)
    start = _equal_at_start(old, new)
    end = _equal_at_start(old[start:][::-1], new[start:][::-1])
    changed = len(old) - start - end, len(new) - start - end
    if max(changed) > MAX_COMPARED_LINES:
        lines = f"{changed[0]:,} line{'' if changed[0] == 1 else 's'}"
        return [f"({lines} replaced by {changed[1]:,}, from line {start + 1})"]
    first, rest = max(start - CONTEXT, 0), max(end - CONTEXT, 0)
    hunks = difflib.unified_diff(
        old[first : len(old) - rest], new[first : len(new) - rest], n=CONTEXT, lineterm=""
    )
    return [_moved(line, first) for line in list(hunks)[2:]]


def _lines(text: str) -> list[str]:
    """Split at newlines alone; a last line without one differs from the same line with one."""
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else [*lines[:-1], f"{lines[-1]}\n{_NO_NEWLINE}"]


def _equal_at_start(one: Sequence[str], other: Sequence[str]) -> int:
    pairs: Iterator[int] = (
        at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right
    )
    return next(pairs, min(len(one), len(other)))


def _moved(line: str, offset: int) -> str:
    """Add an offset to the line numbers of a hunk."""
    match = _HUNK.fullmatch(line)
    if match is None:
        return line
    return f"@@ -{int(match[1]) + offset}{match[2]} +{int(match[3]) + offset}{match[4]} @@"
