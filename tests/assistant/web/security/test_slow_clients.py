"""Clients that keep the server waiting are let go; those that are merely idle, or slow to be answered, are not."""

from __future__ import annotations

import asyncio
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
from assistant.web.security.slow_clients import SlowClientProtocol
from assistant.web.server import listen

SHORT, LONG = 0.3, 30.0  # seconds; no test waits for the long one
HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
GET = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


async def slow(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(3 * SHORT)
    return PlainTextResponse("answered")


async def endless(_request: Request) -> StreamingResponse:
    async def more() -> object:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    return StreamingResponse(more())


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """All limits long; a test shortens the one it is about."""
    for name in ("HEAD_WITHIN", "BODY_WITHIN", "READ_WITHIN"):
        monkeypatch.setattr(slow_clients, name, LONG)
    return monkeypatch


@pytest.fixture
def connect() -> Iterator[object]:
    """Opens connections to a small server of the kind that is in use."""
    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=[Route("/echo", echo, methods=["POST"]), Route("/slow", slow), Route("/endless", endless)])
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="critical", http=SlowClientProtocol, timeout_keep_alive=30, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    opened: list[socket.socket] = []

    def connection() -> socket.socket:
        one = socket.create_connection(listener.getsockname(), timeout=10)
        opened.append(one)
        return one

    yield connection
    for one in opened:
        one.close()
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()


def ended(one: socket.socket) -> bool:
    """Whether the server ends a connection; it waits for it, ten seconds at most."""
    try:
        return one.recv(1) == b""
    except ConnectionResetError:
        return True


def reply(one: socket.socket, ending: bytes) -> bytes:
    said = b""
    while not said.endswith(ending):
        more = one.recv(4096)
        assert more, said
        said += more
    return said


def test_one_that_says_nothing_is_let_go(connect, limits):
    limits.setattr(slow_clients, "HEAD_WITHIN", SHORT)
    assert ended(connect())


@pytest.mark.parametrize("pieces", [[HEAD[:1]], [HEAD[:10], HEAD[10:20]]])
def test_a_head_that_does_not_come_to_its_end(connect, limits, pieces):
    limits.setattr(slow_clients, "HEAD_WITHIN", SHORT)
    one = connect()
    for piece in pieces:
        one.sendall(piece)
        time.sleep(SHORT / 4)
    assert ended(one)


def test_bytes_now_and_then_do_not_begin_the_time_anew(connect, limits):
    limits.setattr(slow_clients, "HEAD_WITHIN", SHORT)
    one = connect()
    with pytest.raises(OSError, match=r"Broken pipe|reset"):  # noqa: PT012  # which byte fails is not known
        for byte in HEAD * 50:
            one.sendall(bytes([byte]))
            time.sleep(SHORT / 10)


def test_a_body_that_does_not_come_to_its_end(connect, limits):
    limits.setattr(slow_clients, "BODY_WITHIN", SHORT)
    one = connect()
    one.sendall(HEAD + b"12")
    assert ended(one)


def test_the_next_head_on_the_same_connection_has_its_own_time(connect, limits):
    limits.setattr(slow_clients, "HEAD_WITHIN", SHORT)
    one = connect()
    one.sendall(HEAD + b"12345")
    assert reply(one, b"12345").startswith(b"HTTP/1.1 200")
    time.sleep(2 * SHORT)  # idle between two requests: that has another limit
    one.sendall(HEAD + b"abcde")
    assert reply(one, b"abcde").startswith(b"HTTP/1.1 200")
    one.sendall(HEAD[:10])
    assert ended(one)


def test_an_answer_that_takes_its_time_is_waited_for(connect, limits):
    for name in ("HEAD_WITHIN", "BODY_WITHIN"):
        limits.setattr(slow_clients, name, SHORT)
    one = connect()
    one.sendall(GET)
    assert reply(one, b"answered").startswith(b"HTTP/1.1 200")


def test_two_requests_at_once_are_both_answered(connect, limits):
    for name in ("HEAD_WITHIN", "BODY_WITHIN"):
        limits.setattr(slow_clients, name, SHORT)
    one = connect()
    one.sendall(GET + HEAD + b"12345")
    assert reply(one, b"12345").count(b"HTTP/1.1 200") == 2


def test_one_that_does_not_read_is_let_go(connect, limits):
    limits.setattr(slow_clients, "READ_WITHIN", SHORT)
    one = connect()
    one.sendall(GET.replace(b"/slow", b"/endless"))
    time.sleep(4 * SHORT)
    most = 1 << 26  # far more than the system's buffers hold, and these can still be read
    read = 0
    with suppress(ConnectionResetError):
        while read < most and (more := one.recv(1 << 20)):
            read += len(more)
    assert 0 < read < most
