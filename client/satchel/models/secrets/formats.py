"""The table of published token formats, and finding tokens of them in a text.

Tokens with a prefix are found by one expression, a tree of all prefixes, which reads a text once. Those with a
literal text inside (`.atlasv1.`) are found by that text. Tokens without either are recognized only as the value of
a name, near a word of their provider (`formats_near`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from satchel.models.secrets import guards
from satchel.models.secrets.checksums import CHECKSUMS
from satchel.models.secrets.found import Candidate
from satchel.models.secrets.randomness import entropy, randomness
from satchel.models.secrets.shapes import Shape, parse

FILE: Final = Path(__file__).with_name("formats.txt")
LEAST_PREFIX: Final = 3  # a shorter prefix needs a near word
LEAST_INFIX: Final = 2
NEAR_CHARS: Final = 120
_WORDS: Final = "0-9A-Za-z"
_CHECKED: Final = 0.99
_BY_PREFIX: Final = 0.95
_WRONG_CHECKSUM: Final = 0.85
_LEAST_BODY: Final = -1.0


@dataclass(frozen=True)
class Format:
    """The format of one kind of token of one provider."""

    provider: str
    docs: str
    near: tuple[str, ...]
    kind: str
    shape: Shape
    notes: tuple[str, ...]

    @property
    def what(self) -> str:
        """The kind in words, such as "GitHub personal access token"."""
        return f"{self.provider} {self.kind}"

    @property
    def rule(self) -> str:
        """The provider as a short name, such as "npm" or "weights-biases"."""
        return re.sub(r"[^a-z0-9]+", "-", self.provider.lower()).strip("-")

    @cached_property
    def checksum(self) -> str:
        """The name of the checksum; empty without one."""
        return next((note for note in self.notes if note in CHECKSUMS), "")

    @cached_property
    def needs_near(self) -> bool:
        """Whether a word of the provider must stand near, because the prefix says too little."""
        return "near" in self.notes or (min(map(len, self.shape.prefixes)) < LEAST_PREFIX and bool(self.near))

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """Matches a token that is not part of a longer one."""
        end = self.shape.end
        after = f"(?![{re.escape(end)}])" if end else ""
        return re.compile(self.shape.pattern + after)

    def candidate(self, token: str, start: int) -> Candidate | None:
        """Return the candidate for a token of this format; None for a placeholder."""
        prefix = next((one for one in self.shape.prefixes if one and token.startswith(one)), "")
        body = token[len(prefix) :]
        if self.checksum and CHECKSUMS[self.checksum](token):
            confidence = _CHECKED
        elif guards.is_sample(body) or not _is_varied(body):
            return None
        else:
            confidence = _WRONG_CHECKSUM if self.checksum else _BY_PREFIX
        return Candidate(self.rule, self.what, start, start + len(token), confidence, prefix, token)


def _is_varied(body: str) -> bool:
    """Whether the part after the prefix has digits or changes case, as random characters do."""
    if entropy(body) < guards.LEAST_HEX_ENTROPY:
        return False
    if any(char.isdigit() for char in body):
        return guards.looks_random(body, _LEAST_BODY)
    return body not in (body.lower(), body.upper()) and randomness(body) >= guards.RANDOM


@cache
def table() -> tuple[Format, ...]:
    """Read the table."""
    formats: list[Format] = []
    provider, docs = "", ""
    near: tuple[str, ...] = ()
    for line in FILE.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        cells = line.strip().split(" | ")
        if line.startswith(" "):
            formats.append(Format(provider, docs, near, cells[0], parse(cells[1]), tuple(cells[2:])))
        else:
            provider, docs = cells[0], cells[1]
            near = tuple(cells[2].split(", ")) if len(cells) > 2 else ()
    return tuple(formats)


class Matcher:
    """Finds tokens of some formats."""

    def __init__(self, formats: tuple[Format, ...]) -> None:
        self.by_prefix: dict[str, list[Format]] = {}
        self.by_infix: dict[str, list[Format]] = {}
        self.near: dict[str, list[Format]] = {}
        for one in formats:
            for word in one.near:
                self.near.setdefault(word, []).append(one)
            if one.needs_near:
                continue
            if one.shape.prefixes[0]:
                for prefix in one.shape.prefixes:
                    self.by_prefix.setdefault(prefix, []).append(one)
            elif len(one.shape.infix) >= LEAST_INFIX and not one.near:
                self.by_infix.setdefault(one.shape.infix, []).append(one)
        self._prefixes = re.compile(rf"(?<![{_WORDS}])(?:{tree(self.by_prefix)})") if self.by_prefix else None
        self._near = re.compile("|".join(map(re.escape, sorted(self.near, key=len, reverse=True))) or r"(?!)")

    def with_prefixes(self, text: str, start: int, end: int) -> Iterator[Candidate]:
        """Yield the tokens with a prefix that begin in a part of a text."""
        if self._prefixes is not None:
            for found in self._prefixes.finditer(text, start, end):
                yield from self._at(text, found.start(), self._with_prefix(found[0]))

    def with_prefix_at(self, text: str, start: int) -> Iterator[Candidate]:
        """Yield the token with a prefix that begins at a place."""
        found = self._prefixes.match(text, start) if self._prefixes is not None else None
        if found:
            yield from self._at(text, start, self._with_prefix(found[0]))

    def with_infixes(self, text: str) -> Iterator[Candidate]:
        """Yield the tokens with a literal text inside."""
        for infix, formats in self.by_infix.items():
            yield from self._around(text, infix, formats)

    def _with_prefix(self, longest: str) -> list[Format]:
        """Return the formats whose prefix is found, the longest prefix first."""
        return [
            one for length in range(len(longest), 0, -1) for one in self.by_prefix.get(longest[:length], ())
        ]

    @staticmethod
    def _at(text: str, start: int, formats: list[Format]) -> Iterator[Candidate]:
        for one in formats:
            found = one.expression.match(text, start)
            candidate = one.candidate(found[0], start) if found else None
            if candidate is not None:
                yield candidate
                return

    @staticmethod
    def _around(text: str, infix: str, formats: list[Format]) -> Iterator[Candidate]:
        at = text.find(infix)
        while at >= 0:
            for one in formats:
                start = max(0, at - one.shape.most)
                for found in one.expression.finditer(text, start, min(len(text), at + one.shape.most)):
                    before = text[found.start() - 1] if found.start() else ""
                    if not before.isalnum() and found.start() <= at < found.end():
                        candidate = one.candidate(found[0], found.start())
                        if candidate is not None:
                            yield candidate
            at = text.find(infix, at + len(infix))

    def formats_near(self, context: str, value: str) -> Format | None:
        """Return the format of a value that stands after a context with a word of its provider."""
        for found in self._near.finditer(context[-NEAR_CHARS:].lower()):
            for one in self.near[found[0]]:
                if one.expression.fullmatch(value):
                    return one
        return None


def tree(texts: "dict[str, list[Format]] | set[str]") -> str:
    """Return an expression for the longest of some texts, which looks at each character once."""
    by_first: dict[str, set[str]] = {}
    is_end = "" in texts
    for text in texts:
        if text:
            by_first.setdefault(text[0], set()).add(text[1:])
    branches = [re.escape(first) + tree(rest) for first, rest in sorted(by_first.items())]
    if not branches:
        return ""
    inner = branches[0] if len(branches) == 1 and not is_end else f"(?:{'|'.join(branches)})"
    return inner + ("?" if is_end else "")


@cache
def matcher() -> Matcher:
    """Return the matcher of the whole table."""
    return Matcher(table())
