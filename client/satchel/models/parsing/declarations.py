"""The declarations of a source text, found line by line with regular expressions.

    for declaration in declarations_in("def parse_header(line): ...", "python"):
        print(declaration.name, declaration.parameters)

This works for about 25 languages without a parser, and for fragments that no parser accepts. Every expression is
anchored and applied to one line of bounded length, so the time is linear in the size of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

MAX_LINES: Final = 2_000
MAX_LINE_CHARS: Final = 300
MAX_SIGNATURE_CHARS: Final = 1_500
MAX_DECLARATIONS: Final = 200

Kind = Literal["function", "class", "interface", "enum", "struct", "test", "constant"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A function, class or constant: its line (from 0), indentation and comment, and for a function its signature.

    `line` is the first one with the comment and the decorators, `start` the one with the name.
    `parameters` are names without the receiver, `switches` those of them that are on or off by default; `returns` is the declared type, empty if there is none. `bases` is
    what a class extends. `body` is the text from the next line to the end of the block.
    """

    kind: Kind
    name: str
    line: int
    indent: int
    parameters: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    returns: str = ""
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    owner: str = ""
    is_method: bool = False
    comment: str = ""
    body: str = field(default="", repr=False)
    start: int = 0
    end: int = 0
    language: str = ""


_NAME: Final = r"(?P<name>[A-Za-z_$][\w$]{0,80})"
_MODIFIERS: Final = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|override|virtual|sealed|async|open|"
    r"inline|suspend|synchronized|extern|unsafe|partial|readonly|declare|const|constexpr|explicit|friend|native|"
    r"strictfp|transient|volatile|fileprivate|mutating|required|convenience|lazy|implicit|case|data|pub|"
    r"pub\([a-z]{1,12}\))[ \t]+){0,8}"
)

