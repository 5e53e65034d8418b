"""What an embedding model promises, what was learned from questions, and an embedder without a model for tests.

A model gives a vector for a text and one for each of its tokens.
"""

from __future__ import annotations

import hashlib
import re
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from langchain_core.embeddings import Embeddings

from index.errors import EmbeddingModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    Floats = NDArray[np.float32]
    from collections.abc import Sequence


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


TOKEN_SCALE = 127  # vectors of tokens are stored as 8-bit integers, with 127 for 1.0


@dataclass(frozen=True, slots=True, eq=False)
class EncodedTexts:
    """n texts as vectors: one for each text, and one for each token of it (a word or a part of one)."""

    vectors: NDArray[np.float32]  # (n, d) of unit length; zero for a text without a word
    tokens: tuple[NDArray[np.int8], ...]  # n arrays (t, TOKEN_DIMENSION) of unit length times TOKEN_SCALE


@dataclass(frozen=True, slots=True, eq=False)
class EncodedQuestion:
    """A question as one vector, and as a vector and a weight for each of its t tokens. The weights sum to 1.

    `packaged` is its vector by the packaged model, also where another model makes `vector`; None where it is not run.
    """

    vector: NDArray[np.float32]  # (d,) of unit length
    tokens: NDArray[np.float32]  # (t, TOKEN_DIMENSION) of unit length
    weights: NDArray[np.float32]  # (t,)
    context_discount: float = 0.0  # see `Adapter`
    packaged: NDArray[np.float32] | None = None  # (384,) of unit length


class Embedder(Embeddings):
    """An embedding model with a name for people and a digest that identifies it.

    Vectors are float32 of unit length, so that a dot product is a cosine. Besides a vector for a text, the model makes
    one for each token, for scoring by late interaction (Khattab and Zaharia 2020, "ColBERT").
    """

    name: str
    digest: str
    dimension: int

    @abstractmethod
    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        """Encode texts of sources."""

    @abstractmethod
    def encode_question(self, text: str) -> EncodedQuestion:
        """Encode a question."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: shape (len(texts), dimension), each row of unit length (zero for a text without a word)."""
        return self.encode_texts(texts).vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts for LangChain; the same vectors as from `encode`."""
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Embed one text for LangChain; the same vector as from `encode`."""
        return self.embed_documents([text])[0]


class HashedWordEmbedder(Embedder):
    """A stand-in without a model: each word is hashed to a signed dimension and the counts are normalised (feature
    hashing, Weinberger et al. 2009). Deterministic and quick; texts that share words are near. For tests and trials.
    """

    name = "hashed-words"
    dimension = 128
    digest = hashlib.sha256(b"hashed-words/1/128").hexdigest()

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        """See `Embedder.encode_texts`."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        tokens = [self._tokens(text) for text in texts]
        for row, values in enumerate(tokens):
            np.add.at(vectors[row], values % self.dimension, _signs(values))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)
        return EncodedTexts(unit, tuple((_one_hot(values) * TOKEN_SCALE).astype(np.int8) for values in tokens))

    def encode_question(self, text: str) -> EncodedQuestion:
        """See `Embedder.encode_question`. Every token has the same weight."""
        values = self._tokens(text)
        weights = np.full(len(values), 1.0 / max(len(values), 1), dtype=np.float32)
        return EncodedQuestion(self.encode([text])[0], _one_hot(values), weights)

    def _tokens(self, text: str) -> NDArray[np.uint64]:
        """Return the 64-bit hash of each word."""
        words = re.findall(r"\w+", text.lower())
        hashes = [int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big") for word in words]
        return np.array(hashes, dtype=np.uint64)


def _signs(hashes: NDArray[np.uint64]) -> NDArray[np.float32]:
    return np.where(hashes >> np.uint64(63), 1.0, -1.0).astype(np.float32)


def _one_hot(hashes: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return a vector of unit length for each hash: (len(hashes), TOKEN_DIMENSION)."""
    vectors = np.zeros((len(hashes), TOKEN_DIMENSION), dtype=np.float32)
    vectors[np.arange(len(hashes)), (hashes % np.uint64(TOKEN_DIMENSION)).astype(np.int64)] = _signs(hashes)
    return vectors
