"""The chain over a fictional collection: what it promises whatever is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from assistant.answer import Answer, Status
from assistant.chain import Chain, open_chain
from assistant.filter import Filter
from assistant.question.conversation import Turn
from assistant.question.routing import Mode
from index.build import build_index, ensure_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.open_index import OpenIndex, RecordedIndex
from index.storage.reader import SourceText
from tests.fixtures.loops import apart
from tests.fixtures.recorder import Recorder

PIECES = st.sampled_from(
    ["What", "Who", "How many", "Why", "custody", "vetting", "Northshire", "Westmere Police", "in 2016", "2018/19",
     "Kent", "concerns", "graded", "not", "?", "and", "officers", "best", "should", "all",
     "ﬁnance", "<b>", "{{x}}", "\u200b", "🚓", "مرحبا"]
)  # fmt: skip
QUESTIONS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=8).map(" ".join))


@pytest.fixture(scope="module")
def chain(northshire: OpenIndex) -> Chain:
    return open_chain(northshire, HashedWordEmbedder(), length=200)


def without_time(answer: Answer) -> bytes:
    return answer.model_copy(update={"seconds": 0.0}).model_dump_json().encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(QUESTIONS, st.lists(QUESTIONS, max_size=2))
def test_every_quotation_is_a_slice_of_its_source(northshire: OpenIndex, chain: Chain, text: str, before: list[str]):
    answer = chain.answer(text, [Turn("user", earlier) for earlier in before])
    for citation in (*answer.citations, *answer.nearest):
        transcript = northshire.transcript(citation.transcript_id)
        assert transcript is not None
        assert transcript.text[citation.start : citation.end] == citation.quote
        assert transcript.sha256 == citation.sha256


@settings(max_examples=60, deadline=None)
@given(QUESTIONS)
def test_the_same_question_has_the_same_bytes(chain: Chain, text: str):
    assert without_time(chain.answer(text)) == without_time(chain.answer(text))


@settings(max_examples=100, deadline=None)
@given(QUESTIONS)
def test_every_word_of_a_statement_is_quoted(chain: Chain, text: str):
    answer = chain.answer(text)
    quotes = {citation.number: citation.quote for citation in answer.citations}
    for statement in answer.statements:
        assert statement.text == " ".join(quotes[number] for number in statement.citations)


@settings(max_examples=60, deadline=None)
@given(QUESTIONS)
def test_a_named_force_and_period_limit_what_is_cited(chain: Chain, text: str):
    answer = chain.answer(f"{text[:60]} at Northshire in 2016")
    if answer.searched.scope == "Northshire Constabulary, 2016":
        cited = (*answer.citations, *answer.nearest)
        assert {(citation.force, citation.period) for citation in cited} <= {("Northshire Constabulary", "2016")}


@pytest.mark.parametrize(
    ("text", "status"),
    [("", Status.EMPTY_QUESTION), (" \n?", Status.EMPTY_QUESTION), ("custody " * 26, Status.QUESTION_TOO_LONG)],
)
def test_an_empty_or_too_long_question_is_refused(chain: Chain, text: str, status: Status):
    assert chain.answer(text).status is status


def test_a_refusal_says_what_was_searched(northshire: OpenIndex, chain: Chain):
    answer = chain.answer("How many zeppelins did the 2016 inspection of Westmere find?")
    assert not answer.status.answered
    assert answer.searched.transcripts == 1
    assert 0 < answer.searched.sentences < len(northshire.generation.keys)
    assert answer.searched.scope == "Westmere Police, 2016"


@pytest.mark.parametrize(
    "text",
    [
        "What concerns were there about Southmoor and vetting?", "How good is custody in Longbottom?",
        "How good is Northshire at potholes?", "How effective is Westmere Police at maternity wards?",
    ],
)  # fmt: skip
def test_a_question_about_an_unknown_name_or_topic_is_not_answered_with_another(chain: Chain, text: str):
    answer = chain.answer(text)
    assert (answer.status, answer.citations) == (Status.NOT_IN_ASSESSMENTS, ())


def test_words_in_capitals_throughout_are_not_taken_for_names(chain: Chain):
    quoted = [
        citation.quote for citation in chain.answer("What concerns were there about vetting in Northshire?").citations
    ]
    shouted = chain.answer("WHAT CONCERNS WERE THERE ABOUT VETTING, PLEASE, IN NORTHSHIRE?")
    assert [citation.quote for citation in shouted.citations] == quoted != []


def test_a_missing_part_makes_an_answer_partial(chain: Chain):
    answer = chain.answer("Compare the custody of Northshire and Kent")
    assert answer.status in (Status.PARTLY_ANSWERED, Status.NOT_IN_ASSESSMENTS)
    assert answer.status is not Status.PARTLY_ANSWERED or "Kent Police" in answer.reason


def test_a_tampered_record_is_withheld_and_logged(
    northshire: OpenIndex, chain: Chain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    question = "What did the inspector say about the counter-corruption unit?"
    assert chain.answer(question).status.answered
    real = RecordedIndex.text

    def shifted(opened: RecordedIndex, transcript_id: str) -> SourceText | None:
        found = real(opened, transcript_id)
        return found and replace(found, text=" " + found.text)

    monkeypatch.setattr(RecordedIndex, "text", shifted)
    answer = chain.answer(question)
    assert answer.status is Status.WITHHELD
    assert answer.citations == answer.nearest == ()
    assert "withheld" in caplog.text


def test_it_runs_as_a_langchain_runnable(chain: Chain):
    runnable = chain.as_runnable()
    history = [{"role": "user", "text": "How is custody at Northshire?"}]
    asked = {"question": "and Westmere?", "history": history, "id": "7"}
    answer = runnable.invoke(asked)
    assert (answer.id, answer.standalone_question) == ("7", "How is custody at Westmere?")
    awaited = apart(runnable.ainvoke(asked))
    again = [runnable.batch([asked])[0], *runnable.stream(asked), awaited]
    assert all(without_time(repeated) == without_time(answer) for repeated in again)


def test_questions_asked_in_parallel_have_the_answers_of_single_questions(northshire: OpenIndex, chain: Chain):
    begins = ("How is", "Which forces have concerns about", "What was said in 2016 about")
    asked = [f"{begin} {topic}?" for begin in begins
             for topic in ("custody", "vetting", "supervision", "crime recording")]  # fmt: skip
    alone = [without_time(chain.answer(text)) for text in asked]
    new = open_chain(northshire, HashedWordEmbedder(), length=200)
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(lambda _: [without_time(new.answer(text)) for text in asked], range(4)))
    finally:
        sys.setswitchinterval(switching)
    assert together == [alone] * 4


def test_different_questions_have_different_answer_ids(chain: Chain):
    assert chain.answer("custody").id == chain.answer("custody").id != chain.answer("vetting").id


def test_a_newer_generation_is_noticed(tmp_path: Path):
    sources, made = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    (sources / "a.txt").write_text("Northshire Constabulary – PEEL 2016\n\nCustody is safe.", encoding="utf-8")
    opened = ensure_index(sources, made, HashedWordEmbedder())
    assert not opened.stale()
    (sources / "a.txt").write_text("Northshire Constabulary – PEEL 2016\n\nVetting is slow.", encoding="utf-8")
    build_index(sources, made, HashedWordEmbedder())
    assert opened.stale()
    [citation] = open_chain(opened, HashedWordEmbedder(), length=200).answer("Is custody safe?").citations
    assert citation.quote == "Custody is safe."
    opened.close()


@pytest.fixture(scope="module")
def two_forces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    home = tmp_path_factory.mktemp("two")
    sources = home / "sources"
    sources.mkdir()
    for force, more in {"Northshire": "", "Westmere": "\n\nThe force has 31 police dogs."}.items():
        text = f"{force} Police – PEEL 2016\n\nCustody suites are safe.{more}"
        (sources / f"{force}.txt").write_text(text, encoding="utf-8")
    opened = ensure_index(sources, home / "index", HashedWordEmbedder())
    yield open_chain(opened, HashedWordEmbedder(), length=200)
    opened.close()


def test_the_force_is_ambiguous_if_several_assessments_answer(two_forces: Chain):
    answer = two_forces.answer("Are the custody suites of the force safe?")
    assert (answer.status, answer.citations) == (Status.AMBIGUOUS, ())
    assert answer.choices == tuple(
        f"Are the custody suites of the force safe? ({force} Police)" for force in ("Northshire", "Westmere")
    )
    for choice, force in zip(answer.choices, ("Northshire Police", "Westmere Police"), strict=True):
        citations = two_forces.answer(choice).citations
        assert {citation.force for citation in citations} == {force}
        assert "Custody suites are safe." in {citation.quote for citation in citations}


def test_the_force_is_clear_if_only_one_assessment_answers(two_forces: Chain):
    answer = two_forces.answer("How many police dogs does the force have?")
    assert [(citation.force, citation.quote) for citation in answer.citations] == [
        ("Westmere Police", "The force has 31 police dogs.")
    ]


def test_a_filter_says_which_force_is_meant(two_forces: Chain):
    answer = two_forces.answer("Are the custody suites of the force safe?", within=Filter(forces=("Westmere Police",)))
    assert {citation.force for citation in answer.citations} == {"Westmere Police"}
    assert "Custody suites are safe." in {citation.quote for citation in answer.citations}


@settings(max_examples=60, deadline=None)
@given(QUESTIONS)
def test_only_an_ambiguous_question_has_choices(chain: Chain, text: str):
    answer = chain.answer(text)
    assert not answer.choices or answer.status is Status.AMBIGUOUS


def recorded(chain: Chain, question: str) -> tuple[Answer, Recorder]:
    recorder = Recorder()
    return chain.as_runnable().invoke(question, {"callbacks": [recorder]}), recorder


def test_a_callback_sees_each_step_of_a_search_with_its_input_and_output(chain: Chain) -> None:
    question = "What did the inspector say about the counter-corruption unit?"
    answer, recorder = recorded(chain, question)
    steps = ["understand", "route", "retrieve", "retriever", "rerank", "select", "compose", "verify", "answer"]
    assert [name for name in recorder.started if name in steps] == steps
    assert set(steps) <= set(recorder.outputs)
    assert recorder.inputs["understand"] == question
    assert recorder.inputs["retriever"] == question
    documents = recorder.outputs["retriever"]
    assert {citation.quote for citation in answer.citations} <= {document.page_content for document in documents}
    assert recorder.outputs["answer"] == answer


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("What did the inspector say about the counter-corruption unit?", Mode.SEARCH),
        ("Which forces have concerns about custody?", Mode.LIST_ALL),
        ("What are the strengths and weaknesses of Northshire?", Mode.TWO_SIDED),
        ("Who inspected Northshire in 2016?", Mode.ABOUT_DOCUMENTS),
        ("Thank you very much.", Mode.REFUSE),
    ],
)
def test_one_mode_is_chosen_for_a_question(chain: Chain, question: str, mode: Mode) -> None:
    _, recorder = recorded(chain, question)
    assert recorder.outputs["route"].mode is mode


def test_a_bare_string_is_a_question(chain: Chain) -> None:
    asked = "How is custody at Northshire?"
    runnable = chain.as_runnable()
    assert without_time(runnable.invoke(asked)) == without_time(runnable.invoke({"question": asked}))
    assert without_time(runnable.invoke(asked)) == without_time(chain.answer(asked))


def test_a_batch_has_the_answers_of_single_questions_in_their_order(chain: Chain) -> None:
    asked = ["How is custody at Northshire?", "", "How is vetting at Westmere?"]
    answers = chain.as_runnable().batch(asked)
    assert [without_time(answer) for answer in answers] == [without_time(chain.answer(text)) for text in asked]


def test_astream_ends_with_the_answer(chain: Chain) -> None:
    asked = "How is custody at Northshire?"

    async def streamed() -> list[Answer]:
        return [chunk async for chunk in chain.as_runnable().astream(asked)]

    chunks = apart(streamed())
    assert without_time(chunks[-1]) == without_time(chain.answer(asked))


def test_another_retriever_can_replace_the_default(northshire: OpenIndex, chain: Chain) -> None:
    """A retriever of somebody else's that returns one fixed sentence: nothing but that sentence can be quoted."""
    asked = "What did the inspector say about the counter-corruption unit?"
    [first, *_] = chain.answer(asked).citations
    _, recorder = recorded(chain, asked)
    [document] = [item for item in recorder.outputs["retriever"] if item.page_content == first.quote]

    class Fixed(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any, **_: Any) -> list[Document]:
            return [document]

    other = open_chain(northshire, HashedWordEmbedder(), length=200, retriever=Fixed())
    assert {citation.quote for citation in other.answer(asked).citations if not citation.context} == {first.quote}
    assert {citation.quote for citation in other.answer("How is custody?").nearest} <= {first.quote}
