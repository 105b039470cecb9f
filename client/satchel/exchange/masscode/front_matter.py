"""The front matter of massCode 5's Markdown files: the part of YAML that massCode writes.

It writes one mapping with scalars, lists of scalars and lists of mappings, indented by two spaces, with plain,
quoted and literal strings. Anything else, such as an anchor that a person added, is left out: the metadata of a
snippet is optional, its content is not. Nothing is evaluated, and the time is linear in the text.
"""

import re
from collections.abc import Iterator
from typing import Final

Scalar = str | int | float | bool | None
Value = Scalar | list[Scalar] | list[dict[str, Scalar]]

MAX_LINES: Final = 10_000

_FRONT: Final = re.compile(r"---\r?\n(.*?)\r?\n---(?:\r?\n|\Z)", re.DOTALL)
_MEMBER: Final = re.compile(r"([A-Za-z_][\w-]*):(?:[ \t]+(.*))?")
_LITERAL: Final = re.compile(r"[|>]([+-]?)[0-9]?([+-]?)[ \t]*")
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{0,18}(?:[eE][-+]?[0-9]{1,3})?")
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f",
                   "v": "\v", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}  # fmt: skip
_WORDS: Final[dict[str, Scalar]] = {"": None, "~": None, "null": None, "true": True, "false": False}


def split(text: str) -> tuple[dict[str, Value], str]:
    """Return the front matter of a Markdown text, empty if it has none, and the text after it."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    return dict(_members(match[1].splitlines()[:MAX_LINES])), text[match.end() :]


def _members(lines: list[str]) -> Iterator[tuple[str, Value]]:
    """Yield the members of a mapping. Lines that belong to one are indented deeper, or are items of its list."""
    at = 0
    while at < len(lines):
        match = _MEMBER.fullmatch(lines[at])
        at += 1
        start = at
        while at < len(lines) and (
            not lines[at].strip() or lines[at][0] in " \t" or lines[at].startswith("- ")
        ):
            at += 1
        if match is not None:
            yield match[1], _value(match[2] or "", lines[start:at])


def _value(text: str, below: list[str]) -> Value:
    literal = _LITERAL.fullmatch(text)
    if literal is not None:
        return _literal(below, keep=literal[1] or literal[2])
    if not text.strip() and any(line.lstrip().startswith("-") for line in below):
        return _list(below)
    if text.startswith("[") and text.rstrip().endswith("]"):
        inner = text.strip()[1:-1]
        return [_scalar(each) for each in inner.split(",")] if inner.strip() else []
    return _scalar(text)


def _literal(lines: list[str], *, keep: str) -> str:
    """Return a literal string. Its first line gives the indentation."""
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
    text = "\n".join(line[indent:] for line in lines)
    return f"{text}\n" if keep == "+" else text.rstrip("\n") + ("" if keep == "-" else "\n")


def _list(lines: list[str]) -> list[Scalar] | list[dict[str, Scalar]]:
    scalars: list[Scalar] = []
    mappings: list[dict[str, Scalar]] = []
    for line in lines:
        text = line.strip()
        is_item = text.startswith("- ") or text == "-"
        member = _MEMBER.fullmatch(text[2:].strip() if is_item else text)
        if is_item and member is not None:
            mappings.append({})
        if member is not None and mappings:
            mappings[-1][member[1]] = _scalar(member[2] or "")
        elif is_item:
            scalars.append(_scalar(text[2:]))
    return mappings or scalars


def _scalar(text: str) -> Scalar:
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] == "'":
        return plain[1:-1].replace("''", "'")
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        return _ESCAPE.sub(_unescaped, plain[1:-1])
    if plain in _WORDS:
        return _WORDS[plain]
    if _INTEGER.fullmatch(plain):
        return int(plain)
    return float(plain) if _FLOAT.fullmatch(plain) else plain


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) == 1:
        return _ESCAPED.get(code, code)
    number = int(code[1:], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
