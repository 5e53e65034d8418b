from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.embedder import TOKEN_DIMENSION, TOKEN_SCALE, HashedWordEmbedder, packaged_adapter, sha256_of
from index.embedding.models import (
    DEFAULT_MODEL_SHA256,
    TOKENIZER,
    WEIGHTS,
    SentenceTransformerEmbedder,
    load_sentence_transformer,
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

    def test_a_text_has_the_same_vector_in_every_batch(self, embedder):
        alone = embedder.encode(["The force works well."])[0]
        among = embedder.encode(["Victims are kept informed of their case at every stage.", "The force works well."])[1]
        np.testing.assert_allclose(alone, among, atol=1e-5)

    def test_no_texts_give_no_rows(self, embedder):
        assert embedder.encode([]).shape == (0, embedder.dimension)

    def test_langchain_gets_the_same_vectors(self, embedder):
        text = "Officers treat people fairly."
        np.testing.assert_allclose(embedder.embed_query(text), embedder.encode([text])[0], atol=1e-6)
        np.testing.assert_allclose(embedder.embed_documents([text])[0], embedder.encode([text])[0], atol=1e-6)

    def test_a_text_is_nearest_to_one_that_shares_its_words(self, embedder):
        question, near, far = embedder.encode(
            ["How does the force manage risk?", "The force manages risk well.", "Bread needs flour and water."]
        )
        assert question @ near > question @ far

    def test_texts_have_a_vector_for_each_token_as_bytes(self, embedder):
        encoded = embedder.encode_texts(["The force works well.", "!"])
        assert [rows.dtype for rows in encoded.tokens] == [np.int8, np.int8]
        assert encoded.tokens[0].shape[0] >= 4
        assert encoded.tokens[0].shape[1] == TOKEN_DIMENSION
        np.testing.assert_allclose(np.linalg.norm(encoded.tokens[0] / TOKEN_SCALE, axis=1), 1.0, atol=0.05)
        np.testing.assert_array_equal(encoded.vectors, embedder.encode(["The force works well.", "!"]))

    def test_a_question_has_weighted_tokens_and_the_vector_of_a_text(self, embedder):
        question = embedder.encode_question("Does the force work well?")
        assert question.tokens.shape == (len(question.weights), TOKEN_DIMENSION)
        assert question.weights.sum() == pytest.approx(1.0, abs=1e-5)
        assert (question.weights > 0).all()
        np.testing.assert_allclose(question.vector, embedder.encode(["Does the force work well?"])[0], atol=1e-5)

    def test_a_question_without_a_word_has_weights_all_the_same(self, embedder):
        question = embedder.encode_question("")
        assert len(question.tokens) == len(question.weights)


class TestHashedWordEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return HashedWordEmbedder()


@cache
def default_embedder() -> SentenceTransformerEmbedder:
    embedder = open_embedder()
    assert isinstance(embedder, SentenceTransformerEmbedder)
    return embedder


ODD_TEXTS = [
    "", " ", "\n\t", "\u200b", "\x00", "\ufffd", ".", "[PAD]", "[CLS] [SEP] [MASK]", "the [UNK] force", "😀",
    "👩‍👩‍👧‍👦 family", "Zoë’s “naïve” café – 50 %", "e\u0301", "ﬁre o\u00adfficers", "İSTANBUL", "警察の検査", "الشرطة",
    "पुलिस", "a\u0300\u0301\u0302" * 90, "x" * 99, "x" * 5000, "word " * 254, "word " * 255, "word " * 600, "1" * 600,
    "https://example.org/a_b?c=d#e", "<b>&amp;</b>",
]  # fmt: skip


def cosines_alone_and_together(texts: list[str]) -> np.ndarray:
    """The cosine of each text's vector embedded alone with its vector embedded among the others."""
    alone = np.vstack([default_embedder().encode([text]) for text in texts]).astype(np.float64)
    return np.sum(alone * default_embedder().encode(texts), axis=1)


@pytest.mark.model
class TestSentenceTransformerEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return default_embedder()

    def test_the_default_model_has_the_pinned_weights_and_adapter(self, embedder, tmp_path: Path):
        assert sha256_of(embedder.folder / WEIGHTS) == DEFAULT_MODEL_SHA256
        other = tmp_path / "adapter.safetensors"
        other.write_bytes(packaged_adapter().read_bytes() + b" ")
        assert SentenceTransformerEmbedder(adapter=other).digest != embedder.digest

    def test_a_paraphrase_is_nearer_than_an_unrelated_text(self, embedder):
        question, paraphrase, other = embedder.encode(
            ["bobbies on the beat", "constables on foot patrol", "careful management of savings"]
        )
        assert question @ paraphrase > question @ other

    def test_sentence_transformers_makes_every_vector(self, embedder, monkeypatch: pytest.MonkeyPatch):
        plain = load_sentence_transformer(embedder.folder)
        embedder.adapter.apply_to(plain)
        expected = plain.encode(ODD_TEXTS, normalize_embeddings=True)
        np.testing.assert_allclose(embedder.encode(ODD_TEXTS), expected, atol=1e-5)
        tokens = plain.encode(["The force works well."], output_value="token_embeddings")[0].numpy()[1:-1]
        found = embedder.encode_texts(["The force works well."]).tokens[0]
        np.testing.assert_allclose(found / TOKEN_SCALE, embedder.adapter.project(tokens), atol=0.005)

    def test_another_model_makes_the_vectors_of_texts_and_the_default_those_of_tokens(self, embedder):
        plain = SentenceTransformerEmbedder(str(embedder.folder))
        text = "The force works well."
        assert not np.allclose(plain.encode([text]), embedder.encode([text]), atol=1e-3)
        np.testing.assert_array_equal(plain.encode_texts([text]).tokens[0], embedder.encode_texts([text]).tokens[0])

    def test_odd_texts_have_the_same_vectors_alone_and_together(self):
        assert min(cosines_alone_and_together(ODD_TEXTS)) >= 0.999999

    def test_the_sentences_of_a_source_have_the_same_vectors_alone_and_together(self):
        file = next((Path(__file__).parents[3] / "sources").glob("*.txt"))
        texts = [line for line in file.read_text("utf-8").splitlines() if line]
        assert len(texts) > 10
        assert min(cosines_alone_and_together(texts)) >= 0.999999

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.text(max_size=80), min_size=1, max_size=5))
    def test_any_texts_have_the_same_vectors_alone_and_together(self, texts: list[str]):
        assert min(cosines_alone_and_together(texts)) >= 0.999999

    def test_threads_that_embed_at_once_get_the_vectors_of_one_alone(self):
        embedder = SentenceTransformerEmbedder()  # not loaded yet
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda text: embedder.encode([text])[0], ODD_TEXTS))
        for text, vector in zip(ODD_TEXTS, together, strict=True):
            np.testing.assert_array_equal(vector, default_embedder().encode([text])[0])


