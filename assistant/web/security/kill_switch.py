"""Not answering any more: the kill switch, and what happens to open requests when the server is told to stop.

While a certain file exists, every request gets the text of that file. No restart is needed.
"""

from __future__ import annotations

import asyncio
import codecs
from dataclasses import dataclass, field
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages import load_messages
from assistant.web.security.responses import Rejection, RequestRejecter, is_health_check

MAX_NOTICE_CHARACTERS = 2_000
RETRY_SECONDS = 300
RESTART_SECONDS = 30  # after which to ask again, when the server was told to stop
HEARTBEAT_PREFIX = "/gradio_api/heartbeat/"  # the stream that every open page has, and that never ends by itself


class KillSwitchMiddleware:
    """ASGI middleware that looks for the file at every request. Health checks are answered, with status `closed`."""

    def __init__(self, app: ASGIApp, file: Path, reject: RequestRejecter) -> None:
        self._app = app
        self._file = file
        self._reject = reject

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        notice = closing_notice(self._file) if scope["type"] == "http" else None
        if notice is None:
            await self._app(scope, receive, send)
            return
        if is_health_check(scope):
            is_ready = scope["path"] != "/health/ready"
            await JSONResponse({"status": "closed"}, 200 if is_ready else 503)(scope, receive, send)
            return
        messages = load_messages()
        rejection = Rejection(
            503,
            notice or messages.say("rejected.closed"),
            status="closed",
            heading=messages.say("rejected.closed_heading"),
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
        await self._reject(scope, receive, send, rejection)


def closing_notice(file: Path) -> str | None:
    """Returns the text of the file, None when there is no file. A file that cannot be read counts as empty."""
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return ""
    # Windows PowerShell writes UTF-16 with a byte-order mark when its output is redirected to a file.
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_utf16 else "utf-8-sig", "replace").strip()[:MAX_NOTICE_CHARACTERS]


@dataclass(eq=False, slots=True)
class OpenRequest:
    """A request that is being answered, by its task. `is_page` tells the stream of an open page from all others."""

    task: asyncio.Task[object]
    is_page: bool
    has_response: bool = False


@dataclass(slots=True)
class OpenRequests:
    """The requests that are being answered. Used in one event loop."""

    requests: set[OpenRequest] = field(default_factory=set)
    is_ending: bool = False

    async def end(self, grace: float) -> None:
        """Cuts the streams of open pages at once, and after `grace` seconds ends every request."""
        self.is_ending = True
        self._cancel(pages_only=True)
        await asyncio.sleep(grace)
        self._cancel(pages_only=False)

    def _cancel(self, *, pages_only: bool) -> None:
        for request in tuple(self.requests):
            if request.is_page or not pages_only:
                request.task.cancel()


class StopMiddleware:
    """ASGI middleware that records the open requests, and refuses those that `OpenRequests.end` ends.

    `IdentityMiddleware` must run before this, so that the refusal can be recorded.
    """

    def __init__(self, app: ASGIApp, reject: RequestRejecter, requests: OpenRequests) -> None:
        self._app = app
        self._reject = reject
        self._open = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self._app(scope, receive, send)
            return
        request = OpenRequest(task, scope["path"].startswith(HEARTBEAT_PREFIX))
        self._open.requests.add(request)

        async def send_noted(message: Message) -> None:
            request.has_response = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except asyncio.CancelledError:
            if not self._open.is_ending:
                raise
            task.uncancel()
            await self._refuse(request, scope, receive, send)
        finally:
            self._open.requests.discard(request)

    async def _refuse(self, request: OpenRequest, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 503, unless a part of the response was sent: that is ended where it is."""
        if request.has_response:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        messages = load_messages()
        rejection = Rejection(
            503,
            messages.say("rejected.stopping"),
            status="stopping",
            heading=messages.say("rejected.closed_heading"),
            headers={"Retry-After": str(RESTART_SECONDS)},
        )
        await self._reject(scope, receive, send, rejection)
