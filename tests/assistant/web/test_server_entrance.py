"""All middleware together: two users behind a proxy, Gradio's real queue, and the audit log of their requests."""

import json

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.allowlist import MAX_BODY_BYTES
from assistant.web.security.audit_log import AuditLog
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, ask_through_queue, fetch_join_body

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
    audit_log = AuditLog(settings.audit_log, questions=settings.audit_questions)
    yield create_app(FictionalAssistant(), settings, audit_log)
    audit_log.close()


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url=ADDRESS, client=(PROXY, 5000), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def lines(client, log):
    """Returns the lines that a test has added to the log."""
    before = log.read_text() if log.exists() else ""
    return lambda: [json.loads(line) for line in log.read_text().removeprefix(before).splitlines()]


def as_user(name):
    return {"X-Remote-User": name}


def test_a_question_on_the_page_is_logged_with_the_hash_of_its_user(client, lines):
    for user, session in ((ADA, "s1"), (GRACE, "s2"), (ADA, "s3")):
        messages = ask_through_queue(client, session, QUESTION, user)
        finished = [message for message in messages if message["msg"] == "process_completed"]
        assert [message["success"] for message in finished] == [True]
    first, second, third = lines()
    assert {(line["route"], line["outcome"]) for line in (first, second, third)} == {(JOIN_PATH, "answered")}
    assert first["identity"] == third["identity"] != second["identity"]
    assert None not in (first["identity"], second["identity"])
    assert first["question"] == second["question"]


def test_the_page_and_the_json_interface_log_the_same_hashes(client, lines):
    ask_through_queue(client, "s5", QUESTION, ADA)
    client.post("/api/v1/ask", json={"question": QUESTION}, headers=ADA)
    page, interface = lines()
    assert page["identity"] == interface["identity"]
    assert page["question"] == interface["question"]
    assert interface["route"] == "/api/v1/ask"


def test_a_session_of_another_user_is_rejected(client, lines):
    owner, other = as_user("owner"), as_user("other")
    body = fetch_join_body(client, "s7", QUESTION, owner)
    event = client.post(JOIN_PATH, json=body, headers=owner).json()["event_id"]
    cancel = {"session_hash": "s7", "fn_index": body["fn_index"], "event_id": event}
    replies = [
        client.get(STREAM_PATH, params={"session_hash": "s7"}, headers=other),
        client.get("/gradio_api/heartbeat/s7", headers=other),
        client.post("/gradio_api/cancel", json=cancel, headers=other),
        client.post(JOIN_PATH, json=body, headers=other),
    ]
    assert [reply.status_code for reply in replies] == [403] * 4
    assert "Northshire" not in "".join(reply.text for reply in replies)
    ended = client.get(STREAM_PATH, params={"session_hash": "s7"}, headers=owner).text
    assert "process_completed" in ended
    assert client.post("/gradio_api/cancel", json=cancel, headers=owner).status_code == 200
    refused = [line for line in lines() if line["outcome"] == "403"]
    assert [line["route"] for line in refused] == [
        STREAM_PATH,
        "/gradio_api/heartbeat/",
        "/gradio_api/cancel",
        JOIN_PATH,
    ]


def test_every_rejection_has_the_security_headers_and_is_logged(client, app, settings, lines):
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
        client.post(JOIN_PATH, content=iter([b"{}"]), headers=ADA),
        client.post("/api/v1/ask", content=b"x" * (MAX_BODY_BYTES + 1), headers=ADA),
        client.get("/sources?" + "x" * 10_000, headers=ADA),
        client.get(STREAM_PATH, headers=ADA),
        client.post("/api/v1/ask", json={"question": "x"}, headers=eager),
    ]
    codes = [503, 400, 401, 401, 403, 404, 405, 411, 413, 414, 400, 429]
    assert [reply.status_code for reply in replies] == codes
    written = lines()[before:]
    assert [line["outcome"] for line in written] == [str(code) for code in (*codes[:3], *codes[4:])]  # one 401 of two
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


def test_each_user_has_a_separate_rate_limit(client, settings):
    spent = as_user("spent")
    codes = [
        client.post("/api/v1/ask", json={"question": "x"}, headers=spent).status_code
        for _ in range(settings.questions_per_minute + 1)
    ]
    assert codes == [200] * settings.questions_per_minute + [429]
    assert client.post("/api/v1/ask", json={"question": "x"}, headers=as_user("calm")).status_code == 200


def test_no_file_contains_a_question_a_user_name_or_an_address(client, log):
    client.post("/api/v1/ask", json={"question": QUESTION}, headers=as_user("zelda"))
    kept = b"".join(file.read_bytes() for file in log.parent.iterdir())
    assert kept
    for word in (b"canary", b"lovelace", b"hopper", b"zelda", PROXY.encode(), b"10.9.9.9"):
        assert word not in kept.lower()


def test_without_an_audit_log_nothing_is_written(tmp_path):
    app = create_app(FictionalAssistant(), Settings(audit_log=tmp_path / "audit.jsonl"))
    reply = TestClient(app, base_url=ADDRESS).post("/api/v1/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    assert list(tmp_path.iterdir()) == []
