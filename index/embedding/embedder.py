"""What an embedding model promises: a vector for a text, and one for each of its tokens."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

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
