"""Search by meaning: texts become vectors, and texts of similar meaning have similar vectors.

    if are_here():                                       # else: search by words alone
        encoder = open_encoder()
        one = encoder.vector("split the header into name and value")
        other = encoder.vector("def parse_header(line): ...")
        print(float(one @ other))                        # the cosine, from -1 to 1

The model is all-MiniLM-L6-v2 with int8 weights: docs/models/search.md. This module imports neither numpy nor
onnxruntime; the encoder does.
"""

from typing import TYPE_CHECKING

from satchel.models.embedding.weights import are_here

if TYPE_CHECKING:
    from satchel.models.embedding.encoder import Encoder

__all__ = ["are_here", "open_encoder"]


def open_encoder() -> "Encoder":
    """Load the model, once in a process. Raise IntegrityError if its files are damaged."""
    from satchel.models.embedding import encoder  # noqa: PLC0415

    return encoder.open_encoder()
