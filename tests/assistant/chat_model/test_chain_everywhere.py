"""A summarised answer on the pages, in the exports, in the JSON interface and on the command line."""

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
from assistant.chat_model.calls import MAX_CONCURRENT_CALLS
from assistant.chat_model.summarise import CheckedStatement
from assistant.cli.main import app
from assistant.cli.verify import AnswerVerifier
from assistant.export.formats import to_print_html
from assistant.export.markdown import to_markdown
from assistant.export.plain_text import clipboard_text, terminal_text
from assistant.export.turn_html import to_html
from assistant.export.word import to_word
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.model_server import KEY, OpenAIServer, Reply, echo, sentences_in, statements
from tests.fixtures.queue_client import ask_through_queue

TITLE = "Northshire Constabulary – PEEL 2018/19 – overall assessment"
SENTENCES = ("Custody records are poor.", "Custody staff do not always record risk.", "Custody reviews are too late.")
QUESTION = "What weaknesses are there in custody?"
SUMMARY = "Custody staff do not always record risk."
DAY = date(2024, 3, 1)


def first_of(request) -> Reply:
    """A true summary of one sentence, and a false one of another."""
    by_text = {sentence["text"]: sentence["label"] for sentence in sentences_in(request)}
    return Reply(
        statements((SUMMARY, [by_text[SENTENCES[1]]]), ("Custody records are not poor.", [by_text[SENTENCES[0]]]))
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("everywhere") / "sources"
    folder.mkdir()
    (folder / "north.txt").write_text("\n\n".join([TITLE, *SENTENCES]), encoding="utf-8")
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
    summarised = assistant.ask(QUESTION)
    assert [statement.kind for statement in summarised.statements] == ["summary", "quotation", "quotation"]
    return summarised


def test_every_format_marks_the_summary_and_the_quotations_it_does_not_cite(assistant: Assistant, answer: Answer):
    word = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(to_word([answer], DAY))).paragraphs)
    page = re.sub(r"<[^>]+>", " ", to_html(answer, assistant.sources))
    formats = [
        clipboard_text(answer),
        terminal_text(answer),
        to_markdown([answer], DAY),
        to_print_html([answer], DAY),
        word,
        page,
    ]
    for text in formats:
        summary = re.search(rf"Summary:?\s+{re.escape(SUMMARY)}", text)
        assert summary, text
        rest = text.index("Also found, not summarised")
        quoted = [match.start() for match in re.finditer(re.escape(SUMMARY), text)]
        assert summary.start() < quoted[1] < rest, "the quotation follows its summary"
        assert text.rindex(SENTENCES[0]) > rest
        assert "written by the language model openai" in text
        assert "1 statement by the model not shown" in text
        assert "Custody records are not poor" not in text


def test_an_answer_without_a_model_mentions_none(sources: Path, assistant: Assistant):
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
        assert "Summary" not in clipboard_text(answer) + to_html(answer, plain.sources)
        assert "language model" not in clipboard_text(answer)


def test_a_saved_answer_verifies_and_a_changed_summary_does_not(sources: Path, answer: Answer):
    again = Answer.model_validate_json(answer.model_dump_json())
    assert again == answer
    assert list(AnswerVerifier(sources).findings(again)) == []
    said = answer.model_dump(mode="json")
    said["statements"][0]["text"] = "Custody staff always record risk."
    [finding] = AnswerVerifier(sources).findings(Answer.model_validate(said))
    assert finding.part == "statement 1"
    assert "left out a word that changes the claim" in finding.reason


def test_an_answer_that_hides_a_summary_among_quotations_is_invalid(answer: Answer):
    for change in ({"mode": "extractive"}, {"model": None}, {"statements": answer.statements[::-1]}):
        with pytest.raises(ValueError, match="summar"):
            Answer(**(dict(answer) | change))


def test_a_stream_is_checked_statements_and_then_the_answer(assistant: Assistant, answer: Answer):
    first, last = assistant.stream(QUESTION)
    assert isinstance(first, CheckedStatement)
    assert isinstance(last, Answer)
    assert first.statement == last.statements[0] == answer.statements[0]


@pytest.fixture
def client(assistant: Assistant, sources: Path, server: OpenAIServer) -> Iterator[TestClient]:
    with TestClient(create_app(assistant, settings(sources, server.url)), base_url="http://127.0.0.1:7860") as client:
        yield client


def test_the_api_the_pages_and_the_chat_show_the_summary(client: TestClient):
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


def test_a_hanging_model_delays_no_more_questions_than_it_has_slots(
    client: TestClient, assistant: Assistant, server: OpenAIServer
):
    """All slots of the model are taken by waiting questions; further questions are answered at once without it."""
    release = threading.Event()

    def hang(request) -> Reply:
        release.wait(20)
        return echo(request)

    server.script = hang
    replies: list[Answer] = []

    def ask() -> None:  # not by the interface, which gives one client fewer threads than the model has slots
        replies.append(assistant.ask(QUESTION))

    waiting = [threading.Thread(target=ask) for _ in range(MAX_CONCURRENT_CALLS)]
    for thread in waiting:
        thread.start()
    while len(server.requests) < MAX_CONCURRENT_CALLS and all(thread.is_alive() for thread in waiting):
        time.sleep(0.01)
    meanwhile = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    refused = client.post("/api/v1/ask", json={"question": "How many zeppelins?"}).json()
    assert replies == [], "the other questions still wait"
    release.set()
    for thread in waiting:
        thread.join()
    assert meanwhile["model"]["ending"] == Ending.BUSY
    assert meanwhile["status"] == "answered"
    assert refused["model"]["ending"] == Ending.NOT_ASKED
    assert {reply.model.ending for reply in replies if reply.model} == {Ending.SUMMARISED}


@pytest.fixture
def environment(sources: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OpenAIServer:
    monkeypatch.chdir(tmp_path)
    server.script = first_of
    configured = settings(sources, server.url)
    Assistant.over(configured)
    for name in ("sources", "index", "embedding_model", "vector_store", "chat_model", "chat_model_url"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}", str(getattr(configured, name)))
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_KEY", KEY)
    return server


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, prog_name="assistant", catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_line_shows_and_verifies_the_summary(environment: OpenAIServer, tmp_path: Path):
    assert f"Summary: {SUMMARY} [1]\n    {SUMMARY} [1]" in run("ask", QUESTION)
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", "--json", QUESTION), encoding="utf-8")
    run("verify", str(saved))


def test_doctor_calls_the_model_and_says_what_leaves_the_machine(environment: OpenAIServer):
    environment.script = lambda _request: Reply('{"statements": []}')
    output = run("doctor")
    assert re.search(r"answers +yes\n", output)
    assert re.search(r"host +127\.0\.0\.1\n", output)
    assert re.search(r"leaves this machine +nothing\n", output)
    assert KEY not in output
    [request] = environment.requests
    assert "custody" not in json.dumps(request).lower()


def test_doctor_reports_a_failing_model_and_that_questions_are_still_answered(environment: OpenAIServer):
    environment.key = "sk-another"
    output = run("doctor")
    assert re.search(r"answers +no \(denied\): questions are answered without it", output)
    assert "Questions can be answered." in output
    assert KEY not in output
    report = json.loads(run("doctor", "--json"))
    assert report["chat_model"]["ending"] == "denied"
    assert KEY not in json.dumps(report)
