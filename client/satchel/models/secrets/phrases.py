"""Recovery phrases of BIP 39: 12 to 24 words of one list, in a row, one a line or numbered, with a right checksum."""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from satchel.models.secrets.found import Candidate

if TYPE_CHECKING:
    from mnemonic import Mnemonic

_LENGTHS: Final = (24, 21, 18, 15, 12)
_FEWEST: Final = 12
_ROW: Final = re.compile(r"[A-Za-z]{3,8}(?:[ \t,]{1,3}[A-Za-z]{3,8}){11,23}")
_PLAIN_LINE: Final = re.compile(r"[A-Za-z0-9 \t.):,;|\"'-]*")
_WORD: Final = re.compile(r"(?:(?P<number>\d{1,2})[.):]{0,2}[ \t]{1,3})?(?P<word>[A-Za-z]+)")
_CHUNK_CHARS: Final = 2**16
_OVERLAP_CHARS: Final = 2**11  # more than a phrase
_LONGEST_ROW: Final = 48  # more words of the list in a row are the list itself
_LEAST_CHARS: Final = _FEWEST * 4 - 1


def candidates(text: str) -> Iterator[Candidate]:
    """Yield the phrases of a text."""
    for start, end in _plain_blocks(text):
        words = list(_WORD.finditer(text, start, end))
        at = 0
        while len(words) - at >= _FEWEST:
            # If the twelfth word from here is not in the list, no phrase begins before it.
            gap = next(
                (n for n in range(_FEWEST - 1, -1, -1) if words[at + n]["word"].lower() not in _words()), None
            )
            if gap is not None:
                at += gap + 1
                continue
            row = _listed(words, at)
            yield from _in_row(row)
            at += len(row)


def _in_row(row: list[re.Match[str]]) -> Iterator[Candidate]:
    """Yield the first phrase in words of the list; nothing for the list itself."""
    if len(row) > _LONGEST_ROW:
        return
    for at in range(len(row) - _FEWEST + 1):
        phrase = _phrase(row[at : at + _LENGTHS[0]])
        if phrase:
            count = phrase.count(" ") + 1
            start, end = row[at].start(), row[at + count - 1].end()
            yield Candidate(
                "recovery-phrase", f"recovery phrase of {count} words", start, end, 0.97, value=phrase
            )
            return


def _plain_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of adjacent lines that have nothing but words, numbers and light punctuation.

    A block is at most `_CHUNK_CHARS` long, so that hostile text takes no more memory than its length.
    """
    for start in range(0, len(text), _CHUNK_CHARS - _OVERLAP_CHARS):
        for first, end in _blocks_of(text[start : start + _CHUNK_CHARS]):
            yield start + first, start + end


def _blocks_of(text: str) -> Iterator[tuple[int, int]]:
    start = at = 0
    for line in text.split("\n"):
        if _PLAIN_LINE.fullmatch(line):
            at += len(line) + 1
            continue
        if at - start > _LEAST_CHARS:
            yield start, at
        # A phrase may stand between other signs of a line: `mnemonic = "…"`.
        if len(line) > _LEAST_CHARS and line.count(" ") >= _FEWEST - 1:
            yield from ((found.start() + at, found.end() + at) for found in _ROW.finditer(line))
        at += len(line) + 1
        start = at
    if at - start > _LEAST_CHARS:
        yield start, len(text)


def _listed(words: list[re.Match[str]], at: int) -> list[re.Match[str]]:
    """Return the words from a place on that are in the list."""
    end = next((n for n in range(at, len(words)) if words[n]["word"].lower() not in _words()), len(words))
    return words[at:end]


def _phrase(words: list[re.Match[str]]) -> str:
    """Return the longest phrase at the beginning of some words whose checksum is right; empty if there is none."""
    for length in _LENGTHS:
        if len(words) < length:
            continue
        row = [word["word"].lower() for word in words[:length]]
        orders = [row]
        numbers = [int(word["number"] or 0) for word in words[:length]]
        if sorted(numbers) == list(range(1, length + 1)):
            orders.append([word for _, word in sorted(zip(numbers, row, strict=True))])
        for order in orders:
            phrase = " ".join(order)
            if len(set(order)) > length // 2 and _list().check(phrase):
                return phrase
    return ""


@cache
def _list() -> "Mnemonic":
    from mnemonic import Mnemonic  # noqa: PLC0415  where a text has twelve words in a row

    return Mnemonic("english")


@cache
def _words() -> frozenset[str]:
    return frozenset(_list().wordlist)
