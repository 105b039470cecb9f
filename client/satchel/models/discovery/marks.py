"""Regions that an author has marked: for documentation, or for folding in an editor."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_MARKS: Final = 500
_SIGN: Final = r"^\s*(?://+|#+|/\*+|--+|<!--|;+|%+|rem\b|\"\"\"|'+)?\s*"
_PAIRS: Final = (
    (r"\[START ([\w.-]{1,80})\]", r"\[END ([\w.-]{1,80})\]"),
    (r"tag::([\w.-]{1,80})\[\]", r"end::([\w.-]{1,80})\[\]"),
    (r"#?\s*region\b[ \t:]*([^\n*>-]{0,80})", r"#?\s*endregion\b[ \t:]*([^\n*>-]{0,80})"),
    (r"<(?:snippet|editor-fold)[^>]*?(?:id|desc)?=?\"?([\w .-]{0,80})\"?>", r"</(?:snippet|editor-fold)()>"),
    (
        r"(?:BEGIN|begin|START|start)[ -]?(?:SNIPPET|snippet)[ :]*([\w.-]{0,80})",
        r"(?:END|end)[ -]?(?:SNIPPET|snippet)[ :]*([\w.-]{0,80})",
    ),
    (r"(?:snippet|docs)[:-]?start[ :]*([\w.-]{0,80})", r"(?:snippet|docs)[:-]?end[ :]*([\w.-]{0,80})"),
    (r"\w+-docs-start[ :]+([\w.-]{1,80})", r"\w+-docs-end[ :]+([\w.-]{1,80})"),
    (r"#docregion ([\w.-]{1,80})", r"#enddocregion ?([\w.-]{0,80})"),
    (r"@@@SNIPSTART ([\w.-]{1,80})", r"@@@SNIPEND()"),
    (r"STEP_START ([\w.-]{1,80})", r"STEP_END()"),
    (r"ANCHOR: ?([\w.-]{1,80})", r"ANCHOR_END: ?([\w.-]{1,80})"),
    (r"(?:@@@|===) ?(?:start|begin) ([\w.-]{1,80})", r"(?:@@@|===) ?(?:end) ([\w.-]{1,80})"),
)
_STARTS: Final = tuple(re.compile(_SIGN + start) for start, _ in _PAIRS)
_ENDS: Final = tuple(re.compile(_SIGN + end) for _, end in _PAIRS)
_QUOTED: Final = re.compile(r"^\s*//! ?\[([\w .-]{1,80})\]\s*$")  # the same mark at both ends
_HINT: Final = re.compile(r"start|begin|region|tag::|end|snip|snippet|anchor|fold|//! ?\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked region: its name, and its first and last line without the marks."""

    name: str
    first_line: int
    last_line: int


def marked_regions(lines: list[str]) -> list[Mark]:
    """Return the marked regions of a text; those around others first."""
    found = sorted(_marked(lines), key=lambda mark: (mark.first_line, -mark.last_line))
    return found[:MAX_MARKS]


def _marked(lines: list[str]) -> Iterator[Mark]:
    opened: dict[int, list[tuple[str, int]]] = {}
    quoted: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        shown = line[:200]
        if not _HINT.search(shown):
            continue
        same = _QUOTED.match(shown)
        if same:
            start = quoted.pop(same[1], None)
            if start is None:
                quoted[same[1]] = number
            elif number - start > 1:
                yield Mark(same[1], start + 1, number - 1)
            continue
        yield from _step(opened, shown, number)


def _step(opened: dict[int, list[tuple[str, int]]], line: str, number: int) -> Iterator[Mark]:
    for kind, (start, end) in enumerate(zip(_STARTS, _ENDS, strict=True)):
        ended = end.match(line)
        if ended:
            stack = opened.get(kind, [])
            place = next(
                (at for at in reversed(range(len(stack))) if stack[at][0] == ended[1].strip()), len(stack) - 1
            )
            if stack:
                name, first = stack.pop(place)
                if number - first > 1:
                    yield Mark(name, first + 1, number - 1)
            return
        started = start.match(line)
        if started:
            opened.setdefault(kind, []).append((started[1].strip(), number))
            return
