"""A session of Gradio's belongs to the identity that began it: another gets nothing by naming its hash."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from assistant.web.chat.gradio_sessions import CANCEL, DATA, HEARTBEAT, JOIN, GradioSessions, Sessions
from assistant.web.security.identity import Asking
from assistant.web.security.responses import Refuse

ADA, GRACE = "ada", "grace"


async def gradio(scope, receive, send):
    """Answers like Gradio: a join with the id of its event; and says what body came through."""
    body = await Request(scope, receive).body()
    event = json.loads(body).get("event") if scope["path"] == JOIN else None
    reply = JSONResponse({"event_id": event} if event else {"came": body.decode(), "path": scope["path"]})
    await reply(scope, receive, send)


@pytest.fixture
def streams():
    return GradioSessions(gradio, Refuse())


def client_of(streams, identity):
    async def named(scope, receive, send):
        await streams({**scope, "state": {"asking": Asking(identity, scope["path"])}}, receive, send)

    return TestClient(named)


@pytest.fixture
def ada(streams):
    client = client_of(streams, ADA)
    assert client.post(JOIN, json={"session_hash": "s1", "event": "e1"}).status_code == 200
    return client


def every_way(client, session, event="e1"):
    """The status of each request that names a session: (join, cancel, data, heartbeat)."""
    return (
        client.post(JOIN, json={"session_hash": session, "data": []}).status_code,
        client.post(CANCEL, json={"session_hash": session, "fn_index": 0, "event_id": event}).status_code,
        client.get(DATA, params={"session_hash": session}).status_code,
        client.get(HEARTBEAT + session).status_code,
    )


def test_another_gets_nothing_by_any_way(streams, ada):
    assert every_way(client_of(streams, GRACE), "s1") == (403,) * 4
    assert every_way(ada, "s1") == (200,) * 4


@pytest.mark.parametrize("first", range(4))
def test_whichever_request_comes_first_makes_the_owner(streams, first):
    ways = [
        lambda client: client.post(JOIN, json={"session_hash": "s2"}),
        lambda client: client.post(CANCEL, json={"session_hash": "s2", "event_id": "none"}),
        lambda client: client.get(DATA, params={"session_hash": "s2"}),
        lambda client: client.get(f"{HEARTBEAT}s2"),
    ]
    ways[first](client_of(streams, ADA))
    assert every_way(client_of(streams, GRACE), "s2") == (403,) * 4


def test_an_event_is_cancelled_only_within_its_own_session(streams, ada):
    grace = client_of(streams, GRACE)
    grace.post(JOIN, json={"session_hash": "s9", "event": "e9"})
    for event in ("e1", "unknown", None, ["e9"], {"e9": 1}):
        body = {"session_hash": "s9", "fn_index": 0, "event_id": event}
        assert grace.post(CANCEL, json=body).status_code == 403, event
    assert grace.post(CANCEL, json={"session_hash": "s9", "fn_index": 0, "event_id": "e9"}).status_code == 200


HASHES = ["", "x" * 65, "a-b", "a b", "a/b", "é", "٣", "a\n", "../s1", "a%00"]


@pytest.mark.parametrize("session", [*HASHES, None, 7, ["s1"], {"s1": 1}, True])
def test_a_hash_that_cannot_be_is_refused_in_a_body(ada, session):
    for path in (JOIN, CANCEL):
        assert ada.post(path, json={"session_hash": session, "event_id": "e1"}).status_code == 400


@pytest.mark.parametrize("session", HASHES)
def test_a_hash_that_cannot_be_is_refused_in_an_address(ada, session):
    assert ada.get(DATA, params={"session_hash": session}).status_code == 400


@pytest.mark.parametrize("query", ["", "session_hash", "session_hash=s1&session_hash=s2", "other=s1", "session_hash="])
def test_an_address_names_one_session(ada, query):
    assert ada.get(f"{DATA}?{query}").status_code == 400


@pytest.mark.parametrize("path", ["", "s1/", "s1/s2", "s1%2Fs2"])
def test_a_heartbeat_names_one_session(ada, path):
    assert ada.get(HEARTBEAT + path).status_code == 400


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
def test_a_body_that_is_no_request_is_refused(ada, body):
    for path in (JOIN, CANCEL):
        assert ada.post(path, content=body).status_code == 400


def test_the_body_comes_through_unchanged(ada):
    body = json.dumps({"session_hash": "s1", "data": ["Siân 👮", "x" * 100_000]}, indent=3)
    assert ada.post(JOIN, content=body.encode() + b"\n").json() == {"came": body + "\n", "path": JOIN}


def test_a_body_in_pieces_is_put_together(streams):
    body = json.dumps({"session_hash": "s1", "data": ["one", "two"]}).encode()
    pieces = iter([body[:7], body[7:20], body[20:]])
    assert client_of(streams, ADA).post(JOIN, content=pieces).json()["came"] == body.decode()


def test_a_client_that_leaves_before_its_body_is_whole_is_let_go(streams):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": JOIN, "method": "POST", "headers": [], "query_string": b"", "state": {}}
    with ThreadPoolExecutor(1) as elsewhere:  # a browser's test may hold this thread's loop
        elsewhere.submit(lambda: asyncio.run(streams(scope, receive, send))).result()
    assert sent == []


def test_other_addresses_need_no_session(ada):
    assert ada.get("/config").json()["path"] == "/config"


# What is remembered ------------------------------------------------------------------------------------------------


def test_the_longest_unused_session_is_forgotten():
    sessions = Sessions(remembered=3)
    for hash_ in ("a", "b", "c", "a", "d"):
        assert sessions.claim(hash_, ADA)
    assert len(sessions) == 3
    assert [sessions.claim(hash_, GRACE) is None for hash_ in ("a", "c", "d")] == [True] * 3
    assert sessions.claim("b", GRACE)


def test_a_session_with_an_open_stream_is_never_forgotten():
    sessions = Sessions(remembered=3)
    sessions.claim("open", ADA).open += 1
    for number in range(100):
        sessions.claim(f"n{number}", GRACE)
    assert sessions.claim("open", GRACE) is None
    assert len(sessions) == 3


def test_open_streams_alone_may_be_more():
    sessions = Sessions(remembered=3)
    for number in range(5):
        sessions.claim(f"n{number}", ADA).open += 1
    assert [sessions.claim(f"n{number}", GRACE) for number in range(5)] == [None] * 5


def test_a_stream_is_open_as_long_as_it_is_sent_and_no_longer():
    sessions = Sessions(remembered=1)
    seen = []

    async def slow(scope, receive, send):
        seen.append(sessions.claim("s1", GRACE))
        sessions.claim("another", GRACE)
        seen.append(sessions.claim("s1", GRACE))
        await JSONResponse({})(scope, receive, send)

    assert client_of(GradioSessions(slow, Refuse(), sessions), ADA).get(f"{HEARTBEAT}s1").status_code == 200
    assert seen == [None, None]
    sessions.claim("a third", GRACE)
    assert sessions.claim("s1", GRACE)
