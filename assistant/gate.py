"""What stands between the network and the pages: which addresses exist, what may come in, which headers go out.

Everything not named here answers 404, so a route that a new version of Gradio adds is closed until it is looked at.
The content policy of the chat page allows exactly the inline scripts that page was sent with, by their digests: no
other inline script, no inline event handler and no `eval` runs, and nothing is loaded from another host.
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.pages import message_html
from assistant.phrasebook import load_phrasebook

CHAT_PAGE = "/"
READ = frozenset({CHAT_PAGE, "/config", "/theme.css", "/favicon.ico", "/sources", "/health", "/gradio_api/queue/data"})
READ_BELOW = ("/assets/", "/static/", "/site/", "/sources/", "/gradio_api/heartbeat/")
WRITE = frozenset({"/api/v1/ask", "/gradio_api/queue/join", "/gradio_api/cancel"})
NAMED_BY_CONTENT = "/assets/"  # Gradio's own files: the same for everyone, and never another under the same name
LARGEST_BODY = 256 * 1024
FORWARDED = re.compile(rb"^(x-)?forwarded(-|$)")
INLINE_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script", re.DOTALL | re.IGNORECASE)

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
CHAT_POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)


class Gate:
    """ASGI middleware: the list of addresses, the limit on bodies, no word from proxies, and the security headers."""

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
            await refusal(scope, receive, _Outgoing(scope["path"], send))
            return
        chat = scope["path"] == CHAT_PAGE
        dropped = {b"accept-encoding"} if chat else set()
        headers = [(name, value) for name, value in scope["headers"] if _kept(name, dropped)]
        out = _ChatPage(send) if chat else _Outgoing(scope["path"], send)
        await self._app({**scope, "headers": headers}, receive, out)


def _kept(name: bytes, dropped: set[bytes]) -> bool:
    return name not in dropped and not FORWARDED.match(name)


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


class _Outgoing:
    """Sends on what it is given, with the headers every reply carries."""

    def __init__(self, path: str, send: Send) -> None:
        self._path = path
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            _secure(message, PAGE_POLICY)
            headers = MutableHeaders(scope=message)
            kept = self._path.startswith(NAMED_BY_CONTENT) and message["status"] == 200
            headers["Cache-Control"] = "max-age=31536000, immutable" if kept else "no-store"
            if headers.get("content-type", "").startswith("text/event-stream"):
                headers["X-Accel-Buffering"] = "no"
        await self._send(message)


class _ChatPage:
    """Holds the chat page back until it is whole, so that its policy can name its inline scripts by digest."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        _secure(self._start, CHAT_POLICY.format(scripts=" ".join(script_digests(self._body))))
        MutableHeaders(scope=self._start)["Cache-Control"] = "no-store"
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def script_digests(page: bytes) -> list[str]:
    """The inline scripts of a page as sources of a content policy (CSP Level 3, `'sha256-…'`), each once, in order."""
    sources = []
    for script in INLINE_SCRIPT.finditer(page):
        if re.search(rb"\ssrc\s*=", script["attributes"]):
            continue
        body = script["body"].replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # as an HTML parser reads it
        sources.append(f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'")
    return list(dict.fromkeys(sources))


def _secure(start: Message, policy: str) -> None:
    headers = MutableHeaders(scope=start)
    headers["Content-Security-Policy"] = policy
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
