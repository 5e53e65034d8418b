import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from assistant.web.security import rate_limit
from assistant.web.security.identity import Asking
from assistant.web.security.rate_limit import COSTLY, LARGEST_BURST, Buckets, RateLimit
from assistant.web.security.responses import Refuse


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def taken(buckets, identity, tries):
    return [buckets.take(identity) == 0 for _ in range(tries)]


def test_a_burst_then_as_many_as_the_minute_gives(clock):
    buckets = Buckets(6, clock)
    assert taken(buckets, "ada", 8) == [True] * 6 + [False] * 2
    clock.now += 10
    assert taken(buckets, "ada", 2) == [True, False]
    clock.now += 3600
    assert taken(buckets, "ada", 7) == [True] * 6 + [False]


def test_a_refused_try_costs_nothing_and_says_how_long_to_wait(clock):
    buckets = Buckets(6, clock)
    taken(buckets, "ada", 6)
    assert [buckets.take("ada") for _ in range(3)] == pytest.approx([10, 10, 10])
    clock.now += 4
    assert buckets.take("ada") == pytest.approx(6)


@pytest.mark.parametrize("per_minute", [1, 7, 60, 977])
def test_after_the_wait_that_was_told_one_is_let_in(clock, per_minute):
    buckets = Buckets(per_minute, clock)
    while not (wait := buckets.take("ada")):
        pass
    clock.now += wait
    assert taken(buckets, "ada", 2) == [True, False]


def test_one_identity_s_questions_are_not_another_s(clock):
    buckets = Buckets(2, clock)
    assert taken(buckets, "ada", 3) + taken(buckets, "grace", 3) == [True, True, False] * 2


def test_a_burst_has_an_end_however_many_a_minute(clock):
    assert taken(Buckets(100_000, clock), "ada", LARGEST_BURST + 1) == [True] * LARGEST_BURST + [False]


def test_the_memory_of_identities_has_an_end(clock, monkeypatch):
    monkeypatch.setattr(rate_limit, "REMEMBERED", 3)
    buckets = Buckets(1, clock)
    for identity in ("a", "b", "c", "d"):
        buckets.take(identity)
    assert len(buckets) == 3
    assert taken(buckets, "d", 1) == [False]


# As middleware ----------------------------------------------------------------------------------------------------


def client_of(per_minute, clock, identity="ada"):
    async def named(scope, receive, send):
        state = {"asking": Asking(identity, scope["path"])}
        await limited({**scope, "state": state} if scope["type"] == "http" else scope, receive, send)

    inner = Starlette(routes=[Mount("/", app=PlainTextResponse("served"))])
    limited = RateLimit(inner, Buckets(per_minute, clock), Refuse())
    return TestClient(named)


@pytest.mark.parametrize(("method", "path"), sorted(COSTLY))
def test_what_costs_is_limited(clock, method, path):
    client = client_of(1, clock)
    address = path + ("?q=x" if method == "GET" else "")
    assert client.request(method, address).status_code == 200
    reply = client.request(method, address)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
    assert "60 seconds" in reply.text
    clock.now += 60
    assert client.request(method, address).status_code == 200


def test_programs_are_told_in_json_and_people_on_a_page(clock):
    client = client_of(1, clock)
    client.post("/api/v1/ask")
    assert client.post("/api/v1/ask").json()["status"] == "too_many_requests"
    joined = client.post("/gradio_api/queue/join").json()
    assert joined["detail"] == joined["error"]
    page = client.get("/ask?q=x")
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/sources", "/ask", "/health", "/api/v1/transcripts", "/config"])
def test_reading_is_not(clock, path):
    client = client_of(1, clock)
    assert {client.get(path).status_code for _ in range(5)} == {200}


def test_asking_for_the_head_of_an_answer_costs_as_much(clock):
    client = client_of(1, clock)
    assert [client.head("/ask?q=x").status_code for _ in range(2)] == [200, 429]
