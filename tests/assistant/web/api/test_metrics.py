"""`/metrics`: what it counts, and that nothing a client sends becomes a label."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from assistant.answer import Ending, ModelUse, Status
from assistant.settings import Settings
from assistant.web.api.metrics import Measurements
from assistant.web.security.audit_log import AuditLog
from assistant.web.server import create_app
from tests.fixtures.fictional import PAGES, FictionalAssistant, make_answer

ADDRESS = "http://127.0.0.1:7860"
PROXY = "10.0.0.1"
CANARY = "canary"


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = create_app(FictionalAssistant(), Settings(metrics=True, embedding_model="fictional"))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


def samples(client: TestClient, **more: object) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics by its name and the values of its labels, in the order of their names."""
    reply = client.get("/metrics", **more)  # type: ignore[arg-type]
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(reply.text)
    return {
        (one.name, *(value for _, value in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


def ask(client: TestClient, question: str) -> None:
    client.post("/api/v1/ask", json={"question": question})


def test_it_does_not_exist_unless_it_is_switched_on() -> None:
    with TestClient(create_app(FictionalAssistant(), Settings()), base_url=ADDRESS) as client:
        assert (client.get("/metrics").status_code, client.get("/metrics").json()["status"]) == (404, "not_found")


def test_questions_are_counted_by_status_and_timed(client: TestClient) -> None:
    before = samples(client)
    assert before["assistant_questions_total", "answered"] == 0
    for question in (f"{CANARY} investigates?", f"{CANARY} investigations?", f"{CANARY} horses?"):
        ask(client, question)
    after = samples(client)
    assert after["assistant_questions_total", "answered"] == 2
    assert after["assistant_questions_total", "not_in_assessments"] == 1
    assert after["assistant_answer_seconds_count", "ask"] == 3
    assert after["assistant_answer_seconds_bucket", "+Inf", "ask"] == 3


def test_a_question_that_ends_with_an_error_is_counted_too(client: TestClient) -> None:
    ask(client, "Will you rebuild?")
    ask(client, "It breaks.")
    client.get("/api/v1/search", params={"q": "supervision"})
    counted = samples(client)
    assert (counted["assistant_questions_total", "error"], counted["assistant_questions_total", "fault"]) == (1, 1)
    assert counted["assistant_answer_seconds_count", "ask"] == 2
    assert counted["assistant_answer_seconds_count", "search"] == 1


def test_no_request_adds_a_series(client: TestClient) -> None:
    before = samples(client)
    ask(client, f"{CANARY}?")
    client.get(f"/{CANARY}")
    client.request("PATCH", "/sources")
    client.post("/api/v1/ask", json={"question": "x", "forces": [CANARY]}, headers={"X-Remote-User": CANARY})
    assert samples(client).keys() == before.keys()
    assert CANARY not in client.get("/metrics").text


def test_refused_requests_are_counted_by_code(client: TestClient) -> None:
    client.get("/nothing")
    client.get("/gradio_api/upload")
    client.request("PATCH", "/sources")
    counted = samples(client)
    assert counted["assistant_refused_requests_total", "404"] == 2
    assert counted["assistant_refused_requests_total", "405"] == 1


def test_a_code_without_a_word_of_its_own_is_counted_as_other() -> None:
    measurements = Measurements(Settings())
    measurements.count_refusal(418)
    assert measurements.registry.get_sample_value("assistant_refused_requests_total", {"code": "other"}) == 1


def test_the_index_and_the_models_are_described(client: TestClient) -> None:
    found = samples(client)
    published = FictionalAssistant().sources.published()
    assert found["assistant_index_transcripts",] == len(PAGES)
    assert found["assistant_index_sentences",] == sum(len(page.sentences) for page in PAGES.values())
    assert found["assistant_index_published_timestamp_seconds",] == published
    age = datetime.now(UTC).timestamp() - published
    assert 0 <= age - found["assistant_index_age_seconds",] < 600
    assert found["assistant_index_degraded",] == 0
    models = [labels for name, *labels in found if name == "assistant_models_info"]
    assert sorted(models[0]) == ["", "fictional", "packaged"]


def test_the_part_of_a_chat_model_is_counted() -> None:
    measurements = Measurements(Settings())
    use = ModelUse(name="openai:small", prompts="1", ending=Ending.TIMED_OUT, rewritten=False)
    measurements.count_answer(make_answer("?", model=use))
    read = measurements.registry.get_sample_value
    assert read("assistant_chat_model_answers_total", {"ending": "timed_out"}) == 1
    assert read("assistant_chat_model_answers_total", {"ending": "summarised"}) == 0
    assert read("assistant_questions_total", {"status": Status.NOT_IN_ASSESSMENTS.value}) == 1


def test_it_is_behind_the_same_gate_as_everything_else() -> None:
    settings = Settings(metrics=True, identity="header", proxies=PROXY)
    with TestClient(create_app(FictionalAssistant(), settings), base_url=ADDRESS, client=(PROXY, 5000)) as client:
        assert client.get("/metrics").status_code == 401
        headers = {"X-Remote-User": "prometheus"}
        assert samples(client, headers=headers)["assistant_refused_requests_total", "401"] == 1


def test_an_audited_question_is_counted_once(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    app = create_app(FictionalAssistant(), Settings(metrics=True), log)
    with TestClient(app, base_url=ADDRESS) as client:
        ask(client, "Who investigates?")
        assert samples(client)["assistant_questions_total", "answered"] == 1
    log.close()
    assert len((tmp_path / "audit.jsonl").read_text().splitlines()) == 1
