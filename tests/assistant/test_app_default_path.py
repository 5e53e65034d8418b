"""The default path uses the libraries the project is named after, with the shipped transcript and the default settings.

sentence-transformers embeds, Chroma answers dense searches with and without a scope, and LangChain runs every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.app import Assistant, open_assistant
from assistant.settings import Settings
from tests.fixtures.recorder import Recorder

SOURCES = Path(__file__).parents[2] / "sources"
UNSCOPED = "What concerns did the inspector have about investigations?"
SCOPED = "What concerns did the inspector have at Hertfordshire Constabulary about investigations?"
STEPS = ["understand", "route", "retrieve", "retriever", "rerank", "select", "compose", "verify", "answer"]

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def calls() -> Iterator[dict[str, list[Any]]]:
    """What the libraries were asked for while the module's tests ran: texts embedded, collections queried."""
    from chromadb.api.models.Collection import Collection  # takes seconds, which collection of the tests is spared
    from sentence_transformers import SentenceTransformer

    seen: dict[str, list[Any]] = {"encode": [], "query": []}
    preprocess, query = SentenceTransformer.preprocess, Collection.query

    def seen_preprocess(self: SentenceTransformer, texts: Any, *arguments: Any, **options: Any) -> Any:
        seen["encode"] += list(texts)
        return preprocess(self, texts, *arguments, **options)

    def seen_query(self: Collection, *arguments: Any, **options: Any) -> Any:
        seen["query"].append(options)
        return query(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SentenceTransformer, "preprocess", seen_preprocess)
        patch.setattr(Collection, "query", seen_query)
        yield seen


@pytest.fixture(scope="module")
def assistant(calls: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return open_assistant(Settings(sources=SOURCES, index=tmp_path_factory.mktemp("default") / "index"))


def test_sentence_transformers_embeds_every_sentence_of_the_transcript(
    assistant: Assistant, calls: dict[str, list[Any]]
) -> None:
    [transcript] = assistant.sources.transcripts()
    page = assistant.sources.transcript_page(transcript.id)
    assert page is not None
    embedded = "\n".join(calls["encode"])
    quoted = [citation.quote for citation in assistant.ask(UNSCOPED).citations]
    assert quoted
    assert all(quote in embedded for quote in quoted)
    assert len(calls["encode"]) >= transcript.row_count


@pytest.mark.parametrize("question", [UNSCOPED, SCOPED])
def test_chroma_is_asked_for_a_question_with_and_without_a_scope(
    assistant: Assistant, calls: dict[str, list[Any]], question: str
) -> None:
    before, embedded = len(calls["query"]), len(calls["encode"])
    assert assistant.ask(question).citations
    assert len(calls["query"]) > before
    assert len(calls["encode"]) == embedded + 1  # the question, once


@pytest.mark.parametrize("question", [UNSCOPED, SCOPED])
def test_a_callback_sees_the_retriever_and_each_step(assistant: Assistant, question: str) -> None:
    recorder = Recorder()
    answer = assistant.as_runnable().invoke(question, {"callbacks": [recorder]})
    assert [name for name in recorder.started if name in STEPS] == STEPS
    assert set(STEPS) <= set(recorder.outputs)
    retrieved = {document.page_content for document in recorder.outputs["retriever"]}
    assert {citation.quote for citation in answer.citations if not citation.context} <= retrieved
