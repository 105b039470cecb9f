"""The files of MiniLM, and their digests: `make models` makes them, and the wheel holds them.

They are not in the repository, because they can be made again: `models/minilm` converts the published weights. A
file with another digest is not loaded.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from satchel.errors import IntegrityError

NETWORK: Final = "minilm.onnx"
VOCABULARY: Final = "minilm-vocab.txt"

SHA256: Final[Mapping[str, str]] = {
    NETWORK: "38cb41c5b4a121860f024b4c2bd352a3328a50e61b3b186051559a62b2efc076",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

FOLDER: Final = Path(__file__).parents[1] / "weights"


def are_here() -> bool:
    """Return whether the files exist. Their digests are checked when they are loaded."""
    return all((FOLDER / name).is_file() for name in SHA256)


def load(name: str) -> bytes:
    """Return a file. Raise IntegrityError if its digest is not the expected one."""
    data = (FOLDER / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256[name]:
        raise IntegrityError(
            f"the model file '{FOLDER / name}' does not match its SHA-256 digest",
            hint="reinstall satchel (in a checkout: make models), or search with --no-meaning",
        )
    return data
