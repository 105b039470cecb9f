"""Training of "suggested save": made-up examples against windows of made-up files."""

import json
from random import Random
from typing import Final

import numpy as np

from models.oracles.kept import example, window_of_file
from satchel.models.interface import Subject
from satchel.models.parsing import language_of, outline_of
from satchel.models.saving.features import FEATURES, features_of

EXAMPLES: Final = 4_000  # of each kind
_STEPS: Final = 1_500
_RATE: Final = 0.5
_DECAY: Final = 0.05
# What a feature means does not depend on the oracles: one that speaks for an example never counts against it.
_FOR: Final = frozenset(
    [
        "balanced",
        "starts_at_margin",
        "starts_clean",
        "ends_clean",
        "imports_used",
        "parses",
        "calls_at_margin",
        "statements_at_margin",
        "commands",
        "prompts",
        "results",
        "ellipsis",
        "placeholders",
        "flat",
        "data",
    ]
)
_AGAINST: Final = frozenset(
    [
        "closes_more",
        "opens_more",
        "starts_deep",
        "dedents",
        "ends_deep",
        "size",
        "inside_comment",
        "open_comment",
        "documentation",
        "declarations",
        "unknown_calls",
        "private_names",
        "tests",
        "licence",
        "own_modules",
        "exports",
    ]
)


def saving(examples: int = EXAMPLES) -> bytes:
    """Return the weights of "suggested save" as JSON."""
    rows, labels = training_data(examples)
    weights, bias = _fitted(np.array(rows), np.array(labels))
    named = {name: round(float(value), 4) for name, value in zip(FEATURES, weights, strict=True)}
    return (json.dumps({"weights": named, "bias": round(bias, 4)}, indent=1) + "\n").encode()


def training_data(examples: int) -> tuple[list[tuple[float, ...]], list[float]]:
    """Return the features of so many examples of each kind, and what each one is."""
    random = Random(12)
    rows: list[tuple[float, ...]] = []
    labels: list[float] = []
    for _ in range(examples):
        for make, label in ((example, 1.0), (window_of_file, 0.0)):
            text, language = make(random)
            seen = language_of(Subject(text)) or language
            rows.append(features_of(text, random.choice((seen, language)), outline_of(text, seen)))
            labels.append(label)
    return rows, labels


def _fitted(rows: "np.ndarray", labels: "np.ndarray") -> "tuple[np.ndarray, float]":
    """Fit a logistic regression by gradient descent, with features of one spread and with signs."""
    signs = np.array([(name in _FOR) - (name in _AGAINST) for name in FEATURES])
    middles, spreads = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    scaled = (rows - middles) / spreads
    weights, bias = np.zeros(rows.shape[1]), 0.0
    for _ in range(_STEPS):
        errors = 1 / (1 + np.exp(-(scaled @ weights + bias))) - labels
        weights -= _RATE * (scaled.T @ errors / len(rows) + _DECAY * weights)
        weights[signs * weights < 0] = 0.0
        bias -= _RATE * float(errors.mean())
    weights /= spreads
    return weights, bias - float(weights @ middles)
