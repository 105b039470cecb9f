"""Suggested save on the development set: examples in Markdown files beside random windows of the same sources' code.

    python -m models.evaluation.dev.sources DIRECTORY [CLONES]
    python -m models.evaluation.dev.fences DIRECTORY [CLONES]

prints the area under the curve, of all and of each half of the sources.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from models.evaluation.dev.sources import SourceFile, files
from models.evaluation.metrics import auc
from models.evaluation.sampling import number
from models.evaluation.sets.fences import CODE, FENCE, LINES, window
from satchel.models.interface import Subject
from satchel.models.parsing import language_of
from satchel.models.saving import worth_of

EACH: Final = 40  # examples, and as many windows, of one source
_CODE: Final = CODE | {".cs", ".c", ".cpp", ".lua", ".scala", ".dart"}
_LONGEST_LINE: Final = 300


@dataclass(frozen=True, slots=True)
class Text:
    """An example (`is_kept`) or a window."""

    source: str
    text: str
    is_kept: bool


def texts(directory: Path, clones: Path | None) -> list[Text]:
    """Return up to EACH examples and as many windows of each source that has both."""
    examples: dict[str, list[Text]] = defaultdict(list)
    windows: dict[str, list[Text]] = defaultdict(list)
    for file in files(directory, clones):
        suffix = PurePosixPath(file.path).suffix.lower()
        if suffix == ".md" and "change" not in file.path.lower():
            examples[file.source] += _examples(file)
        elif suffix in _CODE and all(len(line) <= _LONGEST_LINE for line in file.text.split("\n")):
            windows[file.source].append(_window(file))
    found: list[Text] = []
    for source, ours in examples.items():
        count = min(EACH, len(ours), len(windows[source]))
        for group in (ours, windows[source]):
            found += sorted(group, key=lambda one: number(one.text))[:count]
    return found


def _examples(file: SourceFile) -> Iterator[Text]:
    for match in FENCE.finditer(file.text):
        if match["language"] and LINES[0] <= match["text"].count("\n") <= LINES[1]:
            yield Text(file.source, match["text"], is_kept=True)


def _window(file: SourceFile) -> Text:
    return Text(file.source, window(file.text, number(file.source, file.path)), is_kept=False)


def scored(found: Sequence[Text]) -> list[tuple[float, bool]]:
    """Return the worth of each text, and whether it is an example."""
    return [(worth_of(one.text, language_of(Subject(one.text))), one.is_kept) for one in found]


def main() -> None:
    """Measure."""
    found = texts(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    for label, part in (
        ("all", found),
        ("half A", [one for one in found if number(one.source) % 2]),
        ("half B", [one for one in found if not number(one.source) % 2]),
    ):
        print(f"{label}: AUC {auc(scored(part)):.3f}, n = {len(part)}")


if __name__ == "__main__":
    main()
