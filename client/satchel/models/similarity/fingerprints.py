"""Fingerprints: the smallest hashes of the shingles of a text (a bottom-k sketch).

Two kinds of shingles are sampled apart: `shape`, with names, numbers and strings replaced by their kind, which
clones with other names share; and `words`, with the names as they are, which tells texts of the same shape apart.
"""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

FINGERPRINT_VERSION: Final = 1
EXAMINED_CHARS: Final = 65_536
SHAPE_HASHES: Final = 160
WORD_HASHES: Final = 64
_SHINGLE_TOKENS: Final = 5
_SHORT_SHINGLE_TOKENS: Final = 3
_MAX_TOKENS: Final = 20_000
LEAST_TOKENS: Final = 8  # shorter texts resemble everything

_COMMENT: Final = re.compile(
    r"//[^\n]{0,2000}|/\*[^*]{0,4000}\*/|(?:^|\s)#(?![ \t]*(?:include|define|if|end|else))[^\n]{0,2000}"
)
_TOKEN: Final = re.compile(
    r"\"(?:[^\"\\\n]|\\.){0,500}\"|'(?:[^'\\\n]|\\.){0,500}'|`(?:[^`\\]|\\.){0,500}`"
    r"|[A-Za-z_$][\w$]*|\d[\w.]*|=>|->|::|:=|[=!<>]=|&&|\|\||\+\+|--|[^\s\w]"
)
# Words that are part of the shape, in any language; every other word is a name.
_KEYWORDS: Final = frozenset(
    [
        "if",
        "else",
        "elif",
        "for",
        "while",
        "do",
        "return",
        "break",
        "continue",
        "switch",
        "case",
        "default",
        "match",
        "when",
        "try",
        "except",
        "catch",
        "finally",
        "raise",
        "throw",
        "throws",
        "with",
        "as",
        "in",
        "is",
        "not",
        "and",
        "or",
        "new",
        "delete",
        "del",
        "class",
        "struct",
        "enum",
        "interface",
        "trait",
        "impl",
        "def",
        "fn",
        "func",
        "function",
        "fun",
        "lambda",
        "let",
        "const",
        "var",
        "val",
        "mut",
        "static",
        "public",
        "private",
        "protected",
        "final",
        "abstract",
        "async",
        "await",
        "yield",
        "import",
        "from",
        "use",
        "using",
        "package",
        "namespace",
        "module",
        "include",
        "require",
        "export",
        "void",
        "int",
        "float",
        "double",
        "bool",
        "boolean",
        "char",
        "string",
        "str",
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "this",
        "self",
        "super",
        "extends",
        "implements",
        "defer",
        "go",
        "chan",
        "select",
        "range",
        "type",
        "typeof",
        "instanceof",
        "sizeof",
        "pass",
        "assert",
        "global",
        "nonlocal",
        "unless",
        "until",
        "end",
        "begin",
        "then",
        "fi",
        "done",
        "echo",
        "local",
        "print",
        "where",
        "loop",
        "foreach",
        "of",
        "get",
        "set",
        "override",
    ]
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The sampled hashes of a text, sorted; empty for a text of fewer than LEAST_TOKENS tokens."""

    shape: tuple[int, ...]
    words: tuple[int, ...]


def fingerprint(text: str) -> Fingerprint:
    """Return the fingerprint of a text. Comments and spaces count nothing."""
    tokens = _TOKEN.findall(_COMMENT.sub(" ", text[:EXAMINED_CHARS]))[:_MAX_TOKENS]
    if len(tokens) < LEAST_TOKENS:
        return Fingerprint((), ())
    shape = [_kind(token) for token in tokens]
    short = _shingles(shape, _SHORT_SHINGLE_TOKENS)
    long = _shingles(_with_repeats(tokens, shape), _SHINGLE_TOKENS)
    names = {token.lower() for token in tokens if token[0].isalpha() and token.lower() not in _KEYWORDS}
    return Fingerprint(
        _sample([*short, *long], SHAPE_HASHES),
        _sample([f"n{name}" for name in names], WORD_HASHES),
    )


def resemblance(one: Fingerprint, other: Fingerprint) -> float:
    """Return how much of their shapes two texts share, from 0 to 1."""
    return _jaccard(one.shape, other.shape, SHAPE_HASHES)


def shared_names(one: Fingerprint, other: Fingerprint) -> float:
    """Return how many of their names two texts share, from 0 to 1."""
    return _jaccard(one.words, other.words, WORD_HASHES)


def packed(one: Fingerprint) -> bytes:
    """Return a fingerprint as bytes: the number of hashes of its shape, then all hashes, 4 bytes each."""
    values = array("I", [len(one.shape), *one.shape, *one.words])
    return values.tobytes()


def unpacked(data: bytes) -> Fingerprint:
    """Return the fingerprint of `packed`. ValueError for bytes of another form."""
    values = array("I")
    values.frombytes(data)
    if not values or values[0] >= len(values) + 1:
        raise ValueError("not a fingerprint")
    return Fingerprint(tuple(values[1 : values[0] + 1]), tuple(values[values[0] + 1 :]))


def _kind(token: str) -> str:
    first = token[0]
    if first in "\"'`":
        return "s"
    if first.isdigit():
        return "0"
    if first.isalpha() or first in "_$":
        word = token.lower()
        return word if word in _KEYWORDS else "n"
    return token


def _with_repeats(tokens: list[str], shape: list[str]) -> list[str]:
    """Return the shape with each name replaced by how long ago it was last used: a change of names keeps that."""
    last: dict[str, int] = {}
    found: list[str] = []
    count = 0
    for token, kind in zip(tokens, shape, strict=True):
        if kind != "n":
            found.append(kind)
            continue
        count += 1
        ago = count - last.get(token, count)
        found.append(f"n{min(16, ago)}")
        last[token] = count
    return found


def _shingles(parts: list[str], length: int) -> set[str]:
    return {" ".join(parts[at : at + length]) for at in range(max(1, len(parts) - length + 1))}


def _sample(shingles: Iterable[str], size: int) -> tuple[int, ...]:
    hashes = {
        int.from_bytes(blake2b(one.encode("utf-8", "replace"), digest_size=4).digest()) for one in shingles
    }
    return tuple(sorted(hashes)[:size])


def _jaccard(one: tuple[int, ...], other: tuple[int, ...], size: int) -> float:
    if not one or not other:
        return 0.0
    both = sorted({*one, *other})[:size]
    shared = set(one).intersection(other)
    return sum(value in shared for value in both) / len(both)
