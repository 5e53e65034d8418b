"""The security headers of every response, and which other sites may frame a page.

Only this site and the origins in the setting `embed_origins` may frame a page. A page that needs a content security
policy of its own sets it before its response reaches this middleware.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

IMMUTABLE_PREFIX = "/assets/"  # Gradio's files, whose names contain a hash of their content
EMBED_SCRIPT_PATH = "/embed.js"  # loaded by pages of other sites
DEFAULT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {frame_ancestors}"
)
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def frame_ancestors(origins: Sequence[str]) -> str:
    """Returns the value of `frame-ancestors` (CSP Level 3): this site and the given origins."""
    return " ".join(["'self'", *origins])


class SecurityHeadersMiddleware:
    """ASGI middleware that adds the security headers to every response. It must be the outermost."""

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._policy = DEFAULT_POLICY.format(frame_ancestors=frame_ancestors(origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(scope["path"], message)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add_headers(self, path: str, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.setdefault("Content-Security-Policy", self._policy)
        for name, value in COMMON_HEADERS.items():
            headers[name] = value
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if path == EMBED_SCRIPT_PATH else "same-origin"
        is_immutable = path.startswith(IMMUTABLE_PREFIX) and start["status"] == 200
        headers["Cache-Control"] = "max-age=31536000, immutable" if is_immutable else "no-store"
        if headers.get("content-type", "").startswith("text/event-stream"):
            headers["X-Accel-Buffering"] = "no"
