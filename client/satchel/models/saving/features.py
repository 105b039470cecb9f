"""Features of a text that tell a snippet from a window cut out of a file. All are from 0 to 1."""

import re
from typing import Final

from satchel.models.parsing import Outline

FEATURES: Final = (
    "balanced",
    "closes_more",
    "starts_at_margin",
    "starts_clean",
    "ends_clean",
    "ends_closed",
    "imports_first",
    "imports_used",
    "parses",
    "short",
    "very_long",
    "comment_first",
    "mid_comment",
    "calls_at_margin",
    "deep",
    "shebang",
    "command_line",
    "ends_blank_or_cut",
    "output_or_result",
    "private_names",
    "flat",
    "licence",
)
_EXAMINED_CHARS: Final = 16_384
_CONTINUES: Final = re.compile(
    r"^\s*(?:[)\]}.,;:?&|+*/=-]|else\b|elif\b|except\b|catch\b|finally\b|and\b|or\b|case\b|return\b|break\b|\*)"
)
_UNFINISHED: Final = re.compile(r"(?:[,(\[{=+&|.\\:]|\b(?:and|or|in|not|return|else))\s*$")
_IMPORT: Final = re.compile(
    r"^\s*(?:import\b|from \S+ import|(?:const|let|var) .*require\(|use [\w:\\]|using [\w.]+;|#include|require ['\"]|package )"
)
_COMMAND: Final = re.compile(
    r"^\s*(?:\$ |> )?(?:npm|npx|yarn|pnpm|pip|pipx|python3?|node|go|cargo|docker|git|curl|wget|apt|brew|make|sudo|cd|gem|bundle"
    r"|composer|dotnet|mvn|kubectl|helm)\b[ \t]+\S"
)
_CALL: Final = re.compile(r"^(?:(?:const|let|var|auto|await)\s+)?[\w.$]+(?:\s*[:=]+\s*[\w.$ ]+)?\(.*")
_RESULT: Final = re.compile(
    r"(?://|#|--)\s*(?:=>|->|prints?\b|outputs?\b|returns?\b)|^>>> |console\.log\(|\bprint(?:ln)?\(",
    re.MULTILINE,
)
_PRIVATE: Final = re.compile(r"\b(?:self|this|cls|super)\b|\b_\w+\b|@Override|\bprotected\b|\bprivate\b")
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"
_STRINGS: Final = re.compile(r"\"(?:[^\"\\\n]|\\.){0,300}\"|'(?:[^'\\\n]|\\.){0,300}'|`[^`]{0,500}`")
_WORDS: Final = re.compile(r"[\w$]+")


def features_of(text: str, language: str, outline: Outline) -> tuple[float, ...]:
    """Return the features of a text, in the order of FEATURES."""
    shown = text[:_EXAMINED_CHARS].strip("\n")
    lines = [line for line in shown.splitlines() if line.strip()] or [""]
    first, last = lines[0], lines[-1]
    opened, closed = _unbalanced(_STRINGS.sub("''", shown))
    count = len(lines)
    margin = len(first) - len(first.lstrip())
    lowest = min(len(line) - len(line.lstrip()) for line in lines)
    calls = sum(bool(_CALL.match(line)) for line in lines)
    imports = any(_IMPORT.match(line) for line in lines[:3])
    return (
        float(opened == 0 and closed == 0),
        min(1.0, closed / 2),
        float(margin == 0),
        float(not _CONTINUES.match(first) and margin == lowest),
        float(not _UNFINISHED.search(last) and opened == 0),
        float(len(last) - len(last.lstrip()) == lowest),
        float(imports),
        _imports_used(shown, outline),
        float(outline.is_parsed and not outline.has_errors),
        float(count <= 15),
        min(1.0, max(0, count - 30) / 60),
        float(first.lstrip().startswith(("#", "//", "/*", "--", '"""', "<!--"))),
        float(first.lstrip().startswith(("* ", "*/"))),
        min(1.0, calls / 2),
        min(1.0, lowest / 8),
        float(shown.startswith("#!")),
        float(bool(_COMMAND.match(first)) or language == "bash"),
        float(text.endswith(("\\\n", ",\n"))),
        float(bool(_RESULT.search(shown))),
        min(1.0, len(_PRIVATE.findall(shown)) / (2 * count)),
        sum(line[:1] not in (" ", "\t") for line in lines) / count,
        float("opyright" in shown[:600] or "icensed under" in shown[:1_000]),
    )


def _unbalanced(text: str) -> tuple[int, int]:
    """Return how many brackets stay open, and how many close what the text does not open."""
    depth = closed = 0
    for char in text:
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            if depth:
                depth -= 1
            else:
                closed += 1
    return depth, closed


def _imports_used(text: str, outline: Outline) -> float:
    """Return the share of the imported names that the text uses; 0 without imports."""
    names = [bound.local for one in outline.imports for bound in one.bindings if bound.local != "*"]
    if not names:
        return 0.0
    words = _WORDS.findall(text)
    return sum(words.count(name.split(".")[0]) > 1 for name in names[:50]) / len(names[:50])
