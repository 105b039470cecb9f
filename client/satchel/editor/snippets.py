r"""Snippets in the syntax of VS Code and of the Language Server Protocol: tab stops, choices, variables.

    escaped("cost: $5")                        "cost: \$5"
    without_stops("for ${1:x} in ${2:xs}:")    "for x in xs:"

A Piece that was imported from VS Code is such a snippet, and is passed on as it is. Every other Piece is plain text.
"""

import re
from collections.abc import Mapping
from typing import Final

from satchel.pieces.model import Piece

VSCODE: Final = "vscode"
MAX_DEPTH: Final = 50

_SPECIAL: Final = re.compile(r"([\\$}])")
_SIMPLE: Final = re.compile(r"\$(?:\d+|[A-Za-z_]\w*)")
_OPENING: Final = re.compile(r"\$\{(?P<name>\d+|[A-Za-z_]\w*)(?P<after>[:|/}])")
# A choice and a transformation are bounded, so that a hostile snippet takes linear time.
_CHOICE: Final = re.compile(r"(?P<first>(?:\\.|[^,|\\]){0,500}+)(?:,(?:\\.|[^|\\]){0,2000}+)?\|\}", re.DOTALL)
_TRANSFORM: Final = re.compile(
    r"(?:\\.|[^/\\]){0,500}+/(?:\\.|\$\{[^}]{0,100}+\}|[^/\\]){0,500}+/[a-z]{0,9}\}", re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\([\\$},|])")


def is_snippet(piece: Piece) -> bool:
    """Whether the content of a Piece is a snippet, with tab stops."""
    return piece.source is not None and piece.source.kind == VSCODE


def escaped(text: str) -> str:
    """Return the snippet that inserts a text as it is."""
    return _SPECIAL.sub(r"\\\1", text)


def without_stops(snippet: str) -> str:
    """Return what a snippet inserts, for editors without tab stops: defaults, first choices, no variables.

    A stop that occurs again gets the same text. What is no valid stop stays as it is; a placeholder without an end
    ends with the text.
    """
    first = _Reader(snippet, {})
    first.read()
    return _Reader(snippet, first.defaults).read()


class _Reader:
    """Reads a snippet from left to right. Depth is bounded; deeper placeholders stay as they are."""

    def __init__(self, snippet: str, known: Mapping[str, str]) -> None:
        self.defaults: dict[str, str] = {}
        self._known = known
        self._text = snippet
        self._at = 0

    def read(self) -> str:
        """Return the text without stops."""
        return self._until_end(depth=0)

    def _until_end(self, depth: int) -> str:
        """Read up to the end of the text, or inside of a placeholder up to its closing brace."""
        found: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "}" and depth:
                self._at += 1
                break
            found.append(self._next(character, depth))
        return "".join(found)

    def _next(self, character: str, depth: int) -> str:
        if character == "\\" and (escape := _ESCAPED.match(self._text, self._at)):
            self._at = escape.end()
            return escape[1]
        if character == "$" and (simple := _SIMPLE.match(self._text, self._at)):
            self._at = simple.end()
            return self._known.get(simple[0][1:], "")
        if character == "$" and depth < MAX_DEPTH and (opening := _OPENING.match(self._text, self._at)):
            return self._placeholder(opening["name"], opening["after"], opening.end(), depth)
        self._at += 1
        return character

    def _placeholder(self, name: str, after: str, inside: int, depth: int) -> str:
        start, self._at = self._at, inside
        if after == "}":
            return self._known.get(name, "")
        if after == ":":
            return self._keep(name, self._until_end(depth + 1))
        match = (_CHOICE if after == "|" else _TRANSFORM).match(self._text, inside)
        if match is None:
            self._at = start + 1
            return "$"
        self._at = match.end()
        return self._keep(name, _ESCAPED.sub(r"\1", match["first"])) if after == "|" else ""

    def _keep(self, name: str, text: str) -> str:
        """Remember the first text of a stop with a number; variables have none to repeat."""
        if name.isdigit():
            self.defaults.setdefault(name, text)
        return text
