"""Imports and declarations without a grammar: by patterns, each linear in the length of the text."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from satchel.models.parsing.comments import plain
from satchel.models.parsing.declarations import Declaration as DeclaredText
from satchel.models.parsing.declarations import Kind as DeclaredKind
from satchel.models.parsing.declarations import declarations_in
from satchel.models.parsing.imports import brought
from satchel.models.parsing.outline import (
    MAX_IMPORTS,
    Declaration,
    Import,
    Kind,
    Outline,
)

_M: Final = re.MULTILINE
_JAVASCRIPT_IMPORT: Final = (
    r"(?:^|;)[ \t]*(?:import\s[^;'\"`=()]{0,1500}['\"][^'\"\n]{1,200}['\"]|import\s*['\"][^'\"\n]{1,200}['\"]"
    r"|export\s[^;'\"`=()]{0,1500}from\s*['\"][^'\"\n]{1,200}['\"])"
    r"|(?:^[ \t]*(?:const|let|var) [^=\n]{1,200}=[^=\n]{0,40})?\brequire\(\s*['\"][^'\"\n]{1,200}['\"]"
    r"|\bimport\(\s*['\"][^'\"\n]{1,200}['\"]"
)
_IMPORTS: Final[dict[str, re.Pattern[str]]] = {
    language: re.compile(pattern, _M)
    for language, pattern in {
        "python": r"^[ \t]*(?:from[ \t]+[\w.]{1,200}[ \t]+import[ \t]+(?:\([^()]{0,3000}\)?|[^\n]{1,500})"
        r"|import[ \t]+[\w., ]{1,500})",
        "javascript": _JAVASCRIPT_IMPORT,
        "typescript": _JAVASCRIPT_IMPORT,
        "java": r"^[ \t]*import[ \t]+[\w.* ]{1,200};",
        "kotlin": r"^[ \t]*import[ \t]+[\w.* ]{1,200}$",
        "scala": r"^[ \t]*import[ \t]+[^\n]{1,200}",
        "c": r"^[ \t]*#[ \t]*include[ \t]*[<\"][^<>\"\n]{1,200}[>\"]",
        "cpp": r"^[ \t]*#[ \t]*include[ \t]*[<\"][^<>\"\n]{1,200}[>\"]",
        "csharp": r"^[ \t]*(?:global )?using[ \t]+[\w.= ]{1,200};",
        "go": r"^import[ \t]+[\w.]{0,60}[ \t]*\"[^\"\n]{1,200}\"|^import[ \t]*\([^()]{0,8000}\)?",
        "ruby": r"^[ \t]*(?:require|require_relative|load)[ (]+['\"][^'\"\n]{1,200}['\"]",
        "rust": r"^[ \t]*(?:pub(?:\([^)\n]{0,40}\))? )?use [^;]{1,2000};|^extern crate [\w ]{1,100};",
        "php": r"^[ \t]*use [^;()$]{1,1000};|\b(?:require|include)(?:_once)?[ (]+['\"][^'\"\n]{1,200}['\"]",
        "bash": r"^[ \t]*(?:source|\.)[ \t]+[^\s;&|]{1,200}",
        "lua": r"(?:^[ \t]*local [\w, ]{1,60}= *)?\brequire[ (]*['\"][^'\"\n]{1,200}['\"]",
    }.items()
}
_KINDS: Final[dict[DeclaredKind, Kind]] = {
    "function": "function",
    "test": "function",
    "class": "class",
    "interface": "interface",
    "enum": "enum",
    "struct": "struct",
    "constant": "type",
}
_DOC: Final = re.compile(
    r"\A(?:#![^\n]*\n)?\s*(/\*[^*]*(?:\*(?!/)[^*]*)*\*/|(?:(?:#(?!\s*(?:include|define|if|pragma|!?\[))|//|--)[^\n]*\n?)+|\"\"\"[^\"]*\"\"\")"
)


def outline_by_patterns(text: str, language: str) -> Outline:
    """Return the imports and the declarations. Calls stay unknown."""
    pattern = _IMPORTS.get(language)
    if pattern is None:
        return Outline(language)
    lines = _LineNumbers(text)
    doc = _DOC.match(text)
    return Outline(
        language,
        tuple(islice(_imports(text, language, pattern, lines), MAX_IMPORTS)),
        tuple(_outlined(found) for found in declarations_in(text, language)),
        doc=plain(doc[1]) if doc else "",
    )


class _LineNumbers:
    """The lines of positions in a text, counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def of(self, position: int) -> int:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= position else (low, middle)
        return low + 1


def _imports(text: str, language: str, pattern: re.Pattern[str], lines: _LineNumbers) -> Iterator[Import]:
    for match in islice(pattern.finditer(text), MAX_IMPORTS):
        first, last = lines.of(match.start()), lines.of(max(match.start(), match.end() - 1))
        for statement in _statements(match[0], language):
            for module, bindings in brought(language, statement):
                yield Import(module, bindings, first, last)


def _statements(text: str, language: str) -> list[str]:
    """Split a block of imports of Go; call `require` as an import."""
    if language == "go" and "(" in text:
        return text.partition("(")[2].splitlines()
    if language == "python" and "(" not in text:
        return [text.partition("#")[0].partition(";")[0]]
    return [text]


def _outlined(found: DeclaredText) -> Declaration:
    """Return what was found line by line as a part of an outline."""
    kind = _KINDS[found.kind]
    return Declaration(
        "method" if kind == "function" and found.is_method else kind,
        found.name,
        found.start + 1,
        found.end + 1,
        found.line + 1,
        parent=found.owner,
        parameters=found.parameters,
        doc=found.comment,
        decorators=found.decorators,
    )
