"""The JSON interface described: its OpenAPI document, and a page to read it and try it, with nothing from elsewhere.

The page is Swagger UI. Its two files come from the package `fastapi-offline` and are served from here, so that the
list of addresses, the headers and the content policy are those of every other page.
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
from assistant.web.security.headers import framers
from assistant.web.security.responses import fault_reply

SCHEMA = f"{PREFIX}/openapi.json"
DOCS = f"{PREFIX}/docs"
# Beside the policy of every page: Swagger UI's style sheet holds its arrows as images within itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {framers}"
)
FILES = {  # by name: the package it comes from, and its type
    "swagger-ui-bundle.js": ("fastapi_offline", "text/javascript"),
    "swagger-ui.css": ("fastapi_offline", "text/css"),
    "docs.js": ("assistant.web", "text/javascript"),
    "docs.css": ("assistant.web", "text/css"),
}
ABOUT = """Questions about police inspection assessments, answered in the inspectors' own sentences.

A statement of the kind `summary`, where the service has a chat model, is that model's; all others are quoted.

Every request is one plain request and every reply one JSON object: no event stream, no cookie, no session. A follow-up
question is sent with its `history`. Every list that limits a request (`forces`, `periods`, `transcripts`) takes names
as `GET /api/v1/transcripts` gives them; a name that is not held is an error, and an empty list is no limit.

A question that is not answered is not an error: it is an Answer with a `status` and a `reason`. A request that is not
served is replied to with `status`, a word for programs, and `error`, words for people. An address that does not exist
is 404, and a method that an address does not take 405, in the same shape.
"""


@dataclass(frozen=True, slots=True)
class DocsPage:
    """The view of `api_docs.html`: the addresses of the OpenAPI document and of the files that draw it."""

    schema: str
    files: str


def documentation(described: APIRouter) -> APIRouter:
    """The routes of the description of another router's routes."""
    router = APIRouter(include_in_schema=False)
    schema = openapi(described)

    @router.get(SCHEMA)
    def openapi_document(request: Request) -> JSONResponse:
        root = root_path(request.scope)
        return JSONResponse(schema | ({"servers": [{"url": root}]} if root else {}))

    @router.get(DOCS)
    def docs(request: Request) -> HTMLResponse:
        page = render_page("api_docs.html", DocsPage(SCHEMA, DOCS), load_messages(), root=root_path(request.scope))
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY.format(framers=framers(()))})

    @router.get(DOCS + "/{name}")
    def docs_file(request: Request, name: str) -> Response:
        if name not in FILES:
            return fault_reply(request.scope, 404, load_messages().say("problem.not_found"))
        return Response(_file(name), media_type=FILES[name][1])

    return router


def openapi(described: APIRouter) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a router's routes."""
    schema = get_openapi(
        title=load_messages().say("docs.title"),
        version=version("assessment-assistant"),
        description=ABOUT,
        routes=described.routes,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which `faults` replaces
        schema["components"]["schemas"].pop(unused, None)
    return schema


@cache
def _file(name: str) -> bytes:
    return (resources.files(FILES[name][0]) / "static" / name).read_bytes()
