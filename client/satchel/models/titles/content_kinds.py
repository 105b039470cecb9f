"""The kind of a content, which decides how it is described: code, a script, a diff, a stack trace, data, prose.

    kind = kind_of(subject)
    kind.name, kind.language  # "code", "python"

The owner's language and the file's name decide first; then what the text looks like.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from satchel.models.interface import Subject
from satchel.models.language.model import WEIGHTS_FILE, Languages
from satchel.models.ngrams import load
from satchel.models.parsing.declarations import CODE_LANGUAGES
from satchel.pieces.languages import canonical_language, language_of_file

SNIFFED_CHARS: Final = 8_192
SNIFFED_LINE_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class ContentKind:
    """`name` is one of the keys of `satchel.models.titles.outlines.DESCRIBERS`; `language` may be empty."""

    name: str
    language: str = ""


_BY_LANGUAGE: Final = {
    "bash": "script",
    "fish": "script",
    "bat": "script",
    "powershell": "script",
    "make": "makefile",
    "sql": "sql",
    "postgres": "sql",
    "docker": "dockerfile",
    "diff": "diff",
    "json": "json",
    "yaml": "settings",
    "toml": "settings",
    "ini": "settings",
    "properties": "settings",
    "nginx": "settings",
    "hcl": "settings",
    "terraform": "settings",
    "xml": "xml",
    "html": "html",
    "markdown": "markdown",
    "rst": "markdown",
    "text": "prose",
    "css": "stylesheet",
    "scss": "stylesheet",
    "less": "stylesheet",
    "sass": "stylesheet",
}
_FIRST: Final = (  # tried in this order at the start of any line
    (
        "diff",
        re.compile(r"diff --git |Index: \S|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@|--- [^\n]{1,200}\n\+\+\+ "),
    ),
    (
        "trace",
        re.compile(
            r"Traceback \(most recent call last\)|Exception in thread |panic: |thread '[^'\n]{0,80}' panicked|"
            r"Unhandled exception|Caused by: |[ \t]+at [\w.$<>\[\]]{2,120}[ ]?\([^()\n]{1,160}\)"
        ),
    ),
)
_SHEBANG: Final = re.compile(r"#![ ]?(?:/[\w./-]{1,60}/)(?:env[ ]+(?:-S[ ]+)?)?(?P<program>[A-Za-z]+)")
_SHEBANGS: Final = {
    "sh": "bash",
    "bash": "bash",
    "zsh": "bash",
    "dash": "bash",
    "ksh": "bash",
    "node": "javascript",
    "deno": "typescript",
    "pwsh": "powershell",
    "rscript": "r",
}

_SIGNS: Final = {  # at the start of a line, after indentation: each line that matches counts for the language
    "python": r"def \w+\(.*:|class \w+.*:$|from [\w.]+ import |import [\w.]+( as \w+)?$|elif .*:$|(if|for|while|with|try|except|else)\b.*:$|@\w+$|print\(|return\b[^;]*$|raise \w+",
    "javascript": r"(const|let|var) [\w{\[].* = |(export |async )*function\b|.*=> ?[{(]|.*\brequire\(|console\.log|import .* from ['\"]|module\.exports|export (default|const)|\}\);?$",
    "typescript": r"(export )?(interface|type) \w+.*[{=]$|(export )?(const|let) \w+: |.*\w\??: (string|number|boolean|void|any|unknown)\b|(private|public|readonly) \w+\??:|import type ",
    "java": r"(public|private|protected) .*[{;]$|import (java|org|com|static)[\w.]*;|@(Override|Test|Autowired|Bean)|package [\w.]+;|System\.out\.|(final )?\w+(<.*>)? \w+ = new ",
    "csharp": r"using [A-Z][\w.]*;|namespace [\w.]+|(public|private|internal) (async |static |override |virtual |sealed |readonly )*[\w<>\[\],?]+ \w+.*|Console\.Write|\[\w+(\(.*\))?\]$|.*\{ get; (set; )?\}|var \w+ = (new|await) ",
    "go": r"package \w+$|func (\(\w+ \*?\w+\) )?\w+\(|import \($|\w+(, \w+)* := |type \w+ (struct|interface) \{|if err != nil|defer |fmt\.",
    "rust": r"(pub )?(async )?fn \w+|let (mut )?\w+|impl\b|use (std|crate|super|\w+)::|#\[derive|match \w+.* \{$|(pub )?(struct|enum|trait|mod) \w+|println!",
    "c": r"#include [<\"][\w./]+\.h[>\"]|#define \w+|(static |const |unsigned )*(int|void|char|float|double|size_t|struct \w+) \*?\w+ ?[(=;\[]|printf\(|return \w+;|typedef ",
    "cpp": r"#include <\w+>$|using namespace|std::|template ?<|class \w+.*\{|.*\bstd::\w+|.*cout <<|auto \w+ = |virtual |\w+::\w+\(",
    "ruby": r"def (self\.)?\w+[?!]?(\(.*\))?$|end$|require ['\"]|puts |class \w+( < [\w:]+)?$|module \w+$|attr_\w+ :|.* do( \|.*\|)?$|@\w+ = ",
    "php": r"<\?php|\$\w+ = |\$this->|(public |private |protected )?(static )?function \w+\(|echo |namespace [\w\\]+;|use [\w\\]+;",
    "kotlin": r"(suspend |private |override |inline )*fun (<.*> )?[\w.]+\(|val \w+|var \w+|data class |object \w+|package [\w.]+$|import [\w.]+$|println\(",
    "swift": r"(public |private |override |static |mutating )*func \w+|let \w+(: \w+)? = |guard |import (Foundation|UIKit|SwiftUI)|(struct|class|enum|extension|protocol) \w+.*\{|var \w+: |@(State|objc|main)",
    "scala": r"(override |private |implicit )*def \w+.*=|object \w+|case class |trait \w+|import [\w.]+\{?|val \w+",
    "bash": r"(if|elif) (\[|!|test|command|grep|which)|then$|fi$|done$|esac$|do$|echo\b|export \w+=|\w+=\$?[\"({\w]|set -[a-z]+|(sudo|apt|apt-get|cd|mkdir|rm|cp|mv|chmod|curl|docker|git|npm|pip|tar|ssh|kubectl|grep|sed|awk|find|cat) |for \w+ in |function \w+|local \w+|while read|source |exit \d",
    "lua": r"local \w+|function [\w.:]+\(|end$|.* then$|require ?[\"(]",
    "perl": r"use (strict|warnings|[A-Z][\w:]+)|my [$@%(]|sub \w+|[$@]\w+ = |print ",
    "r": r"[\w.]+ ?<- |library\(|function\(|ggplot\(|data\.frame|summary\(",
    "elixir": r"defmodule |defp? \w+|\|> |end$|use [A-Z]|alias ",
    "haskell": r"\w+'? :: |import (qualified )?[A-Z]|module [A-Z]|data [A-Z]|where$|instance ",
    "julia": r"function \w+|using [A-Z]|end$|println\(|struct ",
    "powershell": r"\$\w+ = |(Get|Set|New|Remove|Write|Import|Export|Start|Stop|Add|Test|Invoke)-[A-Z]\w+|param ?\(|function [A-Z]\w+-\w+",
    "sql": r"(?i:select |insert into |update \w+ set|delete from |create (or replace )?(unique |temporary )?(table|view|index|function)|alter table|drop |with \w+ as|from \w+|where |(left |inner |right |outer )*join |group by|order by)",
    "css": r"(?:[.#][\w-]+|body|html|a|h\d|ul|li|p|div|table|input|button|:root|\*|img|nav)\b[^;()=]*\{|[a-z-]+: [^;{}()=]+;$|@(media|import|font-face|keyframes)",
    "html": r"<(!doctype|html|head|body|div|p|a|ul|li|span|script|table|form|h\d|section|input|button)\b",
    "docker": r"(FROM [\w./:-]+|RUN |CMD |ENTRYPOINT |WORKDIR |COPY |EXPOSE |ENV |ARG )",
    "make": r"[\w.%/-]+:( [\w.$()/-]+)*$|\.PHONY:|\$\(\w+\)|\t[@-]?\w+",
    "yaml": r"(- )?[\w.-]+:( .*)?$|---$",
    "toml": r"\[\[?[a-z][\w.\"-]+\]\]?$|[\w.-]+ = ([\"'{]|\[[^()]*\]?$|true|false|\d)",
    "ini": r"\[[\w .:\"-]+\]$|[\w.-]+ ?= ?.*$",
}
_COMPILED: Final = {
    language: re.compile(rule, re.IGNORECASE if language == "html" else 0)
    for language, rule in _SIGNS.items()
}
_LESS: Final = {
    "make": 0.5,
    "yaml": 0.7,
    "ini": 0.6,
    "toml": 1.1,
    "css": 0.8,
    "typescript": 1.2,
    "c": 0.9,
    "scala": 0.8,
    "kotlin": 0.9,
    "julia": 0.9,
    "lua": 0.9,
    "bash": 0.9,
}
_MARKDOWN: Final = re.compile(
    r"#{1,6} \S|```|[*-] \[[ x]\] |[-*] \S|\d+\. \S|> |\|.*\|$|!\[|\[[^\]\n]{1,80}\]\("
)
_LEAST_SCORE: Final = 0.25


def file_name_of(subject: Subject) -> str:
    """Return the base name of the subject's file, empty if there is none."""
    return PurePosixPath(PureWindowsPath(subject.file_name[-500:]).as_posix()).name


