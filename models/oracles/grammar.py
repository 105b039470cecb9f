"""Grammars as text: rules with alternatives, and the expansion of a rule to a made-up piece of text.

    § stmt |                       each line is an alternative
    «camel» = «expr»;
    return «expr»;

    § unit                         alternatives of several lines, apart by a line %%
    function «camel»(«camel,0-3») {
        «stmt*1-4»
    }
    %%
    const «UPPER» = «num»;

`«rule»` is a rule or a terminal of the lexicon. `?` makes it optional, `*1-4` repeats it on lines, `,0-3` with commas
between, ` 1-3` with spaces between. `«html:element»` is a rule of another grammar. Lines of an expansion keep the
indentation of the line that asks for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from models.oracles.lexicon import PLAIN, POOLED, Pool
from models.oracles.prose import sentence, short_sentence

DIRECTORY: Final = Path(__file__).parent / "grammars"
DEPTH: Final = 9  # of rules within rules; below it the shortest alternatives are taken
_SHALLOW: Final = 4  # below it half of the expressions are the shortest, as in real code
_EXPRESSIONS: Final = frozenset(("expr", "atom", "type", "cond", "val"))
_PLACE: Final = re.compile(r"«([\w:-]+)([?*, ]?)(?:(\d+)-(\d+))?»")
_JOINTS: Final = {"*": "\n", ",": ", ", " ": " "}


@dataclass(frozen=True, slots=True)
class Place:
    """A placeholder: the rule, how often, and what stands between."""

    rule: str
    least: int
    most: int
    joint: str


Alternative = tuple[str | Place, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The rules of one language, and for each the number of its shortest alternatives, which come first."""

    rules: Mapping[str, tuple[Alternative, ...]]
    shortest: Mapping[str, int]


@cache
def grammar(language: str) -> Grammar:
    """Return the grammar of a language."""
    rules = _rules((DIRECTORY / f"{language}.txt").read_text("utf-8"))
    depths = _depths(rules)
    ordered, shortest = {}, {}
    for name, alternatives in rules.items():
        by_depth = sorted(alternatives, key=lambda one: _depth(one, depths))
        ordered[name] = tuple(by_depth)
        least = _depth(by_depth[0], depths)
        shortest[name] = sum(_depth(one, depths) == least for one in by_depth)
    return Grammar(ordered, shortest)


def languages() -> list[str]:
    """Return the names of all grammars, sorted."""
    return sorted(path.stem for path in DIRECTORY.glob("*.txt"))


def _rules(text: str) -> dict[str, list[Alternative]]:
    rules: dict[str, list[Alternative]] = {}
    for block in text.split("\n§ ")[1:] if not text.startswith("§ ") else ("\n" + text).split("\n§ ")[1:]:
        head, _, body = block.partition("\n")
        name, _, lines = head.partition(" ")
        bodies = body.strip("\n").split("\n") if lines else body.strip("\n").split("\n%%\n")
        rules[name.strip()] = [_alternative(one) for one in bodies]
    return rules


def _alternative(text: str) -> Alternative:
    parts: list[str | Place] = []
    end = 0
    for found in _PLACE.finditer(text):
        parts += [text[end : found.start()], _place(found)]
        end = found.end()
    return tuple(part for part in (*parts, text[end:]) if part != "")


def _place(found: re.Match[str]) -> Place:
    rule, sign, least, most = found.groups()
    if sign == "?":
        return Place(rule, 0, 1, "")
    return Place(rule, int(least or 1), int(most or 1), _JOINTS.get(sign, ""))


def _depths(rules: Mapping[str, list[Alternative]]) -> dict[str, int]:
    depths = dict.fromkeys(rules, 99)
    for _ in range(30):
        for name, alternatives in rules.items():
            depths[name] = min(_depth(one, depths) for one in alternatives)
    return depths


def _depth(alternative: Alternative, depths: Mapping[str, int]) -> int:
    inner = [depths.get(part.rule, 0) for part in alternative if isinstance(part, Place) and part.least]
    return 1 + max(inner, default=0)


class Expansion:
    """Expands rules for one snippet, whose identifiers it keeps."""

    def __init__(self, language: str, random: Random, pool: Pool | None = None) -> None:
        self._language = language
        self._grammar = grammar(language)
        self._random = random
        self._pool = pool or Pool(random)

    def expand(self, rule: str, depth: int = 0) -> str:
        """Return a text of a rule or terminal. Raise KeyError if there is neither."""
        alternatives = self._grammar.rules.get(rule)
        if alternatives is None:
            return self._terminal(rule, depth)
        if depth > DEPTH or (depth > _SHALLOW and rule in _EXPRESSIONS and self._random.random() < 0.5):
            alternatives = alternatives[: self._grammar.shortest[rule]]
        return self._text(self._random.choice(alternatives), depth)

    def has(self, rule: str) -> bool:
        """Return whether the grammar has a rule."""
        return rule in self._grammar.rules

    def _terminal(self, name: str, depth: int) -> str:
        if name in PLAIN:
            return PLAIN[name](self._random)
        if name in POOLED:
            return POOLED[name](self._pool)
        if name == "Sentence":
            return sentence(self._random)
        if name == "phrase":
            return short_sentence(self._random)
        language, colon, rule = name.partition(":")
        if not colon:
            raise KeyError(f"{self._language} has no rule {name!r}")
        return Expansion(language, self._random, self._pool).expand(rule, depth)

    def _text(self, alternative: Alternative, depth: int) -> str:
        text = ""
        for part in alternative:
            if isinstance(part, str):
                text += part
                continue
            count = self._count(part, depth)
            expansion = part.joint.join(self.expand(part.rule, depth + 1) for _ in range(count))
            line = text[text.rfind("\n") + 1 :]
            indent = line[: len(line) - len(line.lstrip())]
            text += expansion.replace("\n", "\n" + indent) if count else ""
        return text

    def _count(self, place: Place, depth: int) -> int:
        most = place.most if depth < DEPTH else max(place.least, min(1, place.most))
        return self._random.randint(place.least, most)
