"""Putting values back in an answer, whole or in pieces.

Pieces are held back until the end of a word, so a placeholder that is cut between two of them is put together again.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Final

from satchel.prompts.placeholders import PLACEHOLDER, restored

MAX_HELD_CHARS: Final = 65_536
"""Of a word; a longer one is passed on in parts."""
_CUT_CHARS: Final = 32  # more than a placeholder
_WORDS: Final = re.compile(r"\S+|\s+")
_LINK_MARK: Final = re.compile(r"://|www\.", re.IGNORECASE)
_LINK: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]{0,30}://|www\.)(?P<rest>[^\s\"'`()\[\]{}|]*)", re.IGNORECASE
)
_LINK_END: Final = ".,;:!?*_"
_HOST: Final = re.compile(r"(?:[^/?#\\@]*@)?(?P<host><HOST_[0-9]+>)(?=[/?#:]|\Z)")


class Restorer:
    """Restores an answer that arrives in pieces. `links` are those that may hold values, as words and by themselves.

    In other links only the host itself is put back.
    """

    def __init__(self, values: Mapping[str, str], links: Collection[str]) -> None:
        self._values = values
        self._links = links
        self._held = ""
        self._is_in_link = False
        self.withheld: set[str] = set()
        """Placeholders that were left in a link."""

    def whole(self, text: str) -> str:
        """Return a whole answer with the values in place of their placeholders."""
        return "".join(map(self._word, _WORDS.findall(text))) if self._values else text

    def feed(self, piece: str) -> str:
        """Take a piece, and return what can be shown."""
        text = self._held + piece
        cut = len(text) - (len(text.rsplit(maxsplit=1)[-1]) if text and not text[-1].isspace() else 0)
        if len(text) - cut > MAX_HELD_CHARS:
            cut = len(text) - _CUT_CHARS
        self._held = text[cut:]
        shown = self.whole(text[:cut])
        if self._held and shown and not text[cut - 1].isspace():  # within a word
            self._is_in_link = self._is_in_link or bool(_LINK_MARK.search(text, 0, cut))
        return shown

    def end(self) -> str:
        """Return the rest."""
        held, self._held = self._held, ""
        return self.whole(held)

    def _word(self, word: str) -> str:
        if word.isspace():
            self._is_in_link = False
            return word
        if not (self._is_in_link or _LINK_MARK.search(word)) or word in self._links:
            return restored(word, self._values)
        return PLACEHOLDER.sub(partial(self._in_link, self._free(word)), word)

    def _in_link(self, free: Collection[int], found: re.Match[str]) -> str:
        if found.start() in free or found[0] not in self._values:
            return self._values.get(found[0], found[0])
        self.withheld.add(found[0])
        return found[0]

    def _free(self, word: str) -> set[int]:
        """Return where a word with a link has placeholders that may be put back."""
        free: set[int] = set()
        for found in () if self._is_in_link else _LINK.finditer(word):
            if found[0].rstrip(_LINK_END) in self._links:
                free.update(one.start() for one in PLACEHOLDER.finditer(word, *found.span()))
            elif host := _HOST.match(word, found.start("rest"), found.end()):
                free.add(host.start("host"))
        return free


def links_of(text: str) -> Iterator[str]:
    """Yield the links of a text that hold a placeholder, and the words they are in."""
    if "<" not in text:
        return
    for word in text.split():
        if _LINK_MARK.search(word) and PLACEHOLDER.search(word):
            yield word
            for found in _LINK.finditer(word):
                yield found[0].rstrip(_LINK_END)
