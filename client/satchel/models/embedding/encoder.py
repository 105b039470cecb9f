"""MiniLM on onnxruntime: a text becomes a unit vector of 384 numbers.

One thread, one text at a time, and no memory arena, so that memory stays below about 120 MB. onnxruntime is
imported when the model is loaded.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from satchel.models.embedding.texts import View
from satchel.models.embedding.weights import NETWORK, VOCABULARY, load
from satchel.models.embedding.wordpiece import WordPiece
from satchel.models.onnx import ERRORS_ONLY, load_onnxruntime

DIMENSIONS: Final = 384
MAX_TOKENS: Final = 128  # of a text; later ones are not read

# A component of a unit vector is rarely greater than 0.2. Rounding to steps of 1/512 changes a cosine by less than
# 0.002, and all vectors keep nearly the same length, so that a product of two is their cosine.
STEPS: Final = 512
_LARGEST: Final = 127


class Encoder:
    """The loaded model."""

    def __init__(self) -> None:
        self._tokenizer = WordPiece(load(VOCABULARY).decode("utf-8"))
        self._session = _open_session(load(NETWORK))

    def vector(self, text: str, max_tokens: int = MAX_TOKENS) -> npt.NDArray[np.float32]:
        """Return the unit vector of a text; every text has one."""
        ids = np.array(self._tokenizer.ids(text, max_tokens), dtype=np.int64)
        found: npt.NDArray[np.float32] = self._session.run(None, {"ids": ids})[0]
        return found

    def rounded(self, text: str) -> bytes:
        """Return the unit vector of a text as 384 signed bytes, in steps of 1/512."""
        return self.rounded_sum([(text, 1.0)])

    def rounded_sum(self, views: Sequence[View]) -> bytes:
        """Return the weighted sum of the vectors of some texts, at least one, in the same form."""
        total = np.sum([self.vector(text) * np.float32(weight) for text, weight in views], axis=0)
        vector = np.rint(total * (STEPS / np.linalg.norm(total)))
        rounded: npt.NDArray[np.int8] = np.clip(vector, -_LARGEST, _LARGEST).astype(np.int8)
        return rounded.tobytes()


@cache
def open_encoder() -> Encoder:
    """Load the model, once in a process. This takes about 0.3 s."""
    return Encoder()


def _open_session(network: bytes) -> Any:  # noqa: ANN401  onnxruntime has no types
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
