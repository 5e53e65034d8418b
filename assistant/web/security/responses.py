"""Error responses: JSON for programs, a page for people.

They repeat nothing that the client sent, except what a filter names: it may be a question, and proxies log responses.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from assistant.errors import FilterError, OutOfTimeError
from assistant.messages import load_messages
from assistant.web.layout import message_html, root_path
from assistant.web.security.headers import COMMON_HEADERS, DEFAULT_POLICY, frame_ancestors
from index.errors import AppError

JSON_PREFIXES = ("/api/", "/gradio_api/", "/health", "/metrics", "/mcp", "/conversation/")  # what programs request
GRADIO_PREFIX = "/gradio_api/"
HEALTH_PATHS = frozenset({"/health", "/health/live", "/health/ready", "/api/v1/health"})
HELD_SECONDS = 2.0  # before a rejection of an address that has had too many
MAX_HELD = 50  # replies to one address; a connection each
STATUS_WORDS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    411: "length_required",
    413: "too_large",
    414: "address_too_long",
    422: "malformed",
    429: "too_many_requests",
    500: "fault",
    503: "unavailable",
}


class TooMuchWorkError(Exception):
    """A client has used up its seconds. It has to wait `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds to wait")
        self.wait = wait


def error_response(
    scope: Scope, code: int, error: str, *, status: str = "", heading: str = "", **members: object
) -> Response:
    """Returns the response to a request that cannot be served, given by its scope, with the HTTP status `code`.

    Programs get JSON: `status`, a word that does not change; `error`, which says what is wrong and what to do; and
    `members`. People get a page that says the same under `heading`, or under the default one.
    """
    if scope["path"].startswith(JSON_PREFIXES):
        return JSONResponse({"status": status or STATUS_WORDS.get(code, "refused"), "error": error, **members}, code)
    default_heading = load_messages().say("problem.not_found_heading" if code == 404 else "request_error.heading")
    return HTMLResponse(message_html(heading or default_heading, error, root=root_path(scope)), code)


def add_error_handlers(app: FastAPI) -> None:
    """Makes `app` answer every exception with `error_response`."""
    app.add_exception_handler(FilterError, _on_unknown_filter)
    app.add_exception_handler(OutOfTimeError, _on_out_of_time)
    app.add_exception_handler(TooMuchWorkError, _on_too_much_work)
    app.add_exception_handler(AppError, _on_unavailable)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(HTTPException, _on_no_route)
    app.add_exception_handler(Exception, _on_unexpected)


def _on_unknown_filter(request: Request, error: Exception) -> Response:
    return error_response(request.scope, 422, str(error), status="not_held")


def _on_unavailable(request: Request, error: Exception) -> Response:
    return error_response(request.scope, 503, str(error))


def _on_out_of_time(request: Request, error: Exception) -> Response:
    return error_response(request.scope, 503, str(error), status="out_of_time")


def _on_too_much_work(request: Request, error: Exception) -> Response:
    messages, seconds = load_messages(), math.ceil(error.wait) if isinstance(error, TooMuchWorkError) else 1
    message = messages.say("rejected.too_much_work", wait=messages.count("seconds", seconds))
    response = error_response(request.scope, 429, message, heading=messages.say("rejected.too_often_heading"))
    response.headers["Retry-After"] = str(seconds)
    return response


def _on_malformed(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    problems = [_problem(found) for found in errors]
    message = load_messages().say("request_error.malformed", first=first_problem(errors))
    return error_response(request.scope, 422, message, problems=problems)


def first_problem(errors: Sequence[Mapping[str, Any]]) -> str:
    """Returns where the first error of Pydantic's is and what it is, without what was sent; empty without any."""
    return ": ".join(_problem(errors[0]).values()) if errors else ""


def _problem(error: Mapping[str, Any]) -> dict[str, str]:
    return {"at": ".".join(map(str, error["loc"])), "problem": error["msg"]}


def _on_no_route(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 404
    name = {400: "request_error.unreadable", 405: "request_error.method"}.get(code, "problem.not_found")
    message = load_messages().say(name)
    return error_response(request.scope, code, message)


def _on_unexpected(request: Request, _error: Exception) -> Response:
    """Starlette sends this from outside all other middleware, so the headers are added here, and raises again."""
    response = error_response(request.scope, 500, load_messages().say("request_error.unforeseen"))
    policy = DEFAULT_POLICY.format(frame_ancestors=frame_ancestors(()))
    response.headers.update({"Content-Security-Policy": policy, "Cache-Control": "no-store", **COMMON_HEADERS})
    return response


@contextmanager
def counting(under_way: Counter[str], client: str) -> Iterator[None]:
    """Counts one more for a client while the block runs. A client with none is dropped, or the counter would grow."""
    under_way[client] += 1
    try:
        yield
    finally:
        under_way[client] -= 1
        if not under_way[client]:
            del under_way[client]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a request is rejected. `message` and `heading` are plain text; `status` is the word for programs."""

    code: int
    message: str
    status: str = ""
    heading: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class RequestRejecter:
    """Answers a rejected request before it reaches a route, and reports it to `on_rejection`.

    `on_rejection` gets the scope as the middleware had changed it, and the HTTP status. `take` takes one of the
    rejections that an address may have, and returns the seconds until it may have one when there is none left: then
    the reply is held back, has no page, and ends the connection.
    """

    def __init__(
        self,
        on_rejection: Callable[[Scope, int], None] | None = None,
        take: Callable[[str], float] = lambda _address: 0.0,
        delay: float = HELD_SECONDS,
    ) -> None:
        self._on_rejection = on_rejection
        self._take = take
        self._delay = delay
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, rejection: Rejection) -> None:
        if self._on_rejection is not None:
            self._on_rejection(scope, rejection.code)
        address = limited_address(str(scope["client"][0])) if scope.get("client") else ""
        if self._take(address):
            await self._hold(address)
            await PlainTextResponse("", rejection.code, {**rejection.headers, "Connection": "close"})(
                scope, receive, send
            )
            return
        message = rejection.message
        is_for_gradio = scope["path"].startswith(GRADIO_PREFIX)
        detail = {"detail": message} if is_for_gradio else {}  # where Gradio's own script looks
        response = error_response(
            scope, rejection.code, message, status=rejection.status, heading=rejection.heading, **detail
        )
        response.headers.update(rejection.headers)
        await response(scope, receive, send)

    async def _hold(self, address: str) -> None:
        """Waits, so that an address is refused no more often; not for more than `MAX_HELD` replies to it at once."""
        if self._held[address] >= MAX_HELD:
            return
        with counting(self._held, address):
            await asyncio.sleep(self._delay)


def limited_address(address: str) -> str:
    """Returns what limits by address count as one client: an IPv4 address, or the network of an IPv6 address.

    A machine on IPv6 has a network of 2^64 addresses (RFC 4291, section 2.5.1) and may use another for each request.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


def is_health_check(scope: Scope) -> bool:
    """Whether a request only asks if the server is well, which anyone may."""
    return scope["path"] in HEALTH_PATHS and scope["method"] in ("GET", "HEAD")
