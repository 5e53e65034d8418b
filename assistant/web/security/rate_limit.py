"""Two limits for each client: on how often it sends requests (token buckets), and on how many are open at once."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.identity import client_of
from assistant.web.security.responses import Rejection, RequestRejecter, counting, is_health_check

RequestPredicate = Callable[[Scope], bool]

MAX_QUESTION_BURST = 20  # however many a minute are allowed: further questions wait until these are answered
REQUESTS_PER_QUESTION = 10  # of any kind
MAX_REQUEST_BURST = 200  # opening the page for the first time takes 50
REJECTION_DELAY_SECONDS = 1.0  # before a 429, to slow down clients that retry at once
DELAYED_PER_SECOND = 8  # rejections of a client that are delayed already, for each of which it is a second longer
MAX_DELAY_SECONDS = 8.0  # less than a client has to send its request, or it would be cut off and come back at once
MAX_CLIENTS = 10_000  # with a bucket; a client whose bucket was dropped starts again with a full one
ROUNDING_TOLERANCE = 1e-9
SEARCH_ROUTES = frozenset(
    {
        ("POST", "/api/v1/ask"),
        ("POST", "/api/v1/search"),
        ("GET", "/api/v1/search"),
        ("GET", "/ask"),
        ("GET", "/register"),
        ("GET", "/overview"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/mcp"),
        *(("POST", f"/conversation/{name}") for name in ("turns", "export", "feedback")),
    }
)


class TokenBuckets:
    """A token bucket for each client, of at most `burst` tokens: requests, or seconds of work. Safe in several threads.

    `clock` returns seconds and never goes back.
    """

    def __init__(
        self, per_minute: float, clock: Callable[[], float] = time.monotonic, *, burst: float = MAX_QUESTION_BURST
    ) -> None:
        self._tokens_per_second = per_minute / 60
        self._capacity = float(min(per_minute, burst))
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when they were counted
        self._lock = threading.Lock()

    def take(self, client: str) -> float:
        """Takes a token: returns 0 when there was one, else the seconds until there is."""
        with self._lock:
            tokens = self._tokens(client)
            # Rounding leaves sums of fractions just short of a whole token after the wait that was reported.
            is_taken = tokens >= 1 - ROUNDING_TOLERANCE
            self._keep(client, max(0.0, tokens - 1) if is_taken else tokens)
        return 0.0 if is_taken else (1 - tokens) / self._tokens_per_second

    def spend(self, client: str, cost: float) -> None:
        """Takes as many tokens as something has cost, which is known afterwards: it may take more than there are."""
        with self._lock:
            self._keep(client, self._tokens(client) - cost)

    def left(self, client: str) -> float:
        """The tokens that a client has: at most `burst`, below 0 when something has cost more than there were."""
        with self._lock:
            return self._tokens(client)

    def wait(self, client: str) -> float:
        """Returns 0 when a client has any tokens left, else the seconds until it has; takes none."""
        tokens = self.left(client)
        return 0.0 if tokens > 0 else (ROUNDING_TOLERANCE - tokens) / self._tokens_per_second

    def _tokens(self, client: str) -> float:
        """The tokens that a client has now."""
        now = self._clock()
        tokens, counted_at = self._buckets.get(client, (self._capacity, now))
        return min(self._capacity, tokens + (now - counted_at) * self._tokens_per_second)

    def _keep(self, client: str, tokens: float) -> None:
        self._buckets[client] = (tokens, self._clock())
        self._buckets.move_to_end(client)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)

    def __len__(self) -> int:
        """The number of clients with a bucket."""
        return len(self._buckets)


def is_search(scope: Scope) -> bool:
    """Whether a request searches. The page with the question box, requested without a question, does not."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return (method, scope["path"]) in SEARCH_ROUTES and (method == "POST" or bool(scope["query_string"]))


def is_not_health_check(scope: Scope) -> bool:
    """Whether a request is anything but a health check, by which a supervisor decides whether to restart the server."""
    return not is_health_check(scope)


class RejectionDelay:
    """Delays rejections by some seconds, and by more, the more of the same client's are being delayed.

    Who retries at once on many connections keeps them busy waiting, and costs the server little.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._delayed: Counter[str] = Counter()

    async def wait(self, client: str) -> None:
        """Waits as long as a rejection of this client is to be delayed."""
        seconds = self._seconds * (1 + self._delayed[client] // DELAYED_PER_SECOND)
        with counting(self._delayed, client):
            await asyncio.sleep(min(seconds, MAX_DELAY_SECONDS))

    def __len__(self) -> int:
        """The number of clients with a delayed rejection."""
        return len(self._delayed)


class RateLimitMiddleware:
    """ASGI middleware that limits how often a client may send the requests that `counts` selects.

    The others get 429 after a delay. `IdentityMiddleware` must run before this, and `ConcurrencyLimitMiddleware` too if
    there is a delay: it bounds the number of waiting requests.
    """

    def __init__(
        self,
        app: ASGIApp,
        buckets: TokenBuckets,
        reject: RequestRejecter,
        counts: RequestPredicate = is_search,
        delay: RejectionDelay | None = None,
    ) -> None:
        self._app = app
        self._buckets = buckets
        self._reject = reject
        self._counts = counts
        self._delay = RejectionDelay(0) if delay is None else delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_counted = scope["type"] == "http" and self._counts(scope)
        wait = self._buckets.take(client_of(scope)) if is_counted else 0.0
        if not wait:
            await self._app(scope, receive, send)
            return
        await self._delay.wait(client_of(scope))
        await self._reject(scope, receive, send, too_often(wait))


def too_often(wait: float, message: str = "rejected.too_often") -> Rejection:
    """Returns the rejection of a client that has to wait some seconds; `message` says what it has had too much of."""
    messages, seconds = load_messages(), math.ceil(wait)
    return Rejection(
        429,
        messages.say(message, wait=messages.count("seconds", seconds)),
        heading=messages.say("rejected.too_often_heading"),
        headers={"Retry-After": str(seconds)},
    )


class ConcurrencyLimitMiddleware:
    """ASGI middleware that limits a client to `limit` open requests, including open pages and delayed rejections.

    The next request gets 429 and its connection is closed, because all clients share the connections.
    `IdentityMiddleware` must run before this.
    """

    def __init__(self, app: ASGIApp, reject: RequestRejecter, limit: int) -> None:
        self._app = app
        self._reject = reject
        self._limit = limit
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        if self._open[client] >= self._limit:
            messages = load_messages()
            rejection = Rejection(
                429,
                messages.say("rejected.too_many_open"),
                heading=messages.say("rejected.too_often_heading"),
                headers={"Connection": "close"},
            )
            await self._reject(scope, receive, send, rejection)
            return
        with counting(self._open, client):
            await self._app(scope, receive, send)

    def __len__(self) -> int:
        """The number of clients with an open request."""
        return len(self._open)
