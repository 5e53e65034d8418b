"""A Gradio session belongs to the client that started it: other clients cannot use its hash."""

import json

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from assistant.web.chat.gradio_sessions import (
    CANCEL_PATH,
    HEARTBEAT_PREFIX,
    JOIN_PATH,
    STREAM_PATH,
    GradioSessionsMiddleware,
    SessionOwners,
)
from assistant.web.security.identity import STATE_KEY, RequestIdentity
from assistant.web.security.responses import RequestRejecter
from tests.fixtures.loops import apart

ADA, GRACE = "ada", "grace"


async def gradio(scope, receive, send):
    """Answers like Gradio: a join gets the id of its event, other requests the body that arrived."""
    body = await Request(scope, receive).body()
    event = json.loads(body).get("event") if scope["path"] == JOIN_PATH else None
    reply = JSONResponse({"event_id": event} if event else {"body": body.decode(), "path": scope["path"]})
    await reply(scope, receive, send)


@pytest.fixture
def sessions():
    return GradioSessionsMiddleware(gradio, RequestRejecter())


def http_client(sessions, client):
    async def identified(scope, receive, send):
        await sessions({**scope, "state": {STATE_KEY: RequestIdentity(client, scope["path"])}}, receive, send)

    return TestClient(identified)


@pytest.fixture
def ada(sessions):
    client = http_client(sessions, ADA)
    assert client.post(JOIN_PATH, json={"session_hash": "s1", "event": "e1"}).status_code == 200
    return client


def statuses(client, session, event="e1"):
    """Returns the status of each request that names a session: (join, cancel, stream, heartbeat)."""
    return (
        client.post(JOIN_PATH, json={"session_hash": session, "data": []}).status_code,
        client.post(CANCEL_PATH, json={"session_hash": session, "fn_index": 0, "event_id": event}).status_code,
        client.get(STREAM_PATH, params={"session_hash": session}).status_code,
        client.get(HEARTBEAT_PREFIX + session).status_code,
    )


def test_another_client_is_rejected_by_every_route(sessions, ada):
    assert statuses(http_client(sessions, GRACE), "s1") == (403,) * 4
    assert statuses(ada, "s1") == (200,) * 4


@pytest.mark.parametrize("first", range(4))
def test_the_first_request_of_any_kind_decides_the_owner(sessions, first):
    requests = [
        lambda client: client.post(JOIN_PATH, json={"session_hash": "s2"}),
        lambda client: client.post(CANCEL_PATH, json={"session_hash": "s2", "event_id": "none"}),
        lambda client: client.get(STREAM_PATH, params={"session_hash": "s2"}),
        lambda client: client.get(f"{HEARTBEAT_PREFIX}s2"),
    ]
    requests[first](http_client(sessions, ADA))
    assert statuses(http_client(sessions, GRACE), "s2") == (403,) * 4


def test_an_event_can_only_be_cancelled_in_its_own_session(sessions, ada):
    grace = http_client(sessions, GRACE)
    grace.post(JOIN_PATH, json={"session_hash": "s9", "event": "e9"})
    for event in ("e1", "unknown", None, ["e9"], {"e9": 1}):
        body = {"session_hash": "s9", "fn_index": 0, "event_id": event}
        assert grace.post(CANCEL_PATH, json=body).status_code == 403, event
    assert grace.post(CANCEL_PATH, json={"session_hash": "s9", "fn_index": 0, "event_id": "e9"}).status_code == 200


HASHES = ["", "x" * 65, "a_b", "a b", "a/b", "é", "٣", "a\n", "../s1", "a%00"]


@pytest.mark.parametrize("session", [*HASHES, None, 7, ["s1"], {"s1": 1}, True])
def test_an_invalid_hash_in_a_body_is_rejected(ada, session):
    for path in (JOIN_PATH, CANCEL_PATH):
        assert ada.post(path, json={"session_hash": session, "event_id": "e1"}).status_code == 400


