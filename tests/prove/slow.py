"""Clients that are slow on purpose: they send a head or a body byte by byte, say nothing, or do not read."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

BETWEEN = 2.0  # seconds between two bytes
AGAIN = 1.0  # seconds before one that was cut off comes back
LARGE = "/config"
HEAD = b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Remote-User: slow-%d\r\nContent-Type: application/json\r\n"


async def slow_clients(port: int, count: int, seconds: float) -> Counter[str]:
    """Keep so many open for so long; how often each kind was let in, and how often it was cut off."""
    seen: Counter[str] = Counter()
    until = time.monotonic() + seconds
    await asyncio.gather(*(_one(port, number, until, seen) for number in range(count)))
    return seen


async def _one(port: int, number: int, until: float, seen: Counter[str]) -> None:
    kind = ("head", "body", "silent", "reader")[number % 4]
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        except OSError as error:
            seen[f"{kind}: {type(error).__name__}"] += 1
            await asyncio.sleep(AGAIN)
            continue
        seen[f"{kind}: let in"] += 1
        try:
            ended = await _dawdle(kind, number, until, reader, writer)
        except OSError:
            ended = True
        if ended:
            seen[f"{kind}: cut off"] += 1
            await asyncio.sleep(AGAIN)
        writer.close()


async def _dawdle(
    kind: str, number: int, until: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Be slow until the end, or until the server ends it; whether it did."""
    head = HEAD % number
    if kind == "body":
        writer.write(head + b"Content-Length: 100000\r\n\r\n")
    if kind == "reader":  # asks for more than the buffers of both ends hold, and reads none of it
        writer.write(
            b"".join(
                b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Remote-User: slow-%d\r\n\r\n" % (LARGE.encode(), number)
                for _ in range(20)
            )
        )
    place = 0
    while time.monotonic() < until:
        if kind in ("head", "body"):
            writer.write(head[place % len(head) :][:1] if kind == "head" else b" ")
            place += 1
        await asyncio.sleep(BETWEEN)
        if writer.transport.is_closing() or (kind != "reader" and reader.at_eof()):
            return True
    return False
