"""Clients that are slow on purpose: they send a head or a body byte by byte, say nothing, or do not read.

`python -m tests.tools.prove.slow PORT COUNT SECONDS` prints a line of JSON: how often each kind was let in and cut off.
A process of its own: what they do at once would keep those waiting who measure.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

RATE = 50  # of them begin in each second, as slowhttptest has it unless told otherwise
BETWEEN = 2.0  # seconds between two bytes
AGAIN = 1.0  # seconds before one that was cut off comes back
UNREAD = 40.0  # seconds for which one that does not read takes nothing
BUFFER = 4096  # bytes of its reply that its system takes meanwhile
HEAD = b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Remote-User: slow-%d\r\nContent-Type: application/json\r\n"
BODY = b"Content-Length: 100000\r\n\r\n"
GET = b"GET /assets/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Remote-User: slow-%d\r\nConnection: close\r\n\r\n"


async def slow_clients(port: int, count: int, seconds: float) -> Counter[str]:
    """Keep so many open for so long; how often each kind was let in, and how often it was cut off."""
    seen: Counter[str] = Counter()
    until = time.monotonic() + seconds
    largest = _largest()
    await asyncio.gather(*(_one(port, number, until, seen, largest) for number in range(count)))
    return seen


def _largest() -> tuple[str, int]:
    """The largest file that the page's framework serves, and its size: more than the server's system buffers."""
    spec = find_spec("gradio")
    assert spec is not None
    assert spec.origin is not None
    files = (Path(spec.origin).parent / "templates" / "frontend" / "assets").iterdir()
    size, name = max((one.stat().st_size, one.name) for one in files)
    return name, size


async def _one(port: int, number: int, until: float, seen: Counter[str], largest: tuple[str, int]) -> None:
    kind = ("head", "body", "silent", "reader")[number % 4]
    await asyncio.sleep(number / RATE)
    while time.monotonic() < until:
        try:
            ended = await (
                _unread(port, number, until, seen, largest)
                if kind == "reader"
                else _dawdle(kind, port, number, until, seen)
            )
        except OSError as error:
            ended = not isinstance(error, ConnectionRefusedError)
        seen[f"{kind}: cut off"] += ended
        await asyncio.sleep(AGAIN)


async def _dawdle(kind: str, port: int, number: int, until: float, seen: Counter[str]) -> bool:
    """Send slowly until the end, or until the server ends it; whether it did."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    seen[f"{kind}: let in"] += 1
    head = HEAD % number
    try:
        if kind == "body":
            writer.write(head + BODY)
        place = 0
        while time.monotonic() < until:
            if kind != "silent":
                writer.write(head[place % len(head) :][:1] if kind == "head" else b" ")
                place += 1
            await asyncio.sleep(BETWEEN)
            if writer.transport.is_closing() or reader.at_eof():
                return True
    finally:
        writer.close()
    return False


async def _unread(port: int, number: int, until: float, seen: Counter[str], largest: tuple[str, int]) -> bool:
    """Ask for much, take nothing of it for long, and then what there is; whether the server had ended it by then."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    one.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(one, ("127.0.0.1", port))
        seen["reader: let in"] += 1
        await loop.sock_sendall(one, GET % (largest[0].encode(), number))
        await asyncio.sleep(min(UNREAD, max(until - time.monotonic(), 0)))
        taken = 0
        while time.monotonic() < until and (more := await loop.sock_recv(one, 1 << 16)):
            taken += len(more)
    finally:
        one.close()
    return taken < largest[1] and time.monotonic() < until


if __name__ == "__main__":
    print(json.dumps(asyncio.run(slow_clients(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))  # noqa: T201
