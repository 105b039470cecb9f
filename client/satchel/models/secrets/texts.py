"""Content as text that can be scanned: decoded, without characters that hide a secret, and without joints in it."""

import re
from bisect import bisect_right
from functools import cache
from itertools import islice
from typing import Final

from satchel.pieces.media import decode_text, is_text, sniff

MAX_CHARS: Final = 64 * 1024 * 1024
MAX_JOINTS: Final = 100_000
"""Of each kind; those after are not joined."""
# Characters that are not seen: soft hyphen, joiners, marks of direction, variation selectors, byte order mark.
_INVISIBLE: Final = [0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
                     *range(0xFE00, 0xFE10), 0xFEFF]  # fmt: skip
# Letters of other scripts that look like Latin ones, as in Unicode's list of confusable characters.
_LOOKALIKES: Final = {
    "АВЕКМНОРСТХУІЈЅԌԚԜ": "ABEKMHOPCTXYIJSGQW",
    "аеорсухіјѕһԁԛԝӏ": "aeopcyxijshdqwl",  # noqa: RUF001  the letters to replace
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ": "ABEZHIKMNOPTYX",  # noqa: RUF001  the letters to replace
    "αορν": "aopv",  # noqa: RUF001  the letters to replace
}
# Where a literal goes on: a quotation mark that begins a line, the next line after a backslash, and `" + "`.
_NEXT_LINE: Final = re.compile(r"\n[ \t]{0,80}(?:[+.&][ \t]{0,10})?[a-z]?[\"'`]")
_END_OF_LINE: Final = re.compile(r"[\"'`][ \t]{0,10}(?:[+.&\\][ \t]{0,10})?$")
_END_CHARS: Final = 24
_CONTINUED: Final = re.compile(r"\\\n[ \t]{0,80}")
_ADDED: Final = re.compile(r"[\"'`] ?[+.] ?[\"'`]")


def text_of(content: bytes, media_type: str = "") -> str:
    """Return the text of content; empty for images and other binary formats.

    Content with some binary characters is read as text all the same, since a secret may stand in it.
    """
    kind = sniff(content)
    declared = media_type if media_type and is_text(media_type) and "charset=" in media_type else kind
    if kind.startswith("application/octet-stream"):
        return plain(content[:MAX_CHARS].decode("latin-1"))
    return plain((decode_text(content, declared) or "")[:MAX_CHARS])


def plain(text: str) -> str:
    """Return a text with line feeds, without invisible characters and with Latin letters for what looks like them.

    Lines keep their numbers.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")
    if text.isascii():
        return text
    table, special = _special()
    return special.sub(lambda found: table[found[0]], text)


@cache
def _special() -> tuple[dict[str, str], re.Pattern[str]]:
    """Return what replaces the invisible and the confusable characters, and an expression for all of them."""
    table = {chr(code): "" for code in _INVISIBLE}
    table |= {chr(0xFF01 + offset): chr(0x21 + offset) for offset in range(94)}
    for others, latin in _LOOKALIKES.items():
        table |= dict(zip(others, latin, strict=True))
    return table, re.compile(f"[{re.escape(''.join(table))}]")


class Plain:
    """A text as `plain` returns it, with the places of its characters in the original."""

    def __init__(self, text: str) -> None:
        self.text = plain(text)
        removed = _removed().finditer(text) if len(self.text) != len(text) else ()
        self._behind = [found.start() - number for number, found in enumerate(removed)]

    def original(self, at: int) -> int:
        """Return the place in the original of a character of the plain text."""
        return at + bisect_right(self._behind, at)


@cache
def _removed() -> re.Pattern[str]:
    """Return an expression for the characters that a plain text lacks."""
    return re.compile(rf"\r(?=\n)|[{re.escape(''.join(map(chr, _INVISIBLE)))}]")


class Lines:
    """The lines of a text, asked for in the order of places; it keeps no list of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._number = 1

    def number(self, at: int) -> int:
        """Return the number of the line of a place, from 1. Places must not decrease."""
        self._number += self._text.count("\n", self._at, at)
        self._at = at
        return self._number

    def around(self, at: int, most: int) -> str:
        """Return the line of a place, at most so many characters before and after it."""
        start = self._text.rfind("\n", max(0, at - most), at) + 1 or max(0, at - most)
        end = self._text.find("\n", at, at + most)
        return self._text[start : end if end >= 0 else at + most]


class Joined:
    """A text whose string literals are joined where they are split, at a line end, a plus sign or a backslash."""

    def __init__(self, text: str) -> None:
        self._places: list[tuple[int, int]] = [(0, 0)]
        pieces: list[str] = []
        at = length = 0
        for start, end in _joints(text):
            if start < at:
                continue
            pieces.append(text[at:start])
            length += start - at
            at = end
            self._places.append((length, at))
        pieces.append(text[at:])
        self.text = "".join(pieces) if at else ""
        self._starts = [place for place, _ in self._places]

    def original(self, at: int) -> int:
        """Return the place in the text before joining."""
        joined, before = self._places[bisect_right(self._starts, at) - 1]
        return before + at - joined

    def crosses(self, start: int, end: int) -> bool:
        """Whether a joint lies inside."""
        return bisect_right(self._starts, start) != bisect_right(self._starts, end - 1)


def _joints(text: str) -> list[tuple[int, int]]:
    """Return where literals are split, in order."""
    found: list[tuple[int, int]] = []
    for line in islice(_NEXT_LINE.finditer(text), MAX_JOINTS):
        end = _END_OF_LINE.search(text[max(0, line.start() - _END_CHARS) : line.start()])
        if end:
            found.append((line.start() - len(end[0]), line.end()))
    if "\\\n" in text:
        found += [each.span() for each in islice(_CONTINUED.finditer(text), MAX_JOINTS)]
    if any(mark in text for mark in ('" +', '"+', "' +", "'+", '" .', "' .")):
        found += [each.span() for each in islice(_ADDED.finditer(text), MAX_JOINTS)]
    return sorted(found)