def kind_of(subject: Subject) -> ContentKind | None:
    """Return the kind of a content; None for what is not text."""
    text = subject.text[:SNIFFED_CHARS]
    if not text.strip("\0 \t\r\n\ufeff") or "\0" in text:
        return None
    for name, rule in _FIRST:
        if _matches_a_line(rule, text):
            return ContentKind(name, language=name if name == "diff" else "")
    language = subject.language or language_of_file(file_name_of(subject)) or ""
    known = _by_language(canonical_language(language)) if language else None
    return known or _sniffed(text)


def _matches_a_line(rule: re.Pattern[str], text: str) -> bool:
    at = 0
    for _ in range(40):
        if rule.match(text, at):
            return True
        at = text.find("\n", at) + 1
        if not at:
            break
    return False


def _by_language(language: str) -> ContentKind | None:
    name = _BY_LANGUAGE.get(language) or ("code" if language in CODE_LANGUAGES else None)
    if name is None:
        return ContentKind("code", language) if language else None
    return ContentKind(name, language)


@lru_cache(maxsize=8)  # several models look at the same text
def _sniffed(text: str) -> ContentKind:
    shebang = _SHEBANG.match(text)
    if shebang:
        program = shebang["program"].lower()
        return _by_language(_SHEBANGS.get(program, program)) or ContentKind("script", program)
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return ContentKind("html", "html")
    if start.startswith("<?xml") or re.match(r"<svg[\s>]", start):
        return ContentKind("xml", "xml")
    if start[0] in "{[" and re.match(r'\{\s*"|\{\s*\}|\[\s*(?:["{\[\]\d-]|true|false|null)', start):
        return ContentKind("json", "json")
    language = language_of_text(text)
    if language and ("\n" in text.strip() or language not in _NEVER_ONE_LINE):
        return _by_language(language) or ContentKind("code", language)
    return ContentKind("prose")


