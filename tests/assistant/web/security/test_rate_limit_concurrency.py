"""One identity's requests at the same time have an end, and no one else notices."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.web.security.identity import Asking
from assistant.web.security.rate_limit import HELD_BACK, Buckets, ConcurrencyLimit, RateLimit, anything
from assistant.web.security.responses import Refuse
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant


def request(identity: str, path: str = "/api/v1/transcripts") -> dict[str, object]:
    asking = {"asking": Asking(identity, path)}
    return {"type": "http", "path": path, "method": "GET", "headers": [], "query_string": b"", "state": asking}


class Waiting:
    """An application that answers once it is told to."""

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


def run(body) -> None:
    """Runs a coroutine on a loop of its own: a browser's test may hold this thread's."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(lambda: asyncio.run(body())).result()


def test_the_one_too_many_is_refused_and_its_connection_closed() -> None:
    async def body() -> None:
        app = Waiting()
        limited = ConcurrencyLimit(app, Refuse(), most=2)
        open_ = [asyncio.create_task(status(limited, request("ada"))) for _ in range(2)]
        await asyncio.sleep(0)
        code, headers = await status(limited, request("ada"))
        assert (code, headers[b"connection"]) == (429, b"close")
        other = asyncio.create_task(status(limited, request("grace")))
        app.go.set()
        assert [one[0] for one in await asyncio.gather(*open_, other)] == [200, 200, 200]
        assert (await status(limited, request("ada")))[0] == 200
        assert len(limited) == 0

    run(body)


def test_one_that_is_cut_off_is_no_longer_open() -> None:
    async def body() -> None:
        limited = ConcurrencyLimit(Waiting(), Refuse(), most=1)
        task = asyncio.create_task(status(limited, request("ada")))
        await asyncio.sleep(0)
        assert len(limited) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(limited) == 0

    run(body)


def test_a_refusal_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def body() -> None:
        app = Waiting()
        app.go.set()
        limited = RateLimit(app, Buckets(1, burst=1), Refuse(), anything, held_back=HELD_BACK)
        assert [(await status(limited, request("ada")))[0] for _ in range(3)] == [200, 429, 429]

    # in that module alone: the loops of other tests' servers sleep too
    monkeypatch.setattr("assistant.web.security.rate_limit.asyncio", SimpleNamespace(sleep=sleep))
    run(body)
    assert slept == [HELD_BACK, HELD_BACK]


def test_everything_counts_but_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.web.server.REQUESTS", 2)
    app = create_app(FictionalAssistant(), Settings(questions_per_minute=1))
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        assert [client.get(path).status_code for path in ("/nowhere", "/sources", "/sources")] == [404, 200, 429]
        assert client.get("/health").status_code == 200
