"""Slow clients are disconnected; clients that are idle, or wait for a slow answer, are not."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from assistant.web.security import slow_clients
from assistant.web.security.slow_clients import RepeatedWarnings, limited_protocol
from assistant.web.server import listen

SHORT, LONG = 0.3, 30.0  # seconds; no test waits for the long one
HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
GET = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"


EXEMPT: set[str] = set()  # addresses that may have any number of silent connections


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


async def slow(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(3 * SHORT)
    return PlainTextResponse("answered")


async def endless(_request: Request) -> StreamingResponse:
    async def chunks() -> object:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    return StreamingResponse(chunks())


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Makes all limits long; a test shortens the limit it is about."""
    for name in ("HEAD_TIMEOUT_SECONDS", "BODY_TIMEOUT_SECONDS", "READ_TIMEOUT_SECONDS"):
        monkeypatch.setattr(slow_clients, name, LONG)
    return monkeypatch


@pytest.fixture
def connect() -> Iterator[object]:
    """Opens connections to a small application that is served with the protocol under test."""
    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=[Route("/echo", echo, methods=["POST"]), Route("/slow", slow), Route("/endless", endless)])
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="critical",
            http=limited_protocol(EXEMPT.__contains__),
            timeout_keep_alive=30,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    opened: list[socket.socket] = []

    def connection() -> socket.socket:
        client = socket.create_connection(listener.getsockname(), timeout=10)
        opened.append(client)
        return client

    yield connection
    for client in opened:
        client.close()
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()


def is_closed(client: socket.socket) -> bool:
    """Waits up to ten seconds for the server to close a connection, and returns whether it did."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def read_response(client: socket.socket, ending: bytes) -> bytes:
    response = b""
    while not response.endswith(ending):
        chunk = client.recv(4096)
        assert chunk, response
        response += chunk
    return response


def test_a_client_that_sends_nothing_is_disconnected(connect, limits):
    limits.setattr(slow_clients, "HEAD_TIMEOUT_SECONDS", SHORT)
    assert is_closed(connect())


@pytest.mark.parametrize("pieces", [[HEAD[:1]], [HEAD[:10], HEAD[10:20]]])
def test_a_client_that_does_not_complete_the_head_is_disconnected(connect, limits, pieces):
    limits.setattr(slow_clients, "HEAD_TIMEOUT_SECONDS", SHORT)
    client = connect()
    for piece in pieces:
        client.sendall(piece)
        time.sleep(SHORT / 4)
    assert is_closed(client)


def test_single_bytes_do_not_restart_the_timer(connect, limits):
    limits.setattr(slow_clients, "HEAD_TIMEOUT_SECONDS", SHORT)
    client = connect()
    with pytest.raises(OSError, match=r"Broken pipe|reset"):  # noqa: PT012  # any byte may be the one that fails
        for byte in HEAD * 50:
            client.sendall(bytes([byte]))
            time.sleep(SHORT / 10)


def test_a_client_that_does_not_complete_the_body_is_disconnected(connect, limits):
    limits.setattr(slow_clients, "BODY_TIMEOUT_SECONDS", SHORT)
    client = connect()
    client.sendall(HEAD + b"12")
    assert is_closed(client)


def test_the_next_head_on_the_same_connection_has_a_timer_of_its_own(connect, limits):
    limits.setattr(slow_clients, "HEAD_TIMEOUT_SECONDS", SHORT)
    client = connect()
    client.sendall(HEAD + b"12345")
    assert read_response(client, b"12345").startswith(b"HTTP/1.1 200")
    time.sleep(2 * SHORT)  # idle between two requests, which has another limit
    client.sendall(HEAD + b"abcde")
    assert read_response(client, b"abcde").startswith(b"HTTP/1.1 200")
    client.sendall(HEAD[:10])
    assert is_closed(client)


def test_a_slow_answer_does_not_count_against_the_client(connect, limits):
    for name in ("HEAD_TIMEOUT_SECONDS", "BODY_TIMEOUT_SECONDS"):
        limits.setattr(slow_clients, name, SHORT)
    client = connect()
    client.sendall(GET)
    assert read_response(client, b"answered").startswith(b"HTTP/1.1 200")


def test_two_pipelined_requests_are_both_answered(connect, limits):
    for name in ("HEAD_TIMEOUT_SECONDS", "BODY_TIMEOUT_SECONDS"):
        limits.setattr(slow_clients, name, SHORT)
    client = connect()
    client.sendall(GET + HEAD + b"12345")
    assert read_response(client, b"12345").count(b"HTTP/1.1 200") == 2


def test_a_client_that_does_not_read_is_disconnected(connect, limits):
    limits.setattr(slow_clients, "READ_TIMEOUT_SECONDS", SHORT)
    client = connect()
    client.sendall(GET.replace(b"/slow", b"/endless"))
    time.sleep(4 * SHORT)
    limit = 1 << 26  # far more than the system's buffers hold, which can still be read
    read = 0
    with suppress(ConnectionResetError):
        while read < limit and (chunk := client.recv(1 << 20)):
            read += len(chunk)
    assert 0 < read < limit


def test_an_address_has_few_silent_connections_and_the_oldest_gives_way(connect, limits):
    limits.setattr(slow_clients, "MAX_SILENT_CONNECTIONS", 2)
    working = connect()
    working.sendall(GET)
    oldest, *newer = [connect() for _ in range(3)]
    assert is_closed(oldest)
    for client in newer:
        client.sendall(GET)
    for client in (working, *newer):
        assert read_response(client, b"answered").startswith(b"HTTP/1.1 200")


def test_a_trusted_proxy_may_have_any_number(connect, limits):
    limits.setattr(slow_clients, "MAX_SILENT_CONNECTIONS", 1)
    EXEMPT.add("127.0.0.1")
    try:
        clients = [connect() for _ in range(4)]
        for client in clients:
            client.sendall(GET)
            assert read_response(client, b"answered").startswith(b"HTTP/1.1 200")
    finally:
        EXEMPT.clear()


def test_a_warning_that_anybody_can_cause_is_logged_once_a_minute_with_their_number() -> None:
    now = [0.0]
    repeated = RepeatedWarnings(lambda: now[0])

    def passes(text: str, level: int = logging.WARNING) -> str | None:
        record = logging.LogRecord("uvicorn.error", level, "", 0, text, None, None)
        return record.getMessage() if repeated.filter(record) else None

    assert passes("Invalid HTTP request received.") == "Invalid HTTP request received."
    assert {passes("Invalid HTTP request received.") for _ in range(5_000)} == {None}
    assert passes("Unsupported upgrade request.") == "Unsupported upgrade request."
    assert [passes("Exception in ASGI application", logging.ERROR) is None for _ in range(2)] == [False, False]
    now[0] = 61.0
    assert passes("Invalid HTTP request received.") == "Invalid HTTP request received. And 5,000 more like it before."
