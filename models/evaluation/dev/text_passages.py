"""Passages of others' documentation, change logs and commit messages: text that is no code, for development.

    python -m models.evaluation.dev.text_passages DIRECTORY [CLONES]

writes DIRECTORY/passages.jsonl: {"source", "path", "text"}.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

from models.evaluation.dev.sources import SourceFile, files

PER_SOURCE: Final = 40
PER_FILE: Final = 4
LEAST_WORDS: Final = 12
LEAST_LETTERS: Final = 0.8
_NAMES: Final = (".md", ".rst", ".txt", "license")
_NO_TEXT: Final = ("cmakelists", "requirements")
_CODE_LINE: Final = re.compile(
    r"^(\s{4,}|\t|\s*[`~]{3}|\s*>>>|\s*\$ |\s*\.\. |\s*[|+<{}])|[;{}]\s*$|::\s*$", re.MULTILINE
)
_WORD: Final = re.compile(r"[A-Za-z]{2,}")


def passages(file: SourceFile, random: Random) -> Iterator[str]:
    """Yield some passages of one to three paragraphs without lines of code."""
    paragraphs = re.split(r"\n\s*\n", file.text)
    starts = random.sample(range(len(paragraphs)), len(paragraphs))
    found = 0
    for start in starts:
        text = "\n\n".join(paragraphs[start : start + random.randint(1, 3)])
        if found < PER_FILE and is_prose(text):
            found += 1
            yield text


def is_prose(text: str) -> bool:
    """Return whether a passage has words, mostly letters, and no line of code."""
    letters = sum(char.isalpha() or char == " " for char in text)
    enough = len(_WORD.findall(text)) >= LEAST_WORDS and letters >= LEAST_LETTERS * len(text)
    return enough and not _CODE_LINE.search(text)


def build(directory: Path, clones: Path | None) -> None:
    """Write the passages."""
    random = Random(5)
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for file in files(directory, clones):
        name = file.path.lower()
        if name.endswith(_NAMES) and not any(part in name for part in _NO_TEXT):
            rows = (
                {"source": file.source, "path": file.path, "text": text} for text in passages(file, random)
            )
            found[file.source] += rows
    with (directory / "passages.jsonl").open("w", encoding="utf-8") as output:
        for source in sorted(found):
            for row in random.sample(found[source], min(PER_SOURCE, len(found[source]))):
                output.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
