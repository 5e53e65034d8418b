"""Spans of the chain, as OpenTelemetry's own in-memory exporter sees them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from langchain_core.retrievers import BaseRetriever
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assistant.app import open_assistant
from assistant.chain import Chain, open_chain
from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.tracing import STEPS, StepTracer, open_tracer
from index.embedding.embedder import HashedWordEmbedder
from index.published.open_index import OpenIndex
from tests.fixtures.recorder import Recorder

QUESTION = "Which force is working with schools on knife crime?"
SEARCHED = ["understand", "route", "retrieve", "rerank", "select", "compose", "verify", "answer"]
EVERY_MODE = (
    QUESTION, "Which forces supervise investigations?", "Which areas was Northshire graded inadequate for in 2021/22?",
    "What are Eastvale's causes of concern?", "How good is Northshire at investigating crime?", "Hello!",
    "Which assessments are there?", "How many horses does Westmere have?", "What will crime be like next year?",
)  # fmt: skip


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def traced(index: OpenIndex, exporter: InMemorySpanExporter, *, texts: bool = False) -> Chain:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = StepTracer(provider.get_tracer("test"), texts=texts)
    return open_chain(index, HashedWordEmbedder(), length=500, callbacks=[tracer])


def attributes_of(spans: tuple[ReadableSpan, ...]) -> str:
    """Everything that leaves with the spans, as text."""
    return " ".join(span.to_json() for span in spans)


def test_a_question_is_a_span_and_each_step_one_below_it(northshire: OpenIndex, exporter: InMemorySpanExporter):
    answer = traced(northshire, exporter).answer(QUESTION)
    *steps, question = exporter.get_finished_spans()
    assert question.name == "question"
    assert question.parent is None
    assert [step.name for step in steps] == SEARCHED
    for step in steps:
        assert step.parent is not None
        assert step.parent.span_id == question.context.span_id
        assert step.context.trace_id == question.context.trace_id
        assert question.start_time <= step.start_time <= step.end_time <= question.end_time
    assert question.attributes == {
        "assistant.status": "answered",
        "assistant.citations": len(answer.citations),
        "assistant.transcripts": answer.searched.transcripts,
        "assistant.sentences": answer.searched.sentences,
        "assistant.index": answer.index.version,
    }
    select = steps[SEARCHED.index("select")]
    assert select.attributes["assistant.mode"] == "search"
    assert select.attributes["assistant.candidates"] >= select.attributes["assistant.selected"] >= 1


def test_every_step_of_every_mode_has_a_span(northshire: OpenIndex, exporter: InMemorySpanExporter):
    chain, recorder = traced(northshire, exporter), Recorder()
    for question in EVERY_MODE:
        chain.answer(question, config={"callbacks": [recorder]})
    names = [span.name for span in exporter.get_finished_spans()]
    assert names.count("question") == len(EVERY_MODE)
    without = {name for name in recorder.started if name not in names and not name.startswith(("is_", "Runnable"))}
    composed = {"assessment_assistant", "mode", "search", "list_all", "list_records", "follow_route"}
    assert without - {"retriever", "refuse_with_nearest"} == composed
    assert set(names) - {"question"} <= STEPS
    assert len(set(names) & STEPS) >= 13


def test_several_questions_of_a_turn_are_one_span(northshire: OpenIndex, exporter: InMemorySpanExporter):
    turn = "Does Northshire supervise investigations? How does Westmere manage its money?"
    assert len(traced(northshire, exporter).answer(turn).asked) == 2
    names = [span.name for span in exporter.get_finished_spans()]
    assert (names.count("question"), names.count("answer")) == (1, 2)
    assert len({span.context.trace_id for span in exporter.get_finished_spans()}) == 1


def test_no_word_of_a_question_or_a_quotation_leaves(northshire: OpenIndex, exporter: InMemorySpanExporter):
    answer = traced(northshire, exporter).answer(QUESTION)
    sent = attributes_of(exporter.get_finished_spans())
    words = {word for quote in [QUESTION, *(citation.quote for citation in answer.citations)] for word in quote.split()}
    assert answer.citations
    assert {word for word in words if len(word) > 6 and word in sent} == set()
    assert "Westmere" not in sent


def test_texts_leave_where_a_setting_says_so(northshire: OpenIndex, exporter: InMemorySpanExporter):
    answer = traced(northshire, exporter, texts=True).answer(QUESTION)
    question = exporter.get_finished_spans()[-1]
    assert question.attributes["assistant.question"] == QUESTION
    assert question.attributes["assistant.quotations"] == tuple(citation.quote for citation in answer.citations)


class Broken(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: object, **_: object) -> list:
        raise OSError(f"no connection for {query}")


@pytest.mark.parametrize("texts", [False, True])
def test_a_failed_step_says_how_and_its_words_stay_here(
    northshire: OpenIndex, exporter: InMemorySpanExporter, texts: bool
):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = StepTracer(provider.get_tracer("test"), texts=texts)
    chain = open_chain(northshire, HashedWordEmbedder(), length=500, retriever=Broken(), callbacks=[tracer])
    with pytest.raises(OSError, match="no connection"):
        chain.answer(QUESTION)
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["understand", "route", "retrieve", "question"]
    for span in spans[2:]:
        assert span.status.status_code is trace.StatusCode.ERROR
        assert span.attributes["error.type"] == "OSError"
        assert not span.events
    assert ("knife" in attributes_of(spans)) is texts
    assert not tracer._spans
    assert not tracer._contexts


def settings_in(folder: Path, **fields: object) -> Settings:
    sources = Path(__file__).parents[1] / "golden" / "northshire" / "sources"
    return Settings(sources=sources, index=folder / "index", embedding_model="hashed-words", **fields)


def test_the_setting_makes_spans_with_the_tracer_of_the_process(
    tmp_path: Path, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    open_assistant(settings_in(tmp_path)).ask(QUESTION)
    assert exporter.get_finished_spans() == ()
    assistant = open_assistant(settings_in(tmp_path, traces="steps"))
    assistant.ask(QUESTION)
    assistant.as_runnable().invoke(QUESTION)
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [*SEARCHED, "question"] * 2
    assert {span.instrumentation_scope.name for span in spans} == {"assessment_assistant"}
    assert "knife" not in attributes_of(spans)


def test_without_opentelemetry_nothing_changes_until_traces_are_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    assert open_tracer(Settings()) is None
    with pytest.raises(SettingsError, match=r"opentelemetry is not installed.*assessment-assistant\[otel\]"):
        open_tracer(Settings(traces="steps"))


def test_without_a_provider_a_traced_question_is_answered_as_any(tmp_path: Path):
    plain = open_assistant(settings_in(tmp_path)).ask(QUESTION)
    answer = open_assistant(settings_in(tmp_path, traces="texts")).ask(QUESTION)
    assert answer.model_copy(update={"seconds": plain.seconds}) == plain
