"""The routes of the JSON interface, under `/api/v1`: one plain request and reply each, so that any proxy passes them.

`assistant.web.security.responses` writes the error replies; `assistant.web.api.docs` publishes the description.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Annotated, Any, Literal

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.openapi.models import Example
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from assistant.answer import Answer
from assistant.messages import load_messages
from assistant.web.api.models import (
    AskRequest,
    ErrorReply,
    Health,
    InvalidRequestReply,
    SearchRequest,
    SearchResults,
    TranscriptDetail,
    TranscriptList,
)
from assistant.web.asker import Asker
from assistant.web.security.responses import error_response
from assistant.web.security.workload import Pool, in_thread

PREFIX = "/api/v1"
MAX_HEALTH_SECONDS = 2.0
SEARCH_RESULTS = "The sentences found, the nearest first; an empty list if none is near."

QUESTIONS: dict[str, Example] = {
    "A question": {"value": {"question": "How well is crime investigated?"}},
    "A follow-up, limited to a force": {
        "value": {
            "question": "And in 2018/19?",
            "history": [{"role": "user", "text": "How well is crime investigated?"}],
            "forces": ["Northshire Constabulary"],
        }
    },
}

Replies = dict[int | str, dict[str, Any]]

PLAIN_TEXT: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}

# The errors of every request, of those that are rate-limited, of those with a body, and of those that name a transcript
COMMON_ERRORS: Replies = {
    400: {
        "model": ErrorReply,
        "description": "The service has no such host name. May be plain text.",
        "content": PLAIN_TEXT,
    },
    401: {"model": ErrorReply, "description": "The request names no user, and the service requires one."},
    403: {"model": ErrorReply, "description": "The request comes from a page of another site."},
    414: {"model": ErrorReply, "description": "The address is too long or has too many parameters."},
    500: {"model": ErrorReply, "description": "An unexpected error. The server's log has the details."},
    503: {
        "model": ErrorReply,
        "description": "The index cannot be searched now, or the service is `closed`; `error` gives the reason.",
    },
}
LIMITED_ERRORS: Replies = COMMON_ERRORS | {
    422: {
        "model": InvalidRequestReply,
        "description": "The request is `malformed`, or its filter names something that the index lacks (`not_held`).",
    },
    429: {"model": ErrorReply, "description": "Too many questions. `Retry-After` gives the seconds to wait."},
}
BODY_ERRORS: Replies = LIMITED_ERRORS | {
    411: {"model": ErrorReply, "description": "The request has no Content-Length header."},
    413: {"model": ErrorReply, "description": "The body is larger than 256 KiB."},
}
TRANSCRIPT_ERRORS: Replies = COMMON_ERRORS | {
    404: {"model": ErrorReply, "description": "The index has no transcript with this id."},
    422: {"model": InvalidRequestReply, "description": "The id is malformed."},
}


def api_routes(assistant: Asker) -> APIRouter:
    """Returns the routes of the JSON interface."""
    router = APIRouter()
    _add_questions(router, assistant)
    _add_transcripts(router, assistant)
    _add_health(router, assistant)
    return router


def example_answers() -> dict[str, Any]:
    """Returns an answer and a refusal about a fictional force, as OpenAPI example objects."""
    file = resources.files("assistant").joinpath("data", "example_answers.json")
    return {name: {"value": answer} for name, answer in json.loads(file.read_text(encoding="utf-8")).items()}


def _add_questions(router: APIRouter, assistant: Asker) -> None:
    answer_examples = {"content": {"application/json": {"examples": example_answers()}}}

    @router.post(
        f"{PREFIX}/ask",
        operation_id="ask",
        tags=["questions"],
        responses=BODY_ERRORS | {200: {"description": "The Answer.", **answer_examples}},
        response_model=Answer,
    )
    @in_thread(Pool.ASKING)
    def ask(request: Annotated[AskRequest, Body(openapi_examples=QUESTIONS)]) -> Response:
        """Answer a question with cited sentences, or say why not.

        The reply is the object that the command line prints. A question without an answer is not an error: the reply
        is 200, and `status` says why there is none.
        """
        return _json(assistant.ask(request.question, request.turns(), within=request.to_filter()))

    @router.get(
        f"{PREFIX}/search",
        operation_id="search",
        tags=["questions"],
        responses=LIMITED_ERRORS,
        response_model=SearchResults,
        response_description=SEARCH_RESULTS,
    )
    @in_thread(Pool.ASKING)
    def search(request: Annotated[SearchRequest, Query()]) -> Response:
        """Find the sentences nearest to a text. To send a list, repeat its parameter."""
        return results_of(request)

    @router.post(
        f"{PREFIX}/search",
        operation_id="searchByBody",
        tags=["questions"],
        responses=BODY_ERRORS,
        response_model=SearchResults,
        response_description=SEARCH_RESULTS,
    )
    @in_thread(Pool.ASKING)
    def search_by_body(request: SearchRequest) -> Response:
        """Find the sentences nearest to a text that is sent in the body, not in the address."""
        return results_of(request)

    def results_of(request: SearchRequest) -> Response:
        citations = assistant.search(request.q, request.count, within=request.to_filter())
        return _json(SearchResults(query=request.q, results=list(citations)))


def _add_transcripts(router: APIRouter, assistant: Asker) -> None:
    @router.get(
        f"{PREFIX}/transcripts",
        operation_id="transcripts",
        tags=["transcripts"],
        responses=COMMON_ERRORS,
        response_model=TranscriptList,
        response_description="The transcripts in the index.",
    )
    @in_thread(Pool.PAGES)
    def transcripts() -> Response:
        """List the transcripts in the index."""
        return _json(TranscriptList.of(assistant.sources))

    @router.get(
        f"{PREFIX}/transcripts/{{transcript_id:path}}",  # an id may contain slashes
        operation_id="transcript",
        tags=["transcripts"],
        responses=TRANSCRIPT_ERRORS,
        response_model=TranscriptDetail,
    )
    @in_thread(Pool.PAGES)
    def transcript(request: Request, transcript_id: str) -> Response:
        """Read one transcript: its text, and every sentence with its position."""
        found = TranscriptDetail.read(assistant.sources, transcript_id)
        if found is None:
            return error_response(request.scope, 404, load_messages().say("problem.no_transcript"))
        return _json(found)


def _add_health(router: APIRouter, assistant: Asker) -> None:
    """Adds the health checks, which answer whatever else the service is doing."""
    readiness = _Readiness(assistant)

    @router.head(f"{PREFIX}/health", include_in_schema=False)
    @router.get(f"{PREFIX}/health", operation_id="health", tags=["service"], responses=COMMON_ERRORS)
    @router.api_route("/health", methods=["GET", "HEAD"], include_in_schema=False)
    async def health() -> Health:
        """Say whether the service can answer, and how many transcripts it searches. Needs no user."""
        return await readiness.look()

    @router.api_route("/health/live", methods=["GET", "HEAD"], include_in_schema=False)
    async def live() -> Response:
        return JSONResponse({"status": "ok"})

    @router.api_route("/health/ready", methods=["GET", "HEAD"], include_in_schema=False)
    async def ready() -> Response:
        found = await readiness.look()
        return JSONResponse(found.model_dump(), 200 if found.transcripts else 503)


class _Readiness:
    """Looks whether an assistant can answer, in a thread of its own, and waits no longer than `MAX_HEALTH_SECONDS`."""

    def __init__(self, assistant: Asker) -> None:
        self._assistant = assistant
        self._thread = CapacityLimiter(1)
        self._last = Health(status="degraded")

    async def look(self) -> Health:
        """Returns what was found; when that takes too long, what was found last, as `degraded`."""
        with anyio.move_on_after(MAX_HEALTH_SECONDS):
            self._last = await anyio.to_thread.run_sync(self._look, limiter=self._thread, abandon_on_cancel=True)
            return self._last
        return self._last.model_copy(update={"status": "degraded"})

    def _look(self) -> Health:
        count = len(self._assistant.sources.transcripts())
        status: Literal["ok", "degraded"] = "degraded" if self._assistant.degraded() or not count else "ok"
        return Health(status=status, transcripts=count)


def _json(reply: BaseModel) -> Response:
    """Returns a reply as JSON, written in the thread that made it: the event loop does not wait for a long one."""
    return Response(reply.model_dump_json(by_alias=True), media_type="application/json")
