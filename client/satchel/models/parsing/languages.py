"""The language of a text for parsing: as set by the owner, by the file's name, or by distinctive lines."""

import re
from functools import lru_cache
from typing import Final

from satchel.models.interface import Subject
from satchel.pieces.languages import canonical_language, language_of_file

_EXAMINED_CHARS: Final = 8_192
_LEAST_SCORE: Final = 2

# Lines that only one language has, each with its weight. Every pattern is for one line and linear in its length.
_TELLING: Final[dict[str, tuple[tuple[int, str], ...]]] = {
    "python": (
        (3, r"^from [\w.]+ import "),
        (2, r"^import [\w.]+( as \w+)?(, ?[\w.]+)*\s*(#.*)?$"),
        (3, r"^\s*(async )?def \w+\(.*\).*:\s*(#.*)?$"),
        (2, r"^\s*class \w+(\(.*\))?:\s*$"),
        (1, r"^\s*(if|for|while|with|elif|try|else|except)\b.*:\s*$"),
        (1, r"^@\w+(\.\w+)*(\(.*\))?$"),
        (3, r"^if __name__ == "),
        (1, r"^\s*print\("),
    ),
    "javascript": (
        (3, r"^\s*(const|let|var) .{0,200}= require\("),
        (2, r"^import .{0,200} from ['\"]"),
        (2, r"^import ['\"][^'\"]+['\"];?$"),
        (3, r"^(export (default )?|module\.exports)"),
        (2, r"^\s*(const|let) [\w{\[][^=;]*= "),
        (1, r"^\s*(async )?function \w*\("),
        (2, r"=> ?[{(]"),
        (2, r"\b(console\.(log|error)|document\.\w+)\("),
    ),
    "typescript": (
        (4, r"^(export )?(interface|enum|type) \w+(<.*>)? ?[={]"),
        (3, r"^import type "),
        (3, r"\((\w+\??: \w+[\w\[\]<>| ]*(, )?)+\)(: [\w<>\[\]| ]+)? ?(=>|\{)"),
        (4, r"^\s*(private|public|protected|readonly) (readonly )?\w+\??:"),
        (3, r"^\s*(const|let) \w+: [\w<>\[\]]+ = "),
    ),
    "java": (
        (4, r"^import (static )?(java|javax|jakarta|org|com|io|lombok)\.[\w.*]+;$"),
        (4, r"^package [\w.]+;$"),
        (3, r"^\s*(public|private|protected) (static |final |abstract )*(class |interface |enum )?\w+ \w+"),
        (2, r"^\s*@(Override|Test|Autowired|Service|Bean|Entity|RestController)\b"),
        (2, r"\bSystem\.out\.print"),
    ),
    "csharp": (
        (4, r"^(global )?using (static )?[A-Z][\w.]*;$"),
        (4, r"^namespace [\w.]+;?\s*\{?$"),
        (2, r"\b(async Task(<.*>)?|string|var) \w+ ?(=|\()"),
        (3, r"\{ get; (set|init|private set);"),
        (2, r"\bConsole\.Write"),
    ),
    "go": (
        (4, r"^package \w+$"),
        (4, r"^func (\(\w+ \*?[\w.\[\]]+\) )?\w+(\[.*\])?\("),
        (2, r"^import \($"),
        (2, r"^\s*\w+(, \w+)* := "),
        (2, r"^type \w+ (struct|interface) ?\{"),
        (2, r"\bif err != nil\b"),
    ),
    "rust": (
        (4, r"^\s*use (crate|std|super|self|\w+)(::[\w{}*, ]+)+;?$"),
        (4, r"^\s*(pub(\(.*\))? )?(async )?fn \w+.*(->|\{|\()"),
        (3, r"^\s*let mut "),
        (3, r"^#!?\[\w+.*\]$"),
        (3, r"^\s*impl(<.*>)? .*\{$"),
        (2, r"\b(println|vec|format|assert_eq|panic)!\("),
    ),
    "c": (
        (2, r"^\s*#\s*include ?[<\"][\w/.-]+\.h[>\"]"),
        (2, r"^\s*#\s*(define|ifdef|ifndef|endif)\b"),
        (3, r"^(static |const |unsigned |struct )*(int|void|char|size_t|double|float) \*?\w+\(.*\)\s*\{?$"),
        (2, r"\b(printf|malloc|free|sizeof)\("),
    ),
    "cpp": (
        (4, r"^\s*#\s*include ?<[a-z_]+>"),
        (3, r"\bstd::"),
        (4, r"^using namespace "),
        (3, r"^\s*template ?<"),
        (3, r"^\s*(public|private|protected):$"),
    ),
    "ruby": (
        (4, r"^require(_relative)? ['\"]"),
        (2, r"^\s*def [\w.?!]+(\(.*\))?$"),
        (1, r"^\s*end$"),
        (2, r"\bdo \|.*\|$"),
        (2, r"^\s*(attr_accessor|attr_reader|include|puts) "),
    ),
    "php": ((6, r"^<\?php"), (3, r"^use [A-Z]\w*(\\\w+)+"), (2, r"^\s*\$\w+(->\w+)* ?="), (2, r"\$this->")),
    "bash": (
        (6, r"^#!.*\b(ba|z|k|da)?sh$"),
        (2, r"^\s*(if \[|then$|fi$|done$|esac$)"),
        (2, r"^\s*(export )?[A-Z_]+=\S*$"),
        (2, r"^\$ \w+"),
        (2, r"^(sudo|apt-get|curl|docker|git|npm|pip|cd|mkdir|echo) [\w./$'\"-]"),
    ),
    "kotlin": (
        (4, r"^\s*(override |private |suspend |internal |inline )*fun (<.*> )?[\w.]+\("),
        (3, r"^\s*(data|sealed|open) class "),
        (2, r"^\s*va[lr] \w+(: \w+\??)? = "),
        (2, r"^import (kotlin|kotlinx|android|androidx)\."),
    ),
    "scala": (
        (4, r"^\s*(case class|object|trait|sealed trait|implicit) \w"),
        (3, r"^\s*def \w+.*= ?\{?$"),
        (2, r"^import [\w.]+\.(_|\{.*\})$"),
    ),
    "lua": (
        (4, r"^\s*local function \w+"),
        (3, r"^\s*local \w+(, \w+)* = "),
        (2, r"^\s*function [\w.:]+\(.*\)$"),
        (1, r"^\s*end\)?$"),
    ),
}
_PATTERNS: Final = {
    language: tuple((weight, re.compile(pattern)) for weight, pattern in patterns)
    for language, patterns in _TELLING.items()
}


def language_of(subject: Subject) -> str:
    """Return the canonical language of a subject; empty if neither its owner, its name nor its lines tell."""
    if subject.language:
        return canonical_language(subject.language)
    name = subject.file_name.replace("\\", "/").rpartition("/")[2]
    return (language_of_file(name) if name else None) or guessed_language(subject.text)


@lru_cache(maxsize=4)  # several models ask about the same text, one after the other
def guessed_language(text: str) -> str:
    """Return the language with the most telling lines at the start of a text; empty if there are too few."""
    scores = dict.fromkeys(_PATTERNS, 0)
    for line in text[:_EXAMINED_CHARS].splitlines():
        shown = line[:200].rstrip()
        for language, patterns in _PATTERNS.items() if shown else ():
            scores[language] += sum(weight for weight, pattern in patterns if pattern.search(shown))
    scores["typescript"] += scores["javascript"] if scores["typescript"] else 0
    scores["cpp"] += scores["c"] if scores["cpp"] else 0
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= _LEAST_SCORE else ""
