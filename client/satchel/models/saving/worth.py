"""The model: a weighted sum of the features, as a probability. The weights are readable: `weights/saving.json`."""

import json
import math
from functools import cache
from hashlib import sha256
from typing import Final

from satchel.errors import IntegrityError
from satchel.models.ngrams.weights import released_sum
from satchel.models.parsing import Outline, outline_of
from satchel.models.registry import WEIGHTS
from satchel.models.saving.features import FEATURES, features_of

NAME: Final = "saving.json"


def worth_of(text: str, language: str, outline: Outline | None = None) -> float:
    """Return how likely a text is a snippet that its author would publish, from 0 to 1.

    Raise IntegrityError if the weights are not the released ones.
    """
    if not text.strip():
        return 0.0
    weights, bias = released_weights()
    total = bias + sum(
        weight * value for weight, value in zip(weights, features(text, language, outline), strict=True)
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def features(text: str, language: str, outline: Outline | None) -> tuple[float, ...]:
    """Return the features of a text, which is parsed if it has no outline."""
    return features_of(text, language, outline_of(text, language) if outline is None else outline)


@cache
def released_weights() -> tuple[tuple[float, ...], float]:
    """Return the weight of each feature, and the bias, loaded once. Raise IntegrityError if the file was changed."""
    data = (WEIGHTS / NAME).read_bytes()
    if sha256(data).hexdigest() != released_sum(NAME):
        raise IntegrityError(f"the weights {NAME!r} differ from the released ones", hint="reinstall satchel")
    stored = json.loads(data)
    return tuple(float(stored["weights"][name]) for name in FEATURES), float(stored["bias"])
