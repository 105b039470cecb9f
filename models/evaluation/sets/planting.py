"""Generated tokens of known formats, planted into real files.

The formats are the rules of gitleaks (MIT), an oracle beside this repository: `../shared/vectors/secrets`. Nothing
of it ships. Each rule generates a few tokens from its own regular expression, so no token was ever valid.
"""

import math
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined,unused-ignore]
from re import _parser as parser  # type: ignore[attr-defined,unused-ignore]
from typing import Any, Final

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import number, spread

ORACLE: Final = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "secrets" / "gitleaks.toml"
TOKENS_PER_RULE: Final = 3
CLEAN_FILES: Final = 700
_LINES: Final = (10, 400)
_TRIES: Final = 60
_MORE: Final = 12  # repeats beyond the least number
_PACKAGES: Final = [
    "pypi/django",
    "pypi/celery",
    "pypi/mitmproxy",
    "pypi/docker",
    "pypi/botocore",
    "pypi/ansible-core",
    "npm/webpack",
    "npm/koa",
    "npm/fastify",
    "npm/mongoose",
    "npm/knex",
    "npm/@nestjs/core",
    "npm/rxjs",
    "npm/bootstrap",
    "debian-source/caddy",
    "debian-source/golang-google-cloud",
    "debian-source/golang-github-containers-buildah",
    "debian-source/jackson-databind",
    "debian-source/libquartz2-java",
    "debian-source/composer",
    "debian-source/keepass2",
    "debian-source/rails",
    "debian/librust-reqwest-dev",
    "debian/librust-hyper-dev",
    "debian-source/leiningen-clojure",
    "debian-source/elixir-lang",
]
_CONTEXT: Final = re.compile(
    r"^(?:\(\?i\))?\[\\w\.-\]\{0,50\}\?\((?:\?:|\?i:)(?P<names>(?:[^()]|\([^()]*\))*)\)"
)
_PLAIN_LINES: Final = (
    'TOKEN = "{}"',
    "token: {}",
    "export API_TOKEN={}",
    'client = Client("{}")',
    "const key = '{}';",
    '{{"credential": "{}"}}',
)
_NAMED_LINES: Final = (
    '{}_key = "{}"',
    "{}.token={}",
    "export {}_SECRET={}",
    "const {}Token = '{}';",
    '"{}_api_key": "{}"',
)


class NoOracleError(Exception):
    """The oracle is not beside this repository."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the oracle."""

    name: str
    expression: str
    entropy: float
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planted:
    """A real file with the numbers of the lines that hold a planted token, and the rule; no lines in a clean file."""

    origin: str
    text: str
    lines: tuple[int, ...]
    rule: str

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


@cache
def rules() -> tuple[Rule, ...]:
    """Return the oracle's rules, as Python can compile them. Raise NoOracleError if it is not here."""
    if not ORACLE.is_file():
        raise NoOracleError("../shared/vectors/secrets/gitleaks.toml is not there")
    rows = tomllib.loads(ORACLE.read_text("utf-8"))["rules"]
    found = (
        Rule(row["id"], in_python(row["regex"]), float(row.get("entropy", 0)), tuple(row.get("keywords", ())))
        for row in rows
        if "regex" in row
    )
    return tuple(rule for rule in found if _compiles(rule.expression))


def in_python(expression: str) -> str:
    """Return a regular expression of Go in Python's spelling: a flag in the middle holds to the end there."""
    expression = (
        expression.replace("[[:alnum:]]", "[a-zA-Z0-9]")
        .replace("[:alnum:]", "a-zA-Z0-9")
        .replace(r"\z", r"\Z")
    )
    first = "(?i)" if "(?i)" in expression else ""
    return first + expression.replace("(?i)", "").replace("(?-i:", "(?:")


def _compiles(expression: str) -> bool:
    try:
        re.compile(expression)
    except re.error:
        return False
    return True


def planted(packages: Packages) -> list[Planted]:
    """Return the files: one token in each of the first, none in the others."""
    tokens = [(rule.name, line) for rule in rules() for line in token_lines(rule)]
    files = spread(
        _files(packages), len(tokens) + CLEAN_FILES, lambda one: one.source.name, lambda one: one.identity
    )
    with_tokens = [_plant(file, rule, line) for file, (rule, line) in zip(files, tokens, strict=False)]
    return with_tokens + [Planted(file.identity, file.text, (), "") for file in files[len(with_tokens) :]]


