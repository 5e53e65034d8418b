"""One abuser, a process of its own so that it takes no time from those who measure: as fast as it can for so long.

`python -m tests.tools.prove.abuser PORT NAME CONNECTIONS SECONDS SEED` prints a line of JSON: how often it got which
status.

It keeps its connections busy without a pause, on this machine alone: questions, pages, searches, and bodies that are
enormous, null, nested or malformed. It runs at the lowest priority: another machine would bring its own processor.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter

from index.readers.read import transcript_id
from tests.tools.prove.server import LONG_SOURCE

LAST = 30  # seconds the last replies are waited for
FEWEST = 200  # requests, for which a busy machine has half of that time more
ENORMOUS = 10**9  # bytes announced, and never sent
ANNOUNCED = str(ENORMOUS).encode()
HISTORY = [{"role": ("user", "assistant")[turn % 2], "text": ("of " * 1700)[:5000]} for turn in range(50)]
KINDS = ("ask", "ask", "ask", "plain", "page", "sources", "body", "enormous", "join", "long", "unnamed", "history")
COSTLY_PAGES = (  # of a long source, see `write_long_source`: each costs as much as many questions
    f"/sources/{transcript_id(LONG_SOURCE)}",
    "/overview/cell?force=Northshire+Constabulary&period=2018%2F19&theme=investigating",
    "/ask?q=Which+forces+investigate+crime",
    "/ask?q=Which+forces+review+domestic+abuse+cases",
    "/register?force=Northshire+Constabulary",
)
BODIES = (
    b"null",
    b"{",
    b'{"question": null}',
    b'{"question": {"question": []}}',
    b'{"question": "' + b"x" * 200_000 + b'"}',
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 40_000 + b"}" * 40_000,
    b'{"question": "\xff"}',
    b'{"question": ' + b"9" * 100_000 + b"}",
)


def one_request(name: str, random_: random.Random) -> bytes:
    """One request, chosen by chance: half of them questions, which cost the most to answer."""
    kind = random_.choice(KINDS)
    if kind == "ask":
        question = {"question": f"What concerns about custody {random_.random()}?"}
        return _post("/api/v1/ask", json.dumps(question).encode(), name)
    if kind == "plain":
        return _get(f"/ask?q=concerns+{random_.randrange(10**6)}", name)
    if kind == "history":
        return _post("/api/v1/ask", json.dumps({"question": "And custody?", "history": HISTORY}).encode(), name)
    if kind == "long":
        return _get(random_.choice(COSTLY_PAGES), name)
    if kind == "unnamed":
        return _get("/x", "")
    if kind == "page":
        return _get("/", name)
    if kind == "sources":
        return _get("/sources", name)
    if kind == "enormous":
        return _post("/api/v1/ask", b"", name, length=ENORMOUS)
    body = random_.choice(BODIES)
    return _post("/gradio_api/queue/join" if kind == "join" else "/api/v1/ask", body, name)


def _get(path: str, name: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Remote-User: {name}\r\n\r\n".encode()


def _post(path: str, body: bytes, name: str, length: int | None = None) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Remote-User: {name}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


async def read_reply(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Read one reply, whole: its status, and whether the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "transfer-encoding: chunked" in head:
        while (size := int((await reader.readline()).split(b";")[0], 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        fields = [line for line in head.splitlines() if line.startswith("content-length:")]
        await reader.readexactly(int(fields[0].split(":")[1]) if fields else 0)
    return int(head.split()[1]), "connection: close" not in head


def goes_on(seen: Counter[str], until: float) -> bool:
    """Whether the abuser still asks: until the time is over and it has been answered often enough to be refused."""
    now = time.monotonic()
    return now < until or (now < until + LAST / 2 and seen.total() < FEWEST)


async def one_connection(port: int, name: str, until: float, random_: random.Random, seen: Counter[str]) -> None:
    while goes_on(seen, until):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            seen[type(error).__name__] += 1
            await asyncio.sleep(0.05)
            continue
        try:
            open_ = True
            while open_ and goes_on(seen, until):
                request = one_request(name, random_)
                writer.write(request)
                status, open_ = await read_reply(reader)
                seen[str(status)] += 1
                open_ = open_ and ANNOUNCED not in request
        except (OSError, asyncio.IncompleteReadError) as error:  # it is cut off: it comes back
            seen[type(error).__name__] += 1
        finally:
            writer.close()


async def main(port: int, name: str, connections: int, seconds: float, seed: int) -> Counter[str]:
    """All connections, until the time is over."""
    seen: Counter[str] = Counter()
    until = time.monotonic() + seconds
    chances = [random.Random(seed * 1000 + number) for number in range(connections)]
    abusing = asyncio.gather(*(one_connection(port, name, until, one, seen) for one in chances))
    try:
        await asyncio.wait_for(abusing, seconds + LAST)
    except TimeoutError:
        seen["without an end"] += 1
    return seen


if __name__ == "__main__":
    os.nice(19)
    given = (int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
    print(json.dumps(asyncio.run(main(*given))))  # noqa: T201
