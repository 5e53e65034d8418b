"""The whole way in, put together: two people behind a proxy, the real queue, and the log of what they did."""

import json

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.allowlist import LARGEST_BODY
from assistant.web.security.audit_log import AuditLog
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.queue_client import DATA, JOIN, ask_through_queue, asking_body

ADDRESS = "http://127.0.0.1:7860"
PROXY = "10.0.0.1"
ADA, GRACE = {"X-Remote-User": "ada.lovelace"}, {"X-Remote-User": "grace.hopper"}
QUESTION = "How well does canary investigate crime?"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("entrance") / "audit.jsonl"


@pytest.fixture(scope="module")
def settings(log):
    return Settings(
        identity="header", proxies=PROXY, audit_log=log, closed_file=log.with_name("closed"), questions_per_minute=10
    )


@pytest.fixture(scope="module")
def app(settings):
    journal = AuditLog(settings.audit_log, questions=settings.audit_questions)
    yield create_app(FictionalAssistant(), settings, journal)
    journal.close()


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url=ADDRESS, client=(PROXY, 5000), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def lines(client, log):
    """The lines that a test adds to the log."""
    before = log.read_text() if log.exists() else ""
    return lambda: [json.loads(line) for line in log.read_text().removeprefix(before).splitlines()]


def as_user(name):
    return {"X-Remote-User": name}


def test_a_question_on_the_page_is_in_the_log_with_who_asked(client, lines):
    for user, session in ((ADA, "s1"), (GRACE, "s2"), (ADA, "s3")):
        messages = ask_through_queue(client, session, QUESTION, user)
        finished = [one for one in messages if one["msg"] == "process_completed"]
        assert [one["success"] for one in finished] == [True]
    first, second, third = lines()
    assert {(one["route"], one["outcome"]) for one in (first, second, third)} == {(JOIN, "answered")}
    assert first["identity"] == third["identity"] != second["identity"]
    assert None not in (first["identity"], second["identity"])
    assert first["question"] == second["question"]


def test_the_page_and_the_interface_know_the_same_person_and_the_same_question(client, lines):
    ask_through_queue(client, "s5", QUESTION, ADA)
    client.post("/api/v1/ask", json={"question": QUESTION}, headers=ADA)
    page, interface = lines()
    assert page["identity"] == interface["identity"]
    assert page["question"] == interface["question"]
    assert interface["route"] == "/api/v1/ask"


def test_another_s_session_gives_nothing(client, lines):
    owner, other = as_user("owner"), as_user("other")
    body = asking_body(client, "s7", QUESTION, owner)
    event = client.post(JOIN, json=body, headers=owner).json()["event_id"]
    cancel = {"session_hash": "s7", "fn_index": body["fn_index"], "event_id": event}
    replies = [
        client.get(DATA, params={"session_hash": "s7"}, headers=other),
        client.get("/gradio_api/heartbeat/s7", headers=other),
        client.post("/gradio_api/cancel", json=cancel, headers=other),
        client.post(JOIN, json=body, headers=other),
    ]
    assert [reply.status_code for reply in replies] == [403] * 4
    assert "Northshire" not in "".join(reply.text for reply in replies)
    ended = client.get(DATA, params={"session_hash": "s7"}, headers=owner).text
    assert "process_completed" in ended
    assert client.post("/gradio_api/cancel", json=cancel, headers=owner).status_code == 200
    refused = [line for line in lines() if line["outcome"] == "403"]
    assert [line["route"] for line in refused] == [DATA, "/gradio_api/heartbeat/", "/gradio_api/cancel", JOIN]


def test_what_is_refused_carries_the_security_headers_and_is_in_the_log(client, app, settings, lines):
    eager, json_kind = as_user("eager"), {"content-type": "application/json"}
    stranger = TestClient(app, base_url=ADDRESS, client=("10.9.9.9", 5000))
    for _ in range(settings.questions_per_minute):
        client.post("/api/v1/ask", json={"question": "x"}, headers=eager)
    before = len(lines())
    settings.closed_file.touch()
    closed = client.get("/sources", headers=ADA)
    settings.closed_file.unlink()
    replies = [
        closed,
        client.get("/sources", headers=ADA | {"x-forwarded-host": "outside.invalid"}),
        stranger.get("/sources", headers=ADA),
        client.get("/sources"),
        client.post("/api/v1/ask", content=b"{}", headers=ADA | json_kind | {"origin": "https://outside.invalid"}),
        client.get("/nowhere/a-secret", headers=ADA),
        client.delete("/sources", headers=ADA),
        client.post(JOIN, content=iter([b"{}"]), headers=ADA),
        client.post("/api/v1/ask", content=b"x" * (LARGEST_BODY + 1), headers=ADA),
        client.get("/sources?" + "x" * 10_000, headers=ADA),
        client.get(DATA, headers=ADA),
        client.post("/api/v1/ask", json={"question": "x"}, headers=eager),
    ]
    codes = [503, 400, 401, 401, 403, 404, 405, 411, 413, 414, 400, 429]
    assert [reply.status_code for reply in replies] == codes
    written = lines()[before:]
    assert [line["outcome"] for line in written] == [str(code) for code in codes]
    assert "secret" not in json.dumps(written)
    replies += [
        client.get("/sources", headers=ADA | {"host": "outside.invalid"}),
        client.post("/api/v1/ask", json={}, headers=ADA),
        client.post("/api/v1/ask", json={"question": "Will you rebuild?"}, headers=ADA),
        client.post("/api/v1/ask", json={"question": "It breaks"}, headers=ADA),
        client.get("/sources/nothing", headers=ADA),
    ]
    assert [reply.status_code for reply in replies[-5:]] == [400, 422, 503, 500, 404]
    for reply in replies:
        assert reply.headers["content-security-policy"].startswith("default-src 'none'"), reply.status_code
        assert "frame-ancestors 'self'" in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "no-store"


def test_one_person_s_burst_is_not_another_s(client, settings):
    spent = as_user("spent")
    codes = [
        client.post("/api/v1/ask", json={"question": "x"}, headers=spent).status_code
        for _ in range(settings.questions_per_minute + 1)
    ]
    assert codes == [200] * settings.questions_per_minute + [429]
    assert client.post("/api/v1/ask", json={"question": "x"}, headers=as_user("calm")).status_code == 200


def test_neither_a_question_nor_a_name_nor_an_address_is_in_any_file(client, log):
    client.post("/api/v1/ask", json={"question": QUESTION}, headers=as_user("zelda"))
    kept = b"".join(file.read_bytes() for file in log.parent.iterdir())
    assert kept
    for word in (b"canary", b"lovelace", b"hopper", b"zelda", PROXY.encode(), b"10.9.9.9"):
        assert word not in kept.lower()


def test_without_a_journal_nothing_is_written(tmp_path):
    app = create_app(FictionalAssistant(), Settings(audit_log=tmp_path / "audit.jsonl"))
    reply = TestClient(app, base_url=ADDRESS).post("/api/v1/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    assert list(tmp_path.iterdir()) == []
