"""Ordinary people at a server under trial: each has a page open, asks, reads for a while, and begins anew at times."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, join_body, parse_event, question_body

WAITED = 60.0  # seconds after which an answer counts as none
PAUSE = 10.0  # seconds between a person's questions, on average
CONVERSATION = 8  # questions asked on one page before it is opened again
QUESTIONS = (
    "What concerns did the inspector have?",
    "How well does it tackle anti-social behaviour?",
    "Does it treat people fairly?",
    "How many officers are there?",
    "What about serious and organised crime?",
)


@dataclass
class Seen:
    """What people got: seconds to each answer, and what came instead of one."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Seconds within which this share (0 to 100) of the answers came."""
        return float(np.percentile(self.seconds, share))

    def and_(self, other: Seen) -> Seen:
        """What both saw."""
        return Seen(self.seconds + other.seconds, self.failures + other.failures)

    def __str__(self) -> str:
        spread = ", ".join(f"p{share} {1000 * self.percentile(share):.0f} ms" for share in (50, 95, 99))
        return f"{len(self.seconds)} answered ({spread}), failed: {dict(self.failures) or 'none'}"


async def people(address: str, count: int, seconds: float, seed: int, *, pause: float = PAUSE) -> Seen:
    """Let so many people ask for so long: every other one by the page, the rest by the JSON interface."""
    seen = Seen()
    limits = httpx.Limits(max_connections=4 * count, max_keepalive_connections=4 * count)
    async with httpx.AsyncClient(base_url=address, timeout=WAITED, limits=limits, trust_env=False) as client:
        body = await opened(client)
        chances = [random.Random(seed * 1000 + number) for number in range(count)]
        until = time.monotonic() + seconds
        each = (_Person(client, body, f"person-{number}", one, pause) for number, one in enumerate(chances))
        await asyncio.gather(*(one.live(until, seen, by_page=number % 2 == 0) for number, one in enumerate(each)))
    return seen


async def opened(client: httpx.AsyncClient) -> dict[str, Any]:
    """What a page that is opened sends with a question; see `question_body`."""
    return question_body((await client.get("/config", headers={"X-Remote-User": "reader"})).json())


async def visits(address: str, count: int, at_once: int = 8) -> None:
    """Open so many pages, ask once on each and close it: what a server keeps of pages is then full."""
    turns = asyncio.Semaphore(at_once)
    async with httpx.AsyncClient(base_url=address, timeout=WAITED, trust_env=False) as client:
        body = await opened(client)

        async def visit(number: int) -> None:
            visitor = _Person(client, body, f"visitor-{number}", random.Random(number), 0)
            async with turns:
                await visitor.queue(secrets.token_hex(6), QUESTIONS[number % len(QUESTIONS)])

        await asyncio.gather(*map(visit, range(count)))


@dataclass
class _Person:
    client: httpx.AsyncClient
    body: dict[str, Any]
    name: str
    random: random.Random
    pause: float

    async def live(self, until: float, seen: Seen, *, by_page: bool) -> None:
        while time.monotonic() < until:
            if by_page:
                await self._page(until, seen)
            else:
                await self._once(until, seen, self._json)

    async def _page(self, until: float, seen: Seen) -> None:
        """One page from when it is opened to when it is closed: its stream stays open the while."""
        session = secrets.token_hex(6)
        alive = asyncio.create_task(self._stay(session))
        for _ in range(CONVERSATION):
            if time.monotonic() >= until:
                break
            await self._once(until, seen, lambda question: self.queue(session, question))
        alive.cancel()
        await asyncio.wait([alive])

    async def _stay(self, session: str) -> None:
        stream = self.client.stream("GET", f"/gradio_api/heartbeat/{session}", headers=self._named, timeout=None)
        async with stream as beats:
            async for _ in beats.aiter_raw():
                pass

    async def _once(self, until: float, seen: Seen, ask: Any) -> None:
        pause = self.random.expovariate(1 / self.pause)
        await asyncio.sleep(max(0.0, min(pause, until - time.monotonic())))
        if time.monotonic() >= until:
            return
        started = time.perf_counter()
        try:
            async with asyncio.timeout(WAITED):
                said = await ask(self.random.choice(QUESTIONS))
        except (httpx.HTTPError, TimeoutError) as error:
            said = type(error).__name__
        if said:
            seen.failures[said] += 1
        else:
            seen.seconds.append(time.perf_counter() - started)

    async def _json(self, question: str) -> str:
        reply = await self.client.post("/api/v1/ask", json={"question": question}, headers=self._named)
        return "" if reply.status_code == httpx.codes.OK else str(reply.status_code)

    async def queue(self, session: str, question: str) -> str:
        """Ask as the page does. What went wrong, in a word; empty when an answer came."""
        joined = await self.client.post(JOIN_PATH, json=join_body(self.body, session, question), headers=self._named)
        if joined.status_code != httpx.codes.OK:
            return f"join {joined.status_code}"
        at = {"session_hash": session}
        async with self.client.stream("GET", STREAM_PATH, params=at, headers=self._named) as events:
            async for line in events.aiter_lines():
                said = parse_event(line)
                if said.get("msg") == "process_completed":
                    return "" if said["success"] else "unsuccessful"
        return f"stream ended, {events.status_code}"

    @property
    def _named(self) -> dict[str, str]:
        return {"X-Remote-User": self.name}
