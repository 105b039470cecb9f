"""The model: a weighted sum of the features, as a probability. The weights are readable: `weights/saving.json`."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Final

from satchel.models.parsing import Outline, outline_of
from satchel.models.saving.features import FEATURES, features_of

FILE: Final = Path(__file__).parents[1] / "weights" / "saving.json"


def worth_of(text: str, language: str, outline: Outline | None = None) -> float:
    """Return how likely a text is a snippet that its author would publish, from 0 to 1."""
    if not text.strip():
        return 0.0
    weights, bias = _weights()
    found = features_of(text, language, outline_of(text, language) if outline is None else outline)
    total = bias + sum(weight * value for weight, value in zip(weights, found, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def _weights() -> tuple[tuple[float, ...], float]:
    stored = json.loads(FILE.read_text("utf-8"))
    return tuple(float(stored["weights"][name]) for name in FEATURES), float(stored["bias"])
