"""What stands between the network and the pages: which addresses exist, and what may come in.

Everything not named here answers 404, so a route that a new version of Gradio adds is closed until it is looked at.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.faults import fault_reply
from assistant.phrasebook import Phrasebook, load_phrasebook

READ = frozenset({"/", "/embed", "/config", "/theme.css", "/favicon.ico", "/gradio_api/queue/data", "/health"})
READ |= {"/sources", "/ask"}
READ |= {f"/api/v1/{name}" for name in ("health", "transcripts", "search", "openapi.json", "docs")}
READ_BELOW = (
    *("/assets/", "/static/", "/site/", "/sources/", "/gradio_api/heartbeat/"),
    *("/api/v1/transcripts/", "/api/v1/docs/"),
)
WRITE = frozenset({"/api/v1/ask", "/api/v1/search", "/gradio_api/queue/join", "/gradio_api/cancel"})
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
    words = load_phrasebook()
    readable = path in READ or (path.startswith(READ_BELOW) and ".." not in path)
    if not readable and path not in WRITE:
        return fault_reply(path, 404, words.say("problem.not_found"))
    methods = (*(("GET", "HEAD") if readable else ()), *(("POST",) if path in WRITE else ()))
    if method not in methods:
        reply = fault_reply(path, 405, words.say("fault.method"))
        reply.headers["Allow"] = ", ".join(methods)
        return reply
    return _refused_body(path, Headers(scope=scope), words) if method == "POST" else None


def _refused_body(path: str, headers: Headers, words: Phrasebook) -> Response | None:
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return fault_reply(path, 411, words.say("fault.length"))
    if int(length) > LARGEST_BODY:
        return fault_reply(path, 413, words.say("fault.too_large", limit=f"{LARGEST_BODY:,}"))
    return None
