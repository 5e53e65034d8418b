"""Our own pages, which need no JavaScript, and our own files."""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from assistant.desk import Asker
from assistant.pages import contents_html, message_html, transcript_html
from assistant.phrasebook import load_phrasebook

OUR_FILES = {"page.css": "text/css", "chat.css": "text/css", "chat.js": "text/javascript"}


def pages(assistant: Asker) -> APIRouter:
    """The routes of the pages."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/sources")
    def contents() -> HTMLResponse:
        return HTMLResponse(contents_html(assistant.sources.held()))

    @router.get("/sources/{transcript_id:path}")
    def source(transcript_id: str) -> HTMLResponse:
        page = assistant.sources.transcript_page(transcript_id)
        if page is None:
            words = load_phrasebook()
            message = message_html(words.say("problem.not_found_heading"), words.say("problem.no_transcript"))
            return HTMLResponse(message, status_code=404)
        return HTMLResponse(transcript_html(page))

    return router


def our_files() -> APIRouter:
    """The routes of our own style sheets and scripts."""
    router = APIRouter()
    folder = resources.files("assistant") / "static"
    files = {name: (folder / name).read_bytes() for name in OUR_FILES}

    @router.get("/site/{name}")
    def site(name: str) -> Response:
        if name not in files:
            return Response(status_code=404)
        return Response(files[name], media_type=OUR_FILES[name])

    return router
