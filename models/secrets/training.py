"""Train the model of randomness of `satchel.models.secrets`: how likely a pair of characters is in a token and a name.

Both sides are generated (`models.secrets.tokens`), so this takes some seconds and gives the same weights each time:

    python -m models.secrets

A weight is the logarithm (base 2) of how much likelier the second character follows the first one in a token than
in a name, in eighths, as one character of `LEVELS`. Digits count as one character, `+` and `/`
as another; `_`, `-` and `.` as a third.
"""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import islice, pairwise
from math import log2
from random import Random
from typing import Final

from mnemonic import Mnemonic

from models.secrets.tokens import names, random_token
from satchel.models.secrets.randomness import CLASSES, LEVELS, folded

SEED: Final = 12
EXAMPLES: Final = 20_000
_SMOOTHING: Final = 2.0


def counted(texts: Iterable[str]) -> Counter[tuple[str, str]]:
    """Count the pairs of adjacent characters."""
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        classes = folded(text)
        pairs.update(pairwise(classes))
    return pairs


def conditional(pairs: Counter[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Return the probability of the second character after the first."""
    totals: Counter[str] = Counter()
    for (first, _), count in pairs.items():
        totals[first] += count
    return {
        (first, second): (pairs[first, second] + _SMOOTHING) / (totals[first] + _SMOOTHING * len(CLASSES))
        for first in CLASSES
        for second in CLASSES
    }


def trained() -> str:
    """Return the weights as JSON."""
    random = Random(SEED)
    words = tuple(Mnemonic("english").wordlist)
    tokens = conditional(counted(random_token(random) for _ in range(EXAMPLES)))
    others = conditional(counted(islice(names(random, words), EXAMPLES)))
    rows = [
        "".join(LEVELS[_level(log2(tokens[first, second] / others[first, second]))] for second in CLASSES)
        for first in CLASSES
    ]
    return json.dumps({"classes": CLASSES, "weights": rows}, indent=1) + "\n"


def _level(bits: float) -> int:
    return max(0, min(len(LEVELS) - 1, round(bits * 8) + len(LEVELS) // 2))
