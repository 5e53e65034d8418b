"""An embedder without a model, for tests and trials."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

from index.embedding.adapter import TOKEN_DIMENSION
from index.embedding.embedder import TOKEN_SCALE, Embedder, EncodedQuestion, EncodedTexts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


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
