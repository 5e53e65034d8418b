"""What is replied when a request is not served: one shape of JSON for programs, a page for people.

Nothing that was sent is echoed, except what a filter names: it may be a question, and proxies keep what passes.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from assistant.errors import AssistantError, FilterError
from assistant.phrasebook import load_phrasebook
from assistant.web.headers import ALWAYS, POLICY, framers
from assistant.web.pages import message_html
from index.errors import IndexingError

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


def fault_reply(path: str, code: int, error: str, *, status: str = "", heading: str = "", **more: object) -> Response:
    """The reply to a request for `path` that is not served.

    For programs it is JSON: `status`, a word that does not change, `error`, which says in words what is wrong and what
    to do, and `more`. For people it is a page that says the same under `heading`, or the usual one.
    """
    if path.startswith(FOR_PROGRAMS):
        return JSONResponse({"status": status or STATUSES.get(code, "refused"), "error": error, **more}, code)
    usual = load_phrasebook().say("problem.not_found_heading" if code == 404 else "fault.heading")
    return HTMLResponse(message_html(heading or usual, error), code)


def add_fault_replies(app: FastAPI) -> None:
    """Have `app` reply with `fault_reply` to whatever goes wrong in it."""
    app.add_exception_handler(FilterError, _not_held)
    app.add_exception_handler(AssistantError, _unavailable)
    app.add_exception_handler(IndexingError, _unavailable)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _unforeseen)


def _not_held(request: Request, error: Exception) -> Response:
    return fault_reply(request.url.path, 422, str(error), status="not_held")


def _unavailable(request: Request, error: Exception) -> Response:
    return fault_reply(request.url.path, 503, str(error))


def _malformed(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    problems = [{"at": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in found]
    first = ": ".join(problems[0].values()) if problems else ""
    said = load_phrasebook().say("fault.malformed", first=first)
    return fault_reply(request.url.path, 422, said, problems=problems)


def _not_routed(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 404
    said = load_phrasebook().say("fault.method" if code == 405 else "problem.not_found")
    return fault_reply(request.url.path, code, said)


def _unforeseen(request: Request, _error: Exception) -> Response:
    """Sent from outside every other layer, so that the headers are added here. The error is then raised again."""
    reply = fault_reply(request.url.path, 500, load_phrasebook().say("fault.unforeseen"))
    policy = POLICY.format(framers=framers(()))
    reply.headers.update({"Content-Security-Policy": policy, "Cache-Control": "no-store", **ALWAYS})
    return reply
