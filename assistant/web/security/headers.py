"""The security headers of every reply, and which other sites may frame a page or read a reply.

What is served may be framed only by this site and by the origins that the setting `embed_origins` names. A page that
needs a policy of its own sets it before its reply comes by here.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMED_BY_CONTENT = "/assets/"  # Gradio's own files: the same for everyone, and never another under the same name
LOADED_BY_OTHER_SITES = "/embed.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {framers}"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def framers(origins: Sequence[str]) -> str:
    """The value of `frame-ancestors` (CSP Level 3): this site, and the origins named."""
    return " ".join(["'self'", *origins])


class SecurityHeaders:
    """ASGI middleware, the outermost: nothing leaves without these headers."""

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._policy = POLICY.format(framers=framers(origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._secure(scope["path"], message)
            await send(message)

        await self._app(scope, receive, secured)

    def _secure(self, path: str, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.setdefault("Content-Security-Policy", self._policy)
        for name, value in ALWAYS.items():
            headers[name] = value
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if path == LOADED_BY_OTHER_SITES else "same-origin"
        kept = path.startswith(NAMED_BY_CONTENT) and start["status"] == 200
        headers["Cache-Control"] = "max-age=31536000, immutable" if kept else "no-store"
        if headers.get("content-type", "").startswith("text/event-stream"):
            headers["X-Accel-Buffering"] = "no"
