"""Search by meaning: texts become vectors, and texts of similar meaning have similar vectors.

    if is_available():                                   # else: search by words alone
        encoder = open_encoder()
        one = encoder.vector("split the header into name and value")
        other = encoder.vector("def parse_header(line): ...")
        print(float(one @ other))                        # the cosine, from -1 to 1

The model is all-MiniLM-L6-v2 with int8 weights: docs/models/search.md. This module imports neither numpy nor
onnxruntime; the encoder does.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from satchel.models.embedding.weights import are_here

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

__all__ = ["are_here", "is_available", "open_encoder"]


def is_available() -> bool:
    """Return whether the model can run: its packages are installed, and its files exist."""
    return are_here() and all(find_spec(package) is not None for package in ("numpy", "onnxruntime"))


def open_encoder() -> "Encoder":
    """Load the model, once in a process. Raise IntegrityError if its files are damaged."""
    from satchel.models.embedding import encoder  # noqa: PLC0415

    return encoder.open_encoder()
