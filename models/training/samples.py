"""Digests of small parts of the training data, which tell when weights are older than what they are trained on.

`make models` writes them into `samples.json`, and a test compares: after a change of an oracle or a feature, the weights
in the repository are not those that `make models` would give.
"""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

from models.oracles import snippets
from models.training.datasets import dataset, known_words
from models.training.saving import training_data

FILE: Final = Path(__file__).with_name("samples.json")
_SNIPPETS: Final = 8  # of each language
_PASSAGES: Final = 150  # of code, and of text
_SAVED: Final = 60  # of each kind


def _grams(classes: Sequence[str], count: int, make: Callable[[str, Random], str], seed: int) -> str:
    data = dataset(classes, count, make, seed)
    return _digest([data.classes, data.grams, data.labels, known_words()])


def _saving() -> str:
    rows, labels = training_data(_SAVED)
    return _digest([[[round(value, 6) for value in row] for row in rows], labels])


def _digest(data: object) -> str:
    return sha256(json.dumps(data).encode()).hexdigest()


SAMPLES: Final[dict[str, Callable[[], str]]] = {
    "code-or-text.bin": lambda: _grams(("code", "text"), _PASSAGES, snippets.code_or_text, 2),
    "language.bin": lambda: _grams(snippets.classes(), _SNIPPETS, snippets.snippet_of, 1),
    "saving.json": _saving,
}
"""By the weights that are trained on them."""


def kept() -> dict[str, str]:
    """Return the digests of the data that the released weights were trained on."""
    found: dict[str, str] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return found


def keep(name: str) -> None:
    """Record the data that weights have just been trained on."""
    digests = {**kept(), name: SAMPLES[name]()}
    FILE.write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n", "utf-8")
