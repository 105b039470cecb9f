"""The parts of a text that make sense on their own: declarations of code, paragraphs and sections of prose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.models.discovery.layout import Item, layout_of

MAX_LINES: Final = 40
"""Of a block; longer ones are divided into their parts."""
MAX_LINE_CHARS: Final = 2_000
_FENCE: Final = re.compile(r"[ \t]{0,3}(```|~~~)")
_HEADING: Final = re.compile(r"#{1,6} \S")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a text, counted from 0; `end` is not part of it. `above` are lines around it that name its place."""

    start: int
    end: int
    above: tuple[int, ...] = ()


def blocks_of(lines: Sequence[str]) -> list[Block]:
    """Return the blocks of a text in order. Blank lines between them belong to none."""
    root = layout_of([line[:MAX_LINE_CHARS] for line in lines]).root
    found = list(_divided(root.paragraphs(), ()))
    return _with_headings(_whole_fences(found, lines), lines)


def _divided(groups: Sequence[Sequence[Item]], above: tuple[int, ...]) -> Iterator[Block]:
    for group in groups:
        start, end = _span(group)
        if end - start <= MAX_LINES:
            yield Block(start, end, above)
        elif len(group) > 1:
            yield from _divided([[item] for item in group], above)
        else:
            yield from _parts(group[0], start, end, above)


def _parts(item: Item, start: int, end: int, above: tuple[int, ...]) -> Iterator[Block]:
    inner = item.paragraphs()
    if not inner:
        for at in range(start, end, MAX_LINES):
            yield Block(at, min(at + MAX_LINES, end), above)
        return
    first = _span(inner[0])[0]
    if first > start:
        yield Block(start, first, above)
    yield from _divided(inner, (*above, item.first_line - 1))
    last = _span(inner[-1])[1]
    if last < end:
        yield Block(last, end, above)


def _span(group: Sequence[Item]) -> tuple[int, int]:
    return group[0].lead_line - 1, max(item.last_line for item in group)


def _whole_fences(blocks: list[Block], lines: Sequence[str]) -> list[Block]:
    """Join the blocks that a fence of Markdown holds together."""
    marks = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    if not marks:
        return blocks
    fences = [(marks[at], marks[at + 1] + 1) for at in range(0, len(marks) - 1, 2)]
    joined: list[Block] = []
    at = 0
    for block in blocks:
        while at < len(fences) and fences[at][1] <= block.start:
            at += 1
        fence = fences[at] if at < len(fences) and fences[at][0] < block.end else None
        previous = joined[-1] if joined else None
        is_inside = (
            fence is not None and previous is not None and previous.end > fence[0] and block.start < fence[1]
        )
        if is_inside and previous is not None and block.end - previous.start <= MAX_LINES:
            joined[-1] = Block(previous.start, block.end, previous.above)
        else:
            joined.append(block)
    return joined


def _with_headings(blocks: list[Block], lines: Sequence[str]) -> list[Block]:
    """Join headings that stand alone with what follows them."""
    joined: list[Block] = []
    for block in blocks:
        previous = joined[-1] if joined else None
        if previous and _is_heading(previous, lines) and block.end - previous.start <= MAX_LINES:
            joined[-1] = Block(previous.start, block.end, previous.above)
        else:
            joined.append(block)
    return joined


def _is_heading(block: Block, lines: Sequence[str]) -> bool:
    return all(_HEADING.match(line) or not line.strip() for line in lines[block.start : block.end])
