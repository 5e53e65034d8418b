"""Every limit by address counts the network of an IPv6 address: a machine has 2^64 addresses in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message

from assistant.settings import Settings
from assistant.web import server
from assistant.web.security import slow_clients
from assistant.web.security.rate_limit import TokenBuckets
from assistant.web.security.responses import RequestRejecter
from assistant.web.security.slow_clients import SilentConnections
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

URL = "http://127.0.0.1:7860"
ASK = {"question": "How well does Northshire investigate crime?"}


QUESTIONS, REQUESTS, OPEN_REQUESTS, REJECTIONS = 2, 8, 2, 4


def addresses(network: str, count: int) -> list[str]:
    return [f"{network}::{number:x}" for number in range(1, count + 1)]


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "REJECTION_DELAY_SECONDS", 0)
        patch.setattr(server, "TokenBuckets", partial(TokenBuckets, clock=lambda: 0.0))
        patch.setattr(server, "MAX_REQUEST_BURST", REQUESTS)
        patch.setattr(server, "MAX_OPEN_REQUESTS", OPEN_REQUESTS)
        patch.setattr(server, "MAX_REJECTIONS_PER_MINUTE", REJECTIONS)
        patch.setattr(server, "RequestRejecter", partial(RequestRejecter, delay=0))
        yield patch


@pytest.fixture(scope="module")
def app(patch: pytest.MonkeyPatch) -> FastAPI:
    return create_app(FictionalAssistant(), Settings(questions_per_minute=QUESTIONS))


def client_at(app: FastAPI, address: str) -> TestClient:
    return TestClient(app, base_url=URL, client=(address, 5000), raise_server_exceptions=False)


def ask_from(app: FastAPI, address: str) -> int:
    return client_at(app, address).post("/api/v1/ask", json=ASK).status_code


def open_from(app: FastAPI, address: str) -> int:
    return client_at(app, address).get("/sources").status_code


def test_questions(app: FastAPI):
    assert [ask_from(app, address) for address in addresses("2001:db8:1:1", 3)] == [200] * QUESTIONS + [429]
    assert ask_from(app, "2001:db8:1:2::1") == 200


def test_requests_of_any_kind(app: FastAPI):
    assert [open_from(app, address) for address in addresses("2001:db8:2:1", REQUESTS + 1)] == [200] * REQUESTS + [429]
    assert open_from(app, "2001:db8:2:2::1") == 200


def test_rejections(app: FastAPI):
    """Those above the limit are held back, have no page, and end the connection."""
    replies = [client_at(app, address).get("/nowhere") for address in addresses("2001:db8:6:1", REJECTIONS + 1)]
    assert [reply.status_code for reply in replies] == [404] * (REJECTIONS + 1)
    assert [bool(reply.text) for reply in replies] == [True] * REJECTIONS + [False]
    assert replies[-1].headers["connection"] == "close"
    assert client_at(app, "2001:db8:6:2::1").get("/nowhere").text


def test_seconds(patch: pytest.MonkeyPatch):
    with pytest.MonkeyPatch.context() as own:
        own.setattr(server, "MAX_SECONDS_BURST", 1e-9)
        app = create_app(FictionalAssistant(), Settings(seconds_per_minute=1e-9))
    assert [open_from(app, address) for address in addresses("2001:db8:3:1", 2)] == [200, 429]
    assert open_from(app, "2001:db8:3:2::1") == 200


async def test_requests_at_once(app: FastAPI):
    async def waits() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_message: Message) -> None:
        """Drops what is sent."""

    def request(address: str) -> dict[str, Any]:
        headers = [(b"host", b"127.0.0.1:7860"), (b"content-type", b"application/json"), (b"content-length", b"9")]
        path = {"path": "/api/v1/ask", "raw_path": b"/api/v1/ask", "query_string": b"", "root_path": ""}
        start = {"type": "http", "method": "POST", "http_version": "1.1", "scheme": "http", "asgi": {"version": "3.0"}}
        return {**start, **path, "headers": headers, "client": (address, 5000), "server": ("127.0.0.1", 7860)}

    opened = addresses("2001:db8:4:1", OPEN_REQUESTS)
    waiting = [asyncio.create_task(app(request(address), waits, send)) for address in opened]
    await asyncio.sleep(0)  # each runs until it waits for its body
    codes = [await asyncio.to_thread(open_from, app, f"2001:db8:4:{network}::aaaa") for network in (1, 2)]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert codes == [429, 200]


def test_the_addresses_of_a_network_own_one_session_of_the_chat_page(app: FastAPI):
    """A browser takes a new temporary address now and then, and keeps its page."""
    own, another = [*addresses("2001:db8:5:1", 2)], "2001:db8:5:2::1"
    path = "/gradio_api/queue/data?session_hash=mine"
    codes = [client_at(app, address).get(path).status_code for address in (*own, another)]
    assert codes[0] == codes[1] != 403
    assert codes[2] == 403


class Connection:
    """What `SilentConnections` uses of a connection."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_closed = False

    def close_silent(self) -> None:
        self.is_closed = True


def test_silent_connections(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(slow_clients, "MAX_SILENT_CONNECTIONS", 2)
    silent = SilentConnections(lambda address: address == "2001:db8:1:2::ffff")
    others = ["2001:db8:1:3::1", "192.0.2.1", "192.0.2.2", "2001:db8:1:2::ffff"]
    connections = [Connection(address) for address in (*addresses("2001:db8:1:2", 3), *others)]
    for connection in connections:
        silent.add(connection)  # type: ignore[arg-type]  # see `Connection`
    assert [connection.is_closed for connection in connections] == [True] + [False] * 6
    for connection in connections:
        silent.remove(connection)  # type: ignore[arg-type]
    assert len(silent) == 0
