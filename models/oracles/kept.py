"""What people keep, and what they do not: made-up examples beside windows of made-up files.

    text, language = example(Random(7))
    text, language = window_of_file(Random(7))

Examples are as authors publish them: commands, configuration, some statements that use a library, one declaration.
They have telling placeholder names, results in comments, and parts left out. Windows are cut anywhere out of files
with documentation, or are small files that serve others of their project.
"""

import re
from collections.abc import Iterator
from random import Random
from typing import Final

from models.oracles.comments import comment
from models.oracles.grammar import Expansion, languages
from models.oracles.prose import short_sentence
from models.oracles.snippets import Snippets, indented

COMMON: Final = ("python", "javascript", "typescript", "java", "go", "rust", "csharp", "ruby", "php", "cpp")
DATA: Final = [
    "json",
    "yaml",
    "toml",
    "ini",
    "xml",
    "html",
    "css",
    "scss",
    "docker",
    "nginx",
    "terraform",
    "sql",
    "graphql",
    "protobuf",
    "properties",
]
_UNUSUAL: Final = [
    "asm",
    "bash",
    "bat",
    "cmake",
    "common-lisp",
    "emacs-lisp",
    "fortran",
    "make",
    "markdown",
    "matlab",
    "pascal",
    "prolog",
    "rst",
    "scheme",
    "solidity",
    "tcl",
    "tex",
    "vb.net",
    "verilog",
    "vim",
]
CODE: Final = tuple(name for name in languages() if name not in (*DATA, *_UNUSUAL))
_SIGNS: Final = {
    "python": "#",
    "ruby": "#",
    "perl": "#",
    "r": "#",
    "elixir": "#",
    "julia": "#",
    "yaml": "#",
    "toml": "#",
    "nix": "#",
    "lua": "--",
    "haskell": "--",
    "sql": "--",
    "clojure": ";;",
    "erlang": "%",
}
_PLACEHOLDERS: Final = [
    "foo",
    "bar",
    "baz",
    "example",
    "hello",
    "world",
    "my_value",
    "myApp",
    "user",
    "your_name",
    "alice",
]
_COMMANDS: Final = (
    "npm install {a}",
    "yarn add {a}",
    "pip install {a}",
    "python -m {a} serve",
    "go get github.com/{a}/{b}",
    "cargo add {a}",
    "docker run -it {a}/{b}:latest",
    "git clone https://github.com/{a}/{b}.git",
    "cd {b}",
    "make install",
    "curl -X POST http://localhost:8080/{a}",
    "brew install {a}",
    "sudo apt-get install {a}",
    "gem install {a}",
    "npx {a} --{b} {a}",
    "mkdir {a} && cd {a}",
    "export {c}_KEY=...",
    "{a} --{b} value",
    "composer require {a}/{b}",
    "dotnet add package {a}",
    "mix deps.get",
    "bundle install",
    "kubectl apply -f {a}.yaml",
    "./{a} --help",
)
_LONGEST: Final = 40  # lines of a window
_LICENCE: Final = re.compile(r"opyright|icens|SPDX|All rights")
_NAME: Final = re.compile(r"\b[a-z][A-Za-z_]{4,}\b")
_OWN_MODULE: Final = re.compile(
    r"""((?:from|import|require\(?|use) *\(?['"])(\.{1,2}/[\w./-]*|@/[\w./-]*)(['"])"""
)
_EXPORT: Final = re.compile(
    r"^(?:export (?:default )?|pub (?=fn|struct|enum|use|mod)|module\.exports\S* = |public (?=class|static|void))",
    re.MULTILINE,
)


def example(random: Random) -> tuple[str, str]:
    """Return a text that a person could keep, and its language."""
    draw = random.random()
    if draw < 0.10:
        return _commands(random), "bash"
    if draw < 0.24:
        language = random.choice(DATA)
        return _edited(_whole_entries(Snippets(language).file(random), random), language, random), language
    language = random.choice(COMMON if random.random() < 0.6 else CODE)
    parts = "\n".join(_parts(language, random)).strip("\n")
    text = _OWN_MODULE.sub(
        lambda match: (
            f"{match[1]}{random.choice(_PLACEHOLDERS)}-{random.choice(('kit', 'lib', 'core'))}{match[3]}"
        ),
        parts,
    )
    if random.random() < 0.7:
        text = _EXPORT.sub("", text)
    return _edited(indented(language, text, random), language, random), language


def window_of_file(random: Random) -> tuple[str, str]:
    """Return some lines in a row of a file, or a small file, and the language."""
    language = random.choice(COMMON if random.random() < 0.65 else CODE)
    if random.random() < 0.05:
        language = random.choice(DATA)
    if random.random() < 0.12:
        lines = indented(language, "\n\n".join(_small_file(language, random)), random).split("\n")
        return "\n".join(lines[:_LONGEST]) + "\n", language
    text = "\n\n".join(_long_file(language, random))
    if random.random() < 0.15:
        text = _with_placeholders(text, random)
    lines = text.split("\n")
    count = random.randint(3, _LONGEST)
    start = 0 if random.random() < 0.06 else random.randint(0, max(0, len(lines) - count))
    return "\n".join(lines[start : start + count]) + "\n", language


