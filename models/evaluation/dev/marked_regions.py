"""Snippet discovery on the development set: regions that authors marked, in files without the marks.

    python -m models.evaluation.dev.sources DIRECTORY [CLONES]
    python -m models.evaluation.dev.marked_regions DIRECTORY [CLONES]

prints, for each half of the repositories, the part of the regions found among all proposals and among the first
three for each marked region, beside the blocks between blank lines.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from models.evaluation.dev.sources import MARKED, committed, repository
from models.evaluation.rows.saving import FIRST, blocks, found_first, proposed
from models.evaluation.sampling import number, spread
from models.evaluation.sets.regions import Marked, trimmed, with_regions

FILES: Final = 30  # of each repository and suffix
_SIGN: Final = r"^\s*(?://+|#+|/\*+|--+|<!--|;+|\{/\*)?\s*"
_STARTS: Final = tuple(
    re.compile(_SIGN + start)
    for start in (
        r"\[START (?P<name>[\w.-]+)\]",
        r"tag::(?P<name>[\w.-]+)\[\]",
        r"ANCHOR: ?(?P<name>[\w.-]+)",
        r"#?region\b[ \t]*(?P<name>[\w.-]*)",
        r"#docregion (?P<name>[\w.-]+)\s*$",
        r"@@@SNIPSTART (?P<name>[\w.-]+)",
        r"STEP_START (?P<name>[\w.-]+)",
    )
)
_ENDS: Final = tuple(
    re.compile(_SIGN + end)
    for end in (
        r"\[END (?P<name>[\w.-]+)\]",
        r"end::(?P<name>[\w.-]+)\[\]",
        r"ANCHOR_END: ?(?P<name>[\w.-]+)",
        r"#?endregion\b[ \t]*(?P<name>[\w.-]*)",
        r"#enddocregion ?(?P<name>[\w.-]*)",
        r"@@@SNIPEND(?P<name>)",
        r"STEP_END(?P<name>)",
    )
)
_TWIN: Final = re.compile(r"^\s*//!\s*\[(?P<name>[\w .-]+)\]\s*$")
_ANY: Final = re.compile(
    r"\[(?:START|END) |(?:tag|end)::|ANCHOR|region\b|@@@SNIP|STEP_(?:START|END)|//!\s*\[|EXAMPLE:|REMOVE_|<\d+>\s*$"
)
_NO_CODE: Final = frozenset({".md", ".txt", ".adoc", ".html", ".json", ".qdocinc", ".qdoc", ".njk", ".mod"})


@dataclass(slots=True)
class _Opened:
    """The marks that are open: the name and first line of each, by kind."""

    by_kind: dict[int, list[tuple[str, int]]]
    twins: dict[str, int]


def without_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without lines that mark regions, and the regions of the text that is left."""
    kept: list[str] = []
    regions: set[tuple[int, int]] = set()
    opened = _Opened(defaultdict(list), {})
    for line in text.split("\n"):
        if not _ANY.search(line) or not _step(opened, line, len(kept), regions):
            kept.append(line)
    return "\n".join(kept), sorted({trimmed(kept, one) for one in regions if one[0] <= one[1]})


def _step(opened: _Opened, line: str, count: int, regions: set[tuple[int, int]]) -> bool:
    """Follow one line; return whether it is a mark."""
    twin = _TWIN.match(line)
    if twin:
        for name in re.split(r"\]\s*\[", twin["name"]):
            start = opened.twins.pop(name, None)
            if start is None:
                opened.twins[name] = count + 1
            else:
                regions.add((start, count))
        return True
    for kind, (start_mark, end_mark) in enumerate(zip(_STARTS, _ENDS, strict=True)):
        stack = opened.by_kind[kind]
        if match := end_mark.match(line):
            place = next(
                (at for at in reversed(range(len(stack))) if stack[at][0] == match["name"]), len(stack) - 1
            )
            if stack:
                regions.add((stack.pop(place)[1], count))
            return True
        if match := start_mark.match(line):
            stack.append((match["name"], count + 1))
            return True
    return bool(re.match(_SIGN + r"(?:EXAMPLE: |REMOVE_|#docregion)", line))


def marked(directory: Path, clones: Path | None) -> list[Marked]:
    """Return files with at least one region of 3 to 60 lines, up to 30 of each repository and suffix."""
    found: list[Marked] = []
    for name in MARKED:
        place = repository(directory, clones, name)
        if place is not None:
            of_repository = list(_of_repository(place, name))
            by_suffix: dict[str, list[Marked]] = defaultdict(list)
            for one in of_repository:
                by_suffix[PurePosixPath(one.path).suffix].append(one)
            for items in by_suffix.values():
                found += spread(items, FILES, lambda one: one.package, lambda one: one.origin)
    return found


def _of_repository(place: Path, name: str) -> Iterator[Marked]:
    for file in committed(place, name):
        if PurePosixPath(file.path).suffix in _NO_CODE:
            continue
        text, regions = without_marks(file.text)
        found = with_regions(f"{name}:{file.path}", file.path, text, regions)
        if found is not None:
            yield found


def report(label: str, items: Sequence[Marked]) -> None:
    """Print the figures of one part of the set."""
    ranked = [proposed(one) for one in items]
    regions = sum(len(one.regions) for one in items)
    figures = [
        f"all {found_first(items, ranked).value:.3f}",
        f"first 3n {found_first(items, ranked, FIRST).value:.3f}",
        f"blocks {found_first(items, [blocks(one.text) for one in items]).value:.3f}",
        f"proposals {sum(map(len, ranked)) / len(items):.1f}",
    ]
    print(f"{label:28} files {len(items):4} regions {regions:4} {'  '.join(figures)}", flush=True)


def main() -> None:
    """Measure both halves, and each suffix."""
    directory = Path(sys.argv[1])
    items = marked(directory, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    for half, label in ((0, "half A"), (1, "half B")):
        report(label, [one for one in items if number(one.package) % 2 == half])
    for suffix in sorted({PurePosixPath(one.path).suffix for one in items}):
        report(suffix, [one for one in items if PurePosixPath(one.path).suffix == suffix])


if __name__ == "__main__":
    main()
