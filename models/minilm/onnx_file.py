"""ONNX files, as far as a graph of standard operators needs: https://onnx.ai/onnx/repo-docs/IR.html.

A file is one message of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/). Fields are written in
a fixed order, so the same graph is always the same bytes.

    graph = Graph("addition", inputs={"x": ("INT64", ("n",))}, outputs={"y": ("FLOAT", ("n", 4))})
    graph.node("Add", ["x", graph.constant("one", numpy.ones(4, "<f4"))], ["y"])
    Path("addition.onnx").write_bytes(graph.to_bytes(opset=20))
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

IR_VERSION: Final = 9

# TensorProto.DataType: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
TYPES: Final = {"FLOAT": 1, "UINT8": 2, "INT8": 3, "INT32": 6, "INT64": 7}
_TYPE_OF: Final = {"<f4": 1, "|u1": 2, "|i1": 3, "<i4": 6, "<i8": 7}
_ATTRIBUTE_FLOAT: Final = 1
_ATTRIBUTE_INT: Final = 2
_ATTRIBUTE_INTS: Final = 7

Attribute = int | float | tuple[int, ...]
Shape = tuple[int | str, ...]


class Graph:
    """A graph under construction: nodes in the order of their evaluation, and constants."""

    def __init__(
        self, name: str, inputs: Mapping[str, tuple[str, Shape]], outputs: Mapping[str, tuple[str, Shape]]
    ) -> None:
        self._name = name
        self._inputs = inputs
        self._outputs = outputs
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}

    def node(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Attribute) -> str:
        """Append a node of a standard operator. Return the name of its first output."""
        parts = [_text(1, name) for name in inputs] + [_text(2, name) for name in outputs]
        parts += [_text(3, outputs[0]), _text(4, kind)]
        parts += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(parts))
        return outputs[0]

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """Add a constant tensor, once. Return its name."""
        shape = b"".join(_number(1, size) for size in values.shape)
        data = np.ascontiguousarray(values).tobytes()
        tensor = shape + _number(2, _TYPE_OF[values.dtype.str]) + _text(8, name) + _bytes(9, data)
        self._constants[name] = tensor
        return name

    def to_bytes(self, *, opset: int) -> bytes:
        """Return the file."""
        parts = [_bytes(1, node) for node in self._nodes] + [_text(2, self._name)]
        parts += [_bytes(5, tensor) for tensor in self._constants.values()]
        parts += [_bytes(11, _value(name, *about)) for name, about in self._inputs.items()]
        parts += [_bytes(12, _value(name, *about)) for name, about in self._outputs.items()]
        imported = _bytes(8, _text(1, "") + _number(2, opset))
        return _number(1, IR_VERSION) + _text(2, "satchel") + _bytes(7, b"".join(parts)) + imported


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, tuple):
        kind, content = _ATTRIBUTE_INTS, b"".join(_number(8, each) for each in value)
    elif isinstance(value, float):
        kind, content = _ATTRIBUTE_FLOAT, _key(2, 5) + np.float32(value).tobytes()
    else:
        kind, content = _ATTRIBUTE_INT, _number(3, value)
    return _text(1, name) + content + _number(20, kind)


def _value(name: str, kind: str, shape: Shape) -> bytes:
    sizes = [_text(2, size) if isinstance(size, str) else _number(1, size) for size in shape]
    tensor = _number(1, TYPES[kind]) + _bytes(2, b"".join(_bytes(1, size) for size in sizes))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _varint(value: int) -> bytes:
    value &= 2**64 - 1  # negative numbers take ten bytes
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
