"""A model in place of the packaged reranker: both kinds, with random weights, built here and saved to a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant.answer import Answer
from assistant.app import open_assistant
from assistant.chain import open_chain
from assistant.errors import OutOfTimeError, SettingsError
from assistant.retrieval.model_reranker import ModelReranker, by_rank, open_reranker
from assistant.settings import Settings
from assistant.work import Work, working
from index.embedding.embedder import HashedWordEmbedder
from index.embedding.models import packaged_folder
from index.published.open_index import OpenIndex
from tests.fixtures.recorder import Recorder

KINDS = ("cross", "multi")
QUESTION = "How does Northshire supervise its investigations?"
SOURCES = Path(__file__).parents[2] / "golden" / "northshire" / "sources"
CHANCES = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: each kind of reranker, one that transformers saved, and two that are none."""
    import torch
    from sentence_transformers import CrossEncoder, MultiVectorEncoder
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

    folder = tmp_path_factory.mktemp("models")
    tokenizer = AutoTokenizer.from_pretrained(str(packaged_folder()))
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    torch.manual_seed(7)
    for name, labels in (("plain", 1), ("three", 3)):
        config = BertConfig(vocab_size=tokenizer.vocab_size, num_labels=labels, initializer_range=0.5, **small)
        BertForSequenceClassification(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    bert = BertModel(BertConfig(vocab_size=tokenizer.vocab_size, initializer_range=0.5, **small))
    bert.save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    CrossEncoder(str(folder / "plain"), device="cpu").save(str(folder / "cross"))
    MultiVectorEncoder(str(folder / "bert"), device="cpu").save(str(folder / "multi"))
    return folder


def own_scores(kind: str, folder: Path, question: str, texts: Sequence[str]) -> list[float]:
    """The scores as sentence-transformers gives them to anybody, one sentence at a time."""
    from sentence_transformers import CrossEncoder, MultiVectorEncoder

    if kind == "cross":
        cross = CrossEncoder(str(folder / "cross"), device="cpu")
        return [float(cross.predict((question, text))) for text in texts]
    multi = MultiVectorEncoder(str(folder / "multi"), device="cpu")
    asked = multi.encode_query([question])
    return [float(multi.similarity(asked, multi.encode_document([text]))[0, 0]) for text in texts]


@pytest.mark.parametrize("kind", KINDS)
def test_the_candidates_are_in_the_order_of_the_model(kind: str, models: Path, northshire: OpenIndex):
    reranker, recorder = open_reranker(str(models / kind)), Recorder()
    chain = open_chain(northshire, HashedWordEmbedder(), length=500, reranker=reranker)
    answer = chain.answer(QUESTION, config={"callbacks": [recorder]})
    (ranked,) = recorder.outputs["rerank"].ranked
    assert len(ranked.texts) > 40  # more than a batch
    scores = own_scores(kind, models, QUESTION, ranked.texts)
    assert scores == pytest.approx(sorted(scores, reverse=True), abs=1e-5)
    assert len(set(scores)) > 30
    quotations_are_slices(answer, northshire)
    plain = Recorder()
    open_chain(northshire, HashedWordEmbedder(), length=500).answer(QUESTION, config={"callbacks": [plain]})
    (packaged,) = plain.outputs["rerank"].ranked
    assert packaged.texts != ranked.texts
    assert sorted(packaged.texts) == sorted(ranked.texts)
    assert packaged.probability.tolist() == ranked.probability.tolist()  # only to whom they belong has changed


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_is_answered_in_quotations(kind: str, models: Path, northshire: OpenIndex):
    chain = open_chain(northshire, HashedWordEmbedder(), length=500, reranker=open_reranker(str(models / kind)))
    questions = [
        "Which force is working with schools on knife crime?",
        "What concerns did the inspector have about Northshire in PEEL 2018/19?",
        "Which areas was Northshire graded inadequate or requires improvement for in 2021/22?",
        "How good is Northshire at investigating crime?",
        "Compare preventing crime at Westmere and Eastvale in PEEL 2018/19.",
        "How many horses does Westmere have?",
    ]
    answers = [chain.answer(question) for question in questions]
    for answer in answers:
        quotations_are_slices(answer, northshire)
    assert sum(answer.status.answered for answer in answers) >= 3
    again = [chain.answer(question) for question in questions]
    assert [answer.citations for answer in again] == [answer.citations for answer in answers]


def quotations_are_slices(answer: Answer, index: OpenIndex) -> None:
    cited = (*answer.citations, *answer.nearest)
    assert cited
    for citation in cited:
        transcript = index.transcript(citation.transcript_id)
        assert transcript is not None
        assert transcript.text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("kind", [*KINDS, "plain"])
def test_the_setting_names_the_folder(kind: str, models: Path, tmp_path: Path):
    fields = {"sources": SOURCES, "index": tmp_path / "index", "embedding_model": "hashed-words"}
    recorder = Recorder()
    assistant = open_assistant(Settings(**fields, reranker=str(models / kind)))
    answer = assistant.ask(QUESTION, config={"callbacks": [recorder]})
    (ranked,) = recorder.outputs["rerank"].ranked
    scores = own_scores("multi" if kind == "multi" else "cross", models, QUESTION, ranked.texts[:5])
    assert scores == pytest.approx(sorted(scores, reverse=True), abs=1e-5)
    quotations_are_slices(answer, assistant.index)


def test_a_model_of_the_local_cache_is_found_by_its_name(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    def cached(name: str, file: str) -> str | None:
        return str(models / "cross" / file) if name == "northshire/cross" else None

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", cached)
    reranker = open_reranker("northshire/cross")
    assert reranker is not None
    texts = ["The force supervises investigations.", "Custody is well run."]
    assert reranker.scores(QUESTION, texts)[0] != reranker.scores(QUESTION, texts)[1]


@pytest.mark.parametrize(
    "name", ["northshire/absent", "no such folder", "/nowhere/at/all", "../absent", "a/b/c", "a" * 5_000, "~nobody/x"]
)
def test_a_model_that_is_not_here_is_an_error_in_words(name: str, tmp_path: Path):
    with pytest.raises(SettingsError, match=r"reranker cannot be .*: there is no such folder .*never downloaded"):
        open_assistant(Settings(sources=SOURCES, index=tmp_path, embedding_model="hashed-words", reranker=name))
    assert list(tmp_path.iterdir()) == []  # it says so before it indexes


def test_a_model_that_is_no_reranker_is_refused(models: Path):
    with pytest.raises(SettingsError, match=r"it is a BertModel, which does not score a sentence for a question"):
        open_reranker(str(models / "bert"))
    with pytest.raises(SettingsError, match=r"it is a BertModel, which does not score"):
        open_reranker(str(packaged_folder()))
    with pytest.raises(SettingsError, match=r"gives a sentence 3 values, such as .*, where one number"):
        open_reranker(str(models / "three"))


def test_a_damaged_model_is_an_error_in_words(models: Path, tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"config\.json cannot be read"):
        open_reranker(str(tmp_path))
    (tmp_path / "config.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"config\.json cannot be read"):
        open_reranker(str(tmp_path))
    config = json.loads((models / "plain" / "config.json").read_text(encoding="utf-8"))
    for changed in ({}, {"vocab_size": None}, {"num_attention_heads": 0}, {"hidden_size": "wide"}):
        (tmp_path / "config.json").write_text(json.dumps(config | changed), encoding="utf-8")
        with pytest.raises(SettingsError, match=r"The reranker in .* cannot be loaded"):
            open_reranker(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps(config | {"architectures": 5}), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"it is a model of no known kind"):
        open_reranker(str(tmp_path))


def test_the_packaged_reranker_is_no_model():
    assert open_reranker(Settings().reranker) is None


class Fixed(ModelReranker):
    """Scores each text by a number in it, and counts what it was asked."""

    def __init__(self) -> None:
        super().__init__("fixed")
        self.asked: list[int] = []

    def _score(self, question: str, texts: list[str]) -> NDArray[np.float32]:
        self.asked.append(len(texts))
        return np.array([float(text) for text in texts], dtype=np.float32)


def test_scores_are_computed_in_batches_while_there_is_time():
    reranker = Fixed()
    texts = [str(number) for number in range(70)]
    assert reranker.scores("?", texts).tolist() == list(range(70))
    assert reranker.asked == [32, 32, 6]
    assert reranker.scores("?", []).shape == (0,)
    with working(Work(1e-9)), pytest.raises(OutOfTimeError):
        reranker.scores("?", texts)
    assert reranker.asked == [32, 32, 6]


@given(CHANCES, st.data())
def test_by_rank_keeps_the_chances_and_takes_the_order(chances: list[float], data: st.DataObject):
    scores = data.draw(st.lists(st.floats(-9, 9, width=32), min_size=len(chances), max_size=len(chances)))
    given_to = by_rank(np.array(chances, dtype=np.float32), np.array(scores, dtype=np.float32))
    assert sorted(given_to.tolist()) == sorted(np.array(chances, dtype=np.float32).tolist())
    ordered = [chance for _, chance in sorted(zip(scores, given_to.tolist(), strict=True))]
    assert ordered == sorted(ordered)


def test_by_rank_with_equal_scores_keeps_our_order():
    chances = np.array([0.1, 0.9, 0.5], dtype=np.float32)
    assert by_rank(chances, np.zeros(3, dtype=np.float32)).tolist() == chances.tolist()
