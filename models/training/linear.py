"""A linear classifier over sets of n-grams: multinomial logistic regression with AdaGrad, and its compact file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.training.datasets import Dataset

Floats = npt.NDArray[np.float32]
BATCH: Final = 256
RATE: Final = 0.5
LEAST_EXAMPLES: Final = 4  # that an n-gram stands in
_LARGEST: Final = 127  # of a signed byte


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train: how many n-grams are kept, how often the set is seen, and the share of n-grams left out each time."""

    grams: int = 32_768
    epochs: int = 6
    left_out: float = 0.5
    decay: float = 1e-5
    smoothing: float = 0.05
    seed: int = 12


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights of n-grams (rows) for classes (columns), sorted by the hash of the n-gram."""

    grams: npt.NDArray[np.uint32]
    weights: Floats
    biases: Floats


def train(data: Dataset, settings: Settings) -> Trained:
    """Return a trained model. The same data and settings give the same weights on the same machine."""
    kept = chosen_grams(data, settings.grams)
    rows, starts = _indexed(data, kept)
    labels = np.array(data.labels)
    random = np.random.default_rng(settings.seed)
    weights = np.zeros((len(kept), len(data.classes)), np.float32)
    biases = np.zeros(len(data.classes), np.float32)
    squares = np.full_like(weights, 1e-4)
    bias_squares = np.full_like(biases, 1e-4)
    for epoch in range(settings.epochs):
        rate = RATE * (1 - epoch / (settings.epochs + 1))
        order = random.permutation(len(labels))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            inputs = _inputs(batch, rows, starts, width=len(kept), random=random, left_out=settings.left_out)
            errors = _softmax(inputs @ weights + biases)
            errors -= _targets(labels[batch], len(biases), settings.smoothing)
            errors /= len(batch)
            gradient = inputs.T @ errors + settings.decay * weights
            squares += gradient**2
            weights -= rate * gradient / np.sqrt(squares)
            gone = errors.sum(axis=0)
            bias_squares += gone**2
            biases -= 0.1 * rate * gone / np.sqrt(bias_squares)
    return Trained(kept, weights, biases)


def chosen_grams(data: Dataset, most: int) -> npt.NDArray[np.uint32]:
    """Return the n-grams that tell most about the class (by mutual information), sorted."""
    flat = np.concatenate([np.array(one, np.uint32) for one in data.grams])
    labels = np.repeat(np.array(data.labels), [len(one) for one in data.grams])
    grams, numbers, counts = np.unique(flat, return_inverse=True, return_counts=True)
    frequent = counts >= LEAST_EXAMPLES
    width = len(data.classes)
    table = np.bincount(numbers * width + labels, minlength=len(grams) * width).reshape(-1, width)[frequent]
    grams = grams[frequent]
    best = np.argsort(-_information(table, len(data.labels)), kind="stable")[:most]
    return np.sort(grams[best])


def _information(table: npt.NDArray[np.int64], examples: int) -> npt.NDArray[np.float64]:
    joint = table / examples
    presence = joint.sum(axis=1, keepdims=True)
    prior = 1 / table.shape[1]
    absent = np.maximum(prior - joint, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        present_part = np.where(joint > 0, joint * np.log(joint / (presence * prior)), 0.0)
        absent_part = absent * np.log(absent / np.maximum((1 - presence) * prior, 1e-12))
    total: npt.NDArray[np.float64] = (present_part + absent_part).sum(axis=1)
    return total


def _indexed(
    data: Dataset, kept: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    rows = []
    for grams in data.grams:
        array = np.array(grams, np.uint32)
        places = np.minimum(np.searchsorted(kept, array), len(kept) - 1)
        rows.append(places[kept[places] == array])
    starts = np.concatenate([[0], np.cumsum([len(one) for one in rows])])
    return np.concatenate(rows), starts


def _inputs(
    batch: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    *,
    width: int,
    random: np.random.Generator,
    left_out: float,
) -> Floats:
    inputs = np.zeros((len(batch), width), np.float32)
    for number, example in enumerate(batch):
        found = rows[starts[example] : starts[example + 1]]
        found = found[random.random(len(found)) >= left_out * random.random()]
        inputs[number, found] = 1 / np.sqrt(max(1, len(found)))
    return inputs


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _targets(labels: npt.NDArray[np.int64], width: int, smoothing: float) -> Floats:
    targets = np.full((len(labels), width), smoothing / width, np.float32)
    targets[np.arange(len(labels)), labels] += 1 - smoothing
    return targets


def packed(trained: Trained, classes: Sequence[str], known: Sequence[str]) -> bytes:
    """Return the file of `satchel.models.ngrams.weights`."""
    scale = float(np.abs(trained.weights).max()) / _LARGEST
    # Few weights are near the largest: cut the longest thousandth, so that the others keep their precision.
    scale = min(scale, float(np.quantile(np.abs(trained.weights), 0.9999)) / _LARGEST) or 1.0
    body = np.clip(np.rint(trained.weights / scale), -_LARGEST, _LARGEST).astype(np.int8)
    head = {
        "classes": list(classes),
        "known": " ".join(known),
        "scale": scale,
        "biases": [round(float(one), 4) for one in trained.biases],
        "grams": len(trained.grams),
    }
    grams: bytes = trained.grams.astype("<u4").tobytes()
    return json.dumps(head).encode() + b"\n" + grams + bytes(body.tobytes())
