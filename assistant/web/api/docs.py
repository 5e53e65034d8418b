"""The JSON interface described: its OpenAPI document, and a page to read it and try it, with nothing from elsewhere.

The page is Swagger UI. Its two files come from the package `fastapi-offline` and are served from here, so that the
list of addresses, the headers and the content policy are those of every other page.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response

from assistant.export.html_builder import Html, element, join
from assistant.messages import Messages, load_messages
from assistant.web.api.routes import PREFIX
from assistant.web.security.headers import frame_ancestors
from assistant.web.security.responses import error_response

SCHEMA = f"{PREFIX}/openapi.json"
DOCS = f"{PREFIX}/docs"
# Beside the policy of every page: Swagger UI's style sheet holds its arrows as images within itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}"
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


def documentation(described: APIRouter) -> APIRouter:
    """The routes of the description of another router's routes."""
    router = APIRouter(include_in_schema=False)
    schema = openapi(described)

    @router.get(SCHEMA)
    def openapi_document(request: Request) -> JSONResponse:
        below = request.scope.get("root_path", "")
        return JSONResponse(schema | ({"servers": [{"url": below}]} if below else {}))

    @router.get(DOCS)
    def docs() -> HTMLResponse:
        page = docs_html(load_messages())
        return HTMLResponse(
            page, headers={"Content-Security-Policy": POLICY.format(frame_ancestors=frame_ancestors(()))}
        )

    @router.get(DOCS + "/{name}")
    def docs_file(name: str) -> Response:
        if name not in FILES:
            return error_response(DOCS, 404, load_messages().say("problem.not_found"))
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


def docs_html(words: Messages) -> Html:
    """The page that Swagger UI is drawn in. Without JavaScript it leads to the document itself."""
    head = join(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{words.say('docs.title')} – {words.say('page.product')}"),
        element("link", rel="stylesheet", href=f"{DOCS}/swagger-ui.css"),
        element("link", rel="stylesheet", href=f"{DOCS}/docs.css"),
        element("script", src=f"{DOCS}/swagger-ui-bundle.js", defer=""),
        element("script", src=f"{DOCS}/docs.js", defer=""),
    )
    links = [
        element("a", words.say("page.chat"), href="/"),
        element("a", words.say("page.held"), href="/sources"),
        element("a", words.say("docs.document"), href=SCHEMA),
    ]
    header = element("header", element("nav", *links, aria_label=words.say("page.navigation")))
    plain = element("noscript", element("p", words.say("docs.no_script")))
    main = element("main", element("h1", words.say("docs.title")), plain, element("div", id="swagger-ui"))
    body = element("body", header, main, data_schema=SCHEMA.rpartition("/")[2])
    return Html(f"<!doctype html>{element('html', element('head', head), body, lang=words.language)}")


@cache
def _file(name: str) -> bytes:
    return (resources.files(FILES[name][0]) / "static" / name).read_bytes()
