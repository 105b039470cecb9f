"""Fuzzy matching of input against a title and tags: the characters of each word must occur in order.

Whole words rank above parts of words, and these above scattered characters.
"""

import re
from collections.abc import Sequence
from typing import Final

_EXACT: Final = 1.0
_AT_WORD: Final = 0.9
_INSIDE: Final = 0.75
_SCATTERED: Final = 0.6  # at most, if the characters stand close together
SURE: Final = 0.7
"""From this score on, every word occurs as it was typed."""
_MAX_SPREAD: Final = 6  # a match that spreads over more than this many times its length is an accident
_MAX_STARTS: Final = 8


def score(words: Sequence[str], text: str) -> float:
    """Return how well words fit a text, from 0 for not at all to 1. Both are casefolded."""
    if not words:
        return _EXACT
    scores = [_score_of_word(word, text) for word in words]
    return 0.0 if min(scores) == 0 else sum(scores) / len(scores)


def _score_of_word(word: str, text: str) -> float:
    at = text.find(word)
    if at == 0:
        return _EXACT
    while at > 0:
        if not text[at - 1].isalnum():
            return _AT_WORD
        following = text.find(word, at + 1)
        if following < 0:
            return _INSIDE
        at = following
    span = _shortest_span(word, text)
    return 0.0 if span is None or span > _MAX_SPREAD * len(word) else _SCATTERED * len(word) / span


def _shortest_span(word: str, text: str) -> int | None:
    """Return the length of the shortest part of a text with all characters in order, of the first few; None if none."""
    pattern = re.compile(".*?".join(map(re.escape, word)), re.DOTALL)
    spans = []
    at = 0
    for _ in range(_MAX_STARTS):
        match = pattern.search(text, at)
        if match is None:
            break
        spans.append(match.end() - match.start())
        at = match.start() + 1
    return min(spans, default=None)