def _files(packages: Packages) -> Iterator[Member]:
    """Yield files of code and configuration without tests and without keys of their own."""
    for member in packages.named(_PACKAGES):
        lines = member.text.count("\n")
        is_test = re.search(r"(?i)test|spec|example|fixture", member.path) is not None
        if (
            member.suffix
            and not is_test
            and _LINES[0] <= lines <= _LINES[1]
            and "-----BEGIN" not in member.text
        ):
            yield member


def _plant(file: Member, rule: str, line: str) -> Planted:
    lines = file.text.split("\n")
    place = number(file.identity, rule) % len(lines)
    return Planted(file.identity, "\n".join([*lines[:place], line, *lines[place:]]), (place + 1,), rule)


def token_lines(rule: Rule) -> list[str]:
    """Return lines with tokens of a rule that the rule itself finds; none if its tokens take several lines."""
    chance = random.Random(number(rule.name))
    found: list[str] = []
    for _ in range(_TRIES):
        line = _line(rule, chance)
        if (
            len(found) < TOKENS_PER_RULE
            and line
            and "\n" not in line
            and is_found(rule, line)
            and line not in found
        ):
            found.append(line)
    return found


def _line(rule: Rule, chance: random.Random) -> str:
    tree = parser.parse(rule.expression)
    token = "".join(_generate(_first_group(tree) or tree, chance))
    context = _CONTEXT.match(rule.expression)
    if context is None:
        return chance.choice(_PLAIN_LINES).format(token.strip("\"'`; \t\n\r"))
    name = "".join(_generate(parser.parse(context["names"]), chance)).strip()
    return chance.choice(_NAMED_LINES).format(name, token)


def is_found(rule: Rule, line: str) -> bool:
    """Return whether a rule finds a token in a line: its expression, its entropy and its keywords."""
    lowered = line.lower()
    if rule.keywords and not any(word in lowered for word in rule.keywords):
        return False
    match = re.search(rule.expression, line)
    return (
        match is not None and entropy(match[1] if match.re.groups and match[1] else match[0]) >= rule.entropy
    )


def entropy(text: str) -> float:
    """Return Shannon's entropy of the characters, in bits."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def _first_group(tree: Any) -> Any:  # noqa: ANN401 - what `re` parses to has no type
    """Return the parse tree of the first group that captures, which holds the token; None without one."""
    for kind, value in tree:
        if kind is op.SUBPATTERN and value[0] == 1:
            return value[3]
        for one in _parts(kind, value):
            if (found := _first_group(one)) is not None:
                return found
    return None


def _parts(kind: object, value: Any) -> list[Any]:  # noqa: ANN401
    """Return the trees inside one part of a tree."""
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.BRANCH:
        return list(value[1])
    return [value[2]] if kind is op.MAX_REPEAT else []


def _generate(tree: Any, chance: random.Random) -> Iterator[str]:  # noqa: ANN401
    """Yield text that matches a parse tree of `re`; places such as word boundaries yield nothing."""
    for kind, value in tree:
        if kind is op.LITERAL:
            yield chr(value)
        elif kind is op.IN:
            yield chance.choice(_characters(value))
        elif kind is op.ANY:
            yield chance.choice("abcdefghij0123456789")
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, part = value
            for _ in range(chance.randint(least, min(int(most), least + _MORE))):
                yield from _generate(part, chance)
        elif kind is op.BRANCH:
            yield from _generate(chance.choice(value[1]), chance)
        elif kind is op.SUBPATTERN:
            yield from _generate(value[3], chance)


def _characters(parts: Sequence[Any]) -> str:
    """Return the characters of a class, those of words and digits for the classes of Python."""
    found = ""
    for kind, value in parts:
        if kind is op.LITERAL:
            found += chr(value)
        elif kind is op.RANGE:
            found += "".join(map(chr, range(value[0], value[1] + 1)))
        elif kind is op.CATEGORY:
            found += {op.CATEGORY_DIGIT: "0123456789", op.CATEGORY_SPACE: " "}.get(
                value, "abcdefghijklmnopqrstuvwxyz0123456789"
            )
    return found or "abcdefghijklmnopqrstuvwxyz0123456789"
