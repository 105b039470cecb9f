"""all-MiniLM-L6-v2 as an ONNX graph with int8 weights: from the ids of one text's tokens to its unit vector.

The architecture is BERT (https://arxiv.org/abs/1810.04805) with the six layers of MiniLM
(https://arxiv.org/abs/2002.10957), the mean of the last layer, and normalization. One text is embedded at a time, so
the graph needs neither padding nor a mask, and a vector never depends on its neighbours in a batch.

Weights are int8 with one scale for each output; the scales of activations are computed at run time. Only 7 bits of
a weight are used: processors without VNNI add pairs of products in 16 bits, which would overflow
(https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from models.minilm.onnx_file import Graph

Floats = npt.NDArray[np.float32]
Tensors = dict[str, Floats]

LAYERS: Final = 6
HEADS: Final = 12
WIDTH: Final = 384
HEAD_WIDTH: Final = WIDTH // HEADS
POSITIONS: Final = 256  # the model's max_seq_length
NORM_EPSILON: Final = 1e-12
OPSET: Final = 20
WEIGHT_RANGE: Final = 63
TABLE_RANGE: Final = 127  # rows of the table of words are never multiplied as integers


def build(tensors: Tensors) -> bytes:
    """Return the ONNX file for the tensors of the published model."""
    graph = Graph("all-MiniLM-L6-v2", {"ids": ("INT64", ("tokens",))}, {"vector": ("FLOAT", (WIDTH,))})
    hidden = _embeddings(graph, tensors)
    for layer in range(LAYERS):
        hidden = _layer(graph, tensors, hidden, f"encoder.layer.{layer}")
    mean = graph.node("ReduceMean", [hidden, graph.constant("first_axis", _ints(0))], ["mean"], keepdims=0)
    graph.node("LpNormalization", [mean], ["vector"], axis=0, p=2)
    return graph.to_bytes(opset=OPSET)


def _embeddings(graph: Graph, tensors: Tensors) -> str:
    table, scales = _quantized(tensors["embeddings.word_embeddings.weight"], TABLE_RANGE)
    rows = graph.node("Gather", [graph.constant("words", table), "ids"], ["rows"])
    row_scales = graph.node(
        "Gather", [graph.constant("word_scales", scales.reshape(-1, 1)), "ids"], ["row_scales"]
    )
    as_float = graph.node("Cast", [rows], ["rows_as_float"], to=1)
    words = graph.node("Mul", [as_float, row_scales], ["word_vectors"])
    places = tensors["embeddings.position_embeddings.weight"][:POSITIONS]
    places = places + tensors["embeddings.token_type_embeddings.weight"][0]  # there is one kind of text
    count = graph.node("Shape", ["ids"], ["count"])
    ends = [graph.constant("zero", _ints(0)), count]
    used = graph.node("Slice", [graph.constant("places", places), *ends], ["used_places"])
    total = graph.node("Add", [words, used], ["embedded"])
    return _norm(graph, tensors, total, "embeddings.LayerNorm")


def _layer(graph: Graph, tensors: Tensors, hidden: str, name: str) -> str:
    attended = _attention(graph, tensors, hidden, f"{name}.attention.self")
    weight, bias = _dense_of(tensors, f"{name}.attention.output.dense")
    attended = _dense(graph, attended, weight, bias, f"{name}.attended")
    total = graph.node("Add", [attended, hidden], [f"{name}.attended_total"])
    hidden = _norm(graph, tensors, total, f"{name}.attention.output.LayerNorm")
    wide = _dense(graph, hidden, *_dense_of(tensors, f"{name}.intermediate.dense"), f"{name}.wide")
    active = graph.node("Gelu", [wide], [f"{name}.active"])
    narrow = _dense(graph, active, *_dense_of(tensors, f"{name}.output.dense"), f"{name}.narrow")
    total = graph.node("Add", [narrow, hidden], [f"{name}.total"])
    return _norm(graph, tensors, total, f"{name}.output.LayerNorm")


def _attention(graph: Graph, tensors: Tensors, hidden: str, name: str) -> str:
    """Attend with all heads at once. The three projections are one product; the queries are scaled in advance."""
    parts = [_dense_of(tensors, f"{name}.{part}") for part in ("query", "key", "value")]
    scale = np.float32(1 / math.sqrt(HEAD_WIDTH))
    parts[0] = (parts[0][0] * scale, parts[0][1] * scale)
    weight = np.concatenate([weight for weight, _ in parts])
    bias = np.concatenate([bias for _, bias in parts])
    projected = _dense(graph, hidden, weight, bias, f"{name}.projected")
    shape = graph.constant("by_head", _ints(-1, 3, HEADS, HEAD_WIDTH))
    by_head = graph.node("Reshape", [projected, shape], [f"{name}.by_head"])
    query, key, value = (
        graph.node(
            "Gather", [by_head, graph.constant(f"part_{part}", _int(part))], [f"{name}.{part}"], axis=1
        )
        for part in range(3)
    )
    query = graph.node("Transpose", [query], [f"{name}.query"], perm=(1, 0, 2))
    key = graph.node("Transpose", [key], [f"{name}.key"], perm=(1, 2, 0))
    value = graph.node("Transpose", [value], [f"{name}.value"], perm=(1, 0, 2))
    scores = graph.node("MatMul", [query, key], [f"{name}.scores"])
    weights = graph.node("Softmax", [scores], [f"{name}.weights"], axis=-1)
    heads = graph.node("MatMul", [weights, value], [f"{name}.heads"])
    heads = graph.node("Transpose", [heads], [f"{name}.heads_last"], perm=(1, 0, 2))
    return graph.node("Reshape", [heads, graph.constant("joined", _ints(-1, WIDTH))], [f"{name}.joined"])


def _dense(graph: Graph, values: str, weight: Floats, bias: Floats, name: str) -> str:
    """Multiply by int8 weights of shape (outputs, inputs), and add the bias."""
    quantized, scales = _quantized(weight, WEIGHT_RANGE)
    outputs = [f"{name}.{each}" for each in ("int8", "scale", "zero")]
    graph.node("DynamicQuantizeLinear", [values], outputs)
    table = graph.constant(f"{name}.weight", np.ascontiguousarray(quantized.T))
    products = graph.node("MatMulInteger", [outputs[0], table, outputs[2]], [f"{name}.products"])
    as_float = graph.node("Cast", [products], [f"{name}.as_float"], to=1)
    scale = graph.node("Mul", [outputs[1], graph.constant(f"{name}.scales", scales)], [f"{name}.both_scales"])
    scaled = graph.node("Mul", [as_float, scale], [f"{name}.scaled"])
    return graph.node("Add", [scaled, graph.constant(f"{name}.bias", bias)], [f"{name}.out"])


def _norm(graph: Graph, tensors: Tensors, values: str, name: str) -> str:
    weight = graph.constant(f"{name}.weight", tensors[f"{name}.weight"])
    bias = graph.constant(f"{name}.bias", tensors[f"{name}.bias"])
    return graph.node(
        "LayerNormalization", [values, weight, bias], [f"{name}.out"], axis=-1, epsilon=NORM_EPSILON
    )


def _dense_of(tensors: Tensors, name: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _quantized(weight: Floats, largest: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the rows of a matrix as integers of at most `largest`, and the scale of each row."""
    scales = (np.abs(weight).max(axis=1) / np.float32(largest)).astype("<f4")
    return np.rint(weight / scales[:, None]).astype("|i1"), scales


def _ints(*values: int) -> npt.NDArray[np.int64]:
    return np.array(values, dtype="<i8")


def _int(value: int) -> npt.NDArray[np.int64]:
    return np.array(value, dtype="<i8")
