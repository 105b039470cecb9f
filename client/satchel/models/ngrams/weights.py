"""Weights of a linear model over n-grams, in one file that needs no numpy.

    model = load("language.bin")
    scores = model.scores("fn main() {}")       # class: log-probability

The file: one line of JSON (classes, known words, scale, biases, the number of n-grams), then the hashes of the n-grams
as little-endian 32-bit numbers, then one signed byte for each n-gram and class. Its SHA-256 stands in SHA256SUMS and
is checked before anything is read.
"""

import json
import sys
from array import array
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from math import exp, log, sqrt
from typing import Final

from satchel.errors import IntegrityError
from satchel.models.ngrams.grams import Grams
from satchel.models.registry import WEIGHTS

SUMS: Final = WEIGHTS / "SHA256SUMS"
_KEPT_TEXTS: Final = 4


class LinearModel:
    """A loaded model. Scoring takes some milliseconds for forty lines."""

    def __init__(self, data: bytes) -> None:
        head, _, body = data.partition(b"\n")
        described = json.loads(head)
        self.classes: list[str] = described["classes"]
        self._scale: float = described["scale"]
        self._biases: list[float] = described["biases"]
        self._grams = Grams(described["known"].split())
        count: int = described["grams"]
        keys = array("I", body[: 4 * count])
        if sys.byteorder == "big":
            keys.byteswap()
        self._width = len(self.classes)
        self._rows = dict(zip(keys, range(4 * count, len(body), self._width), strict=True))
        self._body = memoryview(body).cast("b")
        # several models ask about the same text, one after the other
        self._tokens_of = lru_cache(_KEPT_TEXTS)(lambda text: tuple(self._grams.tokens(text)))
        self._logits_of = lru_cache(_KEPT_TEXTS)(self._logits)

    def logits(self, text: str) -> list[float]:
        """Return the score of each class, before any normalization; the biases for a text without known n-grams."""
        return list(self._logits_of(text))

    def _logits(self, text: str) -> list[float]:
        rows = self._rows
        starts = [rows[gram] for gram in self._grams.of(self._tokens_of(text)) if gram in rows]
        if not starts:
            return self._biases
        factor = self._scale / sqrt(len(starts))
        sums = map(sum, zip(*(self._body[start : start + self._width] for start in starts), strict=True))
        return [bias + factor * total for bias, total in zip(self._biases, sums, strict=True)]

    def scores(self, text: str, temperature: float = 1.0) -> Mapping[str, float]:
        """Return the log-probability of each class."""
        return dict(zip(self.classes, log_softmax(self.logits(text), temperature), strict=True))

    def telling(self, text: str, name: str, most: int = 3) -> list[str]:
        """Return the words and signs of a text that speak most for a class, the strongest first."""
        column = self.classes.index(name)
        found = {}
        for token in set(self._tokens_of(text)):
            start = self._rows.get(self._grams.hash_of(token))
            if start is not None and token.strip() and token in text:
                found[token] = self._body[start + column]
        return sorted(
            (token for token, weight in found.items() if weight > 0), key=lambda one: (-found[one], one)
        )[:most]


def log_softmax(logits: list[float], temperature: float) -> list[float]:
    """Return log-probabilities: of scores divided by the temperature."""
    scaled = [one / temperature for one in logits]
    most = max(scaled)
    total = most + log(sum(exp(one - most) for one in scaled))
    return [one - total for one in scaled]


@cache
def load(name: str) -> LinearModel:
    """Load weights once in a process. Raise IntegrityError if the file is not the one that was released."""
    data = (WEIGHTS / name).read_bytes()
    if sha256(data).hexdigest() != released_sum(name):
        raise IntegrityError(f"the weights {name!r} differ from the released ones", hint="reinstall satchel")
    return LinearModel(data)


def released_sum(name: str) -> str:
    """Return the SHA-256 of a file of weights as released; empty for an unknown file."""
    for line in SUMS.read_text("utf-8").splitlines():
        digest, _, file = line.partition("  ")
        if file == name:
            return digest
    return ""
