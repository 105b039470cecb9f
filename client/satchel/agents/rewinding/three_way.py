"""Three-way merges: the change from a base to an edited state, applied to another state.

    merged = merge_texts(base, edited, other)     # None if both changed the same lines

Texts are compared by lines, as `diff3` does. Adjacent changes overlap, so that nothing is joined that its writer never
saw together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

MOST_LINES: Final = 5_000
"""Longer texts are not merged, since comparing them may take minutes."""


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    """Lines `start` to `end` of the base were replaced."""

    start: int
    end: int
    lines: tuple[str, ...]


def merge_texts(base: str, edited: str, other: str) -> str | None:
    """Return `other` with the change from `base` to `edited`. None if both changed the same or adjacent lines."""
    if edited == base:
        return other
    if other in (base, edited):
        return edited
    lines = base.splitlines(keepends=True)
    if max(len(lines), edited.count("\n"), other.count("\n")) > MOST_LINES:
        return None
    changes = sorted({*_changes(lines, edited), *_changes(lines, other)})
    if any(later.start <= change.end for change, later in pairwise(changes)):
        return None
    return "".join(_applied(lines, changes))


def merge_lists(base: Sequence[str], edited: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Return `other` without what the change from `base` to `edited` removed, and with what it added, at the end."""
    kept = [one for one in other if one in edited or one not in base]
    return (*kept, *(one for one in edited if one not in base and one not in kept))


def _changes(base: list[str], edited: str) -> Iterator[_Change]:
    """Yield what an edit changed. Changes of one edit are never adjacent."""
    lines = edited.splitlines(keepends=True)
    matcher = SequenceMatcher(None, base, lines, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield _Change(start, end, tuple(lines[first:last]))


def _applied(base: list[str], changes: list[_Change]) -> Iterator[str]:
    at = 0
    for change in changes:
        yield from base[at : change.start]
        yield from change.lines
        at = change.end
    yield from base[at:]