def language_of_text(text: str) -> str:
    """Return the language by the n-gram model where it is sure, else by how the lines begin; empty for prose."""
    guessed = guessed_language(text)
    if guessed in _TOLD_BY_LINES:
        return guessed
    found = _languages().suggest(Subject(text))
    return found[0].value if found and (found[0].confidence >= _SURE or not guessed) else guessed


_SURE: Final = 0.5
_NEVER_ONE_LINE: Final = frozenset({"yaml", "ini", "toml", "make"})  # "todo: buy milk" is a note
_TOLD_BY_LINES: Final = frozenset({"markdown"})


@cache
def _languages() -> Languages:
    return Languages(load(WEIGHTS_FILE), None)


def guessed_language(text: str) -> str:
    """Guess the language from how the lines begin; empty for prose. Light: a model of its own does this better."""
    lines = [line.strip()[:SNIFFED_LINE_CHARS] for line in text.splitlines()[:120]]
    lines = [line for line in lines if line and not line.startswith(("*", "//", "/*"))]
    if not lines:
        return ""
    marks = [line for line in lines if _MARKDOWN.match(line)]
    others = [line for line in lines if not line.startswith("#")] or lines
    scores = {
        language: _LESS.get(language, 1.0) * sum(1 for line in others if rule.match(line))
        for language, rule in _COMPILED.items()
    }
    best = max(scores, key=lambda language: scores[language])
    share = scores[best] / len(others)
    if (
        marks
        and share < _LEAST_OF_CODE
        and any(_STRUCTURE.match(line) for line in marks)
        and _has_prose(lines)
    ):
        return "markdown"
    if share < _LEAST_OF_CODE and _has_prose(lines):
        return ""
    return best if share >= _LEAST_SCORE else ""


_STRUCTURE: Final = re.compile(r"#{1,6} \w|```|\[|!\[")
_LEAST_OF_CODE: Final = 0.5
_PROSE: Final = re.compile(
    r"(?:[#>*-]{1,6} )?[A-Z\"'(][\w'\u2019\"(),:-]*(?: [\w'\u2019\"(),:;/`.-]+){4,}[.!?:]?$"
)


def _has_prose(lines: list[str]) -> bool:
    prose = sum(1 for line in lines if _PROSE.match(line))
    return prose * 3 >= len(lines)
