from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from langchain_tests.integration_tests import RetrieversIntegrationTests

from assistant.answer import Answer, Status
from assistant.app import Assistant, CitationRetriever, open_assistant
from assistant.errors import FilterError, OutOfTimeError
from assistant.filter import Filter
from assistant.question.conversation import Turn
from assistant.settings import Settings
from assistant.state import MAX_QUESTION_CHARACTERS
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint

TITLE = "Northshire Constabulary – PEEL 2016 – overall assessment"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "a.txt").write_text(f"{TITLE}\n\nCustody is safe and clean.", encoding="utf-8")
    return Settings(sources=sources, index=tmp_path / "index", embedding_model="hashed-words")


def quoted(assistant: Assistant, question: str) -> list[str]:
    return [citation.quote for citation in assistant.ask(question).citations]


@pytest.mark.parametrize("store", ["chroma", "exact"])
def test_the_index_is_made_at_the_first_question(settings: Settings, store: str):
    assistant = Assistant.over(settings.model_copy(update={"vector_store": store}))
    assert quoted(assistant, "Is custody safe?") == ["Custody is safe and clean."]


def test_a_new_generation_is_taken_up_between_questions(settings: Settings):
    assistant = Assistant.over(settings)
    assert assistant.ask("Is vetting slow?").citations == ()
    (settings.sources / "b.txt").write_text(f"{TITLE}\n\nVetting is slow.", encoding="utf-8")
    build_index(settings.sources, settings.index, HashedWordEmbedder())
    assert quoted(assistant, "Is vetting slow?") == ["Vetting is slow."]


def test_a_tampered_record_is_never_quoted_and_is_made_anew(settings: Settings, caplog: pytest.LogCaptureFixture):
    assistant = Assistant.over(settings)
    maker = Fingerprint.of(HashedWordEmbedder())
    with sqlite3.connect(maker.folder(settings.index) / DATABASE_FILE) as record:
        record.execute("UPDATE sentence SET text = replace(text, 'safe', 'vile')")
    record.close()
    assert quoted(assistant, "Is custody safe?") == ["Custody is safe and clean."]
    assert "withheld" in caplog.text


def test_the_sources_can_be_read_around_a_citation(settings: Settings):
    assistant = Assistant.over(settings)
    [citation] = assistant.ask("Is custody safe?").citations
    page = assistant.sources.transcript_page(citation.transcript_id)
    assert page is not None
    assert page.transcript.text[citation.start : citation.end] == citation.quote
    around = assistant.sources.neighbours(citation.transcript_id, citation.sentence)
    assert [sentence.text for sentence in around] == [TITLE, "Custody is safe and clean."]
    assert assistant.sources.transcript_page("no-such-transcript") is None
    assert assistant.sources.neighbours(citation.transcript_id, "0" * 15) == ()
    [held] = assistant.sources.transcripts()
    assert (held.title, held.force, held.period, held.source) == (TITLE, "Northshire Constabulary", "2016", "a.txt")


class TestTheRetriever(RetrieversIntegrationTests):
    """LangChain's standard tests, over `open_assistant(...).as_retriever()`."""

    @pytest.fixture(autouse=True)
    def _open(self, tmp_path: Path) -> None:
        sources = tmp_path / "sources"
        sources.mkdir()
        sentences = "Custody is safe. Custody staff are trained. The custody suites are clean. Detainees are seen."
        (sources / "a.txt").write_text(f"{TITLE}\n\n{sentences}", encoding="utf-8")
        settings = Settings(sources=sources, index=tmp_path / "index", embedding_model="hashed-words")
        self._assistant = open_assistant(settings)

    @property
    def retriever_constructor(self) -> type[CitationRetriever]:
        return CitationRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"search": self._assistant.search}

    @property
    def retriever_query_example(self) -> str:
        return "custody"

    def test_documents_are_slices_with_their_citation(self) -> None:
        documents = self._assistant.as_retriever(k=2).invoke("Are the custody suites clean?")
        assert documents[0].page_content == "The custody suites are clean."
        assert len(documents) == 2
        for document in documents:
            page = self._assistant.sources.transcript_page(document.metadata["transcript_id"])
            assert page is not None
            start, end = document.metadata["start"], document.metadata["end"]
            assert page.transcript.text[start:end] == document.page_content

    def test_a_filter_limits_the_retriever(self) -> None:
        with pytest.raises(FilterError):
            self._assistant.as_retriever(within=Filter(forces=("Westmere Police",))).invoke("custody")


def test_the_runnable_of_the_app_answers_from_the_newest_index(settings: Settings) -> None:
    assistant = Assistant.over(settings)
    runnable = assistant.as_runnable()
    (settings.sources / "b.txt").write_text(f"{TITLE}\n\nVetting is slow.", encoding="utf-8")
    build_index(settings.sources, settings.index, HashedWordEmbedder())
    [answer] = runnable.batch(["Is vetting slow?"])
    assert [citation.quote for citation in answer.citations] == ["Vetting is slow."]


def test_a_question_whose_time_is_over_is_refused(settings: Settings):
    assistant = Assistant.over(settings.model_copy(update={"question_timeout": 1e-9}))
    answer = assistant.ask("Is custody safe?")
    assert (answer.status, answer.question) == (Status.OUT_OF_TIME, "Is custody safe?")
    assert answer.reason.startswith("Answering took longer than the time limit")
    assert (answer.citations, answer.searched.sentences, answer.searched.scope) == ((), 0, "nothing to the end")
    assert [item.status for item in assistant.stream("Is custody safe?") if isinstance(item, Answer)] == [
        Status.OUT_OF_TIME
    ]
    with pytest.raises(OutOfTimeError):
        assistant.search("custody", 3)


def test_every_way_in_is_bounded(settings: Settings):
    assistant, much = Assistant.over(settings), "of " * 400_000
    history = [Turn("user", much)] * 50
    answers = [assistant.ask(much, history), assistant.as_runnable().invoke({"question": much, "history": history})]
    assert {answer.status for answer in answers} == {Status.QUESTION_TOO_LONG}
    assert {len(answer.question) for answer in answers} == {MAX_QUESTION_CHARACTERS + 1}
    assert quoted(assistant, "Is custody safe?") == ["Custody is safe and clean."]
    assert [citation.quote for citation in assistant.search("custody " + much, 1)] == ["Custody is safe and clean."]
    with pytest.raises(FilterError):
        assistant.search("custody", 1, within=Filter(forces=("x",) * 1_000))
