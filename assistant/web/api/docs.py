"""Publishes the description of the JSON interface: its OpenAPI document, and a page to read it and try it out.

The page is Swagger UI. Its two files come from the package `fastapi-offline` and are served from here, so that the
allow-list, the headers and the content policy apply to them as to every other page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response

from assistant.messages import load_messages
from assistant.web.api.routes import PREFIX
from assistant.web.layout import render_page, root_path
from assistant.web.security.headers import frame_ancestors
from assistant.web.security.responses import error_response

SCHEMA = f"{PREFIX}/openapi.json"
DOCS = f"{PREFIX}/docs"
# The policy of our other pages and `img-src data:`, for the arrows in Swagger UI's style sheet
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}"
)
FILES = {  # by name: the package that contains it, and its media type
    "swagger-ui-bundle.js": ("fastapi_offline", "text/javascript"),
    "swagger-ui.css": ("fastapi_offline", "text/css"),
    "docs.js": ("assistant.web", "text/javascript"),
    "docs.css": ("assistant.web", "text/css"),
}
ABOUT = """Questions about police inspection assessments, answered in the inspectors' own sentences.

A statement of the kind `summary` is written by the chat model, if the service has one; all others are quotations.

Every request is one plain request and every reply one JSON object: no event stream, no cookie, no session. Send a
follow-up question with its `history`. The lists that limit a request (`forces`, `periods`, `transcripts`) take names
as `GET /api/v1/transcripts` returns them. A name that is not in the index is an error; an empty list is no limit.

A question without an answer is not an error: the reply is an Answer with a `status` and a `reason`. The reply to a
request that is not served has a `status` for programs and an `error` for people. It is 404 for an address that does
not exist, and 405 for a method that an address does not support.
"""


@dataclass(frozen=True, slots=True)
class DocsPage:
    """The view of `api_docs.html`: the addresses of the OpenAPI document and of the files that draw it."""

    schema: str
    files: str


def docs_routes(api: APIRouter) -> APIRouter:
    """Returns the routes that describe the routes of `api`."""
    router = APIRouter(include_in_schema=False)
    schema = openapi_document(api)

    @router.get(SCHEMA)
    async def schema_of(request: Request) -> JSONResponse:
        root = root_path(request.scope)
        return JSONResponse(schema | ({"servers": [{"url": root}]} if root else {}))

    @router.get(DOCS)
    async def docs(request: Request) -> HTMLResponse:
        page = render_page("api_docs.html", DocsPage(SCHEMA, DOCS), load_messages(), root=root_path(request.scope))
        return HTMLResponse(
            page, headers={"Content-Security-Policy": POLICY.format(frame_ancestors=frame_ancestors(()))}
        )

    @router.get(DOCS + "/{name}")
    async def docs_file(request: Request, name: str) -> Response:
        if name not in FILES:
            return error_response(request.scope, 404, load_messages().say("problem.not_found"))
        return Response(_content(name), media_type=FILES[name][1])

    return router


def openapi_document(api: APIRouter) -> dict[str, Any]:
    """Returns the OpenAPI 3.1 document of the routes of `api`."""
    schema = get_openapi(
        title=load_messages().say("docs.title"),
        version=version("assessment-assistant"),
        description=ABOUT,
        routes=api.routes,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own errors, which ours replace
        schema["components"]["schemas"].pop(unused, None)
    return schema


@cache
def _content(name: str) -> bytes:
    return (resources.files(FILES[name][0]) / "static" / name).read_bytes()
