"""Two hundred people at once, each of whom tries to have the next one's answer by the name of that one's session.

    python -m tests.tools.prove.strangers --seed 1 --scale full

Everyone puts a question with a number in it that is theirs alone. While it is under way another joins, reads, beats
and cancels under its session, and so does one whom the proxy names nobody. Then its owner reads: their own answer, and
no one else's number.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, join_body, parse_event
from tests.tools.prove.people import WAITED, opened
from tests.tools.prove.server import BEHIND_PROXY, ROOT, chosen, say, serving, told

AT_ONCE = 24  # of them; the server's queue holds 64
REFUSED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


FULL, SHORT = 200, 12  # people


@dataclass(frozen=True)
class Tried:
    """What came of it: attempts by kind and status, answers read by their owners, and what must not be."""

    attempts: Counter[str]
    answered: int
    faults: list[str]


@dataclass
class _One:
    client: httpx.AsyncClient
    body: dict[str, Any]
    number: int
    mark: str
    attempts: Counter[str]
    faults: list[str]

    async def live(self) -> bool:
        """Ask, be robbed in vain, and read; whether an answer came, and only to its owner."""
        session = secrets.token_hex(6)
        name = f"person-{self.number}"
        joined = await self._join(session, name)
        if joined.status_code != httpx.codes.OK:
            self.faults.append(f"{name} could not ask: {joined.status_code} {joined.text[:80]}")
            return False
        for thief in ({"X-Remote-User": f"person-{self.number + 1}"}, {}):
            await self._rob(session, str(joined.json()["event_id"]), thief)
        said = await self._read(session, name)
        if self.mark not in said:
            self.faults.append(f"{name} did not get their own answer")
        return self.mark in said

    async def _join(self, session: str, name: str) -> httpx.Response:
        asked = join_body(self.body, session, f"How many officers are there? ({self.mark})")
        return await self.client.post(JOIN_PATH, json=asked, headers={"X-Remote-User": name})

    async def _rob(self, session: str, event: str, thief: dict[str, str]) -> None:
        who = "another" if thief else "nobody"
        cancel = {"session_hash": session, "fn_index": self.body["fn_index"], "event_id": event}
        asked = join_body(self.body, session, "What was asked here?")
        tries = {
            "join": self.client.post(JOIN_PATH, json=asked, headers=thief),
            "read": self.client.get(STREAM_PATH, params={"session_hash": session}, headers=thief),
            "beat": self.client.get(f"/gradio_api/heartbeat/{session}", headers=thief),
            "cancel": self.client.post("/gradio_api/cancel", json=cancel, headers=thief),
        }
        for kind, reply in zip(tries, await asyncio.gather(*tries.values()), strict=True):
            self.attempts[f"{kind} as {who}: {reply.status_code}"] += 1
            if reply.status_code not in REFUSED or self.mark in reply.text:
                self.faults.append(f"{kind} as {who} of person-{self.number}'s session: {reply.status_code}")

    async def _read(self, session: str, name: str) -> str:
        at, named = {"session_hash": session}, {"X-Remote-User": name}
        async with self.client.stream("GET", STREAM_PATH, params=at, headers=named) as events:
            async for line in events.aiter_lines():
                said = parse_event(line)
                if said.get("msg") == "process_completed":
                    return json.dumps(said)
        return ""


async def rob(seed: int, count: int, folder: Path, tell: Callable[[str], None]) -> Tried:
    """Serve, and let so many people ask and try."""
    draw = random.Random(seed)
    marks = [f"note {number}" for number in draw.sample(range(10**8, 10**9), count)]
    attempts: Counter[str] = Counter()
    faults: list[str] = []
    turns = asyncio.Semaphore(AT_ONCE)
    model = {"ASSISTANT_EMBEDDING_MODEL": "hashed-words"}
    with serving(folder, ROOT / "sources", BEHIND_PROXY | model) as server:
        async with httpx.AsyncClient(base_url=server.address, timeout=WAITED, trust_env=False) as client:
            body = await opened(client)

            async def one(number: int, mark: str) -> bool:
                async with turns:
                    return await _One(client, body, number, mark, attempts, faults).live()

            answered = sum(await asyncio.gather(*(one(number, mark) for number, mark in enumerate(marks))))
        faults += [f"the server said: {line.rstrip()}" for line in server.said[:10]]
    tell(f"{answered} of {count} people read their own answers")
    tell(f"attempts on others' sessions: {dict(sorted(attempts.items()))}")
    return Tried(attempts, answered, faults)


def run(seed: int, *, full: bool) -> int:
    """Run it and print what came of it; 0 when nothing was read that should not be, else 1."""
    with TemporaryDirectory() as folder:
        tried = asyncio.run(rob(seed, FULL if full else SHORT, Path(folder), say))
    return told(tried.faults)


if __name__ == "__main__":
    seed, full = chosen(__doc__)
    sys.exit(run(seed, full=full))
