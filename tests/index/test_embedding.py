from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from index.embedding import (
    DEFAULT_MODEL_SHA256,
    WEIGHTS,
    HashedWordEmbedder,
    SentenceTransformerEmbedder,
    open_embedder,
)
from index.errors import EmbeddingModelError


class EmbedderContract:
    """What every embedder promises."""

    @pytest.fixture
    def embedder(self):
        raise NotImplementedError

    def test_rows_are_float32_of_unit_length(self, embedder):
        vectors = embedder.encode(["The force works well.", "It manages risk."])
        assert vectors.shape == (2, embedder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)

    def test_the_same_text_has_the_same_vector_whatever_stands_beside_it(self, embedder):
        alone = embedder.encode(["The force works well."])[0]
        among = embedder.encode(["Victims are kept informed of their case at every stage.", "The force works well."])[1]
        np.testing.assert_allclose(alone, among, atol=1e-5)

    def test_nothing_gives_no_rows(self, embedder):
        assert embedder.encode([]).shape == (0, embedder.dimension)

    def test_langchain_sees_the_same_vectors(self, embedder):
        text = "Officers treat people fairly."
        np.testing.assert_allclose(embedder.embed_query(text), embedder.encode([text])[0], atol=1e-6)
        np.testing.assert_allclose(embedder.embed_documents([text])[0], embedder.encode([text])[0], atol=1e-6)

    def test_a_text_is_nearest_to_one_that_shares_its_words(self, embedder):
        question, near, far = embedder.encode(
            ["How does the force manage risk?", "The force manages risk well.", "Bread needs flour and water."]
        )
        assert question @ near > question @ far


class TestHashedWords(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return HashedWordEmbedder()


@cache
def packaged() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.mark.model
class TestPackagedModel(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return packaged()

    def test_it_is_the_pinned_one(self, embedder):
        assert embedder.digest == DEFAULT_MODEL_SHA256

    def test_it_means_what_it_says(self, embedder):
        asked, paraphrase, other = embedder.encode(
            ["bobbies on the beat", "constables on foot patrol", "careful management of savings"]
        )
        assert asked @ paraphrase > asked @ other


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / WEIGHTS).write_bytes(b"not the pinned weights")
    monkeypatch.setattr("index.embedding._default_folder", lambda: tmp_path)
    with pytest.raises(EmbeddingModelError, match=r"not 53aa5117.*Reinstall"):
        open_embedder()


def test_another_model_is_told_apart_by_its_weights(tmp_path: Path):
    (tmp_path / WEIGHTS).write_bytes(b"one")
    one = open_embedder(str(tmp_path)).digest
    (tmp_path / WEIGHTS).write_bytes(b"two")
    assert open_embedder(str(tmp_path)).digest != one


@pytest.mark.parametrize("name", ["no/such-model", "not a model name at all", "./nowhere"])
def test_a_model_that_is_not_there_is_named_and_nothing_is_downloaded(name: str):
    with pytest.raises(EmbeddingModelError, match="never downloaded"):
        open_embedder(name)


def test_heavy_libraries_wait_until_a_text_is_embedded():
    code = "import sys, index.embedding as e; e.open_embedder(); print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
