from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.models import (
    DEFAULT_MODEL_SHA256,
    WEIGHTS,
    HashedWordEmbedder,
    PackagedEmbedder,
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
def packaged() -> PackagedEmbedder:
    return PackagedEmbedder()


@cache
def reference() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


class PackagedContract(EmbedderContract):
    """What both ways to run the packaged model promise."""

    def test_it_is_the_pinned_one(self, embedder):
        assert embedder.digest == DEFAULT_MODEL_SHA256

    def test_it_means_what_it_says(self, embedder):
        asked, paraphrase, other = embedder.encode(
            ["bobbies on the beat", "constables on foot patrol", "careful management of savings"]
        )
        assert asked @ paraphrase > asked @ other


@pytest.mark.model
class TestPackagedModel(PackagedContract):
    @pytest.fixture
    def embedder(self):
        return packaged()


@pytest.mark.model
class TestSentenceTransformers(PackagedContract):
    @pytest.fixture
    def embedder(self):
        return reference()


ODD = [
    "", " ", "\n\t", "\u200b", "\x00", "\ufffd", ".", "[PAD]", "[CLS] [SEP] [MASK]", "the [UNK] force", "😀",
    "👩‍👩‍👧‍👦 family", "Zoë’s “naïve” café – 50 %", "e\u0301", "ﬁre o\u00adfficers", "İSTANBUL", "警察の検査", "الشرطة",
    "पुलिस", "a\u0300\u0301\u0302" * 90, "x" * 99, "x" * 5000, "word " * 254, "word " * 255, "word " * 600, "1" * 600,
    "https://example.org/a_b?c=d#e", "<b>&amp;</b>",
]  # fmt: skip


def alike(texts: list[str]) -> np.ndarray:
    """The cosine of each text's two vectors."""
    return np.sum(packaged().encode(texts).astype(np.float64) * reference().encode(texts), axis=1)


@pytest.mark.model
class TestPackagedAgainstSentenceTransformers:
    def test_odd_texts_have_the_same_vectors(self):
        assert min(alike(ODD)) >= 0.999999

    def test_the_sentences_of_every_source_have_the_same_vectors(self):
        folders = (
            Path(__file__).parents[3] / "sources",
            Path(__file__).parents[2] / "golden" / "northshire" / "sources",
        )
        files = [file for folder in folders for file in sorted(folder.glob("*.txt"))]
        texts = [line for file in files for line in file.read_text("utf-8").splitlines() if line]
        assert len(texts) > 50
        assert min(alike(texts)) >= 0.999999

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.text(max_size=80), min_size=1, max_size=5))
    def test_any_texts_have_the_same_vectors(self, texts: list[str]):
        assert min(alike(texts)) >= 0.999999

    def test_only_rounding_is_between_them_so_one_digest_names_both(self):
        texts = ["The force works well.", *ODD]
        apart = np.abs(packaged().encode(texts) - reference().encode(texts)).max()
        assert apart < 1e-5
        assert packaged().digest == reference().digest
        assert packaged().name == reference().name


def test_the_packaged_model_says_what_to_do_where_it_cannot_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    embedder = PackagedEmbedder()
    embedder.folder = tmp_path
    (tmp_path / WEIGHTS).symlink_to(packaged().folder / WEIGHTS)
    with pytest.raises(EmbeddingModelError, match=r"tokenizer\.json.*Reinstall onnxruntime, or set embedding_model"):
        embedder.encode(["The force works well."])
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EmbeddingModelError, match=r"Reinstall onnxruntime, or set embedding_model to .*PyTorch"):
        embedder.encode(["The force works well."])


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / WEIGHTS).write_bytes(b"not the pinned weights")
    monkeypatch.setattr("index.embedding.models._default_folder", lambda: tmp_path)
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


def loaded_after(code: str) -> set[str]:
    """The modules a fresh process has after running code."""
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(ran.stdout.split())


def test_heavy_libraries_wait_until_a_text_is_embedded():
    loaded = loaded_after("import index.embedding.models as e; e.open_embedder()")
    assert loaded & {"torch", "sentence_transformers", "transformers", "onnxruntime"} == set()


@pytest.mark.model
def test_the_packaged_model_embeds_without_pytorch():
    loaded = loaded_after("import index.embedding.models as e; e.open_embedder().encode(['The force works well.'])")
    assert "onnxruntime" in loaded
    assert loaded & {"torch", "sentence_transformers", "transformers"} == set()
