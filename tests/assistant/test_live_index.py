"""What answers while the index is damaged, made whole, or taken up anew."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from starlette.testclient import TestClient

from assistant import live_index
from assistant.app import Assistant
from assistant.settings import Settings
from assistant.web.server import create_app
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.generation import GENERATIONS
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint

TITLE = "Northshire Constabulary – PEEL 2016 – overall assessment"
MAKER = Fingerprint.of(HashedWordEmbedder())
QUESTION, SAID = "Is custody safe?", ["Custody is safe and clean."]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.txt").write_text(f"{TITLE}\n\nCustody is safe and clean.", encoding="utf-8")
    build_index(tmp_path / "sources", tmp_path / "index", HashedWordEmbedder())
    return Settings(
        sources=tmp_path / "sources", index=tmp_path / "index", embedding_model="hashed-words",
        closed_file=tmp_path / "closed", audit_log=tmp_path / "audit.jsonl", cases=tmp_path / "cases.jsonl",
    )  # fmt: skip


@pytest.fixture
def let_go(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Nothing is built by the assistant before this is set."""
    event = Event()

    def build(sources: Path, index: Path, embedder: HashedWordEmbedder) -> None:
        assert event.wait(30)
        build_index(sources, index, embedder)

    monkeypatch.setattr(live_index, "build_index", build)
    yield event
    event.set()


def quoted(assistant: Assistant) -> list[str]:
    return [citation.quote for citation in assistant.ask(QUESTION).citations]


def wait_until_whole(assistant: Assistant) -> None:
    for _ in range(1000):
        if not assistant.degraded():
            return
        time.sleep(0.01)
    raise AssertionError("it did not become whole")


def tamper(settings: Settings) -> None:
    with closing(sqlite3.connect(MAKER.folder(settings.index) / DATABASE_FILE, isolation_level=None)) as record:
        assert record.execute("UPDATE sentence SET text = replace(text, 'safe', 'vile')").rowcount


def test_files_of_the_generation_damaged_under_it_it_answers_on_says_so_and_makes_them_whole(settings, let_go):
    assistant = Assistant.over(settings)
    client = TestClient(create_app(assistant, settings), base_url="http://127.0.0.1:7860")
    assert client.get("/health").json() == {"status": "ok", "transcripts": 1}
    generations = MAKER.folder(settings.index) / GENERATIONS
    for path in generations.rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:100])
    assert client.get("/health").json() == {"status": "degraded", "transcripts": 1}
    assert quoted(assistant) == SAID
    let_go.set()
    wait_until_whole(assistant)
    assert client.get("/health").json() == {"status": "ok", "transcripts": 1}
    assert quoted(assistant) == SAID
    assert all(path.stat().st_size > 100 for path in generations.rglob("*.npy"))


def test_all_its_files_gone_it_answers_from_what_it_has_open(settings, let_go):
    assistant = Assistant.over(settings)
    shutil.rmtree(settings.index)
    assert quoted(assistant) == SAID
    assert assistant.degraded()
    assert assistant.sources.transcripts()[0].source == "a.txt"


def test_while_one_question_has_the_record_made_whole_others_are_not_kept_waiting(settings, let_go):
    assistant = Assistant.over(settings)
    tamper(settings)
    answers: list[list[str]] = []
    first = Thread(target=lambda: answers.append(quoted(assistant)))
    first.start()
    while not assistant.degraded():
        time.sleep(0.01)
    assert assistant.ask("").status.value == "empty_question"
    assert answers == []
    let_go.set()
    first.join()
    assert answers == [SAID]
    assert not assistant.degraded()


def test_a_damaged_transcript_that_is_only_read_is_made_whole_too(settings, let_go):
    let_go.set()
    assistant = Assistant.over(settings)
    [held] = assistant.sources.transcripts()
    with closing(sqlite3.connect(MAKER.folder(settings.index) / DATABASE_FILE, isolation_level=None)) as record:
        assert record.execute("UPDATE version SET text = replace(text, 'safe', 'vile')").rowcount
    page = assistant.sources.transcript_page(held.id)
    assert page is not None
    assert "Custody is safe and clean." in page.transcript.text
