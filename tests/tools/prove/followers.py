"""People who ask replicas behind nginx and follow their conversations, and what is checked of every reply."""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from pydantic import ValidationError

from assistant.answer import Answer, Citation
from assistant.messages import load_messages
from tests.fixtures.nginx import PASSWORD
from tests.fixtures.queue_client import JOIN_PATH, STREAM_PATH, join_body, parse_event, question_body
from tests.tools.prove.people import QUESTIONS, WAITED
from tests.tools.prove.republished import Sources

GRACE = 1.0  # seconds from a publication until readers have noticed it, and from a kill until nginx has
TURNS = 5  # of a conversation
CARRIED = 2  # place of the conversation among what the page sends with a question
UNREAD = load_messages().say("kept.unreadable")
READ_WITHOUT = load_messages().say("kept.unread", turns="|").partition("|")[2]
TOKEN = re.compile(r'<pre class="kept">([\w.-]+)</pre>')
TOLD = re.compile(r"custody suite number (\d+) is safe")


@dataclass
class Kill:
    """When a replica was killed, and when it or its successor served again."""

    at: float
    until: float = float("inf")


@dataclass
class Judge:
    """What came of every request; `faults` has what must not be."""

    sources: Sources
    kills: list[Kill] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)  # by status
    refused: Counter[str] = field(default_factory=Counter)  # with a reason
    interrupted: Counter[str] = field(default_factory=Counter)  # by nginx, as a replica was killed
    quotations: int = 0
    told: set[int] = field(default_factory=set)
    shown: int = 0  # turns of conversations shown again
    faults: Counter[str] = field(default_factory=Counter)

    def failed(self, response: httpx.Response, asked: float) -> None:
        """Count a reply that is no answer: a refusal with its reason, nginx's at a kill, or a fault."""
        status = response.status_code
        try:
            reply = response.json()
        except ValueError:
            reply = None
        if isinstance(reply, dict) and (400 <= status < 500 or status == 503) and reply.get("error"):
            self.refused[f"{status} {reply.get('status')}: {reply['error']}"] += 1
        else:
            self.cut_off(f"{status} {response.text[:80]!r}" if reply is not None else f"nginx's {status}", asked)

    def cut_off(self, how: str, asked: float, *, page: bool = False) -> None:
        """Count a request that got no reply of a replica: is it for a kill?

        A reply fails at the moment of a kill. What has two requests, of a page, may be told apart until both serve.
        """
        now = time.monotonic()
        if any(asked <= (kill.until if page else kill.at) + GRACE and now >= kill.at for kill in self.kills):
            self.interrupted[how] += 1
        else:
            self.faults[f"{how}, while no replica was killed"] += 1

    def answer(self, content: bytes, asked: float) -> None:
        """Check an answer of the JSON interface."""
        now = time.monotonic()
        try:
            answer = Answer.model_validate_json(content)
        except ValidationError as error:
            self.faults[f"an answer that is none: {error}"] += 1
            return
        if not (answer.reason or answer.status.answered):
            self.faults[f"{answer.status} without a reason"] += 1
        self.answers[answer.status] += 1
        for citation in answer.quoted:
            self._citation(citation, asked, now)

    def _citation(self, citation: Citation, asked: float, answered: float) -> None:
        self.quotations += 1
        versions = self.sources.versions.get(citation.source, [])
        quoted = [
            one
            for one in versions
            if one.sha256 == citation.sha256 and one.text[citation.start : citation.end] == citation.quote
        ]
        if not quoted:
            self.faults[f"wrong: {citation.quote!r} is in no text of {citation.source}"] += 1
        elif not any(one.current(asked, answered, GRACE) for one in quoted):
            late = asked - max(one.gone or asked for one in quoted)
            self.faults[f"withdrawn: {citation.quote!r}, asked {late:.2f} s after the publication without it"] += 1
        self.told.update(int(suite) for suite in TOLD.findall(citation.quote))

    def page(self, html: str, asked: float) -> None:
        """Check what a page shows: no sentence that was withdrawn, and every turn read."""
        now = time.monotonic()
        text = unescape(re.sub(r"<[^>]*>", "", html))
        for suite in map(int, TOLD.findall(text)):
            version = self.sources.suites.get(suite)
            if version is None or not version.current(asked, now, GRACE):
                self.faults[f"withdrawn: suite {suite} on a page"] += 1
            self.told.add(suite)
        if READ_WITHOUT in text:
            self.faults["lost: a follow-up was read without the earlier turns"] += 1


