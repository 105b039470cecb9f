"""The conversion of the published weights: the file it writes, and what happens without the package."""

from pathlib import Path

import numpy as np
import pytest

from models.minilm import __main__ as program
from models.minilm import package
from models.minilm.onnx_file import Graph
from models.minilm.package import tensors_of
from satchel.models.onnx import load_onnxruntime


def test_a_written_graph_runs() -> None:
    graph = Graph("sum", {"x": ("FLOAT", ("n", 3))}, {"y": ("FLOAT", ("n",))})
    table = graph.constant("table", np.array([[1, 2, 3]], "<f4"))
    total = graph.node("Add", ["x", table], ["total"])
    axis = graph.constant("axis", np.array([-1], "<i8"))
    graph.node("ReduceSum", [total, axis], ["y"], keepdims=0)
    session = load_onnxruntime().InferenceSession(
        graph.to_bytes(opset=20), providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {"x": np.zeros((2, 3), np.float32)})
    assert found.tolist() == [6, 6]


def test_tensors_are_read_from_a_safetensors_file() -> None:
    about = b'{"t":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"i":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}}'
    data = len(about).to_bytes(8, "little") + about + np.array([1.5, -2], "<f4").tobytes() + bytes(8)
    found = tensors_of(data)
    assert list(found) == ["t"]
    assert found["t"].tolist() == [[1.5, -2.0]]


def test_without_the_package_the_program_says_so_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "FOLDER", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert program.main() == 1
    assert "search by meaning stays off" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_another_package_is_refused() -> None:
    with pytest.raises(package.PackageError, match="digest"):
        package._checked(b"other", package.VOCABULARY)
