"""The two networks of PP-OCRv6 that come inside the package rapidocr: one finds text, the other reads a line.

They are run by onnxruntime from the files of the installed package. The package's own code is not imported, because
it downloads what it misses, and because it returns the text alone: placing it in columns takes the probability of
each character at each place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from satchel.errors import MissingExtraError
from satchel.models.ocr.characters import ALPHABET, narrow
from satchel.models.ocr.pixels import Pixels
from satchel.models.ocr.results import Box
from satchel.models.onnx import load_onnxruntime

Floats = NDArray[np.float32]

DETECTOR: Final = "PP-OCRv6_det_small.onnx"
RECOGNIZER: Final = "PP-OCRv6_rec_small.onnx"
THREADS: Final = 2
MAX_DETECTED_PIXELS: Final = 1_500_000  # larger images are reduced to find lines, and read at full size
_STRIDE: Final = 32  # the detector takes sides that are multiples of this
# Thresholds of the detector, from the package's own settings.
_LEAST_TEXT: Final = 0.3
_LEAST_BOX: Final = 0.4
_GROWTH: Final = 1.6
LINE_HEIGHT: Final = 48  # of the recognizer's input, in pixels
_LEAST_WIDTH: Final = 320
_MAX_WIDTH: Final = 6_000
BLANK: Final = 0  # the recognizer's label for "no character here"


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character that was read, its middle in pixels from the left of the line, and its probability."""

    text: str
    middle: float
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as the recognizer reads it.

    `glyphs` are from left to right, spaces included. `chances` holds the probability of each of the characters
    `ALPHABET` at each step of `step` pixels from the left.
    """

    glyphs: tuple[Glyph, ...]
    chances: Floats
    step: float


def find_boxes(pixels: Pixels) -> list[Box]:
    """Return the boxes of text in an image."""
    height, width = pixels.shape[:2]
    scale = min(1.0, (MAX_DETECTED_PIXELS / (height * width)) ** 0.5)
    rows, columns = (max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (height, width))
    reduced = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    found = _run(DETECTOR, _input_of(reduced))[0, 0]
    return [
        Box(
            max(0.0, box.left * width / columns),
            max(0.0, box.top * height / rows),
            min(float(width), box.right * width / columns),
            min(float(height), box.bottom * height / rows),
        )
        for box in _boxes_in(found)
    ]


def _boxes_in(chances: Floats) -> list[Box]:
    """Return the boxes around connected areas of text, grown as the detector's training shrank them."""
    is_text = (chances > _LEAST_TEXT).astype(np.uint8)
    count, labels, areas, _ = cv2.connectedComponentsWithStats(is_text, connectivity=8)
    boxes = []
    for label in range(1, count):
        left, top, width, height, area = (int(value) for value in areas[label])
        if min(width, height) < 3:
            continue
        part = slice(top, top + height), slice(left, left + width)
        if chances[part][labels[part] == label].mean() < _LEAST_BOX:
            continue
        growth = area * _GROWTH / (2 * (width + height))
        boxes.append(Box(left - growth, top - growth, left + width + growth, top + height + growth))
    return boxes


def recognize(line: Pixels) -> Reading:
    """Read one line of text, given as its pixels."""
    height, width = line.shape[:2]
    scale = LINE_HEIGHT / height
    resized_width = min(_MAX_WIDTH, max(16, round(width * scale)))
    how = cv2.INTER_LINEAR if height < LINE_HEIGHT else cv2.INTER_AREA
    resized = cv2.resize(line, (resized_width, LINE_HEIGHT), interpolation=how)
    padded = np.zeros((1, 3, LINE_HEIGHT, max(_LEAST_WIDTH, resized_width)), np.float32)
    padded[..., :resized_width] = _input_of(resized)
    chances = _run(RECOGNIZER, padded)[0]
    step = padded.shape[3] / chances.shape[0] * width / resized_width
    return Reading(tuple(_glyphs_in(chances, step)), _chances_of_alphabet(chances), step)


def _glyphs_in(chances: Floats, step: float) -> list[Glyph]:
    """Return the most probable character of each run of equal labels."""
    labels = chances.argmax(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], labels[1:] != labels[:-1]]))
    ends = np.append(starts[1:], len(labels))
    return [
        Glyph(
            _characters()[labels[start]],
            (start + end) / 2 * step,
            float(chances[start:end, labels[start]].max()),
        )
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if labels[start] != BLANK
    ]


def _chances_of_alphabet(chances: Floats) -> Floats:
    """Return the probabilities of the characters of `ALPHABET`, each with its wide and typographic forms."""
    return np.stack([chances[:, labels].sum(axis=1) for labels in _labels_of_alphabet()], axis=1)


@cache
def _characters() -> Sequence[str]:
    """Return the character of each label."""
    listed = _session(RECOGNIZER).get_modelmeta().custom_metadata_map["character"].splitlines()
    return ["", *map(narrow, listed), " "]


@cache
def _labels_of_alphabet() -> Sequence[list[int]]:
    labels: dict[str, list[int]] = {character: [] for character in ALPHABET}
    for label, character in enumerate(_characters()):
        if character in labels:
            labels[character].append(label)
    return list(labels.values())


def _input_of(pixels: NDArray[Any]) -> Floats:
    """Return pixels as the networks take them: blue first, from -1 to 1."""
    values = pixels[:, :, ::-1].astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(values.transpose(2, 0, 1))[None]


def _run(network: str, values: Floats) -> Floats:
    session = _session(network)
    answer: Floats = session.run(None, {session.get_inputs()[0].name: values})[0]
    return answer


@cache
def _session(network: str) -> Any:  # noqa: ANN401  onnxruntime has no types
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # gives the memory of a large image back
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        str(_models_folder() / network), options, providers=["CPUExecutionProvider"]
    )


def _models_folder() -> Path:
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("rapidocr", "ocr")
    return Path(spec.submodule_search_locations[0]) / "models"
