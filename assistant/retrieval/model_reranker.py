"""A sentence-transformers model that orders the candidates in place of the packaged reranker.

Its scores are not the calibrated probabilities that the thresholds were chosen for, and each model has its own scale.
So only its order counts: `by_rank` gives the packaged reranker's probabilities to the candidates in that order, the
greatest to the first. The model says which sentences are likeliest; how likely the best are is said as without it.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import SettingsError
from assistant.work import check
from index.embedding.models import compute_on_all_threads, loading_offline, local_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import CrossEncoder, MultiVectorEncoder

    Floats = NDArray[np.float32]

PACKAGED = "packaged"
BATCH_SIZE = 32  # sentences scored at once; between batches the time limit is checked
ADVICE = (
    "Set reranker to packaged, or to the folder of a sentence-transformers CrossEncoder or MultiVectorEncoder with"
    " safetensors weights. Models are never downloaded."
)
_KINDS = {"CrossEncoder": "CrossEncoder", "MultiVectorEncoder": "MultiVectorEncoder", "ColBERT": "MultiVectorEncoder"}
_CLASSIFIER = "ForSequenceClassification"  # how a CrossEncoder that transformers saved names its architecture
_COLBERT = "HF_ColBERT"


class ModelReranker(ABC):
    """A model that scores sentences for a question. Safe to use from several threads, which take turns."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._turn = threading.Lock()  # a tokenizer keeps state between calls

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Returns the model's score of each of n texts, more for a better answer: (n,), without a unit.

        Raises `OutOfTimeError` and `AbandonedError` as `assistant.work.check` does.
        """
        scores: list[Floats] = []
        for start in range(0, len(texts), BATCH_SIZE):
            check()
            with self._turn:
                compute_on_all_threads()
                scores.append(self._score(question, list(texts[start : start + BATCH_SIZE])))
        return np.concatenate(scores) if scores else np.zeros(0, dtype=np.float32)

    @abstractmethod
    def _score(self, question: str, texts: list[str]) -> Floats: ...


class CrossEncoderReranker(ModelReranker):
    """A CrossEncoder: reads question and sentence together."""

    def __init__(self, name: str, model: CrossEncoder) -> None:
        super().__init__(name)
        self._model = model

    def _score(self, question: str, texts: list[str]) -> Floats:
        from torch.nn import Identity

        pairs = [(question, text) for text in texts]  # without the last function, which makes equals of high scores
        scores = self._model.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


class MultiVectorReranker(ModelReranker):
    """A MultiVectorEncoder: compares every token of the question with those of the sentence (late interaction)."""

    def __init__(self, name: str, model: MultiVectorEncoder) -> None:
        super().__init__(name)
        self._model = model

    def _score(self, question: str, texts: list[str]) -> Floats:
        asked = self._model.encode_query([question], show_progress_bar=False)
        said = self._model.encode_document(texts, show_progress_bar=False)
        return np.asarray(self._model.similarity(asked, said)[0].numpy(), dtype=np.float32)


def open_reranker(model: str) -> ModelReranker | None:
    """Returns the model that a setting names, from a folder or by name from the local cache; None for `packaged`.

    Raises `SettingsError` when there is no such model here, it is of another kind, or it cannot be loaded.
    """
    if model == PACKAGED:
        return None
    folder = local_folder(model)
    if folder is None:
        raise SettingsError(
            f"reranker cannot be {model!r}: there is no such folder with model.safetensors, and no such model in the"
            " local cache.",
            advice=ADVICE,
        )
    kind = _kind_of(folder)
    try:
        with loading_offline() as options:
            import sentence_transformers

            loaded = getattr(sentence_transformers, kind)(str(folder), **options)
            reranker = (CrossEncoderReranker if kind == "CrossEncoder" else MultiVectorReranker)(model, loaded)
            trial = reranker.scores("ready?", ["ready", "yes"])
    except Exception as error:  # of its files: the libraries raise anything
        raise SettingsError(f"The reranker in {folder} cannot be loaded: {error}", advice=ADVICE) from error
    if trial.shape != (2,) or not np.isfinite(trial).all():
        raise SettingsError(
            f"The reranker in {folder} gives a sentence {trial.size // 2} values, such as {trial.flat[0]:.3g}, where"
            " one number is needed.",
            advice=ADVICE,
        )
    return reranker


def by_rank(probability: Floats, scores: Floats) -> Floats:
    """Returns the probabilities (n,) in the order of the scores (n,): the greatest for the best-scored candidate.

    Candidates with the same score keep the order of their own probabilities.
    """
    order = np.lexsort((-probability, -scores))
    ranked = np.empty_like(probability)
    ranked[order] = np.sort(probability)[::-1]
    return ranked


def _kind_of(folder: Path) -> str:
    """The class that loads a folder. Raises `SettingsError` unless it says that it is a reranker."""
    own, general = _read(folder / "config_sentence_transformers.json"), _read(folder / "config.json")
    listed = general.get("architectures")
    architectures = [str(name) for name in listed] if isinstance(listed, list) else []
    kind = str(own.get("model_type", ""))
    if kind in _KINDS:
        return _KINDS[kind]
    if _COLBERT in architectures:
        return "MultiVectorEncoder"
    if not kind and any(name.endswith(_CLASSIFIER) for name in architectures):
        return "CrossEncoder"
    raise SettingsError(
        f"reranker cannot be {folder}: it is a {kind or ', '.join(architectures) or 'model of no known kind'}, which"
        " does not score a sentence for a question.",
        advice=ADVICE,
    )


def _read(file: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one if there is no such file. Raises `SettingsError`."""
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.", advice=ADVICE) from error
    return found if isinstance(found, dict) else {}