@pytest.mark.parametrize("kept", ["*.safetensors", "*"])
def test_a_model_that_does_not_load_says_what_to_do(tmp_path: Path, kept: str):
    for path in default_embedder().folder.glob(kept):
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(EmbeddingModelError, match=r"could not be loaded.*Point the setting embedding_model at"):
        open_embedder(str(tmp_path)).encode(["The force works well."])


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / WEIGHTS).write_bytes(b"not the pinned weights")
    monkeypatch.setattr("index.embedding.models.packaged_folder", lambda: tmp_path)
    with pytest.raises(EmbeddingModelError, match=r"not 53aa5117.*Reinstall"):
        open_embedder()


def test_a_changed_or_missing_tokenizer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / WEIGHTS).symlink_to(default_embedder().folder / WEIGHTS)
    monkeypatch.setattr("index.embedding.models.packaged_folder", lambda: tmp_path)
    with pytest.raises(EmbeddingModelError, match=r"tokenizer\.json cannot be read"):
        open_embedder()
    (tmp_path / TOKENIZER).write_text("{}")
    with pytest.raises(EmbeddingModelError, match=r"tokenizer\.json has SHA-256 .*Reinstall"):
        open_embedder()


def test_models_with_different_weights_have_different_digests(tmp_path: Path):
    (tmp_path / WEIGHTS).write_bytes(b"first")
    first = open_embedder(str(tmp_path)).digest
    (tmp_path / WEIGHTS).write_bytes(b"second")
    assert open_embedder(str(tmp_path)).digest != first


@pytest.mark.parametrize("name", ["no/such-model", "not a model name at all", "./nowhere"])
def test_a_missing_model_is_named_and_nothing_is_downloaded(name: str):
    with pytest.raises(EmbeddingModelError, match="never downloaded"):
        open_embedder(name)


def run_afresh(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new process."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_heavy_libraries_are_not_imported_until_a_text_is_embedded():
    code = "import index.embedding.models as e; e.open_embedder(); import sys; print(*sys.modules)"
    loaded = set(run_afresh(code).stdout.split())
    assert loaded & {"torch", "sentence_transformers", "transformers", "onnxruntime"} == set()


@pytest.mark.model
def test_loading_the_model_prints_nothing():
    code = "import huggingface_hub, index.embedding.models as e; e.open_embedder().encode(['The force works well.'])"
    ran = run_afresh(code)
    assert (ran.stdout, ran.stderr) == ("", "")