_PYTHON: Final = (
    ("function", rf"(?:async[ ]+)?def[ ]+{_NAME}"),
    ("class", rf"class[ ]+{_NAME}"),
)
_RUBY: Final = (
    ("function", r"def[ ]+(?:self\.)?(?P<name>[A-Za-z_]\w{0,80}[?!=]?)"),
    ("class", r"(?:class|module)[ ]+(?:\w+::){0,5}(?P<name>[A-Z]\w{0,80})"),
)
_SCRIPT: Final = (  # JavaScript and TypeScript
    ("function", rf"{_MODIFIERS}function[ ]*\*?[ ]*{_NAME}"),
    ("class", rf"{_MODIFIERS}class[ ]+{_NAME}"),
    ("interface", rf"{_MODIFIERS}(?:interface|type)[ ]+{_NAME}(?=[ ]*[<={{])"),
    ("enum", rf"{_MODIFIERS}enum[ ]+{_NAME}"),
    (
        "function",
        (
            rf"(?:export[ ]+)?(?:const|let|var)[ ]+{_NAME}[ ]*(?::[^=]{{1,120}})?=[ ]*(?:async[ ]*)?"
            r"(?:function\b|\([^()]{0,200}\)[^=]{0,60}=>|[\w$]{1,60}[ ]*=>|\([^()]{0,200}$)"
        ),
    ),
    (
        "function",
        rf"(?:module\.)?(?:exports|[\w$]{{1,60}}(?:\.prototype)?)\.{_NAME}[ ]*=[ ]*(?:async[ ]*)?(?:function\b|\([^()]{{0,200}}\)[ ]*=>)",
    ),
    ("function", rf"{_NAME}[ ]*:[ ]*(?:async[ ]*)?function\b"),
    (
        "method",
        rf"(?:(?:static|async|get|set|public|private|protected|override)[ ]+){{0,4}}[*#]?{_NAME}(?:<[^<>()]{{0,80}}>)?[ ]*\((?:[^()]|\([^()]{{0,80}}\)){{0,200}}\)[^;=]{{0,80}}\{{",
    ),
)
_GO: Final = (
    ("function", rf"func[ ]+(?:\([^()]{{0,100}}\)[ ]*)?{_NAME}"),
    ("struct", rf"type[ ]+{_NAME}(?:\[[^\]]{{0,80}}\])?[ ]+struct\b"),
    ("interface", rf"type[ ]+{_NAME}(?:\[[^\]]{{0,80}}\])?[ ]+interface\b"),
)
_RUST: Final = (
    ("function", rf"{_MODIFIERS}(?:extern[ ]+\"C\"[ ]+)?fn[ ]+{_NAME}"),
    ("struct", rf"{_MODIFIERS}struct[ ]+{_NAME}"),
    ("enum", rf"{_MODIFIERS}enum[ ]+{_NAME}"),
    ("interface", rf"{_MODIFIERS}trait[ ]+{_NAME}"),
    (
        "block",
        r"impl(?:<[^<>]{0,80}>)?[ ]+(?:[\w:<>, ']{1,80}[ ]+for[ ]+)?(?P<name>[A-Za-z_]\w{0,80})",
    ),
)
_KOTLIN: Final = (  # Kotlin, Swift and Scala
    (
        "function",
        rf"{_MODIFIERS}(?:fun|func|def)[ ]+(?:<[^<>]{{0,80}}>[ ]*)?(?:\w{{1,60}}\.)?`?{_NAME}",
    ),
    ("interface", rf"{_MODIFIERS}(?:interface|protocol|trait)[ ]+{_NAME}"),
    ("enum", rf"{_MODIFIERS}enum[ ]+(?:class[ ]+)?{_NAME}"),
    ("class", rf"{_MODIFIERS}(?:class|object|struct|extension|actor)[ ]+{_NAME}"),
)
_NOT_TYPES: Final = r"(?!(?:return|else|throw|new|case|delete|await|yield|typedef|using|namespace|goto|package|import|if|for|while|switch)\b)"
_C_LIKE: Final = (  # C, C++, C#, Java, Dart, D, Groovy
    ("interface", rf"{_MODIFIERS}@?interface[ ]+{_NAME}"),
    ("enum", rf"{_MODIFIERS}enum[ ]+(?:class[ ]+)?{_NAME}"),
    ("class", rf"{_MODIFIERS}(?:class|record|mixin|extension)[ ]+{_NAME}"),
    ("struct", rf"(?:typedef[ ]+)?{_MODIFIERS}(?:struct|union)[ ]+{_NAME}[ ]*(?=\{{|:|$)"),
    (
        "function",
        (
            rf"(?:extern[ ]+\"C\"[ ]+)?{_MODIFIERS}(?:<[^<>]{{1,80}}>[ ]*)?{_NOT_TYPES}(?P<returns>[A-Za-z_][\w:<>,.?\[\]* &]{{0,100}}?[ *&>\]])"
            r"(?:\w{1,60}::){0,3}(?P<name>~?[A-Za-z_]\w{0,80})(?:<[^<>()]{1,80}>)?[ ]*\((?![^()]{0,200}\)[ ]*;)"
        ),
    ),
    ("function", r"(?P<name>[A-Z]\w{0,80})::(?P=name)[ ]*\("),
    ("function", r"(?:public|private|protected|internal)[ ]+(?P<name>[A-Z]\w{0,80})[ ]*\("),
    ("test", r"(?:TEST|TEST_F|TEST_P)\([ ]*\w{1,80}[ ]*,[ ]*(?P<name>\w{1,80})[ ]*\)"),
)
_PHP: Final = (
    ("function", rf"{_MODIFIERS}function[ ]+&?{_NAME}"),
    ("class", rf"{_MODIFIERS}(?:class|trait)[ ]+{_NAME}"),
    ("interface", rf"{_MODIFIERS}interface[ ]+{_NAME}"),
    ("enum", rf"{_MODIFIERS}enum[ ]+{_NAME}"),
)
_OTHERS: Final = (  # Lua, Perl, R, Julia, Elixir, shell, PowerShell, Nim, Haskell
    (
        "function",
        r"(?:local[ ]+)?function[ ]+(?:[\w]{1,60}[.:]){0,3}(?P<name>[A-Za-z_][\w-]{0,80}!?)",
    ),
    ("function", r"(?:sub|defp?|proc|func|fn|macro)[ ]+(?P<name>[A-Za-z_]\w{0,80}[?!]?)"),
    ("function", r"(?P<name>[A-Za-z_.][\w.]{0,80})[ ]*(?:<-|=)[ ]*function\b"),
    ("function", r"(?P<name>[A-Za-z_][\w-]{0,80})[ ]*\(\)[ ]*\{?[ ]*$"),
    (
        "class",
        r"(?:defmodule|package|struct|mutable struct)[ ]+(?:\w+[.:]{1,2}){0,5}(?P<name>[A-Z]\w{0,80})",
    ),
    ("function", r"(?P<name>[a-z]\w{0,80}'?)[ ]*::[ ]"),
)

