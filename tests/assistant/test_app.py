from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from assistant.app import Assistant
from assistant.settings import Settings
from index.embedding.models import HashedWordEmbedder
from index.storage.database import RECORD
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
    from index.build import build_index

    assistant = Assistant.over(settings)
    assert assistant.ask("Is vetting slow?").citations == ()
    (settings.sources / "b.txt").write_text(f"{TITLE}\n\nVetting is slow.", encoding="utf-8")
    build_index(settings.sources, settings.index, HashedWordEmbedder())
    assert quoted(assistant, "Is vetting slow?") == ["Vetting is slow."]


def test_a_tampered_record_is_never_quoted_and_is_made_anew(settings: Settings, caplog: pytest.LogCaptureFixture):
    assistant = Assistant.over(settings)
    maker = Fingerprint.of(HashedWordEmbedder())
    with sqlite3.connect(maker.folder(settings.index) / RECORD) as record:
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
    [held] = assistant.sources.held()
    assert (held.title, held.force, held.period, held.source) == (TITLE, "Northshire Constabulary", "2016", "a.txt")
