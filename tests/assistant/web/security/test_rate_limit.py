"""Rate limits: the token buckets, and which requests the middleware counts."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from assistant.web.security import rate_limit
from assistant.web.security.identity import STATE_KEY, RequestIdentity
from assistant.web.security.rate_limit import MAX_QUESTION_BURST, SEARCH_ROUTES, RateLimitMiddleware, TokenBuckets
from assistant.web.security.responses import RequestRejecter


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def tries(buckets, client, count):
    """Returns whether each of `count` attempts to take a token succeeded."""
    return [buckets.take(client) == 0 for _ in range(count)]


def test_a_burst_is_allowed_then_one_question_per_interval(clock):
    buckets = TokenBuckets(6, clock)
    assert tries(buckets, "ada", 8) == [True] * 6 + [False] * 2
    clock.now += 10
    assert tries(buckets, "ada", 2) == [True, False]
    clock.now += 3600
    assert tries(buckets, "ada", 7) == [True] * 6 + [False]


def test_a_failed_attempt_costs_nothing_and_returns_the_wait(clock):
    buckets = TokenBuckets(6, clock)
    tries(buckets, "ada", 6)
    assert [buckets.take("ada") for _ in range(3)] == pytest.approx([10, 10, 10])
    clock.now += 4
    assert buckets.take("ada") == pytest.approx(6)


@pytest.mark.parametrize("per_minute", [1, 7, 60, 977])
def test_after_the_returned_wait_one_question_is_allowed(clock, per_minute):
    buckets = TokenBuckets(per_minute, clock)
    while not (wait := buckets.take("ada")):
        pass
    clock.now += wait
    assert tries(buckets, "ada", 2) == [True, False]


def test_each_client_has_a_separate_bucket(clock):
    buckets = TokenBuckets(2, clock)
    assert tries(buckets, "ada", 3) + tries(buckets, "grace", 3) == [True, True, False] * 2


def test_the_burst_is_bounded_however_many_a_minute_are_allowed(clock):
    assert tries(TokenBuckets(100_000, clock), "ada", MAX_QUESTION_BURST + 1) == [True] * MAX_QUESTION_BURST + [False]


def test_the_number_of_buckets_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 3)
    buckets = TokenBuckets(1, clock)
    for client in ("a", "b", "c", "d"):
        buckets.take(client)
    assert len(buckets) == 3
    assert tries(buckets, "d", 1) == [False]


# The middleware ---------------------------------------------------------------------------------------------------


def http_client(per_minute, clock, client="ada"):
    async def identified(scope, receive, send):
        state = {STATE_KEY: RequestIdentity(client, scope["path"])}
        await limited({**scope, "state": state} if scope["type"] == "http" else scope, receive, send)

    inner = Starlette(routes=[Mount("/", app=PlainTextResponse("served"))])
    limited = RateLimitMiddleware(inner, TokenBuckets(per_minute, clock), RequestRejecter())
    return TestClient(identified)


@pytest.mark.parametrize(("method", "path"), sorted(SEARCH_ROUTES))
def test_searches_are_limited(clock, method, path):
    client = http_client(1, clock)
    address = path + ("?q=x" if method == "GET" else "")
    assert client.request(method, address).status_code == 200
    reply = client.request(method, address)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
    assert "60 seconds" in reply.text
    clock.now += 60
    assert client.request(method, address).status_code == 200


def test_429_is_json_for_programs_and_a_page_for_people(clock):
    client = http_client(1, clock)
    client.post("/api/v1/ask")
    assert client.post("/api/v1/ask").json()["status"] == "too_many_requests"
    joined = client.post("/gradio_api/queue/join").json()
    assert joined["detail"] == joined["error"]
    page = client.get("/ask?q=x")
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/sources", "/ask", "/health", "/api/v1/transcripts", "/config"])
def test_other_requests_are_not_limited(clock, path):
    client = http_client(1, clock)
    assert {client.get(path).status_code for _ in range(5)} == {200}


def test_a_head_request_for_an_answer_counts_as_a_search(clock):
    client = http_client(1, clock)
    assert [client.head("/ask?q=x").status_code for _ in range(2)] == [200, 429]
