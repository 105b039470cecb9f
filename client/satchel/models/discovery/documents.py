"""The code blocks of Markdown, and the cells of notebooks."""

import json
import re
from collections.abc import Iterator
from typing import Final

from satchel.models.discovery.region import MIN_LINES, Region, dedented
from satchel.models.interface import EXAMINED_CHARS
from satchel.models.parsing import outline_of
from satchel.models.saving import worth_of
from satchel.pieces.languages import canonical_language

_LOADED_CELLS: Final = 500
_LEAST_BLOCK_SCORE: Final = 0.3
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.{1,100})")


def code_blocks(text: str) -> Iterator[Region]:
    """Yield the fenced blocks of a Markdown text that have at least two lines, under the titles of their sections."""
    lines = text.splitlines()
    heading, fence, start, tag = "", "", 0, ""
    for number, line in enumerate(lines, 1):
        match = _FENCE.match(line)
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                body = dedented(lines[start : number - 1])
                if body.strip() and number - 1 - start >= 2:
                    language = canonical_language(tag) if tag else ""
                    worth = max(_LEAST_BLOCK_SCORE, worth_of(body, language, outline_of(body, language)))
                    title = heading or "code block"
                    yield Region(title, language, start + 1, number - 1, "a code block", worth, body)
                fence = ""
        elif match:
            fence, tag, start = match[1], match[2].lower(), number
        elif found := _HEADING.match(line):
            heading = found[1].strip(" #")


def cells(text: str) -> Iterator[Region]:
    """Yield the code cells of a notebook that have at least three lines; none of a text that is no notebook."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    found = document.get("cells") if isinstance(document, dict) else None
    for number, cell in enumerate(found[:_LOADED_CELLS] if isinstance(found, list) else (), 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        body = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
        if len(body.splitlines()) >= MIN_LINES:
            worth = worth_of(body, "python", outline_of(body[:EXAMINED_CHARS], "python"))
            yield Region(f"cell {number}", "python", number, number, "a cell of a notebook", worth, body)
