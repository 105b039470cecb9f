"""How random a text looks: as a token, or as names, words and numbers.

A table gives for each pair of adjacent characters how much likelier it is in a token than in a name; the score of a
text is the mean over its pairs, in bits. `models/secrets/training.py` makes the table from generated texts.
"""

import itertools
import json
from functools import cache
from math import log2
from pathlib import Path
from typing import Final

CLASSES: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0/-"
FILE: Final = Path(__file__).parents[1] / "weights" / "secrets.json"
# Printable levels, an eighth of a bit each; the middle is zero.
LEVELS: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"\\')
_FOLDED: Final = str.maketrans("123456789+=_.~", "000000000//---")
MAX_CHARS: Final = 200
"""Longer texts are judged by their beginning."""


def folded(text: str) -> str:
    """Return a text in the characters of the table; others are left out."""
    return "".join(char for char in text.translate(_FOLDED) if char in CLASSES)


def randomness(text: str) -> float:
    """Return the mean evidence in bits, above zero for what looks like a token; 0 for fewer than two characters."""
    classes = folded(text[:MAX_CHARS])
    if len(classes) < 2:
        return 0.0
    table = _table()
    return sum(table[pair] for pair in itertools.pairwise(classes)) / (len(classes) - 1)


def entropy(text: str) -> float:
    """Return the entropy of the characters, in bits a character."""
    length = len(text)
    counts = (text.count(char) for char in set(text))
    return sum(count / length * log2(length / count) for count in counts)


@cache
def _table() -> dict[tuple[str, str], float]:
    stored = json.loads(FILE.read_text("utf-8"))
    middle = len(LEVELS) // 2
    return {
        (first, second): (LEVELS.index(level) - middle) / 8
        for first, row in zip(stored["classes"], stored["weights"], strict=True)
        for second, level in zip(stored["classes"], row, strict=True)
    }