def _commands(random: Random) -> str:
    words = Expansion("bash", random)
    prompt = "$ " if random.random() < 0.3 else ""
    lines: list[str] = []
    for _ in range(random.randint(1, 6)):
        if random.random() < 0.25:
            lines.append(f"# {short_sentence(random)}")
        one, other = (
            re.sub(r"[^a-z]", "", words.expand("snake", 1).lower())[:12] or "tool" for _ in range(2)
        )
        lines.append(prompt + random.choice(_COMMANDS).format(a=one, b=other, c=one.upper()))
        if prompt and random.random() < 0.3:
            lines.append(short_sentence(random))
        if random.random() < 0.15:
            lines.append("")
    return "\n".join(lines).strip() + "\n"


def _parts(language: str, random: Random) -> Iterator[str]:
    """Yield the parts of an example: a file's name or a comment, imports, then statements or declarations."""
    one, sign = Expansion(language, random), _SIGNS.get(language, "//")
    draw = random.random()
    if draw < 0.05:
        yield f"{sign} {random.choice(('src/', '', 'app/', 'lib/'))}{random.choice(('index', 'main', 'example'))}.{language[:2]}"
    elif draw < 0.13:
        yield f"{sign} {short_sentence(random)}"
    if one.has("head") and random.random() < 0.4:
        heads = (one.expand("head", 1) for _ in range(6))
        yield next((head for head in heads if not _LICENCE.search(head)), "")
        yield ""
    if one.has("stmt") and random.random() < 0.65:
        yield from _statements(one, sign, random)
        return
    for _ in range(random.choice((1, 1, 1, 2))):
        unit = one.expand("unit", random.choice((1, 3, 5)))
        yield unit if unit.count("\n") <= 30 else one.expand("unit", 7)
        yield ""


def _statements(one: Expansion, sign: str, random: Random) -> Iterator[str]:
    for _ in range(random.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8))):
        if random.random() < 0.2:
            yield f"{sign} {short_sentence(random)}"
        statement = one.expand("stmt", random.choice((2, 4, 5, 6, 7)))
        if statement.count("\n") > 14:
            statement = one.expand("stmt", 8)
        if "\n" not in statement and random.random() < 0.1:
            statement += f" {sign} => {random.choice(('1', 'true', '[1, 2]', 'hello'))}"
        yield statement
        if random.random() < 0.3:
            yield ""


def _whole_entries(text: str, random: Random) -> str:
    """Return the beginning of a long text of data, up to a line after which something new starts."""
    lines = text.strip("\n").split("\n")
    if len(lines) <= 25:
        return "\n".join(lines)
    ends = [
        place + 1
        for place in range(3, 25)
        if place + 1 < len(lines) and lines[place + 1][:1] not in (" ", "\t", "}", "]", ")", "")
    ]
    return "\n".join(lines[: random.choice(ends) if ends else 20])


def _edited(text: str, language: str, random: Random) -> str:
    """Return a text as people publish it: with placeholders, with a part left out, now and then cut."""
    if random.random() < 0.4:
        text = _with_placeholders(text, random)
    lines = text.split("\n")
    if random.random() < 0.1:
        place = random.randint(0, len(lines) - 1)
        margin = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
        sign = _SIGNS.get(language, "//")
        lines.insert(
            place, margin + random.choice((f"{sign} ...", "...", f"{sign} {short_sentence(random)[:20]}..."))
        )
    draw = random.random()
    if draw < 0.05:
        lines = [f"  {line}" if line else line for line in lines]
    elif draw < 0.10:
        lines = lines[: max(2, len(lines) - random.randint(1, 3))]
    elif draw < 0.14:
        lines = lines[random.randint(1, 2) :] or lines
    return "\n".join(lines).strip("\n") + "\n"


def _with_placeholders(text: str, random: Random) -> str:
    names = list(dict.fromkeys(_NAME.findall(text)))
    for _ in range(2 if names else 0):
        text = re.sub(rf"\b{re.escape(random.choice(names))}\b", random.choice(_PLACEHOLDERS), text)
    return text


def _long_file(language: str, random: Random) -> Iterator[str]:
    made = Snippets(language)
    for _ in range(5):
        if random.random() < 0.35:
            yield comment(language, random)
        yield made.file(random)


def _small_file(language: str, random: Random) -> Iterator[str]:
    one = Expansion(language, random)
    if random.random() < 0.3:
        yield comment(language, random)
    if one.has("head"):
        yield one.expand("head", 1)
    for _ in range(random.choice((1, 1, 2))):
        if random.random() < 0.3:
            yield comment(language, random)
        yield one.expand("unit", 3)
