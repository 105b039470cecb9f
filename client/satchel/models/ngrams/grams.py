"""Text as tokens, and tokens as n-grams: what satchel's own linear models look at.

    grams = Grams(known)
    found = grams.of(grams.tokens("for x in items:"))     # a set of 32-bit hashes

A word that is known (a keyword, a common function) stands for itself. Any other word is replaced by its shape, so a
model learns `def a_b(` and never the names of anyone's functions. Hashes are CRC-32, the same in every process.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from zlib import crc32

EXAMINED_CHARS: Final = 16_384  # by which a text is told; keeps the time of one text bounded
MAX_TOKENS: Final = 4_096
SPACE: Final = " "  # the token of spaces within a line
_PLAIN: Final = "a"  # the shape of an unknown word in lower case
_MASK: Final = 0xFFFF_FFFF
_FIRST: Final = 0x9E37_79B1
_SECOND: Final = 0x85EB_CA6B
_THIRD: Final = 0xC2B2_AE35
_TOKEN: Final = re.compile(
    r"(?P<line>\s*\n[ \t]*)|(?P<space>[^\S\n]+)|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)"
    r"|(?P<sign>[-+*/=<>!&|:.?~^%@#$\\]{1,3}|\"+|'+|`+|[^\s\w])"
)
_LETTERS: Final = re.compile(r"[a-z]+|[A-Z]+|[0-9]+|_+|[^a-zA-Z0-9_]+")


class Grams:
    """Turns texts into the hashes of their n-grams."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._hashes: dict[str, int] = {}

    def of(self, tokens: Iterable[str]) -> set[int]:
        """Return the hashes of the 1-, 2- and 3-grams of the tokens of a text, each once."""
        found: set[int] = set()
        before = last = self.hash_of("^")
        spaced = 0
        for token in tokens:
            if token == SPACE:
                spaced = 1
                continue
            now = self.hash_of(token)
            pair = (last * _FIRST ^ now * _SECOND) & _MASK
            found.add(now)
            found.add(pair + spaced & _MASK)
            found.add((pair * _FIRST ^ before * _THIRD) & _MASK)
            before, last, spaced = last, now, 0
        return found

    def tokens(self, text: str) -> Iterator[str]:
        """Yield the tokens of the start of a text; a space for spaces within a line."""
        run = 0
        for count, match in enumerate(_TOKEN.finditer(text[:EXAMINED_CHARS].lstrip("\ufeff \t\r\n"))):
            if count >= MAX_TOKENS:
                return
            token = self._token(match.lastgroup or "", match.group())
            if token == _PLAIN:  # a run of unknown words is told by its first three
                run += 1
                if run > 3:
                    continue
            elif token != SPACE:
                run = 0
            yield token

    @staticmethod
    def words(text: str) -> list[str]:
        """Return the words of a text, as `tokens` parts them."""
        return [match.group() for match in _TOKEN.finditer(text) if match.lastgroup == "word"]

    def _token(self, kind: str, text: str) -> str:
        if kind == "word":
            return text if text in self._known else shape(text)
        if kind == "sign":
            return text[:3]
        if kind == "space":
            return SPACE
        return line_start(text) if kind == "line" else number(text)

    def hash_of(self, token: str) -> int:
        """Return the hash of one token, which is its 1-gram."""
        found = self._hashes.get(token)
        if found is None:
            found = crc32(token.encode("utf-8", "surrogatepass"))
            if len(self._hashes) < 65_536:
                self._hashes[token] = found
        return found


def line_start(text: str) -> str:
    """Return the token of a line's start: whether it is indented, by tabs or spaces, and after an empty line."""
    indent = text[text.rfind("\n") + 1 :]
    empty = "\n\n" if text.count("\n") > 1 else "\n"
    return empty + ("" if not indent else "\t" if indent[0] == "\t" else " ")


def number(text: str) -> str:
    """Return the shape of a number: `0`, `0.0`, `0x`, or with its unit, `0px`."""
    if text[:2] in ("0x", "0X"):
        return "0x"
    bare = text.lstrip("0123456789_")
    if not bare:
        return "0"
    if bare[0] == ".":
        rest = bare.lstrip(".0123456789_")
        return f"0.0{rest[:3]}" if bare.count(".") == 1 else "0.0.0"
    return f"0{bare[:4]}"


def shape(word: str) -> str:
    """Return the shape of an unknown word: `a`, `Aa`, `aA`, `AA`, `a_a`, `A_A`, with `0` for digits."""
    if len(word) == 1:
        return "x" if word.islower() else "X"
    if word.islower() and word.isalpha():
        return "a" if word.isascii() else "é"
    kinds = [_kind(part) for part in _LETTERS.findall(word[:64])]
    shaped: list[str] = []
    for kind in kinds:
        if kind not in shaped[-2:]:
            shaped.append(kind)
    return "".join(shaped[:5])


def _kind(part: str) -> str:
    first = part[0]
    if first == "_":
        return "_" if len(part) == 1 else "__"
    if first.isdigit():
        return "0"
    if not first.isascii():
        return "é"
    if first.islower():
        return "a"
    return "A" if len(part) == 1 else "AA"
