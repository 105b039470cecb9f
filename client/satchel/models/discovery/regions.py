"""The regions of one text: marked ones, declarations, whole scripts, blocks of Markdown, cells of notebooks."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from satchel.models.discovery.marks import marked_regions
from satchel.models.interface import EXAMINED_CHARS
from satchel.models.parsing import Declaration, Outline, outline_of
from satchel.models.saving import worth_of
from satchel.models.similarity import Fingerprint, fingerprint, resemblance
from satchel.pieces.languages import canonical_language

MAX_REGIONS: Final = 200  # of one file
MIN_LINES: Final = 3
MAX_LINES: Final = 120
SCRIPT_LINES: Final = 80
FULL_LINES: Final = 8  # shorter declarations are worth less
_SAME: Final = 0.8
_LOADED_CELLS: Final = 500
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$")
_CONFIGURATION: Final = frozenset(
    {"yaml", "toml", "json", "ini", "docker", "nginx", "make", "terraform", "hcl"}
)
_HEADING: Final = re.compile(r"^#{1,6}\s+(.{1,100})")


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


def regions_in(text: str, language: str, file_name: str = "") -> list[Region]:
    """Return the regions of a text in a canonical language, the best first, without near duplicates."""
    shown = text[:EXAMINED_CHARS]
    if file_name.endswith(".ipynb"):
        found = list(_cells(text))
    elif language == "markdown":
        found = list(_blocks(shown))
    else:
        found = [*_marked(shown, language), *_declared(shown, language)]
        found = found or list(_whole(shown, language, file_name))
    ranked = sorted(found, key=lambda one: (-one.score, one.first_line))
    return distinct(ranked[:MAX_REGIONS])


def distinct(regions: list[Region]) -> list[Region]:
    """Return regions in their order without those that nearly repeat an earlier one."""
    kept: list[Region] = []
    prints: list[Fingerprint] = []
    by_hash: dict[int, list[int]] = {}
    for region in regions:
        one = fingerprint(region.text)
        rivals = {place for value in one.shape[:40] for place in by_hash.get(value, ())}
        if any(resemblance(one, prints[place]) >= _SAME for place in rivals):
            continue
        for value in one.shape[:40]:
            by_hash.setdefault(value, []).append(len(prints))
        kept.append(region)
        prints.append(one)
    return kept


def _marked(text: str, language: str) -> Iterator[Region]:
    lines = text.splitlines()
    for mark in marked_regions(lines):
        body = _dedented(lines[mark.first_line - 1 : mark.last_line])
        if body.strip():
            yield Region(
                mark.name or "marked region",
                language,
                mark.first_line,
                mark.last_line,
                "its author marked it",
                0.95,
                body,
            )


def _declared(text: str, language: str) -> Iterator[Region]:
    outline = outline_of(text, language)
    if not outline.is_parsed:
        return
    lines = text.splitlines()
    names = {one.name for one in outline.declarations}
    for one in islice(outline.declarations, MAX_REGIONS * 2):
        size = one.last_line - one.lead_line + 1
        if not MIN_LINES <= size <= MAX_LINES or one.kind in ("module", "macro"):
            continue
        if one.parent and one.kind not in ("method", "function"):
            continue
        yield _region(one, outline, lines, language, names)


def _region(one: Declaration, outline: Outline, lines: list[str], language: str, names: set[str]) -> Region:
    body = _dedented(lines[one.lead_line - 1 : one.last_line])
    needed = _needed_imports(body, outline, lines)
    helpers = sorted(_called(one, outline) & names - {one.name})
    worth = worth_of(body, language, outline_of(body, language))
    score = (
        worth
        * (0.75 if one.parent else 1.0)
        * (0.9 ** len(helpers))
        * min(1.0, (one.last_line - one.first_line + 1) / FULL_LINES)
    )
    title = f"{one.parent}.{one.name}" if one.parent else one.name
    parts = [
        f"a {one.kind}",
        "with its documentation" if one.doc else "",
        "with its imports" if needed else "",
    ]
    parts.append(f"uses {', '.join(helpers[:3])}" if helpers else "")
    return Region(
        title,
        language,
        one.lead_line,
        one.last_line,
        ", ".join(part for part in parts if part),
        min(0.9, score),
        f"{needed}\n{body}" if needed else body,
    )


def _called(one: Declaration, outline: Outline) -> set[str]:
    calls = (call.name for call in outline.calls if one.first_line <= call.line <= one.last_line)
    return {name.rpartition(".")[2] for name in calls}


def _needed_imports(body: str, outline: Outline, lines: list[str]) -> str:
    """Return the import statements whose names a part uses."""
    words = set(re.findall(r"[\w$]+", body))
    needed: list[str] = []
    for one in outline.imports:
        if any(bound.local.split(".")[0] in words for bound in one.bindings if bound.local != "*"):
            statement = "\n".join(lines[one.first_line - 1 : one.last_line])
            if statement not in needed:
                needed.append(statement)
    return "\n".join([*needed, ""]) if needed else ""


def _whole(text: str, language: str, file_name: str) -> Iterator[Region]:
    lines = text.splitlines()
    size = len(lines)
    if not MIN_LINES <= size <= SCRIPT_LINES or not language or language == "text":
        return
    reason = "a short configuration" if language in _CONFIGURATION else "a short script"
    worth = worth_of(text, language, outline_of(text, language))
    yield Region(file_name or "script", language, 1, size, reason, min(0.8, worth), text)


def _blocks(text: str) -> Iterator[Region]:
    lines = text.splitlines()
    heading, fence, start, tag = "", "", 0, ""
    for number, line in enumerate(lines, 1):
        match = _FENCE.match(line)
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                body = _dedented(lines[start : number - 1])
                if body.strip() and number - 1 - start >= 2:
                    language = canonical_language(tag) if tag else ""
                    worth = worth_of(body, language, outline_of(body, language))
                    title = heading or "code block"
                    yield Region(
                        title, language, start + 1, number - 1, "a code block", max(0.3, worth), body
                    )
                fence = ""
        elif match:
            fence, tag, start = match[1], match[2].lower(), number
        elif found := _HEADING.match(line):
            heading = found[1].strip(" #")


def _cells(text: str) -> Iterator[Region]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    cells = document.get("cells") if isinstance(document, dict) else None
    for number, cell in enumerate(cells[:_LOADED_CELLS] if isinstance(cells, list) else (), 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        body = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
        if len(body.splitlines()) >= MIN_LINES:
            worth = worth_of(body, "python", outline_of(body[:EXAMINED_CHARS], "python"))
            yield Region(f"cell {number}", "python", number, number, "a cell of a notebook", worth, body)


def _dedented(lines: list[str]) -> str:
    """Return lines without the indentation that all have."""
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return "\n".join([*(line[margin:].rstrip() for line in lines), ""]).strip("\n") + "\n"
