"""Where the work of requests is done, and what each client's may cost.

Questions and pages have threads of their own, so that neither waits for the other. One client has at most half as
many, however it asks: by the chat page, the plain pages or the JSON interface. Each client has seconds of processor
time, which its work uses up: limits on numbers of requests do not tell a question from a page that costs a hundred
times as much. When all threads are busy, the next is for the client with the most seconds left.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.security.identity import client_of
from assistant.web.security.rate_limit import RejectionDelay, TokenBuckets, too_often
from assistant.web.security.responses import RequestRejecter, TooMuchWorkError
from assistant.web.security.turns import Turns
from assistant.work import Work, check, working

MAX_SECONDS_BURST = 10.0  # of processor time, that a client may use at once
PREFERRED_SECONDS_LEFT = MAX_SECONDS_BURST / 2  # who has fewer stands still while work of others is under way
MAX_CLIENT_REQUESTS = 16  # of one client, that are worked on or wait for a thread
STATE_KEY = "workload"  # of the `Workload`, in the scope's state
# What costs nothing worth counting: files, and what the chat page is made of
FREE_PATHS = frozenset({"/", "/embed", "/config", "/theme.css", "/favicon.ico", "/embed.js", "/gradio_api/queue/data"})
FREE_PREFIXES = ("/assets/", "/static/", "/site/", "/health", "/api/v1/health", "/gradio_api/heartbeat/")

P = ParamSpec("P")
Result = TypeVar("Result")


class Pool(Enum):
    """A kind of request, which has threads of its own. Questions have more where they wait for a chat model."""

    ASKING = "asking"
    PAGES = "pages"


MAX_THREADS = {Pool.ASKING: 8, Pool.PAGES: 4}


def threads_of(pool: Pool) -> int:
    """The threads that requests of a kind have: one more than processors, as many more would only slow each other down.

    So one client's long page, and work that stands still, do not hold up everybody's.
    """
    return min((os.cpu_count() or 1) + 1, MAX_THREADS[pool])


def client_threads() -> int:
    """The threads that one client has at the same time, of questions and pages together."""
    return max(1, min(map(threads_of, Pool)) // 2)


@dataclass(frozen=True, slots=True)
class RequestWork:
    """The work of one request: who asks, whether the client is still there, and the bounds."""

    workload: Workload
    client: str
    receive: Receive
    work: Work


REQUEST_WORK: ContextVar[RequestWork | None] = ContextVar("request_work", default=None)


class Workload:
    """The threads, and the seconds of each client. `timeout` is the longest time for one request, in seconds.

    `waiting` is how many questions may wait for a chat model at the same time; they use no processor meanwhile.
    """

    def __init__(self, seconds: TokenBuckets, timeout: float, waiting: int = 0) -> None:
        self.timeout = timeout
        self._seconds = seconds
        sizes = {Pool.ASKING: threads_of(Pool.ASKING) + waiting, Pool.PAGES: threads_of(Pool.PAGES)}
        self._turns = {pool: Turns(size) for pool, size in sizes.items()}
        self._threads = CapacityLimiter(sum(sizes.values()))  # who has a turn has a thread
        self._share_size = client_threads() + waiting // 4
        self._running: dict[Work, float] = {}  # with the seconds that its client had left when it began
        self._shares: dict[str, tuple[CapacityLimiter, int]] = {}  # with the number of requests in each

    def wait(self, client: str) -> float:
        """The seconds until a client has processor time left; 0 when it has some."""
        return self._seconds.wait(client)

    async def run(self, pool: Pool, request: RequestWork, call: Callable[[], Result]) -> Result:
        """Returns the result of `call`, made in a thread of the pool.

        Raises `TooMuchWorkError` when the client has no seconds left, or when its own requests took all the time.
        """
        watching = asyncio.create_task(_abandon_at_disconnect(request))
        try:
            async with self._share(request.client):
                wait = self.wait(request.client) or (0.0 if request.work.seconds_left else 1.0)
                if wait:
                    raise TooMuchWorkError(wait)
                charged = partial(self._charged, request, call)
                return await self._in_thread(pool, request.client, charged)
        except asyncio.CancelledError:  # the server stops
            request.work.abandon()
            raise
        finally:
            watching.cancel()

    async def run_event(self, pool: Pool, client: str, call: Callable[[], Result]) -> Result:
        """Returns the result of `call`, made in a thread of the pool, for an event of the chat page.

        The event was admitted when it was sent, and cannot be refused now: its time begins when it has a thread.
        """
        work = Work(self.timeout)

        def begin() -> Result:
            work.renew()
            with self.charging(client, work):
                return call()

        try:
            async with self._share(client):
                return await self._in_thread(pool, client, begin)
        except asyncio.CancelledError:  # the reader cancels the question, or the server stops
            work.abandon()
            raise

    async def _in_thread(self, pool: Pool, client: str, call: Callable[[], Result]) -> Result:
        async with self._turns[pool].turn(-self._seconds.left(client)):
            return await anyio.to_thread.run_sync(call, limiter=self._threads)

    def requests(self, client: str) -> int:
        """The number of a client's requests that are being worked on, or wait for that."""
        return self._shares[client][1] if client in self._shares else 0

    @contextmanager
    def charging(self, client: str, work: Work) -> Iterator[None]:
        """Does the work within its bounds in this thread, and charges its processor time to the client."""
        started = time.thread_time()
        left = self._seconds.left(client)
        if left < PREFERRED_SECONDS_LEFT:
            work.gives_way = self._prefers_another
        self._running[work] = left
        try:
            with working(work):
                check()
                yield
        finally:
            del self._running[work]
            self._seconds.spend(client, time.thread_time() - started)

    def _prefers_another(self) -> bool:
        """Whether work is under way for a client who has used little time of late."""
        return any(left >= PREFERRED_SECONDS_LEFT for left in list(self._running.values()))

    def _charged(self, request: RequestWork, call: Callable[[], Result]) -> Result:
        with self.charging(request.client, request.work):
            return call()

    @asynccontextmanager
    async def _share(self, client: str) -> AsyncIterator[None]:
        """One of the threads that a client may have at the same time; waits for it."""
        limiter, requests = self._shares.get(client) or (CapacityLimiter(self._share_size), 0)
        self._shares[client] = limiter, requests + 1
        try:
            async with limiter:
                yield
        finally:
            limiter, requests = self._shares.pop(client)
            if requests > 1:
                self._shares[client] = limiter, requests - 1

    def __len__(self) -> int:
        """The number of clients with a request under way."""
        return len(self._shares)


