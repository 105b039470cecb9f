"""Token budgets: results that fit into the context of a client's model.

    budget = Budget(4_000)
    title = budget.take(piece.title, share=0.25)     # its beginning, if it is too long
    budget.was_cut

Clients fail above about 25,000 tokens a result, and get each result twice: structured and as text.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

import msgspec

DEFAULT_TOKENS: Final = 4_000
LEAST_TOKENS: Final = 500
MOST_TOKENS: Final = 10_000
OVERHEAD_TOKENS: Final = 160
"""What the names and numbers of a result take."""

_CHARS_PER_TOKEN: Final = 2
_ASCII: Final = bytes(range(128))


def tokens_of(data: bytes) -> int:
    """Return an upper estimate of the tokens of a text in UTF-8.

    Tokenizers of current models make one token of three to four characters of prose or code and of about two of
    random letters, and at most one of each byte of other scripts.
    """
    others = len(data.translate(None, delete=_ASCII))
    return -(-(len(data) - others) // _CHARS_PER_TOKEN) + others


def tokens_in_json(value: str | msgspec.Struct) -> int:
    """Return an upper estimate of the tokens of a value in JSON."""
    return tokens_of(msgspec.json.encode(value))


class Budget:
    """The tokens that are left of a result. `was_cut` tells whether something did not fit."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.left = tokens - OVERHEAD_TOKENS
        self.was_cut = False

    def fits(self, tokens: int) -> bool:
        """Take tokens if they are left; otherwise note that something was cut."""
        if tokens > self.left:
            self.was_cut = True
            return False
        self.left -= tokens
        return True

    def take(self, text: str, *, share: float = 1.0) -> str:
        """Return the beginning of a text that fits what is left, and a share of the whole."""
        most = min(self.left, int(self.tokens * share))
        kept = beginning(text, most)
        self.left -= tokens_in_json(kept) if kept else 0
        self.was_cut |= len(kept) < len(text)
        return kept

    def take_all(self, texts: tuple[str, ...], *, share: float) -> list[str]:
        """Return the first texts that fit whole."""
        kept = leading(texts, min(self.left, int(self.tokens * share)))
        self.left -= sum(map(_tokens_in_list, kept))
        self.was_cut |= len(kept) < len(texts)
        return kept


def beginning(text: str, tokens: int) -> str:
    """Return the longest beginning of a text within a number of tokens as a JSON string; empty if none fits."""
    text = text[: max(0, tokens * _CHARS_PER_TOKEN)]
    if tokens_in_json(text) <= tokens:
        return text
    sizes = range(len(text))
    return text[: max(0, bisect_right(sizes, tokens, key=lambda size: tokens_in_json(text[:size])) - 1)]


def leading(texts: Iterable[str], tokens: int) -> list[str]:
    """Return the first texts that together fit a number of tokens as a JSON list, each of them whole."""
    kept = list[str]()
    for text in texts:
        tokens -= _tokens_in_list(text)
        if tokens < 0:
            break
        kept.append(text)
    return kept


def _tokens_in_list(text: str) -> int:
    return tokens_in_json(text) + 1