@dataclass
class Follower:
    """A person who asks by the JSON interface, and by a page whose conversation they have shown again.

    `anyone` reaches each replica in turn, `same` reaches the same replica for as long as it serves.
    """

    name: str
    anyone: httpx.AsyncClient
    same: httpx.AsyncClient
    judge: Judge
    random: random.Random
    pause: float
    conversations: list[list[str]] = field(default_factory=list)

    async def live(self, ended: Callable[[], bool], *, by_page: bool) -> None:
        """Ask until it has ended; then have every conversation shown once more."""
        body = question_body((await self.same.get("/config", auth=self._auth)).json()) if by_page else {}
        history: list[dict[str, str]] = []
        while not ended():
            await asyncio.sleep(self.random.expovariate(1 / self.pause))
            if by_page:
                await self._converse(body)
            else:
                history = await self._ask(history)
        for tokens in self.conversations:
            await self._show(tokens)

    def _question(self) -> str:
        suite = self.random.random() < 0.6
        return self.judge.sources.question(self.random) if suite else self.random.choice(QUESTIONS)

    async def _ask(self, history: list[dict[str, str]]) -> list[dict[str, str]]:
        asked, question = time.monotonic(), self._question()
        body = {"question": question, "history": history}
        reply = await self._reply(self.anyone.post("/api/v1/ask", json=body, auth=self._auth), asked)
        if reply is None:
            return history
        self.judge.answer(reply.content, asked)
        return [] if len(history) >= TURNS else [*history, {"role": "user", "text": question}]

    async def _converse(self, body: dict[str, Any]) -> None:
        """Ask one more question on the page, and have the whole conversation shown by both replicas."""
        if not self.conversations or len(self.conversations[-1]) >= TURNS:
            self.conversations.append([])
        tokens = self.conversations[-1]
        asked = time.monotonic()
        try:
            async with asyncio.timeout(WAITED):
                said = await self._queue(body, tokens, asked)
        except (httpx.HTTPError, TimeoutError) as error:
            self.judge.cut_off(f"a page's {type(error).__name__}", asked, page=True)
            return
        if said:
            self.judge.page(said, asked)
            found = TOKEN.search(said)
            if found:
                tokens.append(found[1])
                self.judge.answers["on a page"] += 1
            else:
                self.judge.refused[f"on a page: {' '.join(re.sub('<[^>]*>', ' ', said).split())[:200]}"] += 1
        for _ in range(2):
            await self._show(tokens)

    async def _queue(self, body: dict[str, Any], tokens: list[str], asked: float) -> str:
        """The HTML of the turn that a question on the page gets; empty where there is none, which is counted."""
        session = secrets.token_hex(6)
        question = join_body(body, session, self._question())
        question["data"][CARRIED] = json.dumps({"turns": tokens, "number": len(tokens) + 1})
        joined = await self.same.post(JOIN_PATH, json=question, auth=self._auth)
        if joined.status_code != httpx.codes.OK:
            self.judge.failed(joined, asked)
            return ""
        at = {"session_hash": session}
        async with self.same.stream("GET", STREAM_PATH, params=at, auth=self._auth) as events:
            if events.status_code != httpx.codes.OK:
                await events.aread()
                self.judge.failed(events, asked)
                return ""
            async for line in events.aiter_lines():
                event = parse_event(line)
                if event.get("msg") == "process_completed" and event["success"]:
                    return str(event["output"]["data"][0])
        self.judge.cut_off("a page's stream without an answer", asked, page=True)
        return ""

    async def _show(self, tokens: list[str]) -> None:
        if not tokens:
            return
        asked = time.monotonic()
        body = {"turns": tokens, "last": len(tokens)}
        reply = await self._reply(self.anyone.post("/conversation/turns", json=body, auth=self._auth), asked)
        if reply is None:
            return
        turns = reply.json()["turns"]
        if len(turns) != len(tokens):
            self.judge.faults[f"lost: {len(tokens)} turns were sent, {len(turns)} shown"] += 1
        for turn in turns:
            self.judge.shown += 1
            if turn["problem"] or UNREAD in turn["html"]:
                self.judge.faults[f"lost: a turn is shown as {turn['problem'] or UNREAD!r}"] += 1
            self.judge.page(turn["html"], asked)

    async def _reply(self, request: Awaitable[httpx.Response], asked: float) -> httpx.Response | None:
        """The reply to a request, or None where it is no answer, which is counted."""
        try:
            response = await request
        except httpx.HTTPError as error:
            self.judge.cut_off(type(error).__name__, asked)
            return None
        if response.status_code != httpx.codes.OK:
            self.judge.failed(response, asked)
            return None
        return response

    @property
    def _auth(self) -> tuple[str, str]:
        return self.name, PASSWORD