@pytest.mark.parametrize("session", HASHES)
def test_an_invalid_hash_in_a_query_is_rejected(ada, session):
    assert ada.get(STREAM_PATH, params={"session_hash": session}).status_code == 400


@pytest.mark.parametrize("query", ["", "session_hash", "session_hash=s1&session_hash=s2", "other=s1", "session_hash="])
def test_a_query_must_have_exactly_one_hash(ada, query):
    assert ada.get(f"{STREAM_PATH}?{query}").status_code == 400


@pytest.mark.parametrize("path", ["", "s1/", "s1/s2", "s1%2Fs2"])
def test_a_heartbeat_path_must_have_exactly_one_hash(ada, path):
    assert ada.get(HEARTBEAT_PREFIX + path).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"s1"',
        b'["s1"]',
        b"\xff\xfe",
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"session_hash": "s1", "session_hash": "s2"}',
        b'{"session_hash": "s2", "session_hash": "s1", "event_id": "e1"}',
    ],
    ids=range(11),
)
def test_a_malformed_body_is_rejected(ada, body):
    for path in (JOIN_PATH, CANCEL_PATH):
        assert ada.post(path, content=body).status_code == 400


def test_the_body_is_passed_on_unchanged(ada):
    body = json.dumps({"session_hash": "s1", "data": ["Siân 👮", "x" * 100_000]}, indent=3)
    assert ada.post(JOIN_PATH, content=body.encode() + b"\n").json() == {"body": body + "\n", "path": JOIN_PATH}


def test_a_body_in_chunks_is_put_together(sessions):
    body = json.dumps({"session_hash": "s1", "data": ["one", "two"]}).encode()
    pieces = iter([body[:7], body[7:20], body[20:]])
    assert http_client(sessions, ADA).post(JOIN_PATH, content=pieces).json()["body"] == body.decode()


def test_a_client_that_disconnects_during_its_body_gets_no_response(sessions):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": JOIN_PATH, "method": "POST", "headers": [], "query_string": b"", "state": {}}
    apart(sessions(scope, receive, send))
    assert sent == []


def test_other_paths_need_no_session(ada):
    assert ada.get("/config").json()["path"] == "/config"


# Memory ------------------------------------------------------------------------------------------------------------


def test_the_session_used_longest_ago_is_forgotten():
    owners = SessionOwners(limit=3)
    for hash_ in ("a", "b", "c", "a", "d"):
        assert owners.claim(hash_, ADA)
    assert len(owners) == 3
    assert [owners.claim(hash_, GRACE) is None for hash_ in ("a", "c", "d")] == [True] * 3
    assert owners.claim("b", GRACE)


def test_a_session_with_an_open_stream_is_never_forgotten():
    owners = SessionOwners(limit=3)
    owners.claim("open", ADA).open_requests += 1
    for number in range(100):
        owners.claim(f"n{number}", GRACE)
    assert owners.claim("open", GRACE) is None
    assert len(owners) == 3


def test_sessions_with_open_streams_may_exceed_the_limit():
    owners = SessionOwners(limit=3)
    for number in range(5):
        owners.claim(f"n{number}", ADA).open_requests += 1
    assert [owners.claim(f"n{number}", GRACE) for number in range(5)] == [None] * 5


def test_a_stream_counts_as_open_while_it_is_sent_and_no_longer():
    owners = SessionOwners(limit=1)
    seen = []

    async def slow(scope, receive, send):
        seen.append(owners.claim("s1", GRACE))
        owners.claim("another", GRACE)
        seen.append(owners.claim("s1", GRACE))
        await JSONResponse({})(scope, receive, send)

    assert (
        http_client(GradioSessionsMiddleware(slow, RequestRejecter(), owners), ADA)
        .get(f"{HEARTBEAT_PREFIX}s1")
        .status_code
        == 200
    )
    assert seen == [None, None]
    owners.claim("a third", GRACE)
    assert owners.claim("s1", GRACE)
