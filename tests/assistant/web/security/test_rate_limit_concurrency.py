"""The limit on a client's open requests, which does not affect other clients."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.identity import STATE_KEY, RequestIdentity
from assistant.web.security.rate_limit import (
    DELAYED_PER_SECOND,
    MAX_DELAY_SECONDS,
    REJECTION_DELAY_SECONDS,
    ConcurrencyLimitMiddleware,
    RateLimitMiddleware,
    RejectionDelay,
    TokenBuckets,
    is_not_health_check,
)
from assistant.web.security.responses import RequestRejecter
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.loops import apart


def request(client: str, path: str = "/api/v1/transcripts") -> dict[str, object]:
    state = {STATE_KEY: RequestIdentity(client, path)}
    return {"type": "http", "path": path, "method": "GET", "headers": [], "query_string": b"", "state": state}


class WaitingApp:
    """An application that answers once `go` is set."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def status(app, scope) -> tuple[int, dict[bytes, bytes]]:
    starts = []

    async def send(message) -> None:
        starts.extend([message] if message["type"] == "http.response.start" else [])

    await app(scope, None, send)
    return starts[0]["status"], dict(starts[0]["headers"])


def test_a_request_over_the_limit_gets_429_and_its_connection_is_closed() -> None:
    async def body() -> None:
        app = WaitingApp()
        limited = ConcurrencyLimitMiddleware(app, RequestRejecter(), limit=2)
        open_ = [asyncio.create_task(status(limited, request("ada"))) for _ in range(2)]
        await asyncio.sleep(0)
        code, headers = await status(limited, request("ada"))
        assert (code, headers[b"connection"]) == (429, b"close")
        other = asyncio.create_task(status(limited, request("grace")))
        app.go.set()
        assert [code for code, _ in await asyncio.gather(*open_, other)] == [200, 200, 200]
        assert (await status(limited, request("ada")))[0] == 200
        assert len(limited) == 0

    apart(body())


def test_a_cancelled_request_no_longer_counts_as_open() -> None:
    async def body() -> None:
        limited = ConcurrencyLimitMiddleware(WaitingApp(), RequestRejecter(), limit=1)
        task = asyncio.create_task(status(limited, request("ada")))
        await asyncio.sleep(0)
        assert len(limited) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(limited) == 0

    apart(body())


def test_a_rejection_is_delayed(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def body() -> None:
        app = WaitingApp()
        app.go.set()
        limited = RateLimitMiddleware(
            app,
            TokenBuckets(1, burst=1),
            RequestRejecter(),
            is_not_health_check,
            RejectionDelay(REJECTION_DELAY_SECONDS),
        )
        assert [(await status(limited, request("ada")))[0] for _ in range(3)] == [200, 429, 429]

    # only in that module: the servers of other tests sleep too
    monkeypatch.setattr("assistant.web.security.rate_limit.asyncio", SimpleNamespace(sleep=sleep))
    apart(body())
    assert slept == [REJECTION_DELAY_SECONDS, REJECTION_DELAY_SECONDS]


def test_the_more_rejections_of_a_client_wait_the_longer_the_next_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def body() -> None:
        delay, go = RejectionDelay(1.0), asyncio.Event()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await go.wait()

        monkeypatch.setattr("assistant.web.security.rate_limit.asyncio", SimpleNamespace(sleep=sleep))
        many = [asyncio.create_task(delay.wait("ada")) for _ in range(100)]
        other = asyncio.create_task(delay.wait("grace"))
        for _ in range(3):
            await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*many, other)
        assert len(delay) == 0

    apart(body())
    adas = slept[:-1]
    assert adas == sorted(adas)
    assert (adas[0], adas[DELAYED_PER_SECOND - 1], adas[DELAYED_PER_SECOND]) == (1.0, 1.0, 2.0)
    assert adas[-1] == MAX_DELAY_SECONDS
    assert slept[-1] == 1.0


def test_every_request_counts_except_health_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.web.server.REQUESTS_PER_QUESTION", 2)
    app = create_app(FictionalAssistant(), Settings(questions_per_minute=1))
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        assert [client.get(path).status_code for path in ("/nowhere", "/sources", "/sources")] == [404, 200, 429]
        assert client.get("/health").status_code == 200
