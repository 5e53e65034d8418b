"""Where the work of requests is done, and what each client's may cost.

Questions and pages have threads of their own, so that neither waits for the other, and one client has at most a quarter
of them. Each client has seconds of processor time, which its work uses up: limits on numbers of requests do not tell a
question from a page that costs a hundred times as much.
"""

from __future__ import annotations

import asyncio
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
from assistant.web.security.rate_limit import TokenBuckets, too_often
from assistant.web.security.responses import RequestRejecter, TooMuchWorkError
from assistant.work import Work, check, working

MAX_SECONDS_BURST = 10.0  # of processor time, that a client may use at once
STATE_KEY = "workload"  # of the `Workload`, in the scope's state
# What costs nothing worth counting: files, and what the chat page is made of
FREE_PATHS = frozenset({"/", "/embed", "/config", "/theme.css", "/favicon.ico", "/embed.js", "/gradio_api/queue/data"})
FREE_PREFIXES = ("/assets/", "/static/", "/site/", "/health", "/api/v1/health", "/gradio_api/heartbeat/")

P = ParamSpec("P")
Result = TypeVar("Result")


class Pool(Enum):
    """The threads that a kind of request has, and how many."""

    ASKING = 8
    PAGES = 4


@dataclass(frozen=True, slots=True)
class RequestWork:
    """The work of one request: who asks, whether the client is still there, and the bounds."""

    workload: Workload
    client: str
    receive: Receive
    work: Work


REQUEST_WORK: ContextVar[RequestWork | None] = ContextVar("request_work", default=None)


class Workload:
    """The threads, and the seconds of each client. `timeout` is the longest time for one request, in seconds."""

    def __init__(self, seconds: TokenBuckets, timeout: float) -> None:
        self.timeout = timeout
        self._seconds = seconds
        self._threads = {pool: CapacityLimiter(pool.value) for pool in Pool}
        self._shares: dict[tuple[Pool, str], tuple[CapacityLimiter, int]] = {}  # with the number of requests in each

    def wait(self, client: str) -> float:
        """The seconds until a client has processor time left; 0 when it has some."""
        return self._seconds.wait(client)

    async def run(self, pool: Pool, request: RequestWork, call: Callable[[], Result]) -> Result:
        """Returns the result of `call`, made in a thread of the pool.

        Raises `TooMuchWorkError` when the client has no seconds left, or when its own requests took all the time.
        """
        watching = asyncio.create_task(_abandon_at_disconnect(request))
        try:
            async with self._share(pool, request.client):
                wait = self.wait(request.client) or (0.0 if request.work.seconds_left else 1.0)
                if wait:
                    raise TooMuchWorkError(wait)
                charged = partial(self._charged, request, call)
                return await anyio.to_thread.run_sync(charged, limiter=self._threads[pool])
        except asyncio.CancelledError:  # the server stops
            request.work.abandon()
            raise
        finally:
            watching.cancel()

    @contextmanager
    def charging(self, client: str, work: Work) -> Iterator[None]:
        """Does the work within its bounds in this thread, and charges its processor time to the client."""
        started = time.thread_time()
        try:
            with working(work):
                check()
                yield
        finally:
            self._seconds.spend(client, time.thread_time() - started)

    def _charged(self, request: RequestWork, call: Callable[[], Result]) -> Result:
        with self.charging(request.client, request.work):
            return call()

    @asynccontextmanager
    async def _share(self, pool: Pool, client: str) -> AsyncIterator[None]:
        """One of the threads of a pool that a client may have at the same time; waits for it."""
        key = (pool, client)
        limiter, requests = self._shares.get(key) or (CapacityLimiter(pool.value // 4), 0)
        self._shares[key] = limiter, requests + 1
        try:
            async with limiter:
                yield
        finally:
            limiter, requests = self._shares.pop(key)
            if requests > 1:
                self._shares[key] = limiter, requests - 1

    def __len__(self) -> int:
        """The number of clients and pools with a request under way."""
        return len(self._shares)


class WorkloadMiddleware:
    """ASGI middleware that lets only clients with seconds left work, and gives each request its bounds.

    `IdentityMiddleware` must run before this, and `ConcurrencyLimitMiddleware`, which bounds the requests that wait.
    """

    def __init__(self, app: ASGIApp, workload: Workload, reject: RequestRejecter, delay: float = 0) -> None:
        self._app = app
        self._workload = workload
        self._reject = reject
        self._delay = delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_free(scope):
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        wait = self._workload.wait(client)
        if wait:
            await asyncio.sleep(self._delay)
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


@contextmanager
def charging_event(scope: Scope) -> Iterator[None]:
    """Charges what is done for an event of the chat page, which Gradio runs in a thread of its own, to its sender."""
    workload = scope.get("state", {}).get(STATE_KEY)
    if not isinstance(workload, Workload):
        yield
        return
    with workload.charging(client_of(scope), Work(workload.timeout)):
        yield


async def _abandon_at_disconnect(request: RequestWork) -> None:
    """Abandons the work of a request once its client has gone. Its body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    request.work.abandon()
