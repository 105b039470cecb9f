"""Windows of others' files with their language, and texts that are no code, for developing the language models.

    python -m models.evaluation.dev.language_windows DIRECTORY [CLONES]

writes DIRECTORY/windows.jsonl: {"language", "source", "path", "text"}; the language is that of the file's extension.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path, PurePosixPath
from random import Random
from typing import Final

from models.evaluation.dev.sources import SourceFile, files
from satchel.pieces.languages import language_of_file

PER_LANGUAGE: Final = 150
PER_FILE: Final = 3
_CPP_HEADERS: Final = ("nlohmann/json",)
_COMMENT: Final = re.compile(
    r"\s*(//|/?\*|#(?!include|import|define|if|end|\[|!)|--|%|;|\"\s|<!--|REM|::|\{-|\(\*)"
)
_MOST_COMMENTS: Final = 0.5
_PLAIN: Final = frozenset(("markdown", "rst", "tex"))
_GENERATED: Final = re.compile(
    r"\.min\.|/dist/|/docs?/|package-lock|\.lock$|node_modules|/vendor/|\.map$|/locale/"
)


def label(file: SourceFile) -> str | None:
    """Return the language of a file, or None if its name does not tell it for certain."""
    name = PurePosixPath(file.path).name
    if name.endswith(".h"):
        if "AFNetworking" in file.source:
            return "objective-c"
        return "cpp" if file.source in _CPP_HEADERS else "c"
    if name.endswith(".m"):
        return "objective-c"
    if name.endswith((".cshtml", ".razor")):
        return None
    language = language_of_file(name)
    return None if language in (None, "text") or name.endswith((".go.mod", ".sum")) else language


def windows(file: SourceFile, random: Random, *, plain: bool) -> list[str]:
    """Return some windows of 5 to 40 lines, half of them of 5 to 10; none that are mostly comments, except of plain text."""
    lines = file.text.split("\n")
    if len(lines) < 6 or max(map(len, lines)) > 400:
        return []
    found = []
    for _ in range(min(PER_FILE, len(lines) // 8 + 1)):
        count = random.randint(5, 10) if random.random() < 0.4 else random.randint(11, 40)
        start = random.randint(0, max(0, len(lines) - count))
        part = lines[start : start + count]
        written = [line for line in part if line.strip()]
        comments = sum(bool(_COMMENT.match(line)) for line in written)
        if len(written) >= 4 and (plain or comments <= _MOST_COMMENTS * len(written)):
            found.append("\n".join(part))
    return found


def build(directory: Path, clones: Path | None) -> None:
    """Write the windows."""
    random = Random(12)
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for file in files(directory, clones):
        language = label(file)
        if language is None or (_GENERATED.search(file.path) and language not in ("markdown", "rst")):
            continue
        for text in windows(file, random, plain=language in _PLAIN):
            found[language].append(
                {"language": language, "source": file.source, "path": file.path, "text": text}
            )
    with (directory / "windows.jsonl").open("w", encoding="utf-8") as output:
        for language in sorted(found):
            for row in random.sample(found[language], min(PER_LANGUAGE, len(found[language]))):
                output.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
