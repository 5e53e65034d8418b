"""The routes of the source pages, of the accessibility statement, and of our style sheets and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.messages import load_messages
from assistant.web.asker import Asker
from assistant.web.layout import ACCESSIBILITY, MessagePage, render_page, root_path, site_address
from assistant.web.pages.sources import Permalink, contents_html, transcript_html
from assistant.web.security.workload import Pool, in_thread

MEDIA_TYPES = {"css": "text/css", "js": "text/javascript"}
STATIC_FILES = (
    "page.css", "chat.css", "framing.css",
    "chat.js", "composer.js", "frame.js", "kept.js", "panel.js", "reach.js", "source.js", "turn.js",
)  # fmt: skip


# The pages that axe checks in tests/browser, by their entries in the allow-list, each with the name of its name.
CHECKED_PAGES: Mapping[str, str] = MappingProxyType(
    {
        "/": "accessibility.chat",
        "/embed": "accessibility.frame",
        "/ask": "accessibility.plain",
        "/sources": "source.contents",
        "/sources/": "accessibility.source",
        "/overview": "overview.heading",
        "/overview/cell": "accessibility.cell",
        "/register": "page.register",
        "/embed/check": "embed_check.heading",
        "/api/v1/docs": "docs.title",
        ACCESSIBILITY: "accessibility.heading",
    }
)


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """The view of `accessibility.html`: whom to contact, if it is known, and the pages that were checked, by name."""

    contact: str
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoTranscriptPage(MessagePage):
    """The view of `no_transcript.html`; `linked` is whether a permalink led to it."""

    linked: bool


def source_routes(assistant: Asker) -> APIRouter:
    """Returns the routes of the pages."""
    router = APIRouter(default_response_class=HTMLResponse)
    messages = load_messages()

    @router.get("/sources")
    @in_thread(Pool.PAGES)
    def contents(request: Request) -> HTMLResponse:
        sources, root = assistant.sources, root_path(request.scope)
        return HTMLResponse(contents_html(sources.transcripts(), messages, superseded=sources.superseded(), root=root))

    @router.get("/sources/{transcript_id:path}")
    @in_thread(Pool.PAGES)
    def source(request: Request, transcript_id: str, text: str = "", sentence: str = "") -> HTMLResponse:
        root = root_path(request.scope)
        found = assistant.sources.transcript_page(transcript_id)
        if found is None:
            heading, message = messages.say("problem.not_found_heading"), messages.say("problem.no_transcript")
            page = NoTranscriptPage(heading, message, linked=bool(text or sentence))
            return HTMLResponse(render_page("no_transcript.html", page, messages, root=root), 404)
        link = Permalink(text, sentence)
        return HTMLResponse(transcript_html(found, messages, link, site=site_address(request), root=root))

    return router


def accessibility_routes(contact: str) -> APIRouter:
    """Returns the route of the accessibility statement. `contact` is whom readers tell about problems, or empty."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    messages = load_messages()
    page = AccessibilityPage(contact, tuple(messages.say(name) for name in CHECKED_PAGES.values()))

    @router.get(ACCESSIBILITY)
    async def statement(request: Request) -> HTMLResponse:
        return HTMLResponse(render_page("accessibility.html", page, messages, root=root_path(request.scope)))

    return router


def static_routes() -> APIRouter:
    """Returns the routes of our style sheets and scripts."""
    router = APIRouter()
    folder = resources.files("assistant") / "web" / "static"
    files = {name: (folder / name).read_bytes() for name in STATIC_FILES}

    @router.get("/site/{name}")
    async def site(name: str) -> Response:
        if name not in files:
            return Response(status_code=404)
        return Response(files[name], media_type=MEDIA_TYPES[name.rpartition(".")[2]])

    return router
