"""Candidates: every part of a text that a person could mark, at each level of its layout.

Declarations as the parser sees them; blocks with their heading line, with and without the comments above; the
bodies of blocks; paragraphs between blank lines, and runs of paragraphs in a row at one level.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from satchel.models.discovery.layout import Item, Layout, layout_of
from satchel.models.parsing import Declaration, Outline

MIN_LINES: Final = 3
MAX_LINES: Final = 120
MAX_CANDIDATES: Final = 20_000  # looked at in one text
PARAGRAPHS_IN_A_ROW: Final = 8
_LICENCE_LINES: Final = 60
_LICENCE: Final = re.compile(r"copyright|licen[sc]e|SPDX-", re.IGNORECASE)
_USUAL_LINES: Final = 16
_SPREAD: Final = 1.0  # of the logarithm of the number of lines
_WRAPS: Final = 0.6  # of the lines of a text: a namespace, say, or its only class

CandidateKind = Literal["declaration", "block", "body", "paragraph"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines that could be a region. `likelihood` compares candidates of one text.

    `count` is the number of paragraphs. `around` is the item that it is, or is a part of. `declaration` is set if
    the parser sees one in these lines.
    """

    first_line: int
    last_line: int
    kind: CandidateKind
    likelihood: float
    around: Item
    count: int = 1
    declaration: Declaration | None = None

    def overlap(self, other: "Candidate") -> float:
        """Return the intersection over the union of the lines."""
        shared = min(self.last_line, other.last_line) - max(self.first_line, other.first_line) + 1
        union = max(self.last_line, other.last_line) - min(self.first_line, other.first_line) + 1
        return max(0, shared) / union


@dataclass(frozen=True, slots=True)
class _Found:
    first_line: int
    last_line: int
    kind: CandidateKind
    around: Item
    depth: int
    count: int = 1


def candidates_in(lines: list[str], outline: Outline) -> list[Candidate]:
    """Return the candidates of 3 to 120 lines in the order of their lines; no two have the same lines."""
    layout = layout_of(lines)
    declared = {(one.lead_line, one.last_line): one for one in outline.declarations if one.kind != "macro"}
    declared |= {(one.first_line, one.last_line): one for one in outline.declarations if one.kind != "macro"}
    found: dict[tuple[int, int], _Found] = {}
    for one in islice(_of_layout(layout, len(lines)), MAX_CANDIDATES):
        if MIN_LINES <= one.last_line - one.first_line + 1 <= MAX_LINES:
            found.setdefault((one.first_line, one.last_line), one)
    for (first, last), declaration in declared.items():
        if MIN_LINES <= last - first + 1 <= MAX_LINES and last <= len(lines):
            depth = 1 + bool(declaration.parent)
            found.setdefault((first, last), _Found(first, last, "declaration", layout.root, depth))
    weigher = _Weigher(layout, lines)
    return [
        Candidate(
            first, last, one.kind, weigher.likelihood(one), one.around, one.count, declared.get((first, last))
        )
        for (first, last), one in sorted(found.items())
    ]


def _of_layout(layout: Layout, count: int) -> Iterator[_Found]:
    wrapping = _wrapping_depth(layout.root, count)
    for item, depth in layout.items():
        level = max(0, depth - wrapping)
        if depth and item.items:
            yield _Found(item.lead_line, item.last_line, "block", item, level)
            yield _Found(item.first_line, item.last_line, "block", item, level)
            yield _Found(item.items[0].lead_line, item.items[-1].last_line, "body", item, level)
        yield from _runs(item, level)


def _wrapping_depth(root: Item, count: int) -> int:
    """Return how many items in a row hold most of the text."""
    depth = 0
    item = root
    while largest := max(item.items, key=lambda one: one.last_line - one.first_line, default=None):
        if not largest.items or largest.last_line - largest.first_line < _WRAPS * count:
            return depth
        depth, item = depth + 1, largest
    return depth


def _runs(item: Item, depth: int) -> Iterator[_Found]:
    groups = item.paragraphs()
    last = len(groups) - 1
    for start, first in enumerate(groups):
        ends = {
            *range(start, min(last + 1, start + PARAGRAPHS_IN_A_ROW)),
            last,
            *(range(last + 1) if not start else ()),
        }
        for end in sorted(ends):
            yield _Found(
                first[0].lead_line, groups[end][-1].last_line, "paragraph", item, depth, end - start + 1
            )


class _Weigher:
    """How likely a person marks some lines, by their number, their place and what they are."""

    def __init__(self, layout: Layout, lines: list[str]) -> None:
        self._licence_end = _licence_end(layout, lines)
        self._kinds = layout.kinds
        self._imports = _sums(kind in ("import", "package") for kind in layout.kinds)
        self._comments = _sums(kind in ("comment", "rule") for kind in layout.kinds)
        self._filled = _sums(bool(kind) for kind in layout.kinds)

    def likelihood(self, one: _Found) -> float:
        """Return a weight above 0; it has no unit."""
        size = one.last_line - one.first_line + 1
        weight = math.exp(-0.5 * ((math.log(size) - math.log(_USUAL_LINES)) / _SPREAD) ** 2)
        filled = self._count(self._filled, one)
        imports = self._count(self._imports, one) / filled
        comments = self._count(self._comments, one) / filled
        if one.first_line <= self._licence_end:
            weight *= 0.1
        if imports + comments > 0.9:
            weight *= 0.1
        elif imports + comments > 0.6:
            weight *= 0.4
        if one.kind == "body":
            weight *= 1.5
        elif one.kind == "paragraph":
            weight *= 0.85 ** min(20, one.count - 1)
        elif one.depth == 1:
            weight *= 1.2
        if one.depth >= 4:
            weight *= 0.4
        if self._kinds[one.first_line - 1] == "comment" and comments < 0.9:
            weight *= 1.15
        return weight

    @staticmethod
    def _count(sums: list[int], one: _Found) -> int:
        return sums[one.last_line] - sums[one.first_line - 1]


def _sums(values: Iterator[bool]) -> list[int]:
    """Return how many of the first 0, 1, 2 … values are true."""
    sums = [0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _licence_end(layout: Layout, lines: list[str]) -> int:
    """Return the last line of a comment about copyright at the start of a text; 0 without one."""
    end = 0
    for number, (line, kind) in enumerate(zip(lines[:_LICENCE_LINES], layout.kinds, strict=False), 1):
        if kind not in ("comment", "rule", "") and not line.startswith(("<?", "#!")):
            break
        if _LICENCE.search(line[:200]):
            end = number
    while 0 < end < len(lines) and layout.kinds[end] in ("comment", "rule"):
        end += 1
    return end