class WorkloadMiddleware:
    """ASGI middleware that lets only clients with seconds left work, and gives each request its bounds.

    `IdentityMiddleware` must run before this, and `ConcurrencyLimitMiddleware`, which bounds the requests that wait.
    """

    def __init__(
        self, app: ASGIApp, workload: Workload, reject: RequestRejecter, delay: RejectionDelay | None = None
    ) -> None:
        self._app = app
        self._workload = workload
        self._reject = reject
        self._delay = RejectionDelay(0) if delay is None else delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_free(scope):
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        wait = self._workload.wait(client)
        if not wait and self._workload.requests(client) >= MAX_CLIENT_REQUESTS:
            wait = 1.0
        if wait:
            await self._delay.wait(client)
            await self._reject(scope, receive, send, too_often(wait, "rejected.too_much_work"))
            return
        scope["state"][STATE_KEY] = self._workload
        request = RequestWork(self._workload, client, receive, Work(self._workload.timeout))
        token = REQUEST_WORK.set(request)
        try:
            await self._app(scope, receive, send)
        finally:
            REQUEST_WORK.reset(token)


def is_free(scope: Scope) -> bool:
    """Whether a request costs nothing worth counting."""
    return scope["path"] in FREE_PATHS or scope["path"].startswith(FREE_PREFIXES)


def in_thread(pool: Pool) -> Callable[[Callable[P, Result]], Callable[P, Awaitable[Result]]]:
    """Makes a route of a function: it runs in a thread of the pool, within the bounds of its request."""

    def route(function: Callable[P, Result]) -> Callable[P, Awaitable[Result]]:
        @wraps(function)
        async def run(*args: P.args, **kwargs: P.kwargs) -> Result:
            request, call = REQUEST_WORK.get(), partial(function, *args, **kwargs)
            if request is None:  # a route without the middleware, as in a test
                return await anyio.to_thread.run_sync(call)
            return await request.workload.run(pool, request, call)

        return run

    return route


async def run_event(scope: Scope, pool: Pool, call: Callable[[], Result]) -> Result:
    """Returns the result of `call`, made for an event of the chat page in a thread of the pool; its sender is charged.

    `scope` is that of the request which sent the event. Gradio would answer events in the order in which they came, so
    that everybody waited for all that one client had sent.
    """
    workload = scope.get("state", {}).get(STATE_KEY)
    if not isinstance(workload, Workload):  # a page without the middleware, as in a test
        return await anyio.to_thread.run_sync(call)
    return await workload.run_event(pool, client_of(scope), call)


async def _abandon_at_disconnect(request: RequestWork) -> None:
    """Abandons the work of a request once its client has gone. Its body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    request.work.abandon()
