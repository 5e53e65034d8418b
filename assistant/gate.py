"""What stands between the network and the pages: which addresses exist, and what may come in.

Everything not named here answers 404, so a route that a new version of Gradio adds is closed until it is looked at.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.pages import message_html
from assistant.phrasebook import load_phrasebook

READ = frozenset(
    {"/", "/embed", "/config", "/theme.css", "/favicon.ico", "/sources", "/health", "/gradio_api/queue/data"}
)
READ_BELOW = ("/assets/", "/static/", "/site/", "/sources/", "/gradio_api/heartbeat/")
WRITE = frozenset({"/api/v1/ask", "/gradio_api/queue/join", "/gradio_api/cancel"})
LARGEST_BODY = 256 * 1024
FORWARDED = re.compile(rb"^(x-)?forwarded(-|$)")


class Gate:
    """ASGI middleware: the list of addresses, the limit on bodies, and no word from proxies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if not FORWARDED.match(name)]
        await self._app({**scope, "headers": headers}, receive, send)


def _refusal(scope: Scope) -> Response | None:
    path, method = scope["path"], scope["method"]
    readable = path in READ or (path.startswith(READ_BELOW) and ".." not in path)
    if not readable and path not in WRITE:
        words = load_phrasebook()
        page = message_html(words.say("problem.not_found_heading"), words.say("problem.not_found"))
        return HTMLResponse(page, status_code=404)
    if method not in (("GET", "HEAD") if readable else ("POST",)):
        return PlainTextResponse("Method not allowed.", status_code=405)
    return _refused_body(Headers(scope=scope)) if method == "POST" else None


def _refused_body(headers: Headers) -> Response | None:
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return PlainTextResponse("A Content-Length header is required.", status_code=411)
    if int(length) > LARGEST_BODY:
        return PlainTextResponse(f"The body is larger than {LARGEST_BODY} bytes.", status_code=413)
    return None
