"""What stands between the network and the pages: which addresses exist, and what may come in.

Everything not named here answers 404, so a route that a new version of Gradio adds is closed until it is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.messages import load_messages
from assistant.web.security.proxies import host_name
from assistant.web.security.responses import Refusal, Refuse

READ = frozenset({"/", "/embed", "/config", "/theme.css", "/favicon.ico", "/gradio_api/queue/data", "/health"})
READ |= {"/sources", "/ask", "/register", "/overview", "/overview/cell"}
READ |= {"/embed.js", "/embed/check"}
READ |= {f"/api/v1/{name}" for name in ("health", "transcripts", "search", "openapi.json", "docs")}
READ_BELOW = (
    *("/assets/", "/static/", "/site/", "/sources/", "/gradio_api/heartbeat/"),
    *("/api/v1/transcripts/", "/api/v1/docs/"),
)
WRITE = frozenset({"/api/v1/ask", "/api/v1/search", "/gradio_api/queue/join", "/gradio_api/cancel"})
LARGEST_BODY = 256 * 1024
LONGEST_ADDRESS = 8 * 1024  # characters of path and query together
MOST_PARAMETERS = 64


class AllowList:
    """ASGI middleware: the list of addresses, the limits on what is sent, and no orders from other sites' pages.

    `origins` are the sites that may read replies, and so may send; `names` are host names that are ours.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, origins: Sequence[str] = (), names: Sequence[str] = ()) -> None:
        self._app = app
        self._refuse = refuse
        self._origins = frozenset(origins)
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await self._refuse(scope, receive, send, refusal)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        words, method = load_messages(), scope["method"]
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return Refusal(414, words.say("gate.long_address", limit=f"{LONGEST_ADDRESS:,}"))
        if scope["query_string"].count(b"&") >= MOST_PARAMETERS:
            return Refusal(414, words.say("gate.many_parameters", limit=MOST_PARAMETERS))
        methods = _methods(scope["path"])
        if not methods:
            return Refusal(404, words.say("problem.not_found"))
        headers = Headers(scope=scope)
        if method not in methods and not _is_preflight(method, headers):
            return Refusal(405, words.say("fault.method"), headers={"Allow": ", ".join(methods)})
        return self._refused_sending(headers) if method == "POST" else None

    def _refused_sending(self, headers: Headers) -> Refusal | None:
        words = load_messages()
        if not self._may_send(headers):
            return Refusal(403, words.say("gate.other_site"))
        length = headers.get("content-length", "")
        if not re.fullmatch("[0-9]+", length):
            return Refusal(411, words.say("fault.length"))
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            return Refusal(413, words.say("fault.too_large", limit=f"{LARGEST_BODY:,}"))
        return None

    def _may_send(self, headers: Headers) -> bool:
        """Whether the page that sends, if a browser says which, is ours or may read our replies.

        The scheme is not looked at: a proxy may end TLS and not say so.
        """
        origins = headers.getlist("origin")
        if not origins:
            return True
        scheme, _, netloc = origins[0].partition("://")
        our_name = netloc == headers.get("host") or host_name(netloc) in self._names
        ours = our_name and scheme in ("http", "https")
        return len(origins) == 1 and (ours or origins[0] in self._origins)


def check_prefix(prefix: str) -> None:
    """Raises `SettingsError` when addresses of ours begin with a prefix: it could not be told from them."""
    if prefix and any(f"{path}/".startswith(f"{prefix}/") for path in (*READ, *READ_BELOW, *WRITE)):
        raise SettingsError(f"prefix cannot be {prefix}: addresses of ours begin with it.", advice="Choose another.")


def known_route(path: str) -> str:
    """The entry of the list that lets an address in, without what stands below it; empty when none does."""
    if path in READ or path in WRITE:
        return path
    below = [prefix for prefix in READ_BELOW if path.startswith(prefix)]
    return below[0] if below and ".." not in path else ""


def _methods(path: str) -> tuple[str, ...]:
    route = known_route(path)
    readable = route and (route in READ or route in READ_BELOW)
    return (("GET", "HEAD") if readable else ()) + (("POST",) if route in WRITE else ())


def _is_preflight(method: str, headers: Headers) -> bool:
    """A browser asking what another site's page may send (Fetch, section 4.8): it is answered further in."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
