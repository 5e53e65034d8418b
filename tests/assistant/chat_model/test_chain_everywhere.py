"""A summarised answer wherever answers are shown, taken away, asked for by programs, or checked again."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import docx
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from typer.testing import CliRunner

from assistant.answer import Answer, Ending
from assistant.app import Assistant
from assistant.chat_model.calls import AT_ONCE
from assistant.chat_model.summarise import CheckedStatement
from assistant.cli.main import app
from assistant.cli.verify import AnswerVerifier
from assistant.export.markdown import to_markdown
from assistant.export.plain_text import answer_as_text, answer_text
from assistant.export.print_html import to_print_html
from assistant.export.turn_html import to_html
from assistant.export.word import to_word
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.model_server import KEY, OpenAIServer, Reply, echoing, material, statements
from tests.fixtures.queue_client import ask_through_queue

TITLE = "Northshire Constabulary – PEEL 2018/19 – overall assessment"
SAID = ("Custody records are poor.", "Custody staff do not always record risk.", "Custody reviews are too late.")
QUESTION = "What weaknesses are there in custody?"
SUMMARY = "Custody staff do not always record risk."
DAY = date(2024, 3, 1)


def first_of(request) -> Reply:
    """One true summary of one sentence, and one that is false."""
    by_text = {one["text"]: one["label"] for one in material(request)}
    return Reply(statements((SUMMARY, [by_text[SAID[1]]]), ("Custody records are not poor.", [by_text[SAID[0]]])))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("everywhere") / "sources"
    folder.mkdir()
    (folder / "north.txt").write_text("\n\n".join([TITLE, *SAID]), encoding="utf-8")
    return folder


def settings(sources: Path, url: str = "", **more: object) -> Settings:
    values: dict[str, object] = {
        "sources": sources,
        "index": sources.parent / "index",
        "embedding_model": "hashed-words",
        "vector_store": "exact",
        "cases": sources.parent / "cases.jsonl",
    }
    model = {"chat_model": "openai:llama3", "chat_model_url": url, "chat_model_key": SecretStr(KEY)} if url else {}
    return Settings.model_validate(values | model | more)


@pytest.fixture
def assistant(sources: Path, server: OpenAIServer) -> Assistant:
    server.script = first_of
    return Assistant.over(settings(sources, server.url))


@pytest.fixture
def answer(assistant: Assistant) -> Answer:
    found = assistant.ask(QUESTION)
    assert [statement.kind for statement in found.statements] == ["summary", "quotation", "quotation"]
    return found


def test_each_way_of_showing_marks_the_summary_and_what_it_does_not_speak_of(assistant: Assistant, answer: Answer):
    word = "\n".join(one.text for one in docx.Document(io.BytesIO(to_word([answer], DAY))).paragraphs)
    page = re.sub(r"<[^>]+>", " ", to_html(answer, assistant.sources))
    shown = [
        answer_as_text(answer),
        answer_text(answer),
        to_markdown([answer], DAY),
        to_print_html([answer], DAY),
        word,
        page,
    ]
    for text in shown:
        summary = re.search(rf"Summary:?\s+{re.escape(SUMMARY)}", text)
        assert summary, text
        rest = text.index("Also found, not summarised")
        quoted = [found.start() for found in re.finditer(re.escape(SUMMARY), text)]
        assert summary.start() < quoted[1] < rest, "the quotation stands with the summary"
        assert text.rindex(SAID[0]) > rest
        assert "written by the language model openai" in text
        assert "1 statement by the model not shown" in text
        assert "Custody records are not poor" not in text


def test_an_answer_without_a_model_is_the_same_to_the_byte(sources: Path, assistant: Assistant):
    plain = Assistant.over(settings(sources))
    for question in (
        QUESTION,
        "Is custody safe?",
        "How many zeppelins?",
        "",
        "custody " * 100,
        "Which forces record risk?",
    ):
        answer = plain.ask(question)
        assert answer.model is None
        assert answer.mode == "extractive"
        assert "Summary" not in answer_as_text(answer) + to_html(answer, plain.sources)
        assert "language model" not in answer_as_text(answer)


def test_a_saved_answer_verifies_and_a_changed_summary_does_not(sources: Path, answer: Answer):
    again = Answer.model_validate_json(answer.model_dump_json())
    assert again == answer
    assert list(AnswerVerifier(sources).findings(again)) == []
    said = answer.model_dump(mode="json")
    said["statements"][0]["text"] = "Custody staff always record risk."
    [finding] = AnswerVerifier(sources).findings(Answer.model_validate(said))
    assert finding.part == "statement 1"
    assert "negation" in finding.reason


def test_no_answer_can_be_built_that_hides_a_summary_among_quotations(answer: Answer):
    for change in ({"mode": "extractive"}, {"model": None}, {"statements": answer.statements[::-1]}):
        with pytest.raises(ValueError, match="summar"):
            Answer(**(dict(answer) | change))


def test_statements_come_as_they_are_checked_and_then_the_answer(assistant: Assistant, answer: Answer):
    first, last = assistant.stream(QUESTION)
    assert isinstance(first, CheckedStatement)
    assert isinstance(last, Answer)
    assert first.statement == last.statements[0] == answer.statements[0]


@pytest.fixture
def client(assistant: Assistant, sources: Path, server: OpenAIServer) -> Iterator[TestClient]:
    with TestClient(create_app(assistant, settings(sources, server.url)), base_url="http://127.0.0.1:7860") as client:
        yield client


def test_the_interface_the_pages_and_the_chat_give_it(client: TestClient):
    reply = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    assert reply["statements"][0] == {"text": SUMMARY, "citations": [1], "kind": "summary"}
    assert reply["mode"] == "summarised"
    assert reply["model"]["name"] == "openai:llama3"
    page = client.get("/ask", params={"q": QUESTION}).text
    assert f"Summary</span> {SUMMARY}</p>" in page
    messages = ask_through_queue(client, "s1", QUESTION)
    assert f"Summary</span> {SUMMARY}</p>" in json.dumps(messages).replace("\\", "")
    config = client.get("/config").text
    assert "is written by the language model openai:llama3" in config
    assert "No text is written by a language model" not in config
    assert KEY not in page + config + json.dumps(messages)


def test_a_model_that_hangs_holds_up_nobody_beyond_its_places(client: TestClient, server: OpenAIServer):
    """As many ask as the model has places, and wait; those who ask meanwhile have their answers at once."""
    release = threading.Event()

    def hang(request) -> Reply:
        release.wait(20)
        return echoing(request)

    server.script = hang
    replies: list[dict[str, object]] = []

    def ask() -> None:
        replies.append(client.post("/api/v1/ask", json={"question": QUESTION}).json())

    waiting = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in waiting:
        thread.start()
    while len(server.requests) < AT_ONCE:
        time.sleep(0.01)
    meanwhile = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    refused = client.post("/api/v1/ask", json={"question": "How many zeppelins?"}).json()
    assert replies == [], "the others still wait"
    release.set()
    for thread in waiting:
        thread.join()
    assert meanwhile["model"]["ending"] == Ending.BUSY
    assert meanwhile["status"] == "answered"
    assert refused["model"]["ending"] == Ending.NOT_ASKED
    assert {reply["model"]["ending"] for reply in replies} == {Ending.SUMMARISED}


@pytest.fixture
def surroundings(sources: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OpenAIServer:
    monkeypatch.chdir(tmp_path)
    server.script = first_of
    chosen = settings(sources, server.url)
    Assistant.over(chosen)
    for name in ("sources", "index", "embedding_model", "vector_store", "chat_model", "chat_model_url"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}", str(getattr(chosen, name)))
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_KEY", KEY)
    return server


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, prog_name="assistant", catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_line_asks_and_verifies(surroundings: OpenAIServer, tmp_path: Path):
    assert f"Summary: {SUMMARY} [1]\n    {SUMMARY} [1]" in run("ask", QUESTION)
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", "--json", QUESTION), encoding="utf-8")
    run("verify", str(saved))


def test_doctor_tries_the_model_and_says_what_leaves(surroundings: OpenAIServer):
    surroundings.script = lambda _request: Reply('{"statements": []}')
    said = run("doctor")
    assert re.search(r"answers +yes\n", said)
    assert re.search(r"host +127\.0\.0\.1\n", said)
    assert re.search(r"leaves this machine +nothing\n", said)
    assert KEY not in said
    [request] = surroundings.requests
    assert "custody" not in json.dumps(request).lower()


def test_doctor_says_that_a_model_does_not_answer_and_that_questions_are_answered(surroundings: OpenAIServer):
    surroundings.key = "sk-another"
    said = run("doctor")
    assert re.search(r"answers +no \(denied\): questions are answered without it", said)
    assert "Questions can be answered." in said
    assert KEY not in said
    told = json.loads(run("doctor", "--json"))
    assert told["chat_model"]["ending"] == "denied"
    assert KEY not in json.dumps(told)
