"""Shapes of tokens: literal text, alphabets with lengths, and alternatives.

    shape = parse("ghp_{base62:36}")
    shape.prefixes       # ("ghp_",)
    shape.pattern        # "ghp_[0-9A-Za-z]{36}", for `re`

Every part of a pattern is a class with a bounded count, so a match takes time linear in its length.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_UPPER: Final = _LOWER.upper()
_DIGITS: Final = "0123456789"
_BASE62: Final = _DIGITS + _UPPER + _LOWER
ALPHABETS: Final = {
    "digit": _DIGITS,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "xdigit": "0123456789abcdefABCDEF",
    "base36": _DIGITS + _LOWER,
    "BASE36": _DIGITS + _UPPER,
    "base62": _BASE62,
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "BASE32": _UPPER + "234567",
    "lower32": _LOWER + "234567",
    "bech32": "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
    "BECH32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "base64": _BASE62 + "+/",
    "url": _BASE62 + "_-",
    "tilde": _BASE62 + "_-~.",
    "dotted": _BASE62 + "_.",
    "word-": _BASE62 + "-",
    "words": _LOWER + _DIGITS + "-",
    "escaped": _BASE62 + "%+/=_-",
    "printable": _BASE62 + "!#$%&()*+,-.:;<=>?@[]^_{|}~",
}
_UUID: Final = "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"
_PART: Final = re.compile(
    r"\{(?P<alphabet>[\w-]+):(?P<least>\d+)(?:-(?P<most>\d+))?\}|\[(?P<choice>[^\]]*)\]"
)


@dataclass(frozen=True, slots=True)
class Run:
    """Between `least` and `most` characters of an alphabet."""

    alphabet: str
    least: int
    most: int

    @property
    def pattern(self) -> str:
        """The part of a regular expression."""
        count = f"{self.least}" if self.least == self.most else f"{self.least},{self.most}"
        return f"[{re.escape(ALPHABETS[self.alphabet])}]{{{count}}}"


Part = tuple[str, ...] | Run
"""Alternatives of literal text, or a run."""


@dataclass(frozen=True)
class Shape:
    """A parsed shape."""

    parts: tuple[Part, ...]

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """The literal texts with which a token begins; one empty text if it begins with a run."""
        literals: list[tuple[str, ...]] = []
        for part in self.parts:
            if isinstance(part, Run):
                break
            literals.append(part)
        return tuple("".join(texts) for texts in product(*literals))

    @cached_property
    def infix(self) -> str:
        """The longest literal text between runs; empty without one."""
        return max(
            (part[0] for part in self.parts if isinstance(part, tuple) and len(part) == 1),
            key=len,
            default="",
        )

    @cached_property
    def pattern(self) -> str:
        """The regular expression, without what may follow."""
        return "".join(
            part.pattern if isinstance(part, Run) else f"(?:{'|'.join(map(re.escape, part))})"
            for part in self.parts
        )

    @cached_property
    def most(self) -> int:
        """The length of the longest token."""
        return sum(part.most if isinstance(part, Run) else max(map(len, part)) for part in self.parts)

    @cached_property
    def end(self) -> str:
        """The alphabet of the last part; empty if that is literal text."""
        last = self.parts[-1]
        return ALPHABETS[last.alphabet] if isinstance(last, Run) else ""


def parse(text: str) -> Shape:
    """Parse a shape. KeyError for an unknown alphabet."""
    parts: list[Part] = []
    text = text.replace("{uuid}", _UUID)
    at = 0
    for found in _PART.finditer(text):
        if found.start() > at:
            parts.append((text[at : found.start()],))
        if found["alphabet"]:
            least = int(found["least"])
            ALPHABETS[found["alphabet"]]
            parts.append(Run(found["alphabet"], least, int(found["most"] or least)))
        else:
            parts.append(tuple(found["choice"].split("|")))
        at = found.end()
    if at < len(text):
        parts.append((text[at:],))
    return Shape(tuple(parts))
