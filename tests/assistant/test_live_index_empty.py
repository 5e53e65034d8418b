"""An index of nothing: questions are refused with the reason, pages are shown, and nothing is a server error."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from assistant.app import Assistant
from assistant.settings import Settings
from assistant.web.server import create_app
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder

QUESTIONS = (
    "Is custody safe?",
    "Which forces investigate crime well?",
    "What are the strengths and weaknesses of Northshire?",
    "List all causes of concern.",
    "What grade was Northshire Constabulary given in 2018/19?",
    "Compare Northshire and Westmere.",
    "Who wrote this assessment?",
    "How has custody changed since 2016?",
    "Will it improve?",
)
PATHS = (
    "/ask?q=Is+custody+safe%3F", "/ask?q=Is+custody+safe%3F&format=docx", "/api/v1/search?q=custody",
    "/api/v1/transcripts", "/register", "/register?format=csv", "/overview", "/overview/cell", "/sources", "/",
    "/embed", "/health",
)  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("empty")
    (folder / "sources").mkdir()
    build_index(folder / "sources", folder / "index", HashedWordEmbedder(), allow_empty=True)
    settings = Settings(
        sources=folder / "sources", index=folder / "index", embedding_model="hashed-words", questions_per_minute=1_000
    )
    return Assistant.over(settings)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_refused_because_the_collection_is_empty(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status.value == "not_in_assessments"
    assert "The collection is empty" in answer.reason
    assert (answer.citations, answer.nearest, answer.searched.transcripts) == ((), (), 0)


def test_a_search_finds_nothing(assistant: Assistant) -> None:
    assert assistant.search("custody", 5) == ()


def test_no_page_is_a_server_error(assistant: Assistant) -> None:
    app = create_app(assistant, Settings(questions_per_minute=1_000))
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
        assert {path: code for path in PATHS if (code := client.get(path).status_code) >= 500} == {}
        assert client.get("/health").json() == {"status": "degraded", "transcripts": 0}
        assert client.get("/health/ready").status_code == 503
        assert (client.get("/health/live").status_code, client.get("/health/live").json()) == (200, {"status": "ok"})
        reply = client.post("/api/v1/ask", json={"question": "Is custody safe?"})
        assert (reply.status_code, reply.json()["status"]) == (200, "not_in_assessments")
