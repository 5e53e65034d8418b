"""BERT (Devlin et al. 2019) as an ONNX graph, from the weights of a Hugging Face `BertModel`.

The operators of the domain com.microsoft are ONNX Runtime's own for this architecture: one for a layer's attention, one
for adding and normalising. They compute the same as the many small ones that an export is made of, and faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.embedding.onnx import Graph, OnnxType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TOKENS = "tokens"  # (n, t) int32
SEGMENTS = "segments"  # (n, t) int32, zero for a single text
HEARD = "heard"  # (n, t) int32, 1 for a token and 0 for padding
STATES = "states"  # (n, t, d) float32


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights do not say of a model."""

    heads: int
    epsilon: float  # of the layer normalisation


def bert(weights: Mapping[str, Floats], shape: Shape) -> tuple[bytes, dict[str, Floats]]:
    """An ONNX model from `TOKENS`, `SEGMENTS` and `HEARD` to `STATES`, and the weights it is to be given by name.

    The activation is the exact GELU (Hendrycks and Gimpel 2016). Raises `KeyError` for weights of something else.
    """
    return _Bert(weights, shape).model()


class _Bert:
    def __init__(self, weights: Mapping[str, Floats], shape: Shape) -> None:
        self._weights = weights
        self._shape = shape
        self._graph = Graph("bert")
        self._used: dict[str, Floats] = {}

    def model(self) -> tuple[bytes, dict[str, Floats]]:
        graph = self._graph
        for name in (TOKENS, SEGMENTS, HEARD):
            graph.input(name, OnnxType.INT32, ("n", "t"))
        states = self._embedded()
        layers = 1 + max(int(name.split(".")[2]) for name in self._weights if name.startswith("encoder.layer."))
        for number in range(layers):
            states = self._layer(f"encoder.layer.{number}", states, STATES if number == layers - 1 else f"{number}")
        graph.output(STATES, OnnxType.FLOAT, ("n", "t", self._used["bias.0"].shape[0] // 3))
        return graph.encode(), self._used

    def _embedded(self) -> str:
        names = ("word_embeddings", "position_embeddings", "token_type_embeddings")
        tables = [self._kept(f"embeddings.{name}.weight") for name in names]
        norm = [self._kept(f"embeddings.LayerNorm.{name}") for name in ("weight", "bias")]
        inputs = [TOKENS, SEGMENTS, *tables, *norm, HEARD]
        return self._fused("EmbedLayerNormalization", inputs, "embedded", "lengths", **self._epsilon)

    def _layer(self, layer: str, states: str, output: str) -> str:
        heard = self._attention(f"{layer}.attention", states, layer.rpartition(".")[2])
        wide = self._times(f"{layer}.intermediate.dense", heard)
        active = self._fused("BiasGelu", [wide, self._kept(f"{layer}.intermediate.dense.bias")], f"{wide}.active")
        return self._added(f"{layer}.output", active, heard, output)

    def _attention(self, attention: str, states: str, number: str) -> str:
        parts = [f"{attention}.self.{name}" for name in ("query", "key", "value")]
        matrix = np.concatenate([self._weights[f"{part}.weight"] for part in parts]).T
        weight = self._given(f"weight.{number}", matrix)
        bias = self._given(f"bias.{number}", np.concatenate([self._weights[f"{part}.bias"] for part in parts]))
        mixed = f"{attention}.mixed"
        self._fused("Attention", [states, weight, bias, HEARD], mixed, num_heads=self._shape.heads)
        return self._added(f"{attention}.output", mixed, states, f"{attention}.added")

    def _added(self, part: str, states: str, before: str, output: str) -> str:
        """A dense layer's output added to what was before it, and normalised."""
        names = (f"{part}.LayerNorm.weight", f"{part}.LayerNorm.bias", f"{part}.dense.bias")
        inputs = [self._times(f"{part}.dense", states), before, *(self._kept(name) for name in names)]
        return self._fused("SkipLayerNormalization", inputs, output, **self._epsilon)

    def _times(self, dense: str, states: str) -> str:
        weight = self._given(f"{dense}.transposed", self._weights[f"{dense}.weight"].T)
        return self._graph.add("MatMul", [states, weight], f"{dense}.product")

    def _fused(self, operator: str, inputs: list[str], *outputs: str, **attributes: float) -> str:
        return self._graph.add(operator, inputs, *outputs, domain="com.microsoft", **attributes)

    @property
    def _epsilon(self) -> dict[str, float]:
        return {"epsilon": self._shape.epsilon}

    def _kept(self, name: str) -> str:
        return self._given(name, self._weights[name])

    def _given(self, name: str, values: Floats) -> str:
        self._graph.weight(name, values.shape)
        self._used[name] = np.ascontiguousarray(values, dtype=np.float32)
        return name
