"""What a person remembers of a subject: few of its words, some of them inflected, split, or replaced by others."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Final

from models.oracles.memory.steps import words_of

REPLACED: Final = 0.6  # of the words that have a synonym
INFLECTED: Final = 0.3
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLURAL: Final = frozenset("bdegklmnprtw")
_STEM_CHARS: Final = 5
_ENDINGS: Final = ("ings", "ing", "ied", "ies", "ed", "es", "s", "e", "y")


@cache
def stem(word: str) -> str:
    """Return a word in lower case, without its ending and cut short, so that most of its forms have one stem."""
    low = word.lower()
    ending = next((one for one in _ENDINGS if low.endswith(one) and len(low) - len(one) >= 3), "")
    return low.removesuffix(ending)[: _STEM_CHARS + 1]


def stems(text: str) -> frozenset[str]:
    """Return the stems of all words of a text; names in code count whole and in parts."""
    found: set[str] = set()
    for word in re.findall(r"[A-Za-z][A-Za-z0-9_]+", text):
        found.add(stem(word))
        found |= {stem(part) for part in _PART.findall(word) if len(part) > 2}
    return frozenset(found)


class Cues:
    """Cues over the tasks of one person: how common a word is decides whether it is remembered."""

    def __init__(self, texts: Iterable[frozenset[str]], synonyms: Mapping[str, Sequence[str]]) -> None:
        self._having: dict[str, set[int]] = {}
        for number, text in enumerate(texts):
            for one in text:
                self._having.setdefault(one, set()).add(number)
        self._synonyms = synonyms

    def commonness(self, kept: frozenset[str]) -> int:
        """Return how many tasks have all of these stems."""
        return len(set.intersection(*(self._having.get(one, set()) for one in kept)))

    def cue(self, chance: Random, subject: str) -> tuple[str, frozenset[str]] | None:
        """Return a cue and the stems that it shares with the subject; None if it would fit too many tasks."""
        words = words_of(re.sub(r"^\w+(\([^)]*\))?: ", lambda found: f"{found[1] or ''} ", subject))
        rare = sorted(words, key=lambda word: (self.commonness(frozenset({stem(word)})), word))[:4]
        chosen = chance.sample(rare, min(len(rare), chance.choice((2, 2, 3, 3))))
        if not chosen or (rare[0] not in chosen and len(chosen) < 2):
            return None
        said = [self._said(chance, word) for word in words if word in chosen]
        cue = " ".join(said)
        kept = stems(cue) & stems(subject)
        whole = sum(stem(word) in kept for word in chosen)
        if not kept or whole == 0 or self.commonness(kept) > 4:
            return None
        return (cue, kept)

    def _said(self, chance: Random, word: str) -> str:
        others = self._synonyms.get(word.lower())
        if others and chance.random() < REPLACED:
            return chance.choice(list(others))
        parts = _PART.findall(word)
        if len(parts) > 1 and chance.random() < 0.4:
            return " ".join(parts).lower()
        return _inflected(word) if chance.random() < INFLECTED and word.islower() else word


def _inflected(word: str) -> str:
    """Return another form of a word, where English makes it without exceptions; else the word."""
    for ending, least in (("ing", 7), ("ed", 6)):
        if word.endswith(ending) and len(word) >= least:
            return word.removesuffix(ending)
    if word.endswith("s"):
        return word if word.endswith(("ss", "us", "is")) else word.removesuffix("s")
    return f"{word}s" if word[-1] in _PLURAL and not word.endswith("ing") else word
