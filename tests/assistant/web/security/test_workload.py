"""Where requests are worked on: threads of their own, bounds, and what each client's work may cost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import pytest
from starlette.types import Message

from assistant.errors import AbandonedError
from assistant.web.security import workload
from assistant.web.security.identity import RequestIdentity
from assistant.web.security.rate_limit import TokenBuckets
from assistant.web.security.responses import RequestRejecter, TooMuchWorkError
from assistant.web.security.workload import (
    REQUEST_WORK,
    Pool,
    RequestWork,
    Workload,
    WorkloadMiddleware,
    client_threads,
    in_thread,
    run_event,
    threads_of,
)
from assistant.work import Work, check

HOUR = 3600.0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def load(clock: Clock) -> Workload:
    return Workload(TokenBuckets(60, clock, burst=10), HOUR)


async def stays() -> Message:
    """A client that waits for its reply."""
    await asyncio.Event().wait()
    raise AssertionError


def request_of(load: Workload, client: str = "ada", seconds: float = HOUR, receive: Any = stays) -> RequestWork:
    return RequestWork(load, client, receive, Work(seconds))


def costing(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Every piece of work takes as many seconds of processor time."""
    ticks: dict[int, int] = {}

    def thread_time() -> float:
        thread = threading.get_ident()
        ticks[thread] = ticks.get(thread, -1) + 1
        return ticks[thread] * seconds

    monkeypatch.setattr(workload.time, "thread_time", thread_time)


