"""Imports and declarations without a grammar: patterns of lines, each linear in the length of the text."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from satchel.models.parsing.comments import plain
from satchel.models.parsing.imports import brought
from satchel.models.parsing.outline import (
    MAX_DECLARATIONS,
    MAX_IMPORTS,
    Declaration,
    Import,
    Kind,
    Outline,
)

_M: Final = re.MULTILINE
_WORDS: Final = r"(?:(?:public|private|protected|internal|static|final|abstract|async|override|virtual|sealed|partial|open|data|suspend|inline|export|default|pub|unsafe|local|const|declare|case)(?:\([^)\n]{0,40}\))? +){0,6}"
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
_TYPE: Final = r"[A-Za-z_][\w<>\[\],.?]{0,80}[ *&]+(?!(?:if|for|while|switch|return|catch)\b)"
_NAMED: Final[tuple[tuple[Kind, str], ...]] = (
    ("class", rf"^[ \t]*{_WORDS}(?:class|object|record|impl|trait) +(\w[\w.]*)"),
    ("interface", rf"^[ \t]*{_WORDS}interface +(\w+)"),
    ("struct", rf"^[ \t]*{_WORDS}struct +(\w+)"),
    ("enum", rf"^[ \t]*{_WORDS}enum +(?:class +)?(\w+)"),
    ("type", rf"^[ \t]*{_WORDS}type +(\w+)"),
    ("function", rf"^[ \t]*{_WORDS}(?:def|fn|fun|function|func)\*? +(?:\([^)\n]{{1,80}}\) *)?([\w.:?!$]+)"),
    ("function", rf"^[ \t]*{_WORDS}(?:let|const|var) +(\w+) *= *(?:async *)?(?:\([^)\n]{{0,200}}\)|\w+) *=>"),
    ("function", r"^([\w-]+) *\(\) *\{"),
    (
        "method",
        rf"^[ \t]*{_WORDS}{_TYPE}(\w+) *\([^;{{}}()\n]{{0,300}}\)[^;{{}}()\n]{{0,80}}\{{",
    ),
)
_DECLARATIONS: Final = tuple((kind, re.compile(pattern, _M)) for kind, pattern in _NAMED)
_PARAMETERS: Final = re.compile(r"[^(\n]{0,120}\(([^()\n]{0,300})\)")
_PARAMETER: Final = re.compile(r"[\w$]+")
_DOC: Final = re.compile(
    r"\A(?:#![^\n]*\n)?\s*(/\*[^*]*(?:\*(?!/)[^*]*)*\*/|(?:(?:#(?!\s*(?:include|define|if|pragma|!?\[))|//|--)[^\n]*\n?)+|\"\"\"[^\"]*\"\"\")"
)


def outline_by_patterns(text: str, language: str) -> Outline:
    """Return the imports and the first lines of declarations. Ends of declarations and calls stay unknown."""
    pattern = _IMPORTS.get(language)
    if pattern is None:
        return Outline(language)
    lines = _LineNumbers(text)
    doc = _DOC.match(text)
    return Outline(
        language,
        tuple(islice(_imports(text, language, pattern, lines), MAX_IMPORTS)),
        tuple(_declarations(text, lines)),
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


def _declarations(text: str, lines: _LineNumbers) -> list[Declaration]:
    found: dict[int, Declaration] = {}
    for kind, pattern in _DECLARATIONS:
        for match in islice(pattern.finditer(text), MAX_DECLARATIONS):
            line = lines.of(match.start(1))
            parameters = _PARAMETERS.match(text, match.start(1))
            found.setdefault(
                line,
                Declaration(
                    kind,
                    match[1].rstrip(".:"),
                    line,
                    line,
                    line,
                    parameters=_names(parameters[1]) if parameters else (),
                ),
            )
    return [found[line] for line in sorted(found)][:MAX_DECLARATIONS]


def _names(parameters: str) -> tuple[str, ...]:
    """Return the names of parameters: before a colon or an equals sign, else the last word."""
    found: list[str] = []
    for part in parameters.split(","):
        named = part.partition("=")[0]
        head, colon, _ = named.partition(":")
        words = _PARAMETER.findall(head if colon else named)
        if words:
            found.append(words[-1])
    return tuple(found)
