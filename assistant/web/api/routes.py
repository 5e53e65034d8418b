"""The JSON interface, under `/api/v1`: plain requests and replies, so that it works through any proxy.

`assistant.web.security.responses` replies to what is not served; `assistant.web.api.docs` describes the routes.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.openapi.models import Example

from assistant.answer import Answer
from assistant.messages import load_messages
from assistant.web.api.models import (
    AskRequest,
    Fault,
    Health,
    Listed,
    Refused,
    Results,
    SearchRequest,
    Transcripts,
    Whole,
)
from assistant.web.asker import Asker
from assistant.web.security.responses import fault_reply

PREFIX = "/api/v1"
FOUND = "The sentences found, the best first; none when nothing comes near."

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

TEXT: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}

GATE: Replies = {
    400: {
        "model": Fault,
        "description": "The host name is none of ours. May be plain text.",
        "content": TEXT,
    },
    401: {"model": Fault, "description": "Nobody is named as asking, where the service asks for that."},
    414: {"model": Fault, "description": "The address is too long or has too many parameters."},
    500: {"model": Fault, "description": "A fault nobody foresaw; its details are in the server's log."},
    503: {"model": Fault, "description": "The index cannot answer now, or the service is `closed`; `error` says why."},
}
LIMITED: Replies = GATE | {
    422: {"model": Refused, "description": "What was sent is `malformed`, or names what is not held (`not_held`)."},
    429: {"model": Fault, "description": "Too many questions in a short time. `Retry-After` gives seconds."},
}
SENT: Replies = LIMITED | {
    403: {"model": Fault, "description": "A page of another site may not send this."},
    411: {"model": Fault, "description": "The request has no Content-Length header."},
    413: {"model": Fault, "description": "The body is larger than 256 KiB."},
}
NAMED: Replies = GATE | {
    404: {"model": Fault, "description": "No transcript with this id is held."},
    422: {"model": Refused, "description": "The id is malformed."},
}


def interface(assistant: Asker) -> APIRouter:
    """The routes of the JSON interface."""
    router = APIRouter()
    examples = example_answers()

    @router.post(
        f"{PREFIX}/ask",
        operation_id="ask",
        tags=["questions"],
        responses=SENT | {200: {"description": "The Answer.", "content": {"application/json": {"examples": examples}}}},
    )
    def ask(asked: Annotated[AskRequest, Body(openapi_examples=QUESTIONS)]) -> Answer:
        """Answer a question with cited sentences, or say why not.

        The reply is the object that the command line prints. A question that is not answered is not an error: the reply
        is 200, and `status` says how the question ended.
        """
        return assistant.ask(asked.question, asked.turns(), within=asked.within())

    @router.get(
        f"{PREFIX}/search", operation_id="search", tags=["questions"], responses=LIMITED, response_description=FOUND
    )
    def search(sought: Annotated[SearchRequest, Query()]) -> Results:
        """Find the sentences nearest to a text. Lists are given by repeating their parameter."""
        return found(sought)

    @router.post(
        f"{PREFIX}/search", operation_id="searchByBody", tags=["questions"], responses=SENT, response_description=FOUND
    )
    def search_by_body(sought: SearchRequest) -> Results:
        """The same search, with the text kept out of the address."""
        return found(sought)

    def found(sought: SearchRequest) -> Results:
        results = assistant.search(sought.q, sought.count, within=sought.within())
        return Results(query=sought.q, results=list(results))

    _add_holdings(router, assistant)
    return router


def example_answers() -> dict[str, Any]:
    """An answer and a refusal, of a fictional force, as OpenAPI's example objects."""
    file = resources.files("assistant").joinpath("data", "example_answers.json")
    return {name: {"value": answer} for name, answer in json.loads(file.read_text(encoding="utf-8")).items()}


def _add_holdings(router: APIRouter, assistant: Asker) -> None:
    @router.get(
        f"{PREFIX}/transcripts",
        operation_id="transcripts",
        tags=["transcripts"],
        responses=GATE,
        response_description="What is held.",
    )
    def transcripts() -> Transcripts:
        """List what is held."""
        sources = assistant.sources
        return Transcripts(
            transcripts=[Listed.of(one) for one in sources.held()],
            superseded=[Listed.of(one) for one in sources.superseded()],
        )

    # Nothing about an id but what is held rules out a slash in it.
    path = f"{PREFIX}/transcripts/{{transcript_id:path}}"

    @router.get(path, operation_id="transcript", tags=["transcripts"], responses=NAMED, response_model=Whole)
    def transcript(request: Request, transcript_id: str) -> Whole | Response:
        """Read one transcript: its whole text, and every sentence by its place."""
        sources = assistant.sources
        page = sources.transcript_page(transcript_id)
        held = [one for one in (*sources.held(), *sources.superseded()) if one.transcript_id == transcript_id]
        if page is None or not held:
            return fault_reply(request.scope, 404, load_messages().say("problem.no_transcript"))
        return Whole.of_page(held[0], page)

    @router.get(f"{PREFIX}/health", operation_id="health", tags=["service"], responses=GATE)
    @router.get("/health", include_in_schema=False)
    def health() -> Health:
        """Say that the service answers, and how many transcripts are held. Needs no identity."""
        return Health(status="degraded" if assistant.degraded() else "ok", transcripts=len(assistant.sources.held()))
