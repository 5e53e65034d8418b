"""What is replied when a request is not served: one shape of JSON for programs, a page for people.

Nothing that was sent is echoed, except what a filter names: it may be a question, and proxies keep what passes.

Turning a request away before it comes to a route: the reply, and a word to the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from assistant.errors import FilterError
from assistant.messages import load_messages
from assistant.web.layout import message_html, root_path
from assistant.web.security.headers import ALWAYS, POLICY, framers
from index.errors import AppError, IndexingError

FOR_PROGRAMS = ("/api/", "/gradio_api/", "/health")
STATUSES = {
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


def fault_reply(
    scope: Scope, code: int, error: str, *, status: str = "", heading: str = "", **more: object
) -> Response:
    """The reply to a request, given by its scope, that is not served.

    For programs it is JSON: `status`, a word that does not change, `error`, which says in words what is wrong and what
    to do, and `more`. For people it is a page that says the same under `heading`, or the usual one.
    """
    if scope["path"].startswith(FOR_PROGRAMS):
        return JSONResponse({"status": status or STATUSES.get(code, "refused"), "error": error, **more}, code)
    usual = load_messages().say("problem.not_found_heading" if code == 404 else "fault.heading")
    return HTMLResponse(message_html(heading or usual, error, root=root_path(scope)), code)


def add_fault_replies(app: FastAPI) -> None:
    """Have `app` reply with `fault_reply` to whatever goes wrong in it."""
    app.add_exception_handler(FilterError, _not_held)
    app.add_exception_handler(AppError, _unavailable)
    app.add_exception_handler(IndexingError, _unavailable)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _unforeseen)


def _not_held(request: Request, error: Exception) -> Response:
    return fault_reply(request.scope, 422, str(error), status="not_held")


def _unavailable(request: Request, error: Exception) -> Response:
    return fault_reply(request.scope, 503, str(error))


def _malformed(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    problems = [{"at": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in found]
    first = ": ".join(problems[0].values()) if problems else ""
    said = load_messages().say("fault.malformed", first=first)
    return fault_reply(request.scope, 422, said, problems=problems)


def _not_routed(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 404
    said = load_messages().say("fault.method" if code == 405 else "problem.not_found")
    return fault_reply(request.scope, code, said)


def _unforeseen(request: Request, _error: Exception) -> Response:
    """Sent from outside every other layer, so that the headers are added here. The error is then raised again."""
    reply = fault_reply(request.scope, 500, load_messages().say("fault.unforeseen"))
    policy = POLICY.format(framers=framers(()))
    reply.headers.update({"Content-Security-Policy": policy, "Cache-Control": "no-store", **ALWAYS})
    return reply


HEALTH = frozenset({"/health", "/api/v1/health"})
GRADIO = "/gradio_api/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is turned away. `message` and `heading` are plain text; `status` is the word for programs."""

    code: int
    message: str
    status: str = ""
    heading: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refuse:
    """Turns a request away, and tells `note` of it: the scope as it had become, and the HTTP status."""

    def __init__(self, note: Callable[[Scope, int], None] | None = None) -> None:
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        if self._note is not None:
            self._note(scope, refusal.code)
        message = refusal.message
        detail = {"detail": message} if scope["path"].startswith(GRADIO) else {}  # where Gradio's own script looks
        reply = fault_reply(scope, refusal.code, message, status=refusal.status, heading=refusal.heading, **detail)
        reply.headers.update(refusal.headers)
        await reply(scope, receive, send)


def asks_for_health(scope: Scope) -> bool:
    """Whether a request only asks if the server is well, which is answered to anyone."""
    return scope["path"] in HEALTH and scope["method"] in ("GET", "HEAD")
