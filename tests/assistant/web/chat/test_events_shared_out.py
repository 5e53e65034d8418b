"""One client's questions on the chat page leave room for everybody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from assistant.answer import Answer
from assistant.settings import Settings
from assistant.web import server
from assistant.web.security.workload import MAX_CLIENT_REQUESTS, client_threads
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, ask_through_queue, fetch_join_body, read_stream

PROXY = "10.0.0.1"
ABUSER, GRACE = {"X-Remote-User": "abuser"}, {"X-Remote-User": "grace"}
QUESTION = "How well does Northshire investigate crime?"
SLOW_QUESTION = f"{QUESTION} Slowly."


class SlowAssistant(FictionalAssistant):
    """Answers slow questions once it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.slow: list[str] = []

    def ask(self, question: str, *arguments: Any, **more: Any) -> Answer:
        if question == SLOW_QUESTION:
            self.slow.append(threading.current_thread().name)
            assert self.released.wait(120)
        return super().ask(QUESTION, *arguments, **more)


@pytest.fixture
def assistant() -> Iterator[SlowAssistant]:
    slow = SlowAssistant()
    yield slow
    slow.released.set()


@pytest.fixture
def client(assistant: SlowAssistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(server, "REJECTION_DELAY_SECONDS", 0)
    settings = Settings(identity="header", proxies=PROXY, questions_per_minute=100_000)
    app = create_app(assistant, settings)
    with TestClient(app, base_url="http://127.0.0.1:7860", client=(PROXY, 5000)) as client:
        yield client
        assistant.released.set()


def join_slowly(client: TestClient, body: dict[str, Any], number: int) -> int:
    return client.post(JOIN_PATH, json=body | {"session_hash": f"slow{number}"}, headers=ABUSER).status_code


def is_answered(messages: list[dict[str, Any]]) -> bool:
    return [message["success"] for message in messages if message["msg"] == "process_completed"] == [True]


def test_another_client_is_answered_while_one_has_as_many_questions_waiting_as_it_may(
    client: TestClient, assistant: SlowAssistant
):
    body = fetch_join_body(client, "slow", SLOW_QUESTION, ABUSER)
    assert [join_slowly(client, body, number) for number in range(MAX_CLIENT_REQUESTS)] == [200] * MAX_CLIENT_REQUESTS
    for question in range(3):
        assert is_answered(ask_through_queue(client, f"grace{question}", QUESTION, GRACE))
    reply = client.post("/api/v1/ask", json={"question": QUESTION}, headers=GRACE)
    assert reply.json()["status"] == "answered"
    assert 0 < len(assistant.slow) <= client_threads()
    assistant.released.set()
    for number in range(MAX_CLIENT_REQUESTS):
        stream = client.get(STREAM_PATH, params={"session_hash": f"slow{number}"}, headers=ABUSER)
        assert is_answered(read_stream(stream))
    assert len(assistant.slow) == MAX_CLIENT_REQUESTS


def test_a_client_has_no_more_questions_waiting_and_is_told_so(client: TestClient, assistant: SlowAssistant):
    body = fetch_join_body(client, "slow", SLOW_QUESTION, ABUSER)
    codes = [200]
    while codes[-1] == 200 and len(codes) < 20 * MAX_CLIENT_REQUESTS:  # an event counts once Gradio has begun with it
        codes.append(join_slowly(client, body, len(codes)))
    assert codes[-1] == 429
    assert len(codes) > MAX_CLIENT_REQUESTS
    refused = client.post(JOIN_PATH, json=body | {"session_hash": "slow"}, headers=ABUSER)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "second" in refused.json()["detail"]
    assert is_answered(ask_through_queue(client, "grace", QUESTION, GRACE))
    assistant.released.set()
