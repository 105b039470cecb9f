"""The encoder: what its vectors promise, and damaged weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from satchel.errors import IntegrityError
from satchel.models.embedding import encoder, open_encoder, weights

pytestmark = pytest.mark.usefixtures("weights")

TEXTS = ["", "\0", "def parse_header(line):\n    return line.split(':')", "日本語", "!" * 10_000, "\ud800"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_text_has_a_unit_vector_always_the_same(text: str) -> None:
    one, other = open_encoder().vector(text), open_encoder().vector(text)
    assert one.shape == (encoder.DIMENSIONS,)
    assert abs(float(one @ one) - 1) < 1e-3
    assert np.array_equal(one, other)


def test_texts_of_similar_meaning_are_closer_than_others() -> None:
    query, near, far = map(
        open_encoder().vector,
        (
            "remove duplicates",
            "def unique(items): return list(dict.fromkeys(items))",
            "SELECT name FROM users",
        ),
    )
    assert float(query @ near) > float(query @ far) + 0.1


def test_rounding_keeps_the_cosine() -> None:
    texts = ("open a file", "def read(path): return open(path)")
    one, other = map(open_encoder().vector, texts)
    first, second = (np.frombuffer(open_encoder().rounded(each), np.int8).astype(float) for each in texts)
    assert abs(first @ second / encoder.STEPS**2 - float(one @ other)) < 0.005


def test_damaged_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (weights.FOLDER / weights.NETWORK).read_bytes()
    (tmp_path / weights.NETWORK).write_bytes(data[:-1] + b"\0")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(IntegrityError, match="does not match its SHA-256 digest"):
        weights.load(weights.NETWORK)


def test_asking_whether_the_model_is_here_imports_no_library() -> None:
    script = "import sys, satchel.models.embedding as e; e.are_here(); print({'numpy', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
