"""How often one identity may ask, and send anything at all: a bucket of tokens each, which fills up again with time.

How many requests of one identity may be open at the same time, open pages and refusals held back among them.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.identity import identity_of
from assistant.web.security.responses import Refusal, Refuse, asks_for_health

Counts = Callable[[Scope], bool]

LARGEST_BURST = 20  # questions at once, however many a minute are allowed: others wait until they are answered
REQUESTS = 50  # requests of any kind for each question allowed: opening the page for the first time takes as many
REQUESTS_AT_ONCE = 4 * REQUESTS
HELD_BACK = 1.0  # seconds a refusal is kept waiting: who asks again at once, and again, is slowed down by it
REMEMBERED = 10_000  # identities; one that was forgotten begins with a full bucket
COSTLY = frozenset(
    {
        ("POST", "/api/v1/ask"),
        ("POST", "/api/v1/search"),
        ("GET", "/api/v1/search"),
        ("GET", "/ask"),
        ("GET", "/register"),
        ("GET", "/overview"),
        ("POST", "/gradio_api/queue/join"),
    }
)


class Buckets:
    """Token buckets by identity. `clock` gives seconds and never goes back; `burst` is what may come at once."""

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.monotonic, *, burst: int = LARGEST_BURST
    ) -> None:
        self._rate = per_minute / 60
        self._burst = float(min(per_minute, burst))
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, identity: str) -> float:
        """Take a token: 0 when there was one, else the seconds until there is."""
        now = self._clock()
        tokens, since = self._held.pop(identity, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        # Sums of fractions fall short of a whole by a hair: a person told to wait 1 s is let in after 1 s.
        taken = tokens >= 1 - 1e-9
        self._held[identity] = (max(0.0, tokens - 1) if taken else tokens, now)
        if len(self._held) > REMEMBERED:
            self._held.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self._rate

    def __len__(self) -> int:
        return len(self._held)


def searches(scope: Scope) -> bool:
    """Whether a request searches. The page with the question box, asked for without a question, does not."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return (method, scope["path"]) in COSTLY and (method == "POST" or bool(scope["query_string"]))


def anything(scope: Scope) -> bool:
    """Every request but those for health, by which a supervisor decides whether to start the server again."""
    return not asks_for_health(scope)


class RateLimit:
    """ASGI middleware: what `counts`, at most so often. `Identity` must have come before.

    A refusal is held back for so many seconds. `AtOnce` keeps the number of those that wait within bounds.
    """

    def __init__(
        self, app: ASGIApp, buckets: Buckets, refuse: Refuse, counts: Counts = searches, held_back: float = 0
    ) -> None:
        self._app = app
        self._buckets = buckets
        self._refuse = refuse
        self._counts = counts
        self._held_back = held_back

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = scope["type"] == "http" and self._counts(scope)
        wait = self._buckets.take(identity_of(scope)) if counted else 0.0
        if not wait:
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(self._held_back)
        words, seconds = load_messages(), math.ceil(wait)
        message = words.say("gate.too_often", wait=words.count("seconds", seconds))
        heading = words.say("gate.too_often_heading")
        refusal = Refusal(429, message, heading=heading, headers={"Retry-After": str(seconds)})
        await self._refuse(scope, receive, send, refusal)


class ConcurrencyLimit:
    """ASGI middleware: at most `most` requests of one identity at once. `Identity` must have come before.

    The next one is refused, and its connection closed: the connections are for everyone.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, most: int) -> None:
        self._app = app
        self._refuse = refuse
        self._most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = identity_of(scope)
        if self._open[identity] >= self._most:
            words = load_messages()
            said, heading = words.say("gate.too_many_open"), words.say("gate.too_often_heading")
            await self._refuse(
                scope, receive, send, Refusal(429, said, heading=heading, headers={"Connection": "close"})
            )
            return
        self._open[identity] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[identity] -= 1
            if not self._open[identity]:
                del self._open[identity]  # or everyone who ever asked would be kept in mind

    def __len__(self) -> int:
        """How many identities have a request open."""
        return len(self._open)
