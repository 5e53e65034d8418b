"""The allow-list of routes, the limits on what a request may contain, and what pages of other sites may request.

Every path not listed here answers 404, so a route added by a new version of Gradio stays closed until it is reviewed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.messages import load_messages
from assistant.web.security.proxies import host_name
from assistant.web.security.responses import HEALTH_PATHS, Rejection, RequestRejecter

INFO_PATH = "/gradio_api/info"  # how Gradio describes to programs what they may call; open only where they may ask
MCP_PATH = "/mcp"  # of the Model Context Protocol; open only where a setting says so
GET_PATHS = frozenset({INFO_PATH, "/", "/embed", "/config", "/theme.css", "/favicon.ico", "/gradio_api/queue/data"})
GET_PATHS |= {"/health", "/health/live", "/health/ready", "/metrics"}
GET_PATHS |= {"/sources", "/ask", "/suggestions", "/register", "/overview", "/overview/cell"}
GET_PATHS |= {"/embed.js", "/embed/check", "/accessibility"}
GET_PATHS |= {f"/api/v1/{name}" for name in ("health", "transcripts", "search", "openapi.json", "docs")}
GET_PREFIXES = (
    *("/assets/", "/static/", "/site/", "/sources/", "/gradio_api/heartbeat/"),
    *("/api/v1/transcripts/", "/api/v1/docs/"),
)
# What any page of any site may load: files that are the same for everyone, and pages that search nothing by themselves.
# `frame-ancestors` decides who may show these pages in a frame.
OPEN_ROUTES = frozenset({"/", "/embed", "/embed.js", "/theme.css", "/favicon.ico", *HEALTH_PATHS})
OPEN_ROUTES |= {"/assets/", "/static/", "/site/"}
ASKING_ROUTES = frozenset({"/ask", "/api/v1/search"})  # of the GET routes, those whose text the audit log records
POST_PATHS = frozenset({"/api/v1/ask", "/api/v1/search", "/gradio_api/queue/join", "/gradio_api/cancel"})
POST_PATHS |= {MCP_PATH}
POST_PATHS |= {f"/conversation/{name}" for name in ("turns", "export", "feedback")}
FILE_ROUTES = frozenset({"/assets/", "/static/"})  # Gradio looks for a file of the path's name
MAX_FILE_PATH_BYTES = 255  # the longest name of a file; the system answers a longer one with an error
MAX_BODY_BYTES = 256 * 1024
MAX_URL_CHARACTERS = 8 * 1024  # of path and query together
MAX_QUERY_PARAMETERS = 64


class AllowListMiddleware:
    """ASGI middleware: allow-list of routes, request size limits, and rejection of what pages of other sites request.

    `origins` are the sites that may frame pages and read responses, and so may also POST; `hosts` are other host names
    of this site. `closed` are the paths of the list that the settings leave closed.
    """

    def __init__(
        self,
        app: ASGIApp,
        reject: RequestRejecter,
        origins: Sequence[str] = (),
        hosts: Sequence[str] = (),
        *,
        closed: Collection[str] = (),
    ) -> None:
        self._app = app
        self._reject = reject
        self._origins = frozenset(origins)
        self._hosts = frozenset(host.lower() for host in hosts)
        self._closed = frozenset(closed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        rejection = self._rejection(scope)
        if rejection is not None:
            await self._reject(scope, receive, send, rejection)
            return
        await self._app(scope, receive, send)

    def _rejection(self, scope: Scope) -> Rejection | None:
        """Returns why the request is rejected, None when it may pass."""
        messages, method = load_messages(), scope["method"]
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MAX_URL_CHARACTERS:
            return Rejection(414, messages.say("rejected.long_address", limit=f"{MAX_URL_CHARACTERS:,}"))
        if scope["query_string"].count(b"&") >= MAX_QUERY_PARAMETERS:
            return Rejection(414, messages.say("rejected.many_parameters", limit=MAX_QUERY_PARAMETERS))
        methods = _methods(scope["path"])
        if not methods or scope["path"] in self._closed:
            return Rejection(404, messages.say("problem.not_found"))
        headers = Headers(scope=scope)
        if method not in methods and not _is_preflight(method, headers):
            return Rejection(405, messages.say("request_error.method"), headers={"Allow": ", ".join(methods)})
        # A body in chunks has no length beforehand, and where both are given the chunks count (RFC 9112, section 6.3).
        if "transfer-encoding" in headers:
            return Rejection(411, messages.say("request_error.length"), headers={"Connection": "close"})
        if method == "POST":
            return self._post_rejection(headers)
        if method != "OPTIONS" and not self._may_get(scope, headers):
            return Rejection(403, messages.say("rejected.other_site_page"))
        return None

    def _post_rejection(self, headers: Headers) -> Rejection | None:
        messages = load_messages()
        if not self._is_origin_allowed(headers):
            return Rejection(403, messages.say("rejected.other_site"))
        length = headers.get("content-length", "")
        if not re.fullmatch("[0-9]+", length):
            return Rejection(411, messages.say("request_error.length"))
        if len(length) > len(str(MAX_BODY_BYTES)) or int(length) > MAX_BODY_BYTES:
            return Rejection(413, messages.say("request_error.too_large", limit=f"{MAX_BODY_BYTES:,}"))
        return None

    def _is_origin_allowed(self, headers: Headers) -> bool:
        """Whether the Origin header, if there is one, names this site or an allowed origin."""
        origins = headers.getlist("origin")
        return not origins or (len(origins) == 1 and self._is_allowed(origins[0], headers))

    def _is_allowed(self, origin: str, headers: Headers) -> bool:
        """Whether an origin is this site's or an allowed one.

        The scheme is not compared: a proxy may end TLS without reporting it.
        """
        scheme, _, netloc = origin.partition("://")
        is_our_host = netloc == headers.get("host") or host_name(netloc) in self._hosts
        return (is_our_host and scheme in ("http", "https")) or origin in self._origins

    def _may_get(self, scope: Scope, headers: Headers) -> bool:
        """Whether a GET may be served: not when a page of a site that is not allowed sent it without its reader.

        Browsers say so in Sec-Fetch-* (Fetch Metadata Request Headers), over https and to this machine. Over plain http
        they send only Origin or Referer, which do not tell a frame from a link that was followed: then a page that
        only shows something is served, and one that asks is not.
        """
        route = allowed_route(scope["path"])
        if route in OPEN_ROUTES:
            return True
        senders = _senders(headers)
        are_allowed = all(self._is_allowed(sender, headers) for sender in senders)
        site = headers.getlist("sec-fetch-site")
        if not site:
            asks = route in ASKING_ROUTES and scope["query_string"]
            return are_allowed or (not asks and "text/html" in headers.get("accept", ""))
        return site in (["same-origin"], ["none"]) or _is_followed_link(headers) or (bool(senders) and are_allowed)


def _senders(headers: Headers) -> list[str]:
    """Returns the origins that a request says it comes from: those of its Origin and its Referer headers."""
    return [*headers.getlist("origin"), *map(_origin, filter(None, headers.getlist("referer")))]


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}"


def _is_followed_link(headers: Headers) -> bool:
    """Whether the request opens a page in a window of its own, and is not made in advance of that."""
    is_in_advance = "prefetch" in f"{headers.get('sec-purpose', '')} {headers.get('purpose', '')}"
    is_whole_window = headers.getlist("sec-fetch-dest") == ["document"]
    return headers.getlist("sec-fetch-mode") == ["navigate"] and is_whole_window and not is_in_advance


def check_prefix(prefix: str) -> None:
    """Raises `SettingsError` when one of our paths begins with the prefix: the two could not be told apart."""
    if prefix and any(f"{path}/".startswith(f"{prefix}/") for path in (*GET_PATHS, *GET_PREFIXES, *POST_PATHS)):
        raise SettingsError(
            f"prefix cannot be {prefix}: paths of the assistant begin with it.", advice="Choose another prefix."
        )


def allowed_route(path: str) -> str:
    """Returns the allow-list entry that matches a path, without what follows a prefix; empty when none matches."""
    if path in GET_PATHS or path in POST_PATHS:
        return path
    route = next((prefix for prefix in GET_PREFIXES if path.startswith(prefix)), "")
    is_too_long = route in FILE_ROUTES and len(path.encode("utf-8", "replace")) > MAX_FILE_PATH_BYTES
    return "" if ".." in path or is_too_long else route


def _methods(path: str) -> tuple[str, ...]:
    route = allowed_route(path)
    is_readable = route in GET_PATHS or route in GET_PREFIXES
    return (("GET", "HEAD") if is_readable else ()) + (("POST",) if route in POST_PATHS else ())


def _is_preflight(method: str, headers: Headers) -> bool:
    """Whether a browser asks what a page of another site may send (Fetch, section 4.8). CORSMiddleware answers it."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
