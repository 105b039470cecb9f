"""Training of "suggested save": made-up snippets against windows of made-up files."""

import json
from random import Random
from typing import Final

import numpy as np

from models.oracles.comments import comment
from models.oracles.grammar import Expansion
from models.oracles.snippets import Snippets
from satchel.models.parsing import outline_of
from satchel.models.saving.features import FEATURES, features_of

LANGUAGES: Final = (
    "python",
    "javascript",
    "typescript",
    "java",
    "go",
    "rust",
    "csharp",
    "ruby",
    "php",
    "cpp",
    "bash",
)
EXAMPLES: Final = 250  # of each kind and language
_STEPS: Final = 1_500
_RATE: Final = 0.5
_DECAY: Final = 0.003
_FILES: Final = 4  # that are joined to one long file


def saving(examples: int = EXAMPLES) -> bytes:
    """Return the weights of "suggested save" as JSON."""
    rows, labels = training_data(examples)
    weights, bias = _fitted(np.array(rows), np.array(labels))
    named = {name: round(float(value), 4) for name, value in zip(FEATURES, weights, strict=True)}
    return (json.dumps({"weights": named, "bias": round(bias, 4)}, indent=1) + "\n").encode()


def training_data(examples: int) -> tuple[list[tuple[float, ...]], list[float]]:
    """Return the features of so many examples of each kind and language, and what each one is."""
    random = Random(12)
    rows: list[tuple[float, ...]] = []
    labels: list[float] = []
    for language in LANGUAGES:
        for _ in range(examples):
            for text, label in ((snippet(language, random), 1.0), (cut_out(language, random), 0.0)):
                rows.append(features_of(text, language, outline_of(text, language)))
                labels.append(label)
    return rows, labels


def snippet(language: str, random: Random) -> str:
    """Return a made-up snippet as authors publish them: a few statements or one declaration, often with imports."""
    one = Expansion(language, random)
    parts: list[str] = []
    if random.random() < 0.15:
        parts.append(comment(language, random))
    if one.has("head") and random.random() < 0.45:
        parts.append(one.expand("head", 1))
    if one.has("stmt") and random.random() < 0.65:
        parts += [one.expand("stmt", random.choice((1, 2, 5))) for _ in range(random.randint(1, 7))]
    else:
        parts += [one.expand("unit", 1) for _ in range(random.choice((1, 1, 2)))]
    return "\n".join(parts) + "\n"


def cut_out(language: str, random: Random) -> str:
    """Return some lines in a row of a long made-up file."""
    made = Snippets(language)
    lines = "\n\n".join(made.file(random) for _ in range(_FILES)).split("\n")
    count = random.randint(4, 40)
    start = random.randint(0, max(0, len(lines) - count))
    return "\n".join(lines[start : start + count]) + "\n"


def _fitted(rows: "np.ndarray", labels: "np.ndarray") -> "tuple[np.ndarray, float]":
    """Fit a logistic regression by gradient descent."""
    weights, bias = np.zeros(rows.shape[1]), 0.0
    for _ in range(_STEPS):
        errors = 1 / (1 + np.exp(-(rows @ weights + bias))) - labels
        weights -= _RATE * (rows.T @ errors / len(rows) + _DECAY * weights)
        bias -= _RATE * float(errors.mean())
    return weights, bias
