"""ONNX models written down, a few kilobytes of protobuf: operators by name, the weights left outside.

Only what a graph of operators needs of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 8) is here.
Written by hand, an encoder is shorter than the package that would bring it, and nothing has to be exported by PyTorch.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

IR_VERSION = 8
OPSETS = {"": 17, "com.microsoft": 1}

_VARINT, _BYTES, _FIXED32 = 0, 2, 5  # wire types
_EXTERNAL = 1  # TensorProto.DataLocation
_FLOAT_ATTRIBUTE, _INT_ATTRIBUTE = 1, 2  # AttributeProto.AttributeType


class OnnxType(IntEnum):
    """The type of a tensor's elements (TensorProto.DataType)."""

    FLOAT = 1
    INT32 = 6


@dataclass(slots=True)
class Graph:
    """A graph under construction. A tensor is known by its name; the operators run in the order they are added."""

    name: str
    nodes: list[bytes] = field(default_factory=list)
    tensors: list[bytes] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)

    def add(self, operator: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: float) -> str:
        """Add an operator, and return the name of its first output. An `int` is an attribute of another type."""
        parts = [_text(1, name) for name in inputs]
        parts += [_text(2, name) for name in outputs]
        parts += [_text(4, operator), _text(7, domain)]
        parts += [_message(5, _attribute(name, value)) for name, value in attributes.items()]
        self.nodes.append(b"".join(parts))
        return outputs[0]

    def weight(self, name: str, shape: Iterable[int]) -> None:
        """Declare a float tensor whose values are handed to the runtime beside the model."""
        place = _text(1, "location") + _text(2, "beside the model")
        dims = [_number(1, size) for size in shape]
        parts = [*dims, _number(2, OnnxType.FLOAT), _text(8, name), _message(13, place), _number(14, _EXTERNAL)]
        self.tensors.append(b"".join(parts))

    def input(self, name: str, kind: OnnxType, shape: Iterable[str | int]) -> None:
        """Declare what is given at each run; a dimension that varies is named."""
        self.inputs.append(_value(name, kind, shape))

    def output(self, name: str, kind: OnnxType, shape: Iterable[str | int]) -> None:
        """Declare what a run returns."""
        self.outputs.append(_value(name, kind, shape))

    def encode(self) -> bytes:
        """The whole model: a serialized ModelProto."""
        parts = [
            *(_message(1, node) for node in self.nodes),
            _text(2, self.name),
            *(_message(5, tensor) for tensor in self.tensors),
            *(_message(11, value) for value in self.inputs),
            *(_message(12, value) for value in self.outputs),
        ]
        opsets = [_message(8, _text(1, domain) + _number(2, version)) for domain, version in OPSETS.items()]
        return b"".join([_number(1, IR_VERSION), _message(7, b"".join(parts)), *opsets])


def _value(name: str, kind: OnnxType, shape: Iterable[str | int]) -> bytes:
    dims = [_message(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in shape]
    tensor = _number(1, kind) + _message(2, b"".join(dims))
    return _text(1, name) + _message(2, _message(1, tensor))


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT_ATTRIBUTE)
    return _text(1, name) + _tag(2, _FIXED32) + struct.pack("<f", value) + _number(20, _FLOAT_ATTRIBUTE)


def _text(number: int, value: str) -> bytes:
    return _message(number, value.encode())


def _message(number: int, data: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return _tag(number, _VARINT) + _varint(value)


def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    """A number of zero or more, seven bits a byte, the lowest first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
