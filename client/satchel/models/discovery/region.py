"""A region: a part of a file as it would be saved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from satchel.models.similarity import Fingerprint, fingerprint, resemblance, shared_names

MIN_LINES: Final = 3
_SAME: Final = 0.95
_COMPARED_HASHES: Final = 40
_SHARED_HASHES: Final = 0.7  # of them, in a text that may be the same


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a file, from its first to its last line, as it would be saved.

    `text` may have the imports that the part needs before it. `reason` is one line; `score` is from 0 to 1.
    """

    title: str
    language: str
    first_line: int
    last_line: int
    reason: str
    score: float
    text: str = field(repr=False)

    def overlaps(self, other: "Region") -> bool:
        """Return whether two regions of one file share a line."""
        return self.first_line <= other.last_line and other.first_line <= self.last_line


def distinct(regions: Sequence[Region]) -> list[Region]:
    """Return regions in their order without those whose structure and names nearly repeat an earlier one."""
    kept: list[Region] = []
    prints: list[Fingerprint] = []
    by_hash: dict[int, list[int]] = {}
    for region in regions:
        one = fingerprint(region.text)
        compared = one.shape[:_COMPARED_HASHES]
        shared = Counter(place for value in compared for place in by_hash.get(value, ()))
        rivals = (place for place, count in shared.items() if count >= _SHARED_HASHES * len(compared))
        if any(_is_same(one, prints[place]) for place in rivals):
            continue
        for value in compared:
            by_hash.setdefault(value, []).append(len(prints))
        kept.append(region)
        prints.append(one)
    return kept


def _is_same(one: Fingerprint, other: Fingerprint) -> bool:
    return resemblance(one, other) >= _SAME and shared_names(one, other) >= _SAME


def dedented(lines: list[str]) -> str:
    """Return lines without the indentation that all have."""
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return "\n".join([*(line[margin:].rstrip() for line in lines), ""]).strip("\n") + "\n"
