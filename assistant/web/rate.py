"""How often one identity may ask: a bucket of tokens each, which fills up again with time."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.phrasebook import load_phrasebook
from assistant.web.identity import identity_of
from assistant.web.refusal import Refusal, Refuse

LARGEST_BURST = 100  # questions at once, however many a minute are allowed
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
    """Token buckets by identity. `clock` gives seconds and never goes back."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = float(min(per_minute, LARGEST_BURST))
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


class RateLimit:
    """ASGI middleware: what costs work to answer, at most so often. `Identity` must have come before."""

    def __init__(self, app: ASGIApp, buckets: Buckets, refuse: Refuse) -> None:
        self._app = app
        self._buckets = buckets
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self._buckets.take(identity_of(scope)) if scope["type"] == "http" and _costs(scope) else 0.0
        if not wait:
            await self._app(scope, receive, send)
            return
        words, seconds = load_phrasebook(), math.ceil(wait)
        message = words.say("gate.too_often", wait=words.count("seconds", seconds))
        heading = words.say("gate.too_often_heading")
        refusal = Refusal(429, message, heading=heading, headers={"Retry-After": str(seconds)})
        await self._refuse(scope, receive, send, refusal)


def _costs(scope: Scope) -> bool:
    """Whether a request searches. The page with the question box, asked for without a question, does not."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return (method, scope["path"]) in COSTLY and (method == "POST" or bool(scope["query_string"]))
