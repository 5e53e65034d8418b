"""The adapter of the packaged model: what was learned from questions about assessments and their right sentences.

It changes the upper layers of all-MiniLM-L6-v2, projects the hidden state of a token to a short vector, and weighs the
tokens of a question. `python -m assistant.evaluation.train_encoder` makes it. Nothing is learned at run time.

A changed weight is stored as its difference from the packaged one: 8-bit integers with a scale for each row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from index.errors import EmbeddingModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    Floats = NDArray[np.float32]

TOKEN_DIMENSION = 64
ADAPTER_FILE = "adapter.safetensors"
ADAPTER_SHA256 = "19d9d9eb535734f95ad08267c5096609d6ef69e3840970c55d585f44e7e7c214"
_LARGEST = 127  # of an 8-bit integer
_SCALE = ".scale"
_PROJECTION = "projection"
_TOKEN_WEIGHT = "token_weight"  # noqa: S105  # a tensor's name
_CONTEXT_DISCOUNT = "context_discount"
_ADVICE = "Install the program again to restore the file."


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """The tensors of an adapter file.

    `differences` are added to the model's weights, by name. `context_discount` is taken from the similarity to a token
    of a sentence's context (its title, headings, lead-in or question), as against one of the sentence itself.
    """

    differences: Mapping[str, Floats]
    projection: Floats  # (TOKEN_DIMENSION, hidden)
    token_weight: Floats  # (TOKEN_DIMENSION + 1,) the last is the bias
    context_discount: float

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads an adapter. Raises `EmbeddingModelError` when it cannot be read or is not an adapter."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tensors = load_file(path)
            return cls(
                {name: _restored(tensors, name) for name in tensors if name + _SCALE in tensors},
                tensors[_PROJECTION].astype(np.float32),
                tensors[_TOKEN_WEIGHT].astype(np.float32),
                float(tensors[_CONTEXT_DISCOUNT][0]),
            )
        except (OSError, SafetensorError, KeyError) as error:
            raise EmbeddingModelError(f"{path} is not an adapter: {error}.", advice=_ADVICE) from error

    def save(self, path: Path) -> None:
        """Writes the adapter. Raises `OSError`."""
        from safetensors.numpy import save_file

        tensors: dict[str, NDArray[np.generic]] = {
            _PROJECTION: self.projection.astype(np.float32),
            _TOKEN_WEIGHT: self.token_weight.astype(np.float32),
            _CONTEXT_DISCOUNT: np.array([self.context_discount], dtype=np.float32),
        }
        for name, difference in self.differences.items():
            rows = difference.reshape(len(difference), -1)
            scale = np.maximum(np.abs(rows).max(axis=1), 1e-12) / _LARGEST
            tensors[name] = np.rint(rows / scale[:, np.newaxis]).astype(np.int8).reshape(difference.shape)
            tensors[name + _SCALE] = scale.astype(np.float32)
        save_file(tensors, path)

    def apply_to(self, model: SentenceTransformer) -> None:
        """Adds the differences to the weights of a loaded model. Raises `KeyError` for a weight it does not have."""
        import torch

        weights = dict(model[0].named_parameters())
        with torch.no_grad():
            for name, difference in self.differences.items():
                weights[name] += torch.from_numpy(difference)

    def project(self, hidden: Floats) -> Floats:
        """Returns the vectors of t tokens from their hidden states: (t, hidden) to (t, TOKEN_DIMENSION)."""
        vectors = hidden @ self.projection.T
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)

    def token_weights(self, tokens: Floats) -> Floats:
        """Returns how much each token of a question counts: (t, TOKEN_DIMENSION) to (t,), with the sum 1."""
        weights = np.logaddexp(0.0, tokens @ self.token_weight[:-1] + self.token_weight[-1])
        return np.asarray(weights / max(float(weights.sum()), 1e-9), dtype=np.float32)


def packaged_adapter() -> Path:
    """Returns the file of the adapter in this package. Raises `EmbeddingModelError` unless it is the pinned one."""
    path = Path(__file__).parents[1] / "data" / ADAPTER_FILE
    digest = sha256_of(path)
    if digest != ADAPTER_SHA256:
        raise EmbeddingModelError(f"{path} has SHA-256 {digest}, not {ADAPTER_SHA256}.", advice=_ADVICE)
    return path


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file in hexadecimal. Raises `EmbeddingModelError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingModelError(f"{path} cannot be read: {error.strerror}.", advice="Check the path.") from error


def _restored(tensors: Mapping[str, NDArray[np.generic]], name: str) -> Floats:
    scale = tensors[name + _SCALE].astype(np.float32)
    stored = tensors[name].astype(np.float32)
    return np.asarray(stored * scale.reshape(-1, *([1] * (stored.ndim - 1))), dtype=np.float32)