_RULES: Final = {
    "python": _PYTHON,
    "ruby": _RUBY,
    "crystal": _RUBY,
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "coffeescript": _SCRIPT,
    "vue": _SCRIPT,
    "svelte": _SCRIPT,
    "go": _GO,
    "rust": _RUST,
    "zig": _RUST,
    "kotlin": _KOTLIN,
    "swift": _KOTLIN,
    "scala": _KOTLIN,
    "c": _C_LIKE,
    "cpp": _C_LIKE,
    "csharp": _C_LIKE,
    "java": _C_LIKE,
    "dart": _C_LIKE,
    "objective-c": _C_LIKE,
    "cuda": _C_LIKE,
    "d": _C_LIKE,
    "groovy": _C_LIKE,
    "php": _PHP,
}
CODE_LANGUAGES: Final = frozenset(_RULES) | {
    "lua",
    "perl",
    "r",
    "julia",
    "elixir",
    "bash",
    "powershell",
    "nim",
    "haskell",
    "fish",
}
_KEYWORDS: Final = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "else",
        "do",
        "try",
        "function",
        "with",
        "match",
        "when",
        "unless",
        "until",
        "elif",
        "new",
        "sizeof",
        "typeof",
        "await",
        "super",
        "this",
        "constructor",
        "in",
        "of",
    ]
)
_DECORATOR: Final = re.compile(
    r"[ \t]*(?:@(?P<python>[A-Za-z_][\w.]{0,80})|#\[(?P<rust>[\w:]{1,60})|\[(?P<sharp>[A-Z]\w{1,60}))"
)
_COMMENT: Final = re.compile(r"[ \t]*(?:///?!?|#+!?|--+|;+|%+|\*(?!/)|/\*+)(?:[ \t]+|$)(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a declaration begins."""

    line: int
    kind: str
    name: str
    indent: int
    returns: str


def declarations_in(text: str, language: str) -> list[Declaration]:
    """Return the declarations of a text in their order, at most `MAX_DECLARATIONS`, nested functions left out."""
    lines = text.splitlines()[:MAX_LINES]
    found: list[Declaration] = []
    owners: list[Declaration] = []
    for start in _starts(lines, language):
        if len(found) == MAX_DECLARATIONS:
            break
        while owners and (start.indent <= owners[-1].indent or start.line > owners[-1].end):
            owners.pop()
        if owners and owners[-1].kind in ("function", "test"):
            continue
        one = _declaration(lines, start, language, owners[-1].name if owners else "")
        owners.append(one)
        if start.kind != "block":
            found.append(one)
    return found


_ANNOTATIONS: Final = re.compile(r"(?:@\w{1,60}(?:\([^()\n]{0,120}\))?[ \t]+){1,5}")


def _starts(lines: list[str], language: str) -> Iterator[_Start]:
    rules = _rules_of(language)
    for at, whole in enumerate(lines):
        line = whole[:MAX_LINE_CHARS].expandtabs(4)
        stripped = line.lstrip()
        if not stripped or (stripped[0] in "#/*-;%)}]'\"" and not stripped.startswith("#[")):
            continue
        bare = _ANNOTATIONS.sub("", stripped, count=1) if stripped[0] == "@" else stripped
        for kind, rule in rules:
            match = rule.match(stripped) or (rule.match(bare) if bare is not stripped else None)
            if match is None or (match["name"] in _KEYWORDS and (language, match["name"]) != ("rust", "new")):
                continue
            returns = (match.groupdict().get("returns") or "").strip()
            if returns in _NO_TYPES:
                continue
            said = "function" if kind == "method" else kind
            yield _Start(at, said, match["name"], len(line) - len(stripped), returns)
            break


@cache
def _rules_of(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the rules of a language, compiled when it is first met."""
    return tuple((kind, re.compile(rule)) for kind, rule in _RULES.get(language, _OTHERS))


_NO_TYPES: Final = frozenset({"new", "return", "else", "throw", "typedef"})


def _declaration(lines: list[str], start: _Start, language: str, owner: str) -> Declaration:
    at, name = start.line, start.name
    signature, last = _signature(lines, at, name, "#" if language == "python" else "//")
    first, decorators, comment = _lead(lines, at)
    end = _end_of_block(lines, last, start.indent, language)
    parameters = _parameters(signature, language) if start.kind == "function" else {}
    receiver = _go_receiver(lines[at]) if language == "go" else ""
    body = "\n".join(lines[last + 1 : end + 1]) or lines[last][:MAX_LINE_CHARS]
    is_test = start.kind == "test" or (
        start.kind == "function"
        and _is_test(name, (*decorators, *_ANNOTATED.findall(lines[at][:MAX_LINE_CHARS])))
        and not _returns_a_value(body)
    )
    return Declaration(
        kind="test" if is_test else start.kind,  # type: ignore[arg-type]
        name=name,
        line=first,
        indent=start.indent,
        parameters=tuple(one for one in parameters if one not in _RECEIVERS),
        switches=tuple(one for one, is_switch in parameters.items() if is_switch),
        returns=start.returns or _returns(signature, lines[last][:MAX_LINE_CHARS]),
        bases=_bases(signature, lines[at]) if start.kind == "class" else (),
        decorators=decorators,
        owner=receiver or owner,
        is_method=bool(owner or receiver) or next(iter(parameters), "") in _RECEIVERS,
        comment=comment,
        body=body,
        start=at,
        end=end,
        language=language,
    )


_ANNOTATED: Final = re.compile(r"(?:^|[ ])@(\w{1,60})")
_RECEIVERS: Final = frozenset({"self", "cls", "this", "mcs"})


def _returns_a_value(body: str) -> bool:
    return "return " in body and "assert" not in body.lower()


def _is_test(name: str, decorators: tuple[str, ...]) -> bool:
    return (
        name.startswith("test_")
        or (name.startswith(("test", "Test")) and name[4:5].isupper())
        or any(
            one
            in (
                "test",
                "Test",
                "Fact",
                "Theory",
                "TestMethod",
                "ParameterizedTest",
                "RepeatedTest",
                "tokio::test",
            )
            for one in decorators
        )
    )


_INLINE_COMMENT: Final = re.compile(r"/\*[^*\n]{0,200}\*/")


def _signature(lines: list[str], at: int, name: str, comment: str) -> tuple[str, int]:
    """Return the text between the parentheses that follow the name, and the line on which they close."""
    start = lines[at].find(name) + len(name)
    depth = 0
    parts: list[str] = []
    size = 0
    for number in range(at, min(at + 40, len(lines))):
        line = lines[number][start if number == at else 0 :][:MAX_LINE_CHARS]
        line = line.partition(f" {comment}")[0] if not line.lstrip().startswith(comment) else ""
        if "/*" in line:
            line = _INLINE_COMMENT.sub("", line)
        for position, char in enumerate(line):
            if char in "([":
                depth += 1
                if depth == 1 and char == "(":
                    parts.append("(")
                    continue
            elif char in ")]":
                depth -= 1
                if depth == 0 and char == ")":
                    return "".join(parts).partition("(")[2] + "\0" + line[position + 1 :], number
            elif depth == 0 and char in "{=" and not parts:
                return "", number
            parts.append(char)
        size += len(line)
        if size > MAX_SIGNATURE_CHARS or (depth <= 0 and number == at):
            break
        parts.append(" ")
    return "", at


def _parameters(signature: str, language: str) -> dict[str, bool]:
    """Return the names of the parameters, in their order, with whether each is on or off by default."""
    text = signature.partition("\0")[0]
    found = {_parameter(part, language): bool(_SWITCH.search(part)) for part in _split(text)}
    return {name: is_switch for name, is_switch in found.items() if name}


_SWITCH: Final = re.compile(r"=[ ]{0,4}(?:True|False|true|false)[ ]{0,4}$")


def _split(text: str) -> list[str]:
    parts = [""]
    depth = 0
    for char in text:
        if char in "([{<":
            depth += 1
        elif char in ")]}>":
            depth -= 1
        if char == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
        if len(parts) > 30:
            break
    return parts


_WORD: Final = re.compile(r"[A-Za-z_][\w]*")


def _parameter(text: str, language: str) -> str:
    before = text.partition("=")[0].strip().lstrip("*&$.@ ")
    if language in (
        "kotlin",
        "swift",
        "rust",
        "typescript",
        "python",
        "scala",
        "javascript",
        "zig",
        "nim",
        "julia",
    ):
        before = before.partition(":")[0]
        words = [word for word in _WORD.findall(before) if word not in ("mut", "ref", "val", "var", "_")]
        return words[-1] if words else ""
    words = _WORD.findall(before)
    if not words:
        return ""
    return words[0] if language in ("go", "ruby", "elixir") else "" if words == ["void"] else words[-1]


def _returns(signature: str, line: str) -> str:
    after = signature.partition("\0")[2] or line
    match = re.match(r"[ ]*(?:->|:)[ ]*(?P<type>(?:[^{=:]|::){1,80})", after) or re.match(
        r"[ ]*(?P<type>[\w.*\[\]]{1,60})[ ]*\{", after
    )
    return match["type"].strip() if match and match["type"].strip() else ""


def _bases(signature: str, line: str) -> tuple[str, ...]:
    match = re.search(r"\b(?:extends|implements|<|:)[ ]*(?P<names>[\w.,<> ]{1,120})", line[:MAX_LINE_CHARS])
    text = signature.partition("\0")[0] or (match["names"] if match else "")
    found = [part.rpartition(".")[2] for part in re.findall(r"[\w.]{1,80}", text.partition("=")[0])]
    return tuple(one for one in found if one[:1].isupper())[:3]


def _go_receiver(line: str) -> str:
    match = re.match(r"func[ ]+\([ ]*(?:\w+[ ]+)?\*?(?P<type>\w+)", line)
    return match["type"] if match else ""


def _lead(lines: list[str], at: int) -> tuple[int, tuple[str, ...], str]:
    """Return the first line of what belongs to a declaration, its decorators, and its comment."""
    decorators: list[str] = []
    comment: list[str] = []
    first = at
    for number in range(at - 1, max(-1, at - 60), -1):
        line = lines[number][:MAX_LINE_CHARS]
        decorator = _DECORATOR.match(line)
        text = _COMMENT.match(line)
        if decorator and not comment:
            decorators.append(decorator["python"] or decorator["rust"] or decorator["sharp"])
        elif text and not line.lstrip().startswith("#!"):
            comment.append(text["text"])
        elif not line.strip().startswith(("*/", "/**", "/*")) or not line.strip():
            break
        first = number
    return first, tuple(reversed(decorators)), "\n".join(reversed(comment))


def _end_of_block(lines: list[str], start: int, indent: int, language: str) -> int:
    """Return the last line of a block: the last one that is indented deeper, or the closing brace."""
    last = start
    for number in range(start + 1, len(lines)):
        line = lines[number][:MAX_LINE_CHARS].expandtabs(4)
        stripped = line.lstrip()
        if not stripped:
            continue
        depth = len(line) - len(stripped)
        if depth <= indent and not (stripped[0] == "{" and number == start + 1):
            if stripped[0] in "})]" or (stripped.startswith("end") and language != "python"):
                last = number
            break
        last = number
    return last