async def test_a_client_that_has_used_up_its_seconds_waits(
    load: Workload, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    costing(monkeypatch, 12)
    assert await load.run(Pool.PAGES, request_of(load), lambda: "a page") == "a page"
    with pytest.raises(TooMuchWorkError) as refused:
        await load.run(Pool.PAGES, request_of(load), lambda: "another")
    assert refused.value.wait == pytest.approx(2)
    assert await load.run(Pool.PAGES, request_of(load, "grace"), lambda: "a page") == "a page"
    clock.now += 2.1
    assert await load.run(Pool.PAGES, request_of(load), lambda: "another") == "another"


async def test_one_client_has_at_most_half_as_many_threads_as_there_are(load: Workload) -> None:
    go, running = threading.Event(), []

    def slow() -> None:
        running.append("ada")
        assert go.wait(30)

    waiting = [asyncio.create_task(load.run(Pool.ASKING, request_of(load), slow)) for _ in range(20)]
    try:
        assert await load.run(Pool.ASKING, request_of(load, "grace"), lambda: "answered") == "answered"
        assert len(running) <= client_threads()
    finally:
        go.set()
        await asyncio.gather(*waiting)
    assert len(running) == 20
    assert len(load) == 0


async def test_questions_leave_the_threads_of_pages_alone(load: Workload) -> None:
    go = threading.Event()
    clients = [f"client {number}" for number in range(threads_of(Pool.ASKING) * 2)]
    asking = [
        asyncio.create_task(load.run(Pool.ASKING, request_of(load, client), lambda: go.wait(30))) for client in clients
    ]
    try:
        assert await load.run(Pool.PAGES, request_of(load, clients[0]), lambda: "a page") == "a page"
        assert await anyio.to_thread.run_sync(lambda: "the default threads are free too")
    finally:
        go.set()
        await asyncio.gather(*asking)


async def test_who_has_used_much_stands_still_while_another_is_answered(
    load: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    costing(monkeypatch, 6)
    assert await load.run(Pool.ASKING, request_of(load, "abuser"), lambda: "costly") == "costly"
    go, others_begun, begun, ended = (threading.Event() for _ in range(4))

    def slow() -> None:
        others_begun.set()
        assert go.wait(30)

    def abuse() -> None:
        begun.set()
        check()
        ended.set()

    other = asyncio.create_task(load.run(Pool.ASKING, request_of(load, "grace"), slow))
    assert await asyncio.to_thread(others_begun.wait, 30)
    abusing = asyncio.create_task(load.run(Pool.ASKING, request_of(load, "abuser"), abuse))
    assert not await asyncio.to_thread(begun.wait, 0.2)
    go.set()
    await asyncio.gather(other, abusing)
    assert ended.is_set()


async def test_work_ends_when_its_client_hangs_up(load: Workload) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def hangs_up() -> Message:
        await started.wait()
        return {"type": "http.disconnect"}

    def endless() -> None:
        loop.call_soon_threadsafe(started.set)
        while True:
            check()

    with pytest.raises(AbandonedError):
        await load.run(Pool.ASKING, request_of(load, receive=hangs_up), endless)


async def test_what_waited_too_long_for_the_clients_own_requests_is_not_begun(load: Workload) -> None:
    begun: list[str] = []
    with pytest.raises(TooMuchWorkError):
        await load.run(Pool.ASKING, request_of(load, seconds=1e-9), lambda: begun.append("begun"))
    assert begun == []


async def served(load: Workload, path: str, app: Callable[..., Any]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    state = {"identity": RequestIdentity("ada", path)}
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "state": state}
    await WorkloadMiddleware(app, load, RequestRejecter())(scope, stays, send)
    return sent


async def test_a_route_is_charged_to_the_client_and_then_refused(
    load: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    costing(monkeypatch, 12)

    @in_thread(Pool.PAGES)
    def page() -> str:
        return threading.current_thread().name

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await page() != threading.current_thread().name
        await send({"type": "http.response.start", "status": 200, "headers": []})

    assert [message["status"] for message in await served(load, "/sources/long", app)] == [200]
    start, _ = await served(load, "/sources/long", app)
    assert (start["status"], dict(start["headers"])[b"retry-after"]) == (429, b"3")
    assert [message["status"] for message in await served(load, "/health", free)] == [200]
    assert REQUEST_WORK.get() is None


async def free(scope: Any, receive: Any, send: Any) -> None:
    assert REQUEST_WORK.get() is None
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def test_an_event_of_the_chat_page_is_charged_to_its_sender(
    load: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    costing(monkeypatch, 12)
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    await served(load, "/gradio_api/queue/join", app)
    assert await run_event(scopes[0], Pool.ASKING, lambda: "answered") == "answered"
    assert load.wait("ada") == pytest.approx(2)
    assert load.wait("grace") == 0


async def test_events_of_the_chat_page_and_requests_share_the_threads_of_their_client(load: Workload) -> None:
    go, running = threading.Event(), []

    def slow() -> None:
        running.append("ada")
        assert go.wait(30)

    events = [asyncio.create_task(load.run_event(Pool.ASKING, "ada", slow)) for _ in range(5)]
    requests = [asyncio.create_task(load.run(Pool.ASKING, request_of(load), slow)) for _ in range(5)]
    try:
        assert await load.run_event(Pool.ASKING, "grace", lambda: "answered") == "answered"
        assert load.requests("ada") == 10
        assert load.requests("grace") == 0
        assert len(running) <= client_threads()
    finally:
        go.set()
        await asyncio.gather(*events, *requests)
    assert len(running) == 10
    assert load.requests("ada") == 0


async def test_an_event_that_waited_long_for_its_thread_has_its_whole_time(clock: Clock) -> None:
    load = Workload(TokenBuckets(60, clock, burst=10), timeout=0.2)
    go = threading.Event()
    first = [asyncio.create_task(load.run_event(Pool.PAGES, "ada", lambda: go.wait(30))) for _ in range(1)]
    waiting = asyncio.create_task(load.run_event(Pool.PAGES, "ada", lambda: check() or "answered"))
    await asyncio.sleep(0.4)  # longer than its time
    go.set()
    assert await waiting == "answered"
    await asyncio.gather(*first)


async def test_a_cancelled_event_ends(load: Workload) -> None:
    started, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def endless() -> None:
        loop.call_soon_threadsafe(started.set)
        try:
            while True:
                check()
        finally:
            ended.set()

    event = asyncio.create_task(load.run_event(Pool.ASKING, "ada", endless))
    await started.wait()
    event.cancel()
    with pytest.raises(asyncio.CancelledError):
        await event
    assert await asyncio.to_thread(ended.wait, 30)


async def test_questions_that_wait_for_a_chat_model_have_more_threads(clock: Clock) -> None:
    waiting = 8
    load = Workload(TokenBuckets(60, clock, burst=10), HOUR, waiting)
    together = threading.Barrier(threads_of(Pool.ASKING) + waiting, timeout=30)
    clients = [f"client {number}" for number in range(threads_of(Pool.ASKING) + waiting)]
    arrived = await asyncio.gather(*(load.run_event(Pool.ASKING, client, together.wait) for client in clients))
    assert sorted(arrived) == list(range(len(clients)))  # nobody passes the barrier before all have come


async def test_a_client_with_many_requests_waiting_is_refused_the_next(load: Workload) -> None:
    go = threading.Event()
    waiting = [asyncio.create_task(load.run(Pool.PAGES, request_of(load), lambda: go.wait(30))) for _ in range(16)]
    await asyncio.sleep(0)
    try:
        start, _ = await served(load, "/sources/long", free)
        assert (start["status"], dict(start["headers"])[b"retry-after"]) == (429, b"1")
        assert [message["status"] for message in await served(load, "/health", free)] == [200]
    finally:
        go.set()
        await asyncio.gather(*waiting)
