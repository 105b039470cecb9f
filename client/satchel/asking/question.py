"""The words of a question, and how well texts fit them."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from satchel.index.words import COMMON, indexed, names_in, parts_of

# Words of questions that tell nothing about their subject, as they are indexed.
_ASKING: Final = frozenset(
    """about again all also any anything but could did done ever find get give got had he her here his how just let like
    make me more most no now one our out please remember should show some something still such tell than they thing
    those too us very want we were while who whom whose why will would""".split()  # noqa: SIM905  shorter than a list
)
_WORD: Final = re.compile(r"[^\W_]")
LEAST_CHARS: Final = 2


def telling_words(question: str) -> list[str]:
    """Return the words of a question that tell its subject, each once; all words if none does."""
    words = list(dict.fromkeys(words_of(question)))
    telling = [word for word in words if word not in COMMON | _ASKING and len(word) >= LEAST_CHARS]
    return telling or words


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are indexed, those of identifiers apart."""
    return [word for name in names_in(text) for part in parts_of(name) for word in indexed(part)]


def weights_of(words: Sequence[str], texts: Iterable[Sequence[str]]) -> dict[str, float]:
    """Return how much each word tells, from the words of all texts: a rare one more than one that is everywhere."""
    counted: Counter[str] = Counter()
    total = 0
    for text in texts:
        counted.update(set(text).intersection(words))
        total += 1
    return {word: math.log(1 + (total + 1) / (counted[word] + 0.5)) for word in words}


def fit(words: Iterable[str], weights: Mapping[str, float]) -> float:
    """Return how well the words of a text fit a question, from 0 to 1: the share of its weights."""
    total = sum(weights.values())
    return sum(weights.get(word, 0.0) for word in set(words)) / total if total else 0.0
