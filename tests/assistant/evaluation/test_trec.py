"""The TREC files: ir_measures reads them, and agrees with our measures to the digit where both have one."""

from __future__ import annotations

import warnings
from pathlib import Path, PurePath
from statistics import fmean

import pytest

with warnings.catch_warnings():  # what it imports warns of its own build
    warnings.simplefilter("ignore")
    import ir_measures
    from ir_measures import P, R, SetP, SetR, nDCG

from assistant.answer import Answer, Status
from assistant.errors import QuestionFileError
from assistant.evaluation.metrics import GoldQuestion, mean_scores, score_answer
from assistant.evaluation.trec import TrecFiles
from assistant.filter import Filter
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, FictionalSources, cite, make_answer

NORTH, WEST = (PurePath(page.transcript.source).name for page in (NORTHSHIRE, WESTMERE))


def gold(name: str, *facts: tuple[tuple[str, str], ...], answerable: bool | None = True) -> GoldQuestion:
    evidence = [[{"source": source, "quote": quote} for source, quote in fact] for fact in facts]
    return GoldQuestion.model_validate(
        {"id": name, "question": "?", "answerable": answerable, "evidence": evidence, "type": "all"}
    )


def north(ordinal: int) -> tuple[str, str]:
    return NORTH, NORTHSHIRE.sentences[ordinal].text


def west(ordinal: int) -> tuple[str, str]:
    return WEST, WESTMERE.sentences[ordinal].text


def answered(*citations: tuple[object, int]) -> Answer:
    cited = [cite(page, ordinal, number) for number, (page, ordinal) in enumerate(citations, start=1)]
    return make_answer("?", Status.ANSWERED, cited)


ASKED = [
    (gold("all right", (north(5),)), answered((NORTHSHIRE, 5))),
    (gold("one of three", (north(5),), (north(6),), (west(1),)), answered((NORTHSHIRE, 6), (NORTHSHIRE, 9))),
    (gold("an alternative", (north(5), west(1)), (north(7),)), answered((WESTMERE, 1), (NORTHSHIRE, 3), (WESTMERE, 2))),
    (gold("none of them", (north(2),)), answered((NORTHSHIRE, 10), (NORTHSHIRE, 11))),
    (gold("refused", (north(2),), (north(3),)), make_answer("?")),
    (gold("no answer exists", answerable=False), make_answer("?")),
    (gold("not decided", answerable=None), answered((NORTHSHIRE, 5))),
]
ANSWERABLE = [(question, answer) for question, answer in ASKED if question.answerable]


def search(_text: str, count: int, _within: Filter) -> list[object]:
    """Finds the sentences of Northshire from the sixth on."""
    return [cite(NORTHSHIRE, ordinal, number) for number, ordinal in enumerate(range(5, 12), 1)][:count]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trec") / "made" / "here"
    files = TrecFiles(folder, FictionalSources(), search)  # type: ignore[arg-type]
    for question, answer in ASKED:
        files.add(question, answer)
    files.write()
    return folder


def measured(folder: Path, kind: str, measure: object) -> dict[str, float]:
    """A measure by question, by ir_measures. Questions without a line in the run are missing."""
    qrels = list(ir_measures.read_trec_qrels(str(folder / f"{kind}.qrels")))
    run = list(ir_measures.read_trec_run(str(folder / f"{kind}.run")))
    return {found.query_id: found.value for found in ir_measures.iter_calc([measure], qrels, run)}


def encoded(question: GoldQuestion) -> str:
    return question.id.replace(" ", "%20")


def test_setp_over_sentences_is_our_precision(folder: Path) -> None:
    theirs = measured(folder, "sentences", SetP)
    ours = {encoded(question): score_answer(question, answer) for question, answer in ANSWERABLE}
    for name, score in ours.items():
        assert theirs.get(name, 0.0) == (score.precision or 0.0), name
    assert theirs["one%20of%20three"] == 1 / 2
    scored = [theirs[name] for name, score in ours.items() if score.answered]
    assert fmean(scored) == mean_scores(list(ours.values())).precision


def test_setr_over_facts_is_our_fact_recall(folder: Path) -> None:
    theirs = measured(folder, "facts", SetR)
    for question, answer in ANSWERABLE:
        assert theirs.get(encoded(question), 0.0) == score_answer(question, answer).recall, question.id
    assert theirs["one%20of%20three"] == 1 / 3
    assert theirs["an%20alternative"] == 1 / 2
    qrels = list(ir_measures.read_trec_qrels(str(folder / "facts.qrels")))
    run = list(ir_measures.read_trec_run(str(folder / "facts.run")))
    mean = ir_measures.calc_aggregate([SetR], qrels, run)[SetR]
    scores = [score_answer(question, answer) for question, answer in ANSWERABLE]
    assert mean == pytest.approx(mean_scores(scores).fact_recall, rel=1e-14)


def test_only_decided_questions_with_an_answer_are_judged(folder: Path) -> None:
    judged = {line.query_id for line in ir_measures.read_trec_qrels(str(folder / "sentences.qrels"))}
    assert judged == {encoded(question) for question, _ in ANSWERABLE}
    assert "not%20decided" not in (folder / "sentences.run").read_text()


def test_the_search_is_measured_by_rank(folder: Path) -> None:
    assert measured(folder, "search", P @ 1)["all%20right"] == 1.0
    assert measured(folder, "search", R @ 5)["one%20of%20three"] == 2 / 3
    assert 0 < measured(folder, "search", nDCG @ 10)["an%20alternative"] < 1


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(QuestionFileError):
        TrecFiles(tmp_path / "file" / "below", FictionalSources(), search)  # type: ignore[arg-type]
